//! Routing rules: a service pages by another policy for some severities and hours.

use super::Refused;
use crate::audit::{self, Subject};
use crate::db::{Arg, sql, sql_of_rows};
use crate::error::Result;
use crate::{Tx, teams};
use domain::Severity;
use domain::escalation::{Hours, Routing, Rule, When};
use domain::ids::{PolicyId, ServiceId};
use domain::oncall::Restriction;
use domain::people::Permission;
use std::collections::{BTreeMap, BTreeSet};

/// More than anybody keeps in mind at night.
pub const MOST_RULES: usize = 10;

#[derive(sqlx::FromRow)]
struct Row {
    service_id: ServiceId,
    /// Of the service itself.
    default_id: Option<PolicyId>,
    /// Nothing of a service without rules.
    policy_id: Option<PolicyId>,
    severity: Option<Severity>,
    hours: Option<When>,
    #[sqlx(json(nullable))]
    windows: Option<Vec<Restriction>>,
    time_zone: Option<String>,
}

impl Row {
    fn rule(self) -> Option<Rule> {
        let hours = self.hours?.within().map(|within| Hours {
            within,
            windows: self.windows.unwrap_or_default(),
            time_zone: self
                .time_zone
                .and_then(|zone| zone.parse().ok())
                .unwrap_or(chrono_tz::UTC),
        });
        Some(Rule {
            policy: self.policy_id?,
            severity: self.severity,
            hours,
        })
    }
}

/// The policies of services and what goes before them.
pub(crate) async fn of_services(
    tx: &mut Tx,
    services: &BTreeSet<ServiceId>,
) -> Result<BTreeMap<ServiceId, Routing>> {
    let rows: Vec<Row> = sql_of_rows(
        "WITH asked (service_id) AS (VALUES {rows})
         SELECT v.id AS service_id, v.policy_id AS default_id, r.policy_id, r.severity, r.hours, r.windows, r.time_zone
         FROM services v LEFT JOIN routing_rules r ON r.service_id = v.id
         WHERE v.id IN (SELECT service_id FROM asked) ORDER BY v.id, r.position",
        services.iter().map(|service| vec![Arg::from(*service)]).collect(),
    )
    .all(tx)
    .await?;
    let mut found: BTreeMap<ServiceId, Routing> = BTreeMap::new();
    for row in rows {
        let routing = found.entry(row.service_id).or_default();
        routing.policy = row.default_id;
        routing.rules.extend(row.rule());
    }
    Ok(found)
}

/// The policy of one service and what goes before it.
pub async fn of_service(tx: &mut Tx, service: ServiceId) -> Result<Routing> {
    let mut found = of_services(tx, &BTreeSet::from([service])).await?;
    Ok(found.remove(&service).unwrap_or_default())
}

/// Sets the rules of a service, in the order in which they are looked at.
///
/// # Errors
/// [`Refused::TooManyRules`], [`Refused::RulesWithoutPolicy`], [`Refused::NotThatPolicy`]
pub async fn set(tx: &mut Tx, id: ServiceId, rules: &[Rule]) -> Result<()> {
    let service = teams::find_service(tx, id).await?;
    tx.authorize(Permission::ChangeTeam(service.team_id)).await?;
    let before = audit::before(tx, Subject::Service(id)).await?;
    if rules.len() > MOST_RULES {
        return Err(Refused::TooManyRules.into());
    }
    if service.policy_id.is_none() && !rules.is_empty() {
        return Err(Refused::RulesWithoutPolicy.into());
    }
    for (number, rule) in (1..).zip(rules) {
        let is_ours: bool =
            sql("SELECT EXISTS (SELECT 1 FROM escalation_policies WHERE id = $1 AND team_id = $2)")
                .bind(rule.policy)
                .bind(service.team_id)
                .scalar(tx)
                .await?;
        if !is_ours {
            return Err(Refused::NotThatPolicy(number).into());
        }
        if rule.hours.as_ref().is_some_and(Hours::never_begin) {
            return Err(Refused::RuleWithoutDays(number).into());
        }
    }
    sql("DELETE FROM routing_rules WHERE service_id = $1")
        .bind(id)
        .run(tx)
        .await?;
    for (position, rule) in (0_i64..).zip(rules) {
        insert(tx, id, position, rule).await?;
    }
    before.told(tx).await
}

async fn insert(tx: &mut Tx, service: ServiceId, position: i64, rule: &Rule) -> Result<()> {
    let windows = rule.hours.as_ref().map_or(&[][..], |hours| &hours.windows);
    sql(
        "INSERT INTO routing_rules (service_id, position, policy_id, severity, hours, windows, time_zone)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(service)
    .bind(position)
    .bind(rule.policy)
    .bind(rule.severity.map(Severity::number))
    .bind(When::of(rule.hours.as_ref()).as_str())
    .bind(Arg::json(&windows))
    .bind(rule.hours.as_ref().map(|hours| hours.time_zone.name()))
    .run(tx)
    .await
    .map(drop)
}
