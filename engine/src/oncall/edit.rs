//! A schedule is edited: with any layers that the rules know, from an instant on. What was before stays.

use super::schedules::{self, Named};
use super::store;
use super::{Refused, choose, shift_news};
use crate::audit::{self, Subject};
use crate::db::{Arg, sql, sql_of_rows};
use crate::error::Result;
use crate::{Tx, people};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::fields;
use domain::ids::{LayerId, OverrideId, PersonId, ScheduleId, TeamId};
use domain::oncall::{Changed, Layer, Schedule, Wanted, can_begin, wall};
use domain::people::Permission;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// What stands in the editor when it is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    pub named: Named,
    /// Those that are not over, told from the turn that runs.
    pub layers: Vec<(LayerId, Layer<PersonId>)>,
    /// Another one as soon as somebody changes the schedule.
    pub version: String,
    /// When the turn that runs ends.
    pub after_turn: Option<DateTime<Utc>>,
    /// When everybody has had a turn.
    pub after_round: Option<DateTime<Utc>>,
}

/// A layer of the editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditedLayer {
    Kept(LayerId),
    Changed(LayerId, Layer<PersonId>),
    New(Layer<PersonId>),
}

/// When a change begins to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    Now,
    AfterTurn,
    AfterRound,
    At(DateTime<Utc>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub name: String,
    pub time_zone: Tz,
    pub layers: Vec<EditedLayer>,
    pub begins: Begins,
    /// Of what the editor was drawn from; `None` means all that is said.
    pub version: Option<String>,
}

/// What an edit comes to, before it is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// `None` where nothing but the name is another.
    pub begins: Option<DateTime<Utc>>,
    pub before: Schedule<PersonId>,
    pub after: Schedule<PersonId>,
}

/// Reads a schedule for the editor.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn drawn(tx: &mut Tx, id: ScheduleId) -> Result<Drawn> {
    let now = tx.now();
    let (named, ids, rotation) = schedules::load_as_written(tx, id).await?;
    let version = version_of(&named, &rotation);
    let after_turn = turn_ends(&rotation, now);
    let zone = rotation.time_zone;
    let layers = standing(&ids, &rotation, now);
    let rounds = layers.iter().filter_map(|(_, layer)| layer.round_ends(zone, now));
    let after_round = rounds.max();
    Ok(Drawn {
        named,
        version,
        after_turn,
        after_round,
        layers: layers
            .into_iter()
            .map(|(id, layer)| (id, layer.from_running_turn(zone, now)))
            .collect(),
    })
}

/// When the rotation hands over next; overrides are no turns.
fn turn_ends(rotation: &Schedule<PersonId>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut plain = rotation.clone();
    plain.overrides.clear();
    plain.at(now).1
}

/// The layers that are not over, each with the level that it has.
fn standing(
    ids: &[LayerId],
    rotation: &Schedule<PersonId>,
    now: DateTime<Utc>,
) -> Vec<(LayerId, Layer<PersonId>)> {
    let mut found = Vec::new();
    for (place, (id, layer)) in ids.iter().zip(&rotation.layers).enumerate() {
        let zone = layer.time_zone.unwrap_or(rotation.time_zone);
        let is_over = |until| wall::instant(zone, until) <= now;
        if layer.effective_until.is_some_and(is_over) {
            continue;
        }
        let level = layer.level.unwrap_or(u8::try_from(place).unwrap_or(99).min(99));
        let level = Some(level);
        found.push((
            *id,
            Layer {
                level,
                ..layer.clone()
            },
        ));
    }
    found
}

fn version_of(named: &Named, rotation: &Schedule<PersonId>) -> String {
    let said = (&named.name, rotation.time_zone.name(), &rotation.layers);
    let said = serde_json::to_vec(&said).unwrap_or_default();
    let hash = Sha256::digest(said);
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// What an edit of a schedule comes to.
///
/// # Errors
/// [`Refused`]
pub async fn plan(tx: &mut Tx, id: ScheduleId, edit: &Edit) -> Result<Planned> {
    let (_, ids, before) = schedules::load_as_written(tx, id).await?;
    let changed = changed(&ids, &before, edit, tx.now())?;
    // Whoever is gone serves in neither.
    let gone = people::gone(tx).await?;
    Ok(Planned {
        begins: changed.as_ref().map(|(begins, _)| *begins),
        after: changed
            .map_or_else(|| before.clone(), |(_, changed)| changed.schedule)
            .without(&gone),
        before: before.without(&gone),
    })
}

/// When a change begins, and what it comes to.
type Change = (DateTime<Utc>, Changed<PersonId>);

/// `None` where nothing is changed.
pub(super) fn changed(
    ids: &[LayerId],
    before: &Schedule<PersonId>,
    edit: &Edit,
    now: DateTime<Utc>,
) -> Result<Option<Change>, Refused> {
    let standing = standing(ids, before, now);
    let place = |id: LayerId| ids.iter().position(|other| *other == id);
    let stands = |id: LayerId| standing.iter().any(|(other, _)| *other == id);
    let mut wanted = Vec::new();
    for layer in &edit.layers {
        wanted.extend(match layer {
            EditedLayer::Kept(id) => place(*id).filter(|_| stands(*id)).map(Wanted::Kept),
            // Somebody else has changed it meanwhile, so that it is another one by now.
            EditedLayer::Changed(id, layer) => Some(match place(*id).filter(|_| stands(*id)) {
                Some(place) => Wanted::Changed(place, layer.clone()),
                None => Wanted::New(layer.clone()),
            }),
            EditedLayer::New(layer) => Some(Wanted::New(layer.clone())),
        });
    }
    let kept = wanted.iter().all(|wanted| matches!(wanted, Wanted::Kept(_)));
    if kept && wanted.len() == standing.len() && edit.time_zone == before.time_zone {
        return Ok(None);
    }
    let rounds = || {
        let layers = standing.iter();
        layers
            .filter_map(|(_, layer)| layer.round_ends(before.time_zone, now))
            .max()
    };
    let begins = match edit.begins {
        Begins::Now => now,
        Begins::AfterTurn => turn_ends(before, now).unwrap_or(now),
        Begins::AfterRound => rounds().unwrap_or(now),
        Begins::At(at) if at < now => return Err(Refused::BeginsInThePast),
        Begins::At(at) => at,
    };
    let of_layers = |layers: &[Layer<PersonId>]| {
        layers
            .iter()
            .filter_map(|layer| layer.time_zone)
            .collect::<Vec<_>>()
    };
    let mut zones = of_layers(&before.layers);
    zones.extend([before.time_zone, edit.time_zone]);
    zones.extend(wanted.iter().filter_map(|wanted| match wanted {
        Wanted::Changed(_, layer) | Wanted::New(layer) => layer.time_zone,
        Wanted::Kept(_) => None,
    }));
    let begins = can_begin(begins, &zones);
    if edit.begins == Begins::AfterRound {
        for wanted in &mut wanted {
            begin_anew(wanted, before, begins, now);
        }
    }
    let changed = before.changed_from(begins, edit.time_zone, &wanted);
    changed.schedule.check().map_err(Refused::Rules)?;
    let in_bounds = changed.schedule.within_bounds_at(begins);
    in_bounds.map_err(|fault| Refused::Schedule {
        field: "layers",
        fault,
    })?;
    Ok(Some((begins, changed)))
}

/// After a full round the first one begins again, unless somebody said when the first turn is.
fn begin_anew(
    wanted: &mut Wanted<PersonId>,
    before: &Schedule<PersonId>,
    begins: DateTime<Utc>,
    now: DateTime<Utc>,
) {
    let Wanted::Changed(place, layer) = wanted else {
        return;
    };
    let Some(was) = before.layers.get(*place) else {
        return;
    };
    let zone = was.time_zone.unwrap_or(before.time_zone);
    let is_untouched = was.from_running_turn(before.time_zone, now).start == layer.start
        && was.hand_offs == layer.hand_offs
        && was.time_zone == layer.time_zone;
    if is_untouched && was.round_ends(before.time_zone, now) == Some(begins) {
        layer.start = wall::reading(zone, begins);
    }
}

/// Saves an edit. Saved twice, it changes nothing the second time.
///
/// # Errors
/// [`Refused`]
pub async fn save(tx: &mut Tx, id: ScheduleId, edit: &Edit) -> Result<()> {
    let (named, ids, before) = schedules::load_as_written(tx, id).await?;
    tx.authorize(Permission::ChangeTeam(named.team_id)).await?;
    let name = fields::NAME.read(&edit.name)?;
    let changed = changed(&ids, &before, edit, tx.now())?;
    if changed.is_none() && *name == *named.name {
        return Ok(());
    }
    let version = version_of(&named, &before);
    if edit.version.as_ref().is_some_and(|drawn| *drawn != version) {
        return Err(Refused::ScheduleChangedMeanwhile.into());
    }
    for person in newcomers(&before, edit) {
        choose(tx, person, "people").await?;
    }
    let was = audit::before(tx, Subject::Schedule(id)).await?;
    let shifts = shift_news::before(tx, id).await?;
    sql("UPDATE schedules SET name = $2, time_zone = $3 WHERE id = $1")
        .bind(id)
        .bind(&name)
        .bind(edit.time_zone.name())
        .run(tx)
        .await?;
    let begins = changed.as_ref().map(|(begins, _)| *begins);
    if let Some((begins, changed)) = changed {
        write(tx, id, &ids, &before, (begins, changed)).await?;
    }
    was.told(tx).await?;
    shifts
        .told(tx, begins.map(|begins| begins + super::overview::AHEAD))
        .await
}

/// Who had no turn before.
fn newcomers(before: &Schedule<PersonId>, edit: &Edit) -> BTreeSet<PersonId> {
    let people = |layers: &[Layer<PersonId>]| -> BTreeSet<PersonId> {
        layers
            .iter()
            .flat_map(|layer| &layer.turns)
            .flatten()
            .copied()
            .collect()
    };
    let before = people(&before.layers);
    let layers: Vec<Layer<PersonId>> = edit
        .layers
        .iter()
        .filter_map(|layer| match layer {
            EditedLayer::Changed(_, layer) | EditedLayer::New(layer) => Some(layer.clone()),
            EditedLayer::Kept(_) => None,
        })
        .collect();
    people(&layers).difference(&before).copied().collect()
}

pub(super) async fn write(
    tx: &mut Tx,
    id: ScheduleId,
    ids: &[LayerId],
    before: &Schedule<PersonId>,
    (begins, changed): Change,
) -> Result<()> {
    let last: Option<i64> = sql("SELECT MAX(position) FROM schedule_layers WHERE schedule_id = $1")
        .bind(id)
        .scalar(tx)
        .await?;
    let mut position = last.map_or(0, |last| last + 1);
    let mut written: Vec<LayerId> = Vec::new();
    for (was, layer) in changed.was.iter().zip(&changed.schedule.layers) {
        let stands = was.and_then(|place| Some((*ids.get(place)?, before.layers.get(place)?)));
        written.push(match stands {
            Some((stands, was)) => {
                if was != layer {
                    store::write_layer(tx, stands, layer, changed.schedule.time_zone).await?;
                }
                stands
            }
            None => {
                position += 1;
                store::insert_layer(tx, id, position - 1, layer, changed.schedule.time_zone).await?
            }
        });
    }
    for (old, next) in &changed.follows {
        if let (Some(old), Some(next)) = (written.get(*old), written.get(*next)) {
            follow(tx, *old, *next, begins).await?;
        }
    }
    let gone: Vec<Vec<Arg>> = ids
        .iter()
        .filter(|id| !written.contains(id))
        .map(|id| vec![Arg::from(*id)])
        .collect();
    if gone.is_empty() {
        return Ok(());
    }
    sql_of_rows(
        "WITH asked (id) AS (VALUES {rows}) DELETE FROM schedule_layers WHERE id IN (SELECT id FROM asked)",
        gone,
    )
    .run(tx)
    .await
    .map(drop)
}

/// Overrides of a layer that ends go on with the one that follows it.
async fn follow(tx: &mut Tx, old: LayerId, next: LayerId, begins: DateTime<Utc>) -> Result<()> {
    sql("UPDATE schedule_overrides SET layer_id = $2 WHERE layer_id = $1 AND from_at >= $3")
        .bind(old)
        .bind(next)
        .bind(begins)
        .run(tx)
        .await?;
    let cut: Vec<(OverrideId,)> =
        sql("SELECT id FROM schedule_overrides WHERE layer_id = $1 AND from_at < $2 AND to_at > $2")
            .bind(old)
            .bind(begins)
            .all(tx)
            .await?;
    for (exception,) in cut {
        cut_at(tx, exception, begins, Some(next)).await?;
    }
    Ok(())
}

/// Parts an override in two: what was before stays, what comes is another row, of `layer`.
pub(super) async fn cut_at(
    tx: &mut Tx,
    exception: OverrideId,
    at: DateTime<Utc>,
    layer: Option<LayerId>,
) -> Result<OverrideId> {
    let copy: OverrideId = tx.new_id();
    sql("INSERT INTO schedule_overrides (id, schedule_id, layer_id, kind, person_id, with_person_id, from_at, to_at,
                created_at, position, created_by, pasted_id, request_id)
             SELECT $2, schedule_id, $3, kind, person_id, with_person_id, $4, to_at, created_at, position, created_by, pasted_id,
                request_id
             FROM schedule_overrides WHERE id = $1")
            .bind(exception)
            .bind(copy)
            .bind(layer)
            .bind(at)
            .run(tx)
            .await?;
    sql("UPDATE schedule_overrides SET to_at = $2 WHERE id = $1")
        .bind(exception)
        .bind(at)
        .run(tx)
        .await?;
    Ok(copy)
}

/// Other schedules that a policy names beside this one: somebody on both at once is asked twice for the same.
pub async fn beside(tx: &mut Tx, id: ScheduleId) -> Result<Vec<(Named, Schedule<PersonId>)>> {
    let rows: Vec<(ScheduleId,)> = sql(
        "SELECT DISTINCT u.schedule_id FROM policy_targets t JOIN policy_steps s ON s.id = t.step_id
            JOIN policy_steps v ON v.policy_id = s.policy_id JOIN policy_targets u ON u.step_id = v.id
         WHERE t.schedule_id = $1 AND u.schedule_id <> $1",
    )
    .bind(id)
    .all(tx)
    .await?;
    let ids: BTreeSet<ScheduleId> = rows.into_iter().map(|(id,)| id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    schedules::load_these(tx, &ids).await
}

/// Schedules of a team, which one that is made stands beside: no policy names it yet.
pub async fn beside_new_one(tx: &mut Tx, team: TeamId) -> Result<Vec<(Named, Schedule<PersonId>)>> {
    let all = schedules::all(tx).await?.into_iter();
    let ours = all.filter(|named| named.team_id == team);
    let ids: BTreeSet<ScheduleId> = ours.map(|named| named.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    schedules::load_these(tx, &ids).await
}
