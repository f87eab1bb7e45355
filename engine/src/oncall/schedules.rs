//! Schedules as they are stored, and as the rotation's arithmetic takes them.

use super::store;
use crate::db::{Arg, sql, sql_of_rows};
use crate::error::Result;
use crate::{Tx, people};
use chrono::{DateTime, NaiveDateTime, Utc};
use domain::ids::{LayerId, PersonId, ScheduleId, TeamId};
use domain::oncall::{
    Counts, HandOffs, Layer, Moment, Override, OverrideKind, Restriction, Schedule, Unit, wall,
};
use std::collections::{BTreeMap, BTreeSet};

/// A schedule's name, team and zone.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Named {
    pub id: ScheduleId,
    pub team_id: TeamId,
    pub name: String,
    /// IANA name.
    pub time_zone: String,
    pub created_at: DateTime<Utc>,
    /// When the last of those who go along with it leaves.
    pub shadowed_until: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct StoredLayer {
    id: LayerId,
    schedule_id: ScheduleId,
    unit: Option<Unit>,
    every: Option<i64>,
    #[sqlx(json)]
    handoffs: Vec<Moment>,
    start_at_wall: String,
    time_zone: Option<String>,
    counts: Counts,
    effective_from_wall: Option<String>,
    effective_until_wall: Option<String>,
    #[sqlx(json)]
    restrictions: Vec<Restriction>,
    level: Option<i64>,
    turns: i64,
}

#[derive(sqlx::FromRow)]
struct StoredOverride {
    schedule_id: ScheduleId,
    layer_id: Option<LayerId>,
    kind: OverrideKind,
    person_id: Option<PersonId>,
    with_person_id: Option<PersonId>,
    from_at: DateTime<Utc>,
    to_at: DateTime<Utc>,
}

/// Reads a schedule with its layers and overrides.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn load(tx: &mut Tx, id: ScheduleId) -> Result<(Named, Schedule<PersonId>)> {
    let (named, _, rotation) = load_as_written(tx, id).await?;
    Ok((named, rotation.without(&people::gone(tx).await?)))
}

/// As it was written, people who are gone in it: so it was before they went. With the ids of its layers in their order.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn load_as_written(
    tx: &mut Tx,
    id: ScheduleId,
) -> Result<(Named, Vec<LayerId>, Schedule<PersonId>)> {
    let named = find(tx, id).await?;
    let parts = Parts {
        layers: sql(constcat::concat!(
            LAYERS,
            " WHERE schedule_id = $1 ORDER BY position"
        ))
        .bind(id)
        .all(tx)
        .await?,
        turns: sql(constcat::concat!(
            TURNS,
            " WHERE l.schedule_id = $1 ORDER BY t.layer_id, t.turn, t.person_id"
        ))
        .bind(id)
        .all(tx)
        .await?,
        overrides: sql(constcat::concat!(
            OVERRIDES,
            " WHERE schedule_id = $1 ORDER BY created_at, position, id"
        ))
        .bind(id)
        .all(tx)
        .await?,
    };
    Ok(parts.with_ids(named))
}

/// Reads all schedules, by name, in as few statements as one. People who are gone are in none.
pub async fn load_all(tx: &mut Tx) -> Result<Vec<(Named, Schedule<PersonId>)>> {
    let gone = people::gone(tx).await?;
    let all = load_all_as_written(tx).await?.into_iter();
    Ok(all
        .map(|(named, rotation)| (named, rotation.without(&gone)))
        .collect())
}

/// The same as they were written, people who are gone in them.
pub(super) async fn load_all_as_written(tx: &mut Tx) -> Result<Vec<(Named, Schedule<PersonId>)>> {
    let all = all(tx).await?;
    let parts = Parts {
        layers: sql(constcat::concat!(LAYERS, " ORDER BY position"))
            .all(tx)
            .await?,
        turns: sql(constcat::concat!(
            TURNS,
            " ORDER BY t.layer_id, t.turn, t.person_id"
        ))
        .all(tx)
        .await?,
        overrides: sql(constcat::concat!(OVERRIDES, " ORDER BY created_at, position, id"))
            .all(tx)
            .await?,
    };
    Ok(all.into_iter().map(|named| parts.of(named)).collect())
}

/// Reads some schedules, in as few statements as one. People who are gone are in none.
pub(super) async fn load_these(
    tx: &mut Tx,
    wanted: &BTreeSet<ScheduleId>,
) -> Result<Vec<(Named, Schedule<PersonId>)>> {
    let asked = || {
        wanted
            .iter()
            .map(|schedule| vec![Arg::from(*schedule)])
            .collect::<Vec<_>>()
    };
    let named: Vec<Named> = sql_of_rows(
        constcat::concat!(
            ASKED,
            "SELECT s.* FROM asked CROSS JOIN schedules s WHERE s.id = asked.id"
        ),
        asked(),
    )
    .all(tx)
    .await?;
    let parts = Parts {
        layers: sql_of_rows(
            constcat::concat!(
                ASKED,
                LAYERS,
                " WHERE schedule_id IN (SELECT id FROM asked) ORDER BY position"
            ),
            asked(),
        )
        .all(tx)
        .await?,
        turns: sql_of_rows(
            constcat::concat!(
                ASKED,
                TURNS,
                " WHERE l.schedule_id IN (SELECT id FROM asked) ORDER BY t.layer_id, t.turn, t.person_id"
            ),
            asked(),
        )
        .all(tx)
        .await?,
        overrides: sql_of_rows(
            constcat::concat!(
                ASKED,
                OVERRIDES,
                " WHERE schedule_id IN (SELECT id FROM asked) ORDER BY created_at, position, id"
            ),
            asked(),
        )
        .all(tx)
        .await?,
    };
    let gone = people::gone(tx).await?;
    let all = named.into_iter().map(|named| parts.of(named));
    Ok(all
        .map(|(named, rotation)| (named, rotation.without(&gone)))
        .collect())
}

/// Finds a schedule's name, team and zone.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn find(tx: &mut Tx, id: ScheduleId) -> Result<Named> {
    sql("SELECT * FROM schedules WHERE id = $1")
        .bind(id)
        .one(tx, "schedule")
        .await
}

/// All schedules, by name.
pub async fn all(tx: &mut Tx) -> Result<Vec<Named>> {
    sql("SELECT * FROM schedules ORDER BY name, id").all(tx).await
}

/// How often each was changed, and when the last time. The audit log cannot tell: it is kept for a while only.
pub(super) async fn changes(tx: &mut Tx) -> Result<BTreeMap<ScheduleId, (i64, Option<DateTime<Utc>>)>> {
    let rows: Vec<(ScheduleId, i64, Option<DateTime<Utc>>)> =
        sql("SELECT id, changes, changed_at FROM schedules")
            .all(tx)
            .await?;
    Ok(rows
        .into_iter()
        .map(|(id, count, at)| (id, (count, at)))
        .collect())
}

const ASKED: &str = "WITH asked (id) AS (VALUES {rows}) ";
const LAYERS: &str =
    "SELECT id, schedule_id, unit, every, handoffs, start_at_wall, time_zone, counts, effective_from_wall,
        effective_until_wall, restrictions, level, turns
     FROM schedule_layers";
const TURNS: &str =
    "SELECT t.layer_id, t.turn, t.person_id FROM layer_turns t JOIN schedule_layers l ON l.id = t.layer_id";
const OVERRIDES: &str = "SELECT schedule_id, layer_id, kind, person_id, with_person_id, from_at, to_at
     FROM schedule_overrides";

/// Rows of one schedule or of many.
struct Parts {
    layers: Vec<StoredLayer>,
    turns: Vec<(LayerId, i64, PersonId)>,
    overrides: Vec<StoredOverride>,
}

impl Parts {
    fn of(&self, named: Named) -> (Named, Schedule<PersonId>) {
        let (named, _, rotation) = self.with_ids(named);
        (named, rotation)
    }

    fn with_ids(&self, named: Named) -> (Named, Vec<LayerId>, Schedule<PersonId>) {
        let ours = |id: ScheduleId| id == named.id;
        let (ids, layers): (Vec<LayerId>, Vec<Layer<PersonId>>) = self
            .layers
            .iter()
            .filter(|layer| ours(layer.schedule_id))
            .filter_map(|layer| Some((layer.id, layer.to_layer(&self.turns)?)))
            .unzip();
        let rotation = Schedule {
            time_zone: named.time_zone.parse().unwrap_or(chrono_tz::UTC),
            overrides: self
                .overrides
                .iter()
                .filter(|exception| ours(exception.schedule_id))
                .filter_map(|exception| exception.to_override(&ids))
                .collect(),
            layers,
        };
        (named, ids, rotation)
    }
}

impl StoredLayer {
    /// `None` for a layer whose times cannot be read: it is on call for nobody.
    fn to_layer(&self, people: &[(LayerId, i64, PersonId)]) -> Option<Layer<PersonId>> {
        let mut turns = vec![Vec::new(); usize::try_from(self.turns).ok()?];
        for (_, turn, person) in people.iter().filter(|(layer, ..)| *layer == self.id) {
            turns.get_mut(usize::try_from(*turn).ok()?)?.push(*person);
        }
        let hand_offs = match self.unit.zip(self.every) {
            Some((unit, every)) => HandOffs::Every {
                unit,
                every: u32::try_from(every).ok()?,
            },
            None => HandOffs::Weekly {
                moments: self.handoffs.clone(),
            },
        };
        Some(Layer {
            turns,
            hand_offs,
            start: reading(&self.start_at_wall)?,
            counts: self.counts,
            effective_from: self.effective_from_wall.as_deref().and_then(reading),
            effective_until: self.effective_until_wall.as_deref().and_then(reading),
            restrictions: self.restrictions.clone(),
            level: self.level.and_then(|level| u8::try_from(level).ok()),
            time_zone: self.time_zone.as_deref().and_then(|zone| zone.parse().ok()),
        })
    }
}

impl StoredOverride {
    /// `None` for one of a layer that is none of these, or that lacks its person.
    fn to_override(&self, layers: &[LayerId]) -> Option<Override<PersonId>> {
        let change = store::change_of(self.kind, self.person_id, self.with_person_id)?;
        let layer = match self.layer_id {
            Some(of) => Some(layers.iter().position(|layer| *layer == of)?),
            None => None,
        };
        Some(Override {
            change,
            layer,
            from: self.from_at,
            to: self.to_at,
        })
    }
}

fn reading(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text, wall::FORMAT).ok()
}
