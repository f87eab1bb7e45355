//! Reopening: it was not over. What its source tells of its alerts counts here again, and who had it still has it, or the policy starts
//! again.

use super::acknowledge::is_taken;
use super::{Refused, hold_number, holder, store, take_role, timeline};
use crate::db::{Arg, sql};
use crate::error::Result;
use crate::{Tx, news, paging, people};
use domain::fields;
use domain::ids::IncidentId;
use domain::incidents::timeline::{Ended, Event, PageReason};
use domain::incidents::{Incident, IncidentRole, State};
use domain::news::News;
use domain::people::Permission;

/// Reopens a resolved incident: with `pages` as if it were new, else in the hands of whoever had it, and nobody is woken. The timeline keeps
/// why, and what was known of its end.
///
/// # Errors
/// [`Refused::StillOpen`], [`domain::fields::Unfit`]
pub async fn reopen(tx: &mut Tx, number: i64, why: &str, pages: bool) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let mut incident = hold_number(tx, number).await?;
    if incident.state.is_open() {
        return Err(Refused::StillOpen(number).into());
    }
    let why = String::from(fields::WHY_REOPENED.read(why)?);
    // A later incident may have taken over this one's alerts; the later one keeps them.
    sql("UPDATE incidents SET group_key = NULL WHERE id = $1 AND EXISTS (
             SELECT 1 FROM incidents later WHERE {any later} AND later.integration_id = incidents.integration_id
                AND later.group_key = incidents.group_key AND later.state <> 'resolved')")
    .bind(incident.id)
    .run(tx)
    .await?;
    // What it is about is known when it is resolved again.
    sql("DELETE FROM resolved_services WHERE incident_id = $1")
        .bind(incident.id)
        .run(tx)
        .await?;
    bind_alerts_again(tx, incident.id).await?;
    keep_what_was_published(tx, &incident).await?;
    let held = holder(tx, incident.id).await?;
    let before = Ended {
        mitigated_at: incident.mitigated_at.take(),
        resolved_at: incident.resolved_at.take(),
        had_it: held.as_ref().map(|holder| holder.name.clone()),
    };
    if pages {
        incident.state = State::Triggered;
    } else {
        incident.state = State::Acknowledged;
        incident.acknowledged_at = incident.acknowledged_at.or(Some(tx.now()));
        is_taken(tx, incident.id).await?;
        paging::hold_begins(tx, &incident).await?;
    }
    store(tx, &mut incident).await?;
    let event = Event::Reopened {
        reason: Some(why),
        before: Some(before),
    };
    timeline::record(tx, &mut incident, event).await?;
    if pages {
        return paging::start(tx, &mut incident, PageReason::OnCall).await;
    }
    let still_here = match held {
        Some(holder) => people::find_active(tx, holder.person_id).await?,
        None => None,
    };
    if let Some(holder) = still_here {
        // Nobody is woken, but whoever has it has to know that they have.
        let news = News::IsYoursAgain {
            incident: (&incident).into(),
        };
        news::tell(tx, holder.id, Some(incident.id), &news).await?;
    } else {
        // Nobody is woken, so whoever says that it is open again leads it.
        let by = tx.person()?;
        take_role(tx, number, IncidentRole::Commander, by).await?;
    }
    Ok(())
}

/// What was published stays true of what it was written about, until somebody takes it back to draft.
async fn keep_what_was_published(tx: &mut Tx, incident: &Incident) -> Result<()> {
    let now = tx.now();
    sql(
        "INSERT INTO postmortem_facts (postmortem_id, incident, reopened_at)
         SELECT id, $2, $3 FROM postmortems WHERE incident_id = $1 AND state = 'published'
         ON CONFLICT (postmortem_id) DO NOTHING",
    )
    .bind(incident.id)
    .bind(Arg::json(incident))
    .bind(now)
    .run(tx)
    .await
    .map(drop)
}

/// Alerts that had not ended when the incident was resolved, where no later incident has them.
async fn bind_alerts_again(tx: &mut Tx, incident: IncidentId) -> Result<()> {
    sql("UPDATE alerts SET open = TRUE WHERE incident_id = $1 AND NOT open AND status <> 'resolved' AND NOT EXISTS (
             SELECT 1 FROM alerts other WHERE other.integration_id = alerts.integration_id AND other.dedup_key = alerts.dedup_key
                AND (other.open OR other.incident_id = alerts.incident_id AND other.status <> 'resolved' AND other.id > alerts.id))")
    .bind(incident)
    .run(tx)
    .await
    .map(drop)
}
