//! Covers: somebody has the pager from … to, whoever's turn it is.

use super::store::{self, Said};
use super::{Refused, choose, schedules, shift_news};
use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use domain::ids::{OverrideId, PersonId, ScheduleId};
use domain::oncall::{Change, Override, wall};
use domain::people::Permission;

const LONGEST: TimeDelta = TimeDelta::days(60);

/// A cover that was arranged.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Cover {
    pub id: OverrideId,
    pub schedule_id: ScheduleId,
    pub person_id: PersonId,
    pub from_at: DateTime<Utc>,
    pub to_at: DateTime<Utc>,
    pub created_by: Option<PersonId>,
}

/// Whoever has the pager in all of that time gives it away; else the team and administrators arrange covers.
///
/// # Errors
/// [`crate::Error::NotAllowed`]
pub async fn authorize(
    tx: &mut Tx,
    schedule: ScheduleId,
    span: Option<(DateTime<Utc>, DateTime<Utc>)>,
) -> Result<()> {
    if let (Some(person), Some(span)) = (tx.actor().person(), span)
        && is_own_turn(tx, schedule, person, span).await?
    {
        return tx.authorize(Permission::ActOnIncident).await;
    }
    let named = schedules::find(tx, schedule).await?;
    tx.authorize(Permission::ChangeTeam(named.team_id)).await
}

/// Arranges that `person` has the pager between two readings of the clock in the schedule's zone.
///
/// # Errors
/// [`Refused::CannotBeChosen`], [`Refused::EndsTooEarly`], [`Refused::IsOver`], [`Refused::LastsTooLong`]
pub async fn add(
    tx: &mut Tx,
    schedule: ScheduleId,
    person: PersonId,
    (from, to): (NaiveDateTime, NaiveDateTime),
) -> Result<OverrideId> {
    let named = schedules::find(tx, schedule).await?;
    let zone: chrono_tz::Tz = named.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let span = (wall::instant(zone, from), wall::instant(zone, to));
    add_between(tx, schedule, person, span).await
}

/// As [`add`], between two instants.
///
/// # Errors
/// As those of [`add`].
pub async fn add_between(
    tx: &mut Tx,
    schedule: ScheduleId,
    person: PersonId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<OverrideId> {
    authorize(tx, schedule, Some((from, to))).await?;
    choose(tx, person, "person").await?;
    let now = tx.now();
    if to <= from {
        return Err(Refused::EndsTooEarly.into());
    }
    if to <= now {
        return Err(Refused::IsOver.into());
    }
    if to - from > LONGEST {
        return Err(Refused::LastsTooLong.into());
    }
    let before = audit::before(tx, Subject::Schedule(schedule)).await?;
    let shifts = shift_news::before(tx, schedule).await?;
    let exception = Override {
        from,
        to,
        layer: None,
        change: Change::Cover { person },
    };
    let said = Said {
        layer: None,
        position: 0,
        created_at: now,
        created_by: tx.actor().person(),
    };
    let id = store::insert_override(tx, schedule, &exception, said).await?;
    before.told(tx).await?;
    shifts.told(tx, Some(to)).await?;
    Ok(id)
}

/// Whether a person's own turn, with nobody else on it, lasts from the one instant to the other: then they may give it away,
/// whatever team they are in.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn is_own_turn(
    tx: &mut Tx,
    schedule: ScheduleId,
    person: PersonId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool> {
    if to - from > LONGEST {
        return Ok(false);
    }
    let (_, mut rotation) = schedules::load(tx, schedule).await?;
    rotation.overrides.clear();
    let turns = rotation.shifts(from, to);
    let whole =
        turns.first().is_some_and(|turn| turn.from <= from) && turns.last().is_some_and(|turn| turn.to >= to);
    Ok(whole && turns.iter().all(|turn| turn.people.iter().eq([&person])))
}

/// Takes a cover back: the rotation counts again.
pub async fn remove(tx: &mut Tx, schedule: ScheduleId, cover: OverrideId) -> Result<()> {
    let upcoming = upcoming(tx, schedule).await?;
    let by = tx.actor().person();
    let is_theirs = |other: &Cover| other.id == cover && by.is_some() && other.created_by == by;
    if upcoming.iter().any(is_theirs) {
        tx.authorize(Permission::ActOnIncident).await?;
    } else {
        authorize(tx, schedule, None).await?;
    }
    let until = upcoming
        .iter()
        .find(|other| other.id == cover)
        .map(|cover| cover.to_at);
    let before = audit::before(tx, Subject::Schedule(schedule)).await?;
    let shifts = shift_news::before(tx, schedule).await?;
    sql("DELETE FROM schedule_overrides WHERE id = $1 AND schedule_id = $2")
        .bind(cover)
        .bind(schedule)
        .run(tx)
        .await?;
    before.told(tx).await?;
    shifts.told(tx, until).await
}

/// Covers of a schedule that are not over, the next one first.
pub async fn upcoming(tx: &mut Tx, schedule: ScheduleId) -> Result<Vec<Cover>> {
    let now = tx.now();
    sql(
        "SELECT id, schedule_id, person_id, from_at, to_at, created_by FROM schedule_overrides
         WHERE schedule_id = $1 AND kind = 'cover' AND to_at > $2 ORDER BY from_at, id",
    )
    .bind(schedule)
    .bind(now)
    .all(tx)
    .await
}
