//! Writing schedules: all that the rules can say goes in and comes out the same.

use super::{Refused, choose, shift_news};
use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::{Arg, sql};
use crate::error::Result;
use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use domain::fields;
use domain::ids::{LayerId, OverrideId, PastedId, PersonId, RequestId, ScheduleId, TeamId};
use domain::oncall::{Change, HandOffs, Layer, Moment, Override, OverrideKind, Schedule, wall};
use domain::people::Permission;
use std::collections::BTreeSet;

/// Makes a schedule of a team, as it is; it tells whoever comes on call.
///
/// # Errors
/// [`domain::fields::Unfit`], [`Refused::Rules`], [`Refused::CannotBeChosen`]
pub async fn create(
    tx: &mut Tx,
    team: TeamId,
    name: &str,
    rotation: &Schedule<PersonId>,
) -> Result<ScheduleId> {
    tx.authorize(Permission::ChangeTeam(team)).await?;
    let name = fields::NAME.read(name)?;
    rotation.check().map_err(Refused::Rules)?;
    for person in everybody(rotation) {
        choose(tx, person, "people").await?;
    }
    let id: ScheduleId = tx.new_id();
    sql("INSERT INTO schedules (id, team_id, name, time_zone, created_at, tells_hand_offs) VALUES ($1, $2, $3, $4, $5, TRUE)")
        .bind(id)
        .bind(team)
        .bind(&name)
        .bind(rotation.time_zone.name())
        .bind(tx.now())
        .run(tx)
        .await?;
    let mut layers = Vec::new();
    for (position, layer) in (0_i64..).zip(&rotation.layers) {
        layers.push(insert_layer(tx, id, position, layer, rotation.time_zone).await?);
    }
    let (created_at, created_by) = (tx.now(), tx.actor().person());
    for (position, exception) in (0_i64..).zip(&rotation.overrides) {
        let said = Said {
            layer: exception.layer.and_then(|place| layers.get(place).copied()),
            position,
            created_at,
            created_by,
            pasted: None,
            request: None,
        };
        insert_override(tx, id, exception, said).await?;
    }
    audit::made(tx, Subject::Schedule(id)).await?;
    shift_news::before_it_was_made(id).told(tx, None).await?;
    Ok(id)
}

/// Whoever is in a turn, or comes in by an override.
fn everybody(rotation: &Schedule<PersonId>) -> BTreeSet<PersonId> {
    let turns = rotation.layers.iter().flat_map(|layer| &layer.turns).flatten();
    let overrides = rotation
        .overrides
        .iter()
        .filter_map(|exception| exception.change.brings_in());
    turns.chain(overrides).copied().collect()
}

/// A layer at a place that has none.
pub(super) async fn insert_layer(
    tx: &mut Tx,
    schedule: ScheduleId,
    position: i64,
    layer: &Layer<PersonId>,
    zone: Tz,
) -> Result<LayerId> {
    let id: LayerId = tx.new_id();
    sql("INSERT INTO schedule_layers (id, schedule_id, position, name, handoffs, start_at_wall, counts, restrictions, turns)
         VALUES ($1, $2, $3, $4, '[]', '', '', '[]', 1)")
        .bind(id)
        .bind(schedule)
        .bind(position)
        .bind(format!("Layer {}", position + 1))
        .run(tx)
        .await?;
    write_layer(tx, id, layer, zone).await?;
    Ok(id)
}

/// Writes all that a layer is; its overrides stay with it. `zone` is that of the schedule.
pub(super) async fn write_layer(tx: &mut Tx, id: LayerId, layer: &Layer<PersonId>, zone: Tz) -> Result<()> {
    let zone = layer.time_zone.unwrap_or(zone);
    let over_at = layer.effective_until.map(|until| wall::instant(zone, until));
    let (unit, every, moments): (_, _, &[Moment]) = match &layer.hand_offs {
        HandOffs::Every { unit, every } => (Some(unit.as_str()), Some(i64::from(*every)), &[]),
        HandOffs::Weekly { moments } => (None, None, moments),
    };
    let written = |reading: NaiveDateTime| reading.format(wall::FORMAT).to_string();
    sql(
        "UPDATE schedule_layers SET unit = $2, every = $3, handoffs = $4, start_at_wall = $5, time_zone = $6, counts = $7,
            effective_from_wall = $8, effective_until_wall = $9, restrictions = $10, level = $11, turns = $12, over_at = $13
         WHERE id = $1",
    )
    .bind(id)
    .bind(unit)
    .bind(every)
    .bind(Arg::json(&moments))
    .bind(written(layer.start))
    .bind(layer.time_zone.map(Tz::name))
    .bind(layer.counts)
    .bind(layer.effective_from.map(written))
    .bind(layer.effective_until.map(written))
    .bind(Arg::json(&layer.restrictions))
    .bind(layer.level.map(i64::from))
    .bind(i64::try_from(layer.turns.len()).unwrap_or(i64::MAX))
    .bind(over_at)
    .run(tx)
    .await?;
    sql("DELETE FROM layer_turns WHERE layer_id = $1")
        .bind(id)
        .run(tx)
        .await?;
    for (turn, people) in (0_i64..).zip(&layer.turns) {
        // The same person twice in one turn counts once.
        for person in people.iter().collect::<BTreeSet<_>>() {
            sql("INSERT INTO layer_turns (layer_id, turn, person_id) VALUES ($1, $2, $3)")
                .bind(id)
                .bind(turn)
                .bind(*person)
                .run(tx)
                .await?;
        }
    }
    Ok(())
}

/// When an override was said, by whom, and which layer it changes.
pub(super) struct Said {
    pub layer: Option<LayerId>,
    /// Among those of the same instant.
    pub position: i64,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<PersonId>,
    /// The table that it was pasted with.
    pub pasted: Option<PastedId>,
    /// The request that somebody accepted.
    pub request: Option<RequestId>,
}

/// What a row of overrides says; `None` where it lacks its person.
pub(super) const fn change_of(
    kind: OverrideKind,
    person: Option<PersonId>,
    with: Option<PersonId>,
) -> Option<Change<PersonId>> {
    Some(match (kind, person, with) {
        (OverrideKind::Cover, Some(person), _) => Change::Cover { person },
        (OverrideKind::Add, Some(person), _) => Change::Add { person },
        (OverrideKind::Remove, Some(person), _) => Change::Remove { person },
        (OverrideKind::Replace, Some(person), Some(with)) => Change::Replace { person, with },
        (OverrideKind::Nobody, ..) => Change::Nobody,
        _ => return None,
    })
}

pub(super) async fn insert_override(
    tx: &mut Tx,
    schedule: ScheduleId,
    exception: &Override<PersonId>,
    said: Said,
) -> Result<OverrideId> {
    let (person, with) = match &exception.change {
        Change::Cover { person } | Change::Add { person } | Change::Remove { person } => {
            (Some(*person), None)
        }
        Change::Replace { person, with } => (Some(*person), Some(*with)),
        Change::Nobody => (None, None),
    };
    let id: OverrideId = tx.new_id();
    sql("INSERT INTO schedule_overrides (id, schedule_id, layer_id, kind, person_id, with_person_id, from_at, to_at,
            created_at, position, created_by, pasted_id, request_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)")
        .bind(id)
        .bind(schedule)
        .bind(said.layer)
        .bind(exception.change.kind())
        .bind(person)
        .bind(with)
        .bind(exception.from)
        .bind(exception.to)
        .bind(said.created_at)
        .bind(said.position)
        .bind(said.created_by)
        .bind(said.pasted)
        .bind(said.request)
        .run(tx)
        .await?;
    Ok(id)
}
