//! Acknowledging: somebody has it, and nobody further is paged.

use super::{hold, hold_number, must_be_open, store, timeline};
use crate::db::sql;
use crate::error::Result;
use crate::{Tx, paging};
use chrono::{DateTime, Utc};
use domain::ids::IncidentId;
use domain::incidents::timeline::{Event, Via};
use domain::incidents::{Incident, State};
use domain::news::LetGo;
use domain::people::Permission;

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    Now,
    /// All who were paged have to; it waits for these, by name.
    InPart {
        waits_for: Vec<String>,
    },
    /// Whoever has it said that they still do.
    Again,
    /// Somebody was there before.
    Already {
        since: Option<DateTime<Utc>>,
    },
}

/// Acknowledges an incident in the name of a person.
///
/// # Errors
/// [`super::Refused::Resolved`]
pub async fn acknowledge(tx: &mut Tx, number: i64, via: Via) -> Result<Acknowledged> {
    tx.authorize(Permission::ActOnIncident).await?;
    let incident = hold_number(tx, number).await?;
    must_be_open(&incident)?;
    apply(tx, incident, via).await
}

/// Acknowledges on the word of an alert source; of a resolved incident nothing is changed.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn acknowledge_from_source(tx: &mut Tx, incident: IncidentId) -> Result<Acknowledged> {
    let incident = hold(tx, incident).await?;
    if !incident.state.is_open() {
        return Ok(Acknowledged::Already {
            since: incident.acknowledged_at,
        });
    }
    apply(tx, incident, Via::Source).await
}

/// The caller holds the incident.
pub(super) async fn apply(tx: &mut Tx, mut incident: Incident, via: Via) -> Result<Acknowledged> {
    // An alert source speaks for everybody.
    let by = tx.actor().person().filter(|_| via != Via::Source);
    if incident.state != State::Triggered {
        if let Some(by) = by
            && paging::still_has_it(tx, &mut incident, by, via).await?
        {
            return Ok(Acknowledged::Again);
        }
        return Ok(Acknowledged::Already {
            since: incident.acknowledged_at,
        });
    }
    if let Some(by) = by {
        let waits_for = paging::still_waits_for(tx, &incident, by).await?;
        if !waits_for.is_empty() {
            return in_part(tx, &mut incident, via, waits_for).await;
        }
    }
    incident.state = State::Acknowledged;
    incident.acknowledged_at = incident.acknowledged_at.or(Some(tx.now()));
    store(tx, &mut incident).await?;
    is_taken(tx, incident.id).await?;
    paging::stop(tx, incident.id).await?;
    timeline::record(tx, &mut incident, Event::Acknowledged { via }).await?;
    paging::hold_begins(tx, &incident).await?;
    paging::let_go(tx, &incident, LetGo::Taken).await?;
    Ok(Acknowledged::Now)
}

/// Said once by each who acknowledges, however often they press.
async fn in_part(
    tx: &mut Tx,
    incident: &mut Incident,
    via: Via,
    waits_for: Vec<String>,
) -> Result<Acknowledged> {
    let event = Event::AcknowledgedInPart {
        via,
        waits_for: waits_for.clone(),
    };
    let last = timeline::after(tx, incident.id, incident.seq - 1, 1).await?.pop();
    if last.is_none_or(|last| last.event != event) {
        timeline::record(tx, incident, event).await?;
    }
    Ok(Acknowledged::InPart { waits_for })
}

/// Somebody has it from now on.
pub(super) async fn is_taken(tx: &mut Tx, incident: IncidentId) -> Result<()> {
    sql("UPDATE incidents SET taken_at = $2 WHERE id = $1")
        .bind(incident)
        .bind(tx.now())
        .run(tx)
        .await
        .map(drop)
}
