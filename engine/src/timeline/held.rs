//! The incident that a timeline is of: found, taken for a transaction, written back.

use crate::Tx;
use crate::db::{Arg, dialect, sql, sql_of_rows};
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::escalation::EscalationState;
use domain::ids::{IncidentId, PersonId};
use domain::incidents::{Incident, IncidentRole};
use std::collections::BTreeSet;

/// Columns of an [`Incident`].
pub(crate) const COLUMNS: &str = "id, number, title, severity, state, team_id, noticed_by, seq, alerts_quiet, is_drill, opened_at, \
    impact_started_at, detected_at, acknowledged_at, mitigated_at, resolved_at, seconds_to_acknowledge, \
    seconds_to_mitigate, seconds_to_resolve";

/// Finds an incident by its number, without taking it.
///
/// # Errors
/// [`Error::NotFound`]
pub async fn find(tx: &mut Tx, number: i64) -> Result<Incident> {
    sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        " FROM incidents WHERE number = $1 AND {visible incidents}"
    ))
    .bind(number)
    .one(tx, "incident")
    .await
}

/// Finds an incident by its id, without taking it.
///
/// # Errors
/// [`Error::NotFound`]
pub async fn find_by_id(tx: &mut Tx, id: IncidentId) -> Result<Incident> {
    sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        " FROM incidents WHERE {any incidents} AND id = $1"
    ))
    .bind(id)
    .one(tx, "incident")
    .await
}

/// Takes the incident for this transaction, then reads it: what is read stays true until the commit.
///
/// # Errors
/// [`Error::NotFound`]
pub(crate) async fn hold(tx: &mut Tx, id: IncidentId) -> Result<Incident> {
    dialect::lock_incident(tx, id).await?;
    let incident = find_by_id(tx, id).await?;
    tx.changes.knows_seq(id, incident.seq);
    Ok(incident)
}

/// An incident that was taken, with how its policy stands, if it was begun, and whether its services have one.
pub(crate) type Taken = (Incident, Option<EscalationState>, bool);

#[derive(sqlx::FromRow)]
struct TakenRow {
    #[sqlx(flatten)]
    incident: Incident,
    escalation: Option<EscalationState>,
    has_policy: bool,
}

/// [`hold`] of several at once.
pub(crate) async fn hold_these(tx: &mut Tx, ids: &BTreeSet<IncidentId>) -> Result<Vec<Taken>> {
    dialect::lock_incidents(tx, ids).await?;
    let rows: Vec<TakenRow> = sql_of_rows(
        constcat::concat!(
            "WITH asked (id) AS (VALUES {rows}) SELECT ",
            COLUMNS,
            ", (SELECT e.state FROM escalations e WHERE e.incident_id = incidents.id) AS escalation,
             EXISTS (SELECT 1 FROM incident_services l CROSS JOIN services s
                WHERE l.incident_id = incidents.id AND s.id = l.service_id AND s.policy_id IS NOT NULL) AS has_policy
             FROM incidents WHERE {any incidents} AND id IN (SELECT id FROM asked)"
        ),
        ids.iter().map(|id| vec![Arg::from(*id)]).collect(),
    )
    .all(tx)
    .await?;
    let taken = rows.into_iter().map(|row| {
        tx.changes.knows_seq(row.incident.id, row.incident.seq);
        (row.incident, row.escalation, row.has_policy)
    });
    Ok(taken.collect())
}

/// [`hold`] by the number that people say.
pub(crate) async fn hold_number(tx: &mut Tx, number: i64) -> Result<Incident> {
    let incident = find(tx, number).await?;
    hold(tx, incident.id).await
}

/// Writes everything of the incident that a verb may have changed (not its `seq`, which the timeline raises).
pub(crate) async fn store(tx: &mut Tx, incident: &mut Incident) -> Result<()> {
    let instants = incident.instants();
    incident.seconds_to_acknowledge = instants.seconds_to_acknowledge();
    incident.seconds_to_mitigate = instants.seconds_to_mitigate();
    incident.seconds_to_resolve = instants.seconds_to_resolve();
    sql("UPDATE incidents SET title = $2, severity = $3, state = $4, alerts_quiet = $5, impact_started_at = $6,
            detected_at = $7, acknowledged_at = $8, mitigated_at = $9, resolved_at = $10,
            seconds_to_acknowledge = $11, seconds_to_mitigate = $12, seconds_to_resolve = $13, is_drill = $14
         WHERE id = $1")
        .bind(incident.id)
        .bind(&incident.title)
        .bind(incident.severity)
        .bind(incident.state)
        .bind(incident.alerts_quiet)
        .bind(incident.impact_started_at)
        .bind(incident.detected_at)
        .bind(incident.acknowledged_at)
        .bind(incident.mitigated_at)
        .bind(incident.resolved_at)
        .bind(incident.seconds_to_acknowledge)
        .bind(incident.seconds_to_mitigate)
        .bind(incident.seconds_to_resolve)
        .bind(incident.is_drill)
        .run(tx)
        .await?;
    Ok(())
}

/// The last entry before an incident's state became what it is; 0 where it was never another. Other entries leave it as it is.
pub(crate) async fn state_since(tx: &mut Tx, incident: &Incident) -> Result<i64> {
    let before: Option<(i64,)> =
        sql("SELECT seq FROM timeline WHERE incident_id = $1 AND state <> $2 ORDER BY seq DESC LIMIT 1")
            .bind(incident.id)
            .bind(incident.state)
            .maybe(tx)
            .await?;
    Ok(before.map_or(0, |(seq,)| seq))
}

/// Who has an incident.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Holder {
    pub person_id: PersonId,
    pub name: String,
}

/// Who has an incident: the incident commander, or else whoever took it first since it was last triggered.
pub(crate) async fn holder(tx: &mut Tx, incident: IncidentId) -> Result<Option<Holder>> {
    match holder_of(tx, incident, IncidentRole::Commander).await? {
        Some(commander) => Ok(Some(commander)),
        None => took_it(tx, incident).await,
    }
}

/// Who holds a role.
pub(crate) async fn holder_of(
    tx: &mut Tx,
    incident: IncidentId,
    role: IncidentRole,
) -> Result<Option<Holder>> {
    sql(
        "SELECT r.person_id, p.name FROM incident_roles r JOIN people p ON p.id = r.person_id
         WHERE r.incident_id = $1 AND r.role = $2",
    )
    .bind(incident)
    .bind(role)
    .maybe(tx)
    .await
}

/// Since when a role is held by whoever holds it.
pub(crate) async fn role_taken_at(
    tx: &mut Tx,
    incident: IncidentId,
    role: IncidentRole,
) -> Result<Option<DateTime<Utc>>> {
    let taken: Option<(DateTime<Utc>,)> =
        sql("SELECT taken_at FROM incident_roles WHERE incident_id = $1 AND role = $2")
            .bind(incident)
            .bind(role)
            .maybe(tx)
            .await?;
    Ok(taken.map(|(at,)| at))
}

/// Who acted first after the incident was last triggered.
async fn took_it(tx: &mut Tx, incident: IncidentId) -> Result<Option<Holder>> {
    sql(
        "SELECT t.actor_id AS person_id, p.name FROM timeline t JOIN people p ON p.id = t.actor_id
         WHERE t.incident_id = $1 AND t.seq = (
            SELECT MIN(seq) FROM timeline WHERE incident_id = $1 AND state <> 'triggered' AND seq > COALESCE(
                (SELECT MAX(seq) FROM timeline WHERE incident_id = $1 AND state = 'triggered'), 0))",
    )
    .bind(incident)
    .maybe(tx)
    .await
}
