//! The link in the mail of a turn that begins: one button says “I can be reached”. Reading it changes nothing, because mail scanners
//! follow links.

use crate::db::sql;
use crate::error::{Error, Result};
use crate::incidents;
use crate::oncall::schedules::{self, Named};
use crate::{Tx, people, secrets};
use chrono::{DateTime, Utc};
use domain::ids::{PersonId, ScheduleId};
use domain::incidents::IncidentRole;
use domain::people::{Permission, Person};

/// A turn that began, as its link has it.
#[derive(Clone, Debug)]
pub struct HandOff {
    pub schedule: Named,
    pub person: Person,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub reached_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    schedule_id: ScheduleId,
    person_id: PersonId,
    from_at: DateTime<Utc>,
    to_at: DateTime<Utc>,
    reached_at: Option<DateTime<Utc>>,
}

/// What a link stands for.
///
/// # Errors
/// [`Error::NotFound`]
pub async fn by_link(tx: &mut Tx, token: &str) -> Result<HandOff> {
    let row: Row =
        sql("SELECT schedule_id, person_id, from_at, to_at, reached_at FROM hand_offs WHERE token_hash = $1")
            .bind(secrets::hash(token))
            .one(tx, "link")
            .await?;
    let person = people::find(tx, row.person_id).await?;
    if person.deactivated_at.is_some() {
        return Err(Error::NotFound("link"));
    }
    Ok(HandOff {
        schedule: schedules::find(tx, row.schedule_id).await?,
        person,
        from: row.from_at,
        to: row.to_at,
        reached_at: row.reached_at,
    })
}

/// Whoever has the link acts in the name of whom it was sent to.
async fn take_up(tx: &mut Tx, token: &str) -> Result<HandOff> {
    let hand_off = by_link(tx, token).await?;
    tx.acts_for(hand_off.person.clone());
    Ok(hand_off)
}

/// They can be reached; saying it twice is safe.
///
/// # Errors
/// [`Error::NotFound`]
pub async fn can_be_reached(tx: &mut Tx, token: &str) -> Result<HandOff> {
    let hand_off = take_up(tx, token).await?;
    let now = tx.now();
    sql("UPDATE hand_offs SET reached_at = COALESCE(reached_at, $2) WHERE token_hash = $1")
        .bind(secrets::hash(token))
        .bind(now)
        .run(tx)
        .await?;
    Ok(HandOff {
        reached_at: hand_off.reached_at.or(Some(now)),
        ..hand_off
    })
}

/// They take over what whoever goes off call has; who takes it over can be reached.
///
/// # Errors
/// [`Error::NotFound`], [`incidents::Refused::Resolved`]
pub async fn take_over_by_link(tx: &mut Tx, token: &str, number: i64) -> Result<HandOff> {
    let hand_off = can_be_reached(tx, token).await?;
    tx.authorize(Permission::ActOnIncident).await?;
    incidents::take_role(tx, number, IncidentRole::Commander, hand_off.person.id).await?;
    Ok(hand_off)
}
