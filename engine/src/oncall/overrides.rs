//! Overrides: for a while somebody else has the pager, or nobody has, whoever's turn it is.

use super::store::{self, Said};
use super::{Refused, choose, schedules, shift_news};
use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::{Error, Result};
use chrono::{DateTime, NaiveDateTime, Utc};
use domain::ids::{LayerId, OverrideId, PastedId, PersonId, RequestId, ScheduleId};
use domain::oncall::{Change, LONGEST, Override, OverrideKind, still_to_come, wall};
use domain::people::Permission;
use std::collections::BTreeSet;

/// An override that was arranged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arranged {
    pub id: OverrideId,
    pub schedule_id: ScheduleId,
    pub change: Change<PersonId>,
    /// The layer that it changes; `None` changes what comes out of all.
    pub layer_id: Option<LayerId>,
    pub from_at: DateTime<Utc>,
    pub to_at: DateTime<Utc>,
    pub created_by: Option<PersonId>,
    /// The table that it was pasted with.
    pub pasted_id: Option<PastedId>,
    /// The request that somebody accepted.
    pub request_id: Option<RequestId>,
}

/// One that is to be arranged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub change: Change<PersonId>,
    pub layer: Option<LayerId>,
    /// What has passed stays as it was: one that begins before now begins now.
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

impl Draft {
    /// `person` has the pager, whoever's turn it is.
    pub const fn by(person: PersonId, (from, to): (DateTime<Utc>, DateTime<Utc>)) -> Self {
        Self {
            change: Change::Cover { person },
            layer: None,
            from,
            to,
        }
    }
}

/// Whoever has the pager in all of that time gives it away; else the team and administrators arrange overrides.
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
/// As those of [`add`].
pub async fn add_by_the_clock(
    tx: &mut Tx,
    schedule: ScheduleId,
    person: PersonId,
    (from, to): (NaiveDateTime, NaiveDateTime),
) -> Result<OverrideId> {
    let named = schedules::find(tx, schedule).await?;
    let zone: chrono_tz::Tz = named.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let span = (wall::instant(zone, from), wall::instant(zone, to));
    add(tx, schedule, &Draft::by(person, span)).await
}

/// Arranges an override. It may begin in a running turn.
///
/// # Errors
/// [`Refused::CannotBeChosen`], [`Refused::EndsTooEarly`], [`Refused::IsOver`], [`Refused::LastsTooLong`],
/// [`Refused::NoSuchLayer`]
pub async fn add(tx: &mut Tx, schedule: ScheduleId, draft: &Draft) -> Result<OverrideId> {
    let now = tx.now();
    // A gap, or a change of one layer, is more than giving one's own turn away.
    let gives_away = draft.layer.is_none() && matches!(draft.change, Change::Cover { .. });
    authorize(
        tx,
        schedule,
        gives_away.then_some((draft.from.max(now), draft.to)),
    )
    .await?;
    if let Some(person) = draft.change.brings_in() {
        choose(tx, *person, "person").await?;
    }
    let left = still_to_come((draft.from, draft.to), now, LONGEST).map_err(Refused::from)?;
    if let Some(layer) = draft.layer
        && !schedules::load_as_written(tx, schedule).await?.1.contains(&layer)
    {
        return Err(Refused::NoSuchLayer.into());
    }
    arrange(tx, schedule, draft, left, None).await
}

/// Writes it down, and tells those whose turns change; whether it may be was asked before. `request`: what somebody accepted.
pub(super) async fn arrange(
    tx: &mut Tx,
    schedule: ScheduleId,
    draft: &Draft,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    request: Option<RequestId>,
) -> Result<OverrideId> {
    let before = audit::before(tx, Subject::Schedule(schedule)).await?;
    let shifts = shift_news::before(tx, schedule).await?;
    let exception = Override {
        from,
        to,
        layer: None,
        change: draft.change.clone(),
    };
    let said = Said {
        layer: draft.layer,
        position: 0,
        created_at: tx.now(),
        created_by: tx.actor().person(),
        pasted: None,
        request,
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
    let (_, rotation) = schedules::load(tx, schedule).await?;
    let turns = rotation.shifts(from, to);
    let whole =
        turns.first().is_some_and(|turn| turn.from <= from) && turns.last().is_some_and(|turn| turn.to >= to);
    Ok(whole && turns.iter().all(|turn| turn.people.iter().eq([&person])))
}

/// Cancels an override: the rotation counts again. What has passed of it stays.
///
/// # Errors
/// [`crate::Error::NotAllowed`]
pub async fn cancel(tx: &mut Tx, schedule: ScheduleId, id: OverrideId) -> Result<()> {
    cancel_these(tx, schedule, |arranged| arranged.id == id).await
}

/// Cancels what is left of several at once. Whoever arranged all of them may, and whoever arranges overrides.
pub(super) async fn cancel_these(
    tx: &mut Tx,
    schedule: ScheduleId,
    is_one: impl Fn(&Arranged) -> bool,
) -> Result<()> {
    let mut left = upcoming(tx, schedule).await?;
    left.retain(is_one);
    let by = tx.actor().person();
    let is_theirs = |arranged: &Arranged| by.is_some() && arranged.created_by == by;
    if !left.is_empty() && left.iter().all(is_theirs) {
        tx.authorize(Permission::ActOnIncident).await?;
    } else {
        authorize(tx, schedule, None).await?;
    }
    take_back(tx, schedule, left).await
}

/// What somebody accepted is cancelled by whoever acts. `false` where it was already.
pub(super) async fn cancel_request(tx: &mut Tx, request: RequestId) -> Result<bool> {
    let (now, by) = (tx.now(), tx.actor().person());
    let cancelled = sql(
        "UPDATE turn_requests SET state = 'cancelled', cancelled_by = $2, cancelled_at = $3 WHERE id = $1 AND state = 'taken'",
    )
    .bind(request)
    .bind(by)
    .bind(now)
    .run(tx)
    .await?;
    Ok(cancelled > 0)
}

/// Takes back what is left of them, and tells those whose turns change; whether it may be was asked before. A request that nothing is
/// left of is cancelled.
pub(super) async fn take_back(tx: &mut Tx, schedule: ScheduleId, left: Vec<Arranged>) -> Result<()> {
    let Some(last) = left.iter().map(|arranged| arranged.to_at).max() else {
        return Ok(());
    };
    let now = tx.now();
    let before = audit::before(tx, Subject::Schedule(schedule)).await?;
    let shifts = shift_news::before(tx, schedule).await?;
    let requests: BTreeSet<RequestId> = left.iter().filter_map(|arranged| arranged.request_id).collect();
    for arranged in left {
        let statement = if arranged.from_at < now {
            sql("UPDATE schedule_overrides SET to_at = $2 WHERE id = $1")
                .bind(arranged.id)
                .bind(now)
        } else {
            sql("DELETE FROM schedule_overrides WHERE id = $1").bind(arranged.id)
        };
        statement.run(tx).await?;
    }
    let left = upcoming(tx, schedule).await?;
    for request in requests {
        if left.iter().all(|arranged| arranged.request_id != Some(request)) {
            cancel_request(tx, request).await?;
        }
    }
    before.told(tx).await?;
    shifts.told(tx, Some(last)).await
}

#[derive(sqlx::FromRow)]
struct Row {
    id: OverrideId,
    schedule_id: ScheduleId,
    layer_id: Option<LayerId>,
    kind: OverrideKind,
    person_id: Option<PersonId>,
    with_person_id: Option<PersonId>,
    from_at: DateTime<Utc>,
    to_at: DateTime<Utc>,
    created_by: Option<PersonId>,
    pasted_id: Option<PastedId>,
    request_id: Option<RequestId>,
}

/// Overrides of a schedule that are not over, the next one first.
pub async fn upcoming(tx: &mut Tx, schedule: ScheduleId) -> Result<Vec<Arranged>> {
    let now = tx.now();
    let rows: Vec<Row> = sql(
        "SELECT id, schedule_id, layer_id, kind, person_id, with_person_id, from_at, to_at, created_by, pasted_id, request_id
         FROM schedule_overrides WHERE schedule_id = $1 AND to_at > $2 ORDER BY from_at, id",
    )
    .bind(schedule)
    .bind(now)
    .all(tx)
    .await?;
    let read = |row: Row| {
        let change = store::change_of(row.kind, row.person_id, row.with_person_id);
        Ok(Arranged {
            id: row.id,
            schedule_id: row.schedule_id,
            change: change.ok_or(Error::NotFound("person"))?,
            layer_id: row.layer_id,
            from_at: row.from_at,
            to_at: row.to_at,
            created_by: row.created_by,
            pasted_id: row.pasted_id,
            request_id: row.request_id,
        })
    };
    rows.into_iter().map(read).collect()
}
