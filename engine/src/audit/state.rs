//! What a subject is now, in words: people and teams by their names, and no secrets.

use super::Subject;
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::Severity;
use domain::ids::{IncidentId, IntegrationId, LayerId, PersonId, PolicyId, ScheduleId, ServiceId, TeamId};
use domain::news::NewsKind;
use domain::oncall::{Counts, OverrideKind};
use domain::people::Role;
use domain::teams::IntegrationKind;
use serde_json::{Value, json};
use sqlx::types::Json;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    pub name: String,
    pub words: Value,
}

/// Nothing where it is not there, or not yet.
pub(super) async fn read(tx: &mut Tx, subject: Subject) -> Result<Option<State>> {
    match subject {
        Subject::Person(id) => person(tx, id).await,
        Subject::Team(id) => team(tx, id).await,
        Subject::Service(id) => service(tx, id).await,
        Subject::Integration(id) => integration(tx, id).await,
        Subject::Schedule(id) => schedule(tx, id).await,
        Subject::Policy(id) => policy(tx, id).await,
        Subject::Incident(id) => incident(tx, id).await,
    }
}

async fn person(tx: &mut Tx, id: PersonId) -> Result<Option<State>> {
    type Row = (String, String, Role, String, i64, bool, Option<DateTime<Utc>>);
    let turned_off: Vec<(NewsKind,)> =
        sql("SELECT kind FROM news_turned_off WHERE person_id = $1 ORDER BY kind")
            .bind(id)
            .all(tx)
            .await?;
    // The name of a file may say more of somebody than is anybody's business.
    let calendars = names(
        sql("SELECT COALESCE(host, 'a file') FROM read_calendars WHERE person_id = $1 ORDER BY created_at, id")
            .bind(id)
            .all(tx)
            .await?,
    );
    let row: Option<Row> = sql(
        "SELECT name, email, role, time_zone, shift_mail_hours, turn_invitations, deactivated_at FROM people WHERE id = $1",
    )
    .bind(id)
    .maybe(tx)
    .await?;
    Ok(row.map(
        |(name, email, role, time_zone, hours, invitations, deactivated_at)| State {
            words: json!({
                "name": name,
                "e-mail address": email,
                "role": role,
                "time zone": time_zone,
                "active": deactivated_at.is_none(),
                "mail before a turn, hours": hours,
                "turns as invitations": invitations,
                "absence from": calendars,
                "gets no mail when": turned_off.into_iter().map(|(kind,)| kind.label()).collect::<Vec<_>>(),
            }),
            name,
        },
    ))
}

async fn incident(tx: &mut Tx, id: IncidentId) -> Result<Option<State>> {
    let row: Option<(i64, String)> =
        sql("SELECT number, title FROM incidents WHERE {any incidents} AND id = $1")
            .bind(id)
            .maybe(tx)
            .await?;
    Ok(row.map(|(number, title)| State {
        name: format!("INC-{number} {title}"),
        words: json!({ "title": title }),
    }))
}

async fn team(tx: &mut Tx, id: TeamId) -> Result<Option<State>> {
    let row: Option<(String, bool)> = sql("SELECT name, load_with_names FROM teams WHERE id = $1")
        .bind(id)
        .maybe(tx)
        .await?;
    let Some((name, load_with_names)) = row else {
        return Ok(None);
    };
    let members: Vec<(String,)> = sql(
        "SELECT p.name FROM team_members m JOIN people p ON p.id = m.person_id WHERE m.team_id = $1 ORDER BY p.name, p.id",
    )
    .bind(id)
    .all(tx)
    .await?;
    let columns: Vec<(String, Option<i64>)> =
        sql("SELECT name, card_limit FROM board_columns WHERE team_id = $1 ORDER BY position, id")
            .bind(id)
            .all(tx)
            .await?;
    let columns = columns
        .into_iter()
        .map(|(name, limit)| json!({ "name": name, "cards at most": limit }));
    let calendars = names(
        sql(
            "SELECT COALESCE(host, file_name) FROM read_calendars WHERE team_id = $1 ORDER BY created_at, id",
        )
        .bind(id)
        .all(tx)
        .await?,
    );
    Ok(Some(State {
        words: json!({
            "name": name,
            "members": names(members),
            "sees load by name": load_with_names,
            "holidays from": calendars,
            "columns": columns.collect::<Vec<_>>(),
        }),
        name,
    }))
}

async fn service(tx: &mut Tx, id: ServiceId) -> Result<Option<State>> {
    type Row = (String, String, Option<String>, Severity, Severity, bool, i64);
    let row: Option<Row> = sql(
        "SELECT s.name, t.name, p.name, s.default_severity, s.page_from, s.resolves_with_alerts, s.remind_after_seconds
         FROM services s JOIN teams t ON t.id = s.team_id LEFT JOIN escalation_policies p ON p.id = s.policy_id WHERE s.id = $1",
    )
    .bind(id)
    .maybe(tx)
    .await?;
    let rules = routing_rules(tx, id).await?;
    Ok(row.map(
        |(name, team, policy, severity, page_from, resolves_with_alerts, remind_after)| State {
            words: json!({
                "name": name,
                "team": team,
                "escalation policy": policy,
                "severity of alerts that say none": severity.to_string(),
                "pages from": page_from.to_string(),
                "resolves with its alerts": resolves_with_alerts,
                "reminds after seconds": remind_after,
                "routing rules": rules,
            }),
            name,
        },
    ))
}

async fn routing_rules(tx: &mut Tx, service: ServiceId) -> Result<Vec<Value>> {
    type Row = (String, Option<Severity>, String, Json<Value>, Option<String>);
    let rows: Vec<Row> = sql(
        "SELECT p.name, r.severity, r.hours, r.windows, r.time_zone FROM routing_rules r
            JOIN escalation_policies p ON p.id = r.policy_id WHERE r.service_id = $1 ORDER BY r.position",
    )
    .bind(service)
    .all(tx)
    .await?;
    let in_words = |(policy, severity, hours, Json(windows), zone): Row| {
        let mut words = json!({ "policy": policy, "when": hours });
        if let Some(severity) = severity {
            words["from severity"] = json!(severity.to_string());
        }
        if let Some(zone) = zone {
            words["windows"] = windows;
            words["time zone"] = json!(zone);
        }
        words
    };
    Ok(rows.into_iter().map(in_words).collect())
}

async fn integration(tx: &mut Tx, id: IntegrationId) -> Result<Option<State>> {
    type Row = (String, IntegrationKind, String, Option<DateTime<Utc>>, bool);
    let row: Option<Row> = sql(
        "SELECT i.name, i.kind, s.name, i.revoked_at, i.signing_secret IS NOT NULL
         FROM integrations i JOIN services s ON s.id = i.service_id WHERE i.id = $1",
    )
    .bind(id)
    .maybe(tx)
    .await?;
    let Some((name, kind, service, revoked_at, is_signed)) = row else {
        return Ok(None);
    };
    let secrets: Vec<(String, Option<DateTime<Utc>>)> = sql(
        "SELECT hint, expires_at FROM integration_secrets WHERE integration_id = $1 ORDER BY created_at, hint",
    )
    .bind(id)
    .all(tx)
    .await?;
    let secrets = secrets
        .into_iter()
        .map(|(hint, until)| json!({ "ends with": hint, "works until": until }));
    Ok(Some(State {
        words: json!({
            "name": name,
            "service": service,
            "format": kind.label(),
            "secrets": secrets.collect::<Vec<_>>(),
            "has to be signed": is_signed,
            "revoked": revoked_at.is_some(),
        }),
        name: format!("{name}, {service}"),
    }))
}

async fn schedule(tx: &mut Tx, id: ScheduleId) -> Result<Option<State>> {
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

async fn policy(tx: &mut Tx, id: PolicyId) -> Result<Option<State>> {
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

fn names(rows: Vec<(String,)>) -> Vec<String> {
    rows.into_iter().map(|(name,)| name).collect()
}

fn by_place(rows: Vec<(i64, String)>) -> BTreeMap<i64, Vec<String>> {
    let mut places: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for (place, name) in rows {
        places.entry(place).or_default().push(name);
    }
    places
}
