//! What a subject is now, in words: people and teams by their names, and no secrets.

mod oncall;

use super::Subject;
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::Severity;
use domain::ids::{IncidentId, IntegrationId, PersonId, ServiceId, TeamId};
use domain::news::NewsKind;
use domain::people::Role;
use domain::teams::IntegrationKind;
use serde_json::{Value, json};
use sqlx::types::Json;

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
        Subject::Schedule(id) => oncall::schedule(tx, id).await,
        Subject::Policy(id) => oncall::policy(tx, id).await,
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

fn names(rows: Vec<(String,)>) -> Vec<String> {
    rows.into_iter().map(|(name,)| name).collect()
}
