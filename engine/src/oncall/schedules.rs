//! Schedules as they are stored, and as the rotation's arithmetic takes them.

use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, NaiveDateTime, Utc};
use domain::ids::{LayerId, PersonId, ScheduleId, TeamId};
use domain::oncall::{Layer, Override, OverrideKind, Restriction, Schedule, Unit};

/// A schedule's name, team and zone.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Named {
    pub id: ScheduleId,
    pub team_id: TeamId,
    pub name: String,
    /// IANA name.
    pub time_zone: String,
    pub created_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct StoredLayer {
    id: LayerId,
    schedule_id: ScheduleId,
    unit: Unit,
    every: i64,
    start_at_wall: String,
    effective_from_wall: Option<String>,
    effective_until_wall: Option<String>,
    #[sqlx(json)]
    restrictions: Vec<Restriction>,
}

#[derive(sqlx::FromRow)]
struct StoredOverride {
    schedule_id: ScheduleId,
    kind: OverrideKind,
    person_id: PersonId,
    with_person_id: Option<PersonId>,
    from_at: DateTime<Utc>,
    to_at: DateTime<Utc>,
}

/// Wall times are stored like this, in the schedule's zone.
pub const WALL: &str = "%Y-%m-%dT%H:%M";

/// Reads a schedule with its layers and overrides.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn load(tx: &mut Tx, id: ScheduleId) -> Result<(Named, Schedule<PersonId>)> {
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
            " WHERE schedule_id = $1 ORDER BY created_at, id"
        ))
        .bind(id)
        .all(tx)
        .await?,
    };
    Ok(parts.of(named))
}

/// Reads all schedules, by name, in as few statements as one.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn load_all(tx: &mut Tx) -> Result<Vec<(Named, Schedule<PersonId>)>> {
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
        overrides: sql(constcat::concat!(OVERRIDES, " ORDER BY created_at, id"))
            .all(tx)
            .await?,
    };
    Ok(all.into_iter().map(|named| parts.of(named)).collect())
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
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn all(tx: &mut Tx) -> Result<Vec<Named>> {
    sql("SELECT * FROM schedules ORDER BY name, id").all(tx).await
}

const LAYERS: &str = "SELECT id, schedule_id, unit, every, start_at_wall, effective_from_wall, effective_until_wall, restrictions
     FROM schedule_layers";
const TURNS: &str =
    "SELECT t.layer_id, t.turn, t.person_id FROM layer_turns t JOIN schedule_layers l ON l.id = t.layer_id";
const OVERRIDES: &str =
    "SELECT schedule_id, kind, person_id, with_person_id, from_at, to_at FROM schedule_overrides";

/// Rows of one schedule or of many.
struct Parts {
    layers: Vec<StoredLayer>,
    turns: Vec<(LayerId, i64, PersonId)>,
    overrides: Vec<StoredOverride>,
}

impl Parts {
    fn of(&self, named: Named) -> (Named, Schedule<PersonId>) {
        let ours = |id: ScheduleId| id == named.id;
        let rotation = Schedule {
            time_zone: named.time_zone.parse().unwrap_or(chrono_tz::UTC),
            layers: self
                .layers
                .iter()
                .filter(|layer| ours(layer.schedule_id))
                .filter_map(|layer| layer.to_layer(&self.turns))
                .collect(),
            overrides: self
                .overrides
                .iter()
                .filter(|exception| ours(exception.schedule_id))
                .map(StoredOverride::to_override)
                .collect(),
        };
        (named, rotation)
    }
}

impl StoredLayer {
    /// `None` for a layer nobody is in any more, or whose times cannot be read: it is on call for nobody.
    fn to_layer(&self, turns: &[(LayerId, i64, PersonId)]) -> Option<Layer<PersonId>> {
        let mut people: Vec<Vec<PersonId>> = Vec::new();
        let mut at = None;
        for (_, turn, person) in turns.iter().filter(|(layer, ..)| *layer == self.id) {
            if at != Some(*turn) {
                at = Some(*turn);
                people.push(Vec::new());
            }
            people.last_mut()?.push(*person);
        }
        if people.is_empty() {
            return None;
        }
        Some(Layer {
            turns: people,
            unit: self.unit,
            every: u32::try_from(self.every).ok()?,
            start: wall(&self.start_at_wall)?,
            effective_from: self.effective_from_wall.as_deref().and_then(wall),
            effective_until: self.effective_until_wall.as_deref().and_then(wall),
            restrictions: self.restrictions.clone(),
        })
    }
}

impl StoredOverride {
    fn to_override(&self) -> Override<PersonId> {
        Override {
            kind: self.kind,
            person: self.person_id,
            with: self.with_person_id,
            from: self.from_at,
            to: self.to_at,
        }
    }
}

fn wall(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text, WALL).ok()
}
