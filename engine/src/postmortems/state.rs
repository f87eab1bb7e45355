//! Draft, in review, published.

use super::{Refused, find, record_state};
use crate::db::sql;
use crate::error::Result;
use crate::incidents::{self, timeline};
use crate::{Tx, news};
use domain::fields;
use domain::ids::{IncidentId, PersonId};
use domain::incidents::Incident;
use domain::incidents::timeline::Event;
use domain::news::News;
use domain::people::Permission;
use domain::postmortems::PostmortemState;

/// Moves the postmortem to another state. The first publication is told in the incident's timeline.
///
/// # Errors
/// [`Refused::NoSuchStep`], [`Refused::NoSummary`]
pub async fn change_state(tx: &mut Tx, number: i64, to: PostmortemState) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    let incident = incidents::find(tx, number).await?;
    let mut incident = incidents::hold(tx, incident.id).await?;
    let postmortem = find(tx, number).await?;
    if postmortem.state == to {
        return Ok(());
    }
    if !postmortem.state.may_become(to) {
        return Err(Refused::NoSuchStep {
            from: postmortem.state,
            to,
        }
        .into());
    }
    if to != PostmortemState::Draft {
        let summary: Option<(String,)> =
            sql("SELECT body FROM postmortem_sections WHERE postmortem_id = $1 AND kind = 'summary'")
                .bind(postmortem.id)
                .maybe(tx)
                .await?;
        if summary.is_none_or(|(body,)| body.trim().is_empty()) {
            return Err(Refused::NoSummary.into());
        }
    }
    let now = tx.now();
    let publishes = to == PostmortemState::Published;
    sql("UPDATE postmortems SET state = $2, published_at = $3 WHERE id = $1")
        .bind(postmortem.id)
        .bind(to)
        .bind(if publishes {
            Some(now)
        } else {
            postmortem.published_at
        })
        .run(tx)
        .await?;
    record_state(tx, postmortem.id, Some(postmortem.state), to).await?;
    if to == PostmortemState::Draft {
        // Whoever writes on writes about what is so now.
        sql("DELETE FROM postmortem_facts WHERE postmortem_id = $1")
            .bind(postmortem.id)
            .run(tx)
            .await?;
    }
    if postmortem.state == PostmortemState::Draft {
        owners_are_to_be_asked(tx, incident.id).await?;
    }
    if to == PostmortemState::InReview {
        tell_reviewers(tx, &incident, &postmortem.title).await?;
    }
    if publishes && postmortem.published_at.is_none() {
        timeline::record(tx, &mut incident, Event::PostmortemPublished).await?;
    }
    Ok(())
}

/// Of what came back, once it is no draft: the floor above finds out about whom.
pub(super) async fn owners_are_to_be_asked(tx: &mut Tx, incident: IncidentId) -> Result<()> {
    let now = tx.now();
    sql("INSERT INTO owners_to_ask (incident_id, since) VALUES ($1, $2)
         ON CONFLICT (incident_id) DO UPDATE SET since = excluded.since")
    .bind(incident)
    .bind(now)
    .run(tx)
    .await
    .map(drop)
}

/// Its team, and whoever worked on the incident.
async fn tell_reviewers(tx: &mut Tx, incident: &Incident, title: &str) -> Result<()> {
    let reviewers: Vec<(PersonId,)> = sql("SELECT person_id FROM team_members WHERE team_id = $1
         UNION SELECT person_id FROM incident_roles WHERE incident_id = $2
         UNION SELECT actor_id FROM timeline WHERE incident_id = $2 AND actor_id IS NOT NULL")
    .bind(incident.team_id)
    .bind(incident.id)
    .all(tx)
    .await?;
    let news = News::ReviewWaits {
        title: title.to_owned(),
        incident: incident.into(),
    };
    for (reviewer,) in reviewers {
        news::tell(tx, reviewer, Some(incident.id), &news).await?;
    }
    Ok(())
}

/// Gives it a title of its own: what was learned rather than what broke.
///
/// # Errors
/// [`domain::fields::Unfit`]
pub async fn rename(tx: &mut Tx, number: i64, title: &str) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    let title = fields::POSTMORTEM_TITLE.read(title)?;
    let postmortem = find(tx, number).await?;
    sql("UPDATE postmortems SET title = $2 WHERE id = $1")
        .bind(postmortem.id)
        .bind(&title)
        .run(tx)
        .await?;
    Ok(())
}
