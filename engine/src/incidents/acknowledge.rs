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
    if incident.state != State::Triggered {
        return Ok(Acknowledged::Already {
            since: incident.acknowledged_at,
        });
    }
    incident.state = State::Acknowledged;
    incident.acknowledged_at = incident.acknowledged_at.or(Some(tx.now()));
    store(tx, &mut incident).await?;
    is_taken(tx, incident.id).await?;
    paging::stop(tx, incident.id).await?;
    timeline::record(tx, &mut incident, Event::Acknowledged { via }).await?;
    paging::let_go(tx, &incident, LetGo::Taken).await?;
    Ok(Acknowledged::Now)
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
