//! Escalation policies as they are stored, and how they are changed.

mod steps;

use super::{Refused, routing};
use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::{Arg, sql, sql_of_rows};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::escalation::{Policy, Step, Target};
use domain::fields;
use domain::ids::{PersonId, PolicyId, ScheduleId, ServiceId, TeamId};
use domain::incidents::Incident;
use domain::people::Permission;
use std::collections::{BTreeMap, BTreeSet};
use steps::{check, check_targets, write_steps};

/// A policy's name and team.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Named {
    pub id: PolicyId,
    pub team_id: TeamId,
    pub name: String,
    pub repeats: i64,
    pub created_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct TargetOfStep {
    policy_id: PolicyId,
    repeats: i64,
    until_acknowledged: bool,
    acknowledged_for_seconds: Option<i64>,
    /// Nothing of a policy without steps.
    position: Option<i64>,
    delay_seconds: Option<i64>,
    in_turn: Option<bool>,
    skips_paged: Option<bool>,
    all_acknowledge: Option<bool>,
    last_id: Option<PersonId>,
    last_place: Option<i64>,
    /// Nothing of a step without targets.
    target: Option<i64>,
    person_id: Option<PersonId>,
    schedule_id: Option<ScheduleId>,
    team_id: Option<TeamId>,
}

impl TargetOfStep {
    fn target(&self) -> Option<Target> {
        self.target?;
        let person = self.person_id.map(Target::Person);
        let other = person.or(self.schedule_id.map(Target::Schedule));
        Some(
            other
                .or(self.team_id.map(Target::Team))
                .unwrap_or(Target::Administrators),
        )
    }

    fn last(&self) -> Option<(PersonId, usize)> {
        Some((self.last_id?, usize::try_from(self.last_place?).ok()?))
    }
}

/// Reads a policy with its steps and targets.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn policy(tx: &mut Tx, id: PolicyId) -> Result<Policy> {
    let rows: Vec<TargetOfStep> = sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        " FROM escalation_policies p",
        STEPS,
        " WHERE p.id = $1 ORDER BY s.position, t.position"
    ))
    .bind(id)
    .all(tx)
    .await?;
    let (_, policy) = put_together(rows).ok_or(Error::NotFound("escalation policy"))?;
    Ok(policy)
}

/// Policies by their ids; what is not there is left out.
pub(crate) async fn these(tx: &mut Tx, ids: &BTreeSet<PolicyId>) -> Result<BTreeMap<PolicyId, Policy>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<TargetOfStep> = sql_of_rows(
        constcat::concat!(
            "WITH asked (id) AS (VALUES {rows}) SELECT ",
            COLUMNS,
            " FROM escalation_policies p",
            STEPS,
            " WHERE p.id IN (SELECT id FROM asked) ORDER BY p.id, s.position, t.position"
        ),
        ids.iter().map(|id| vec![Arg::from(*id)]).collect(),
    )
    .all(tx)
    .await?;
    let mut of_policy: BTreeMap<PolicyId, Vec<TargetOfStep>> = BTreeMap::new();
    for row in rows {
        of_policy.entry(row.policy_id).or_default().push(row);
    }
    Ok(of_policy.into_values().filter_map(put_together).collect())
}

/// The policy of an incident's services, as bad as it is and at an instant; with several services, of the one that stands first by name.
pub(crate) async fn policy_of(
    tx: &mut Tx,
    incident: &Incident,
    at: DateTime<Utc>,
) -> Result<Option<(PolicyId, Policy)>> {
    let service: Option<(ServiceId,)> = sql(
        "SELECT v.id FROM services v JOIN incident_services l ON l.service_id = v.id
             WHERE l.incident_id = $1 AND v.policy_id IS NOT NULL ORDER BY v.name LIMIT 1",
    )
    .bind(incident.id)
    .maybe(tx)
    .await?;
    let Some((service,)) = service else {
        return Ok(None);
    };
    let routing = routing::of_service(tx, service).await?;
    match routing.policy_for(incident.severity, at) {
        Some(id) => Ok(Some((id, policy(tx, id).await?))),
        None => Ok(None),
    }
}

const COLUMNS: &str = "p.id AS policy_id, p.repeats, p.until_acknowledged, p.acknowledged_for_seconds, s.position, s.delay_seconds,
    s.in_turn, s.skips_paged, s.all_acknowledge,
    l.person_id AS last_id, l.place AS last_place, t.position AS target, t.person_id, t.schedule_id, t.team_id";
const STEPS: &str = " LEFT JOIN policy_steps s ON s.policy_id = p.id
    LEFT JOIN policy_turns l ON l.policy_id = s.policy_id AND l.step = s.position AND s.in_turn
    LEFT JOIN policy_targets t ON t.step_id = s.id";

/// The policy of rows in the order of its steps and their targets; `None` of no rows.
fn put_together(rows: Vec<TargetOfStep>) -> Option<(PolicyId, Policy)> {
    let first = rows.first()?;
    let id = first.policy_id;
    let mut policy = Policy {
        steps: Vec::new(),
        repeats: first.repeats,
        until_acknowledged: first.until_acknowledged,
        acknowledged_for_seconds: first.acknowledged_for_seconds,
    };
    let steps = &mut policy.steps;
    let mut at = None;
    for row in rows {
        if let Some(delay_seconds) = row.delay_seconds.filter(|_| at != row.position) {
            at = row.position;
            steps.push(Step {
                delay_seconds,
                targets: Vec::new(),
                in_turn: row.in_turn.unwrap_or_default(),
                last: row.last(),
                skips_paged: row.skips_paged.unwrap_or_default(),
                all_acknowledge: row.all_acknowledge.unwrap_or_default(),
            });
        }
        if let (Some(step), Some(target)) = (steps.last_mut(), row.target()) {
            step.targets.push(target);
        }
    }
    Some((id, policy))
}

/// Finds a policy's name and team.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn find(tx: &mut Tx, id: PolicyId) -> Result<Named> {
    sql("SELECT * FROM escalation_policies WHERE id = $1")
        .bind(id)
        .one(tx, "escalation policy")
        .await
}

/// All policies, by name.
pub async fn all(tx: &mut Tx) -> Result<Vec<Named>> {
    sql("SELECT * FROM escalation_policies ORDER BY name, id")
        .all(tx)
        .await
}

/// Policies are changed by the team whose they are.
async fn authorize(tx: &mut Tx, id: PolicyId) -> Result<()> {
    let named = find(tx, id).await?;
    tx.authorize(Permission::ChangeTeam(named.team_id)).await
}

/// Makes a policy of a team.
///
/// # Errors
/// [`Refused`]
pub async fn create(tx: &mut Tx, team: TeamId, name: &str, policy: &Policy) -> Result<PolicyId> {
    tx.authorize(Permission::ChangeTeam(team)).await?;
    let name = fields::NAME.read(name)?;
    check(policy)?;
    check_targets(tx, policy).await?;
    let id: PolicyId = tx.new_id();
    sql(
        "INSERT INTO escalation_policies (id, team_id, name, repeats, until_acknowledged, acknowledged_for_seconds, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(team)
    .bind(&name)
    .bind(policy.repeats)
    .bind(policy.until_acknowledged)
    .bind(policy.acknowledged_for_seconds)
    .bind(tx.now())
    .run(tx)
    .await?;
    write_steps(tx, id, &policy.steps).await?;
    audit::made(tx, Subject::Policy(id)).await?;
    Ok(id)
}

/// Changes a policy. Incidents that it is paging for go on with its new steps: [`crate::paging::policy_has_changed`].
///
/// # Errors
/// [`Refused`]
pub async fn change(tx: &mut Tx, id: PolicyId, name: &str, policy: &Policy) -> Result<()> {
    authorize(tx, id).await?;
    let was = audit::before(tx, Subject::Policy(id)).await?;
    let before = self::policy(tx, id).await?;
    let name = fields::NAME.read(name)?;
    check(policy)?;
    check_targets(tx, policy).await?;
    sql("UPDATE escalation_policies SET name = $2, repeats = $3, until_acknowledged = $4, acknowledged_for_seconds = $5 WHERE id = $1")
        .bind(id)
        .bind(&name)
        .bind(policy.repeats)
        .bind(policy.until_acknowledged)
        .bind(policy.acknowledged_for_seconds)
        .run(tx)
        .await?;
    sql("DELETE FROM policy_steps WHERE policy_id = $1")
        .bind(id)
        .run(tx)
        .await?;
    write_steps(tx, id, &policy.steps).await?;
    was.told(tx).await?;
    let whom = |policy: &Policy| {
        policy
            .steps
            .iter()
            .map(|step| step.targets.clone())
            .collect::<Vec<_>>()
    };
    if whom(&before) == whom(policy) {
        return Ok(());
    }
    sql("UPDATE escalations SET policy_changed = TRUE WHERE policy_id = $1 AND state IN ('running', 'ran_out')")
        .bind(id)
        .run(tx)
        .await
        .map(drop)
}

/// Deletes a policy that nothing uses.
///
/// # Errors
/// [`Refused::InUse`]
pub async fn delete(tx: &mut Tx, id: PolicyId) -> Result<()> {
    authorize(tx, id).await?;
    let before = audit::before(tx, Subject::Policy(id)).await?;
    let services: Vec<(String,)> = sql("SELECT name FROM services
         WHERE policy_id = $1 OR id IN (SELECT service_id FROM routing_rules WHERE policy_id = $1) ORDER BY name")
        .bind(id)
        .all(tx)
        .await?;
    let incidents: Vec<(i64, bool)> = sql(
        "SELECT i.number, {visible i} FROM incidents i JOIN escalations e ON e.incident_id = i.id
         WHERE e.policy_id = $1 AND i.state <> 'resolved' ORDER BY i.number",
    )
    .bind(id)
    .all(tx)
    .await?;
    let users: Vec<String> = services
        .into_iter()
        .map(|(name,)| name)
        .chain(incidents.into_iter().map(|(number, is_seen)| match is_seen {
            true => format!("INC-{number}"),
            false => "an incident that you do not see".to_owned(),
        }))
        .collect();
    if !users.is_empty() {
        return Err(Refused::InUse(users.join(", ")).into());
    }
    // What was paged stays in the timelines; this only says how far the policy had come.
    sql("DELETE FROM escalations WHERE policy_id = $1")
        .bind(id)
        .run(tx)
        .await?;
    sql("DELETE FROM escalation_policies WHERE id = $1")
        .bind(id)
        .run(tx)
        .await?;
    before.told(tx).await
}

/// Whom a step that pages in turn has paged now, and where they stood.
pub(crate) async fn had_a_turn(
    tx: &mut Tx,
    policy: PolicyId,
    step: i64,
    (person, place): (PersonId, usize),
) -> Result<()> {
    sql(
        "INSERT INTO policy_turns (policy_id, step, person_id, place) VALUES ($1, $2, $3, $4)
         ON CONFLICT (policy_id, step) DO UPDATE SET person_id = excluded.person_id, place = excluded.place",
    )
    .bind(policy)
    .bind(step)
    .bind(person)
    .bind(i64::try_from(place).unwrap_or_default())
    .run(tx)
    .await
    .map(drop)
}
