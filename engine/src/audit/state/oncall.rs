//! Schedules and policies, in words.

use super::State;
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::ids::{LayerId, PolicyId, ScheduleId};
use domain::oncall::{Counts, OverrideKind};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) async fn schedule(tx: &mut Tx, id: ScheduleId) -> Result<Option<State>> {
    let row: Option<(String, String, String, bool, bool)> = sql(
        "SELECT s.name, t.name, s.time_zone, s.tells_hand_offs, s.shown_token IS NOT NULL FROM schedules s JOIN teams t ON t.id = s.team_id WHERE s.id = $1",
    )
    .bind(id)
    .maybe(tx)
    .await?;
    let Some((name, team, time_zone, tells_hand_offs, is_shown)) = row else {
        return Ok(None);
    };
    Ok(Some(State {
        words: json!({
            "name": name,
            "team": team,
            "time zone": time_zone,
            "tells whoever comes on": tells_hand_offs,
            "shown to whoever has the address": is_shown,
            "rotation": layers(tx, id).await?,
            "overrides": overrides(tx, id).await?,
            "shadows": shadows(tx, id).await?,
        }),
        name,
    }))
}

async fn shadows(tx: &mut Tx, id: ScheduleId) -> Result<Vec<Value>> {
    let now = tx.now();
    let shadows: Vec<(String, DateTime<Utc>, DateTime<Utc>)> = sql(
        "SELECT p.name, s.from_at, s.to_at FROM schedule_shadows s JOIN people p ON p.id = s.person_id
         WHERE s.schedule_id = $1 AND s.to_at > $2 ORDER BY s.from_at, s.id",
    )
    .bind(id)
    .bind(now)
    .all(tx)
    .await?;
    let words = |(person, from, to)| json!({ "person": person, "from": from, "to": to });
    Ok(shadows.into_iter().map(words).collect())
}

#[derive(sqlx::FromRow)]
struct LayerWords {
    id: LayerId,
    unit: Option<String>,
    every: Option<i64>,
    #[sqlx(json)]
    handoffs: Value,
    start_at_wall: String,
    time_zone: Option<String>,
    counts: String,
    effective_from_wall: Option<String>,
    effective_until_wall: Option<String>,
    #[sqlx(json)]
    restrictions: Value,
    level: Option<i64>,
    turns: i64,
}

async fn layers(tx: &mut Tx, id: ScheduleId) -> Result<Vec<Value>> {
    let layers: Vec<LayerWords> = sql(
        "SELECT id, unit, every, handoffs, start_at_wall, time_zone, counts, effective_from_wall, effective_until_wall,
            restrictions, level, turns
         FROM schedule_layers WHERE schedule_id = $1 ORDER BY position",
    )
    .bind(id)
    .all(tx)
    .await?;
    let people: Vec<(LayerId, i64, String)> = sql(
        "SELECT t.layer_id, t.turn, p.name FROM layer_turns t JOIN schedule_layers l ON l.id = t.layer_id
            JOIN people p ON p.id = t.person_id
         WHERE l.schedule_id = $1 ORDER BY p.name, p.id",
    )
    .bind(id)
    .all(tx)
    .await?;
    Ok(layers.into_iter().map(|layer| layer.words(&people)).collect())
}

impl LayerWords {
    /// What few layers say is told where it is said.
    fn words(self, people: &[(LayerId, i64, String)]) -> Value {
        let turn = |turn| {
            let of_turn = people
                .iter()
                .filter(|(layer, of, _)| (*layer, *of) == (self.id, turn));
            let names: Vec<&str> = of_turn.map(|(.., name)| name.as_str()).collect();
            if names.is_empty() {
                "nobody".to_owned()
            } else {
                names.join(" and ")
            }
        };
        let turns: Vec<String> = (0..self.turns).map(turn).collect();
        let mut words = json!({
            "first hand-off": self.start_at_wall,
            "from": self.effective_from_wall,
            "until": self.effective_until_wall,
            "people": turns,
        });
        match self.unit.zip(self.every) {
            Some((unit, every)) => words["hands over every"] = json!(format!("{every} {unit}")),
            None => words["hands over at"] = self.handoffs,
        }
        let is_said = |list: &Value| list.as_array().is_some_and(|list| !list.is_empty());
        for (key, value) in [
            (
                "counts",
                (self.counts != Counts::All.as_str()).then(|| json!(self.counts)),
            ),
            (
                "windows",
                is_said(&self.restrictions).then_some(self.restrictions),
            ),
            ("level", self.level.map(Value::from)),
            ("time zone", self.time_zone.map(Value::from)),
        ] {
            if let Some(value) = value {
                words[key] = value;
            }
        }
        words
    }
}

async fn overrides(tx: &mut Tx, id: ScheduleId) -> Result<Vec<Value>> {
    type Row = (
        OverrideKind,
        Option<String>,
        Option<String>,
        Option<String>,
        DateTime<Utc>,
        DateTime<Utc>,
    );
    let now = tx.now();
    let overrides: Vec<Row> = sql(
        "SELECT o.kind, p.name, w.name, l.name, o.from_at, o.to_at FROM schedule_overrides o
            LEFT JOIN people p ON p.id = o.person_id LEFT JOIN people w ON w.id = o.with_person_id
            LEFT JOIN schedule_layers l ON l.id = o.layer_id
         WHERE o.schedule_id = $1 AND o.to_at > $2 ORDER BY o.from_at, o.id",
    )
    .bind(id)
    .bind(now)
    .all(tx)
    .await?;
    let overrides = overrides
        .into_iter()
        .map(|(kind, person, with, layer, from, to)| {
            let mut words = json!({ "person": person, "from": from, "to": to });
            if kind != OverrideKind::Cover {
                words["kind"] = json!(kind);
            }
            if let Some(with) = with {
                words["with"] = json!(with);
            }
            if let Some(layer) = layer {
                words["layer"] = json!(layer);
            }
            words
        });
    Ok(overrides.collect())
}

pub(super) async fn policy(tx: &mut Tx, id: PolicyId) -> Result<Option<State>> {
    let row: Option<(String, String, i64, bool, Option<i64>)> = sql(
        "SELECT p.name, t.name, p.repeats, p.until_acknowledged, p.acknowledged_for_seconds FROM escalation_policies p JOIN teams t ON t.id = p.team_id WHERE p.id = $1",
    )
    .bind(id)
    .maybe(tx)
    .await?;
    let Some((name, team, repeats, until_acknowledged, holds)) = row else {
        return Ok(None);
    };
    let steps: Vec<(i64, i64, bool, bool, bool)> =
        sql("SELECT position, delay_seconds, in_turn, skips_paged, all_acknowledge FROM policy_steps WHERE policy_id = $1 ORDER BY position")
            .bind(id)
            .all(tx)
            .await?;
    let targets: Vec<(i64, String)> = sql(
        "SELECT s.position, COALESCE(p.name, c.name, m.name, 'the administrators') FROM policy_steps s
            JOIN policy_targets t ON t.step_id = s.id
            LEFT JOIN people p ON p.id = t.person_id LEFT JOIN schedules c ON c.id = t.schedule_id
            LEFT JOIN teams m ON m.id = t.team_id
         WHERE s.policy_id = $1 ORDER BY s.position, t.position",
    )
    .bind(id)
    .all(tx)
    .await?;
    let mut targets = by_place(targets);
    let steps = steps
        .into_iter()
        .map(|(place, seconds, in_turn, skips_paged, all_acknowledge)| {
            let mut words =
                json!({ "pages": targets.remove(&place).unwrap_or_default(), "waits seconds": seconds });
            for (key, is_so) in [
                ("in turn", in_turn),
                ("passes over who was paged", skips_paged),
                ("all acknowledge", all_acknowledge),
            ] {
                if is_so {
                    words[key] = json!(true);
                }
            }
            words
        });
    Ok(Some(State {
        words: json!({
            "name": name,
            "team": team,
            "steps": steps.collect::<Vec<_>>(),
            "repeats": repeats,
            "until acknowledged": until_acknowledged,
            "acknowledged for seconds": holds,
        }),
        name,
    }))
}

fn by_place(rows: Vec<(i64, String)>) -> BTreeMap<i64, Vec<String>> {
    let mut places: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for (place, name) in rows {
        places.entry(place).or_default().push(name);
    }
    places
}
