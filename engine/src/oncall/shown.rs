//! Who is on call now, shown to others than those who log in: by an address that whoever has it can read. Off unless it is switched on.

use super::schedules::{self, Named};
use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::{Error, Result};
use crate::secrets::Secret;
use crate::{Tx, people};
use chrono::{DateTime, Utc};
use domain::ids::{PersonId, ScheduleId};
use domain::people::Permission;
use std::collections::BTreeSet;

/// Who has the pager of a schedule at this instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub schedule: Named,
    /// Names; nobody is a gap.
    pub people: Vec<String>,
    pub until: Option<DateTime<Utc>>,
}

/// The end of the address, if it is switched on.
pub async fn token_of(tx: &mut Tx, schedule: ScheduleId) -> Result<Option<String>> {
    let (token,): (Option<String>,) = sql("SELECT shown_token FROM schedules WHERE id = $1")
        .bind(schedule)
        .one(tx, "schedule")
        .await?;
    Ok(token)
}

/// Switches it on with a new address, or off; the address before leads nowhere then.
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::NotFound`]
pub async fn show(tx: &mut Tx, schedule: ScheduleId, shown: bool) -> Result<()> {
    let named = schedules::find(tx, schedule).await?;
    tx.authorize(Permission::ChangeTeam(named.team_id)).await?;
    if token_of(tx, schedule).await?.is_some() == shown {
        return Ok(());
    }
    let before = audit::before(tx, Subject::Schedule(schedule)).await?;
    let token = shown.then(|| Secret::new(&tx.context).reveal().to_owned());
    sql("UPDATE schedules SET shown_token = $2 WHERE id = $1")
        .bind(schedule)
        .bind(token)
        .run(tx)
        .await?;
    before.told(tx).await
}

/// What the address shows.
///
/// # Errors
/// [`Error::NotFound`]
pub async fn by_token(tx: &mut Tx, token: &str) -> Result<Shown> {
    let found: Option<(ScheduleId,)> = sql("SELECT id FROM schedules WHERE shown_token = $1")
        .bind(token)
        .maybe(tx)
        .await?;
    let (id,) = found.ok_or(Error::NotFound("link"))?;
    let now = tx.now();
    let (schedule, rotation) = schedules::load(tx, id).await?;
    let (on_call, until): (BTreeSet<PersonId>, _) = rotation.at(now);
    let mut names: Vec<String> = people::of(tx, &on_call)
        .await?
        .into_values()
        .map(|person| person.name)
        .collect();
    names.sort_unstable();
    Ok(Shown {
        schedule,
        people: names,
        until,
    })
}
