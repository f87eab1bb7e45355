//! Making and changing services.

use super::{Refused, checked_name, free_slug};
use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::Result;
use domain::Severity;
use domain::ids::{PolicyId, ServiceId, TeamId};
use domain::people::Permission;
use domain::teams::Service;

/// What a team says about a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub name: String,
    pub policy: Option<PolicyId>,
    pub default_severity: Severity,
    pub page_from: Severity,
    pub resolves_with_alerts: bool,
    /// See [`Service::remind_after_seconds`]; up to a week.
    pub remind_after_seconds: i64,
}

const A_WEEK: i64 = 7 * 24 * 3600;

impl Draft {
    /// With what most services want.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            policy: None,
            default_severity: Severity::Sev3,
            page_from: Severity::Sev3,
            resolves_with_alerts: true,
            remind_after_seconds: 4 * 3600,
        }
    }
}

/// Makes a service of a team.
///
/// # Errors
/// [`Refused`]
pub async fn create(tx: &mut Tx, team: TeamId, draft: &Draft) -> Result<Service> {
    tx.authorize(Permission::ChangeTeam(team)).await?;
    let name = checked_name(&draft.name)?;
    let services = super::services(tx).await?;
    name_is_free(&services, &name, None)?;
    policy_is_ours(tx, team, draft.policy).await?;
    may_remind_after(draft.remind_after_seconds)?;
    let taken: Vec<String> = services.into_iter().map(|service| service.slug).collect();
    let service = Service {
        id: tx.new_id(),
        slug: free_slug(&name, &taken),
        name,
        team_id: team,
        policy_id: draft.policy,
        default_severity: draft.default_severity,
        page_from: draft.page_from,
        resolves_with_alerts: draft.resolves_with_alerts,
        remind_after_seconds: draft.remind_after_seconds,
        created_at: tx.now(),
    };
    sql("INSERT INTO services (id, slug, name, team_id, policy_id, default_severity, page_from, resolves_with_alerts, created_at,
            remind_after_seconds)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(service.id)
        .bind(&service.slug)
        .bind(&service.name)
        .bind(service.team_id)
        .bind(service.policy_id)
        .bind(service.default_severity)
        .bind(service.page_from)
        .bind(service.resolves_with_alerts)
        .bind(service.created_at)
        .bind(service.remind_after_seconds)
        .run(tx)
        .await?;
    audit::made(tx, Subject::Service(service.id)).await?;
    Ok(service)
}

/// Changes a service. Its address stays as it is.
///
/// # Errors
/// [`Refused`]
pub async fn change(tx: &mut Tx, id: ServiceId, draft: &Draft) -> Result<()> {
    let service = super::find_service(tx, id).await?;
    tx.authorize(Permission::ChangeTeam(service.team_id)).await?;
    let before = audit::before(tx, Subject::Service(id)).await?;
    let name = checked_name(&draft.name)?;
    name_is_free(&super::services(tx).await?, &name, Some(id))?;
    policy_is_ours(tx, service.team_id, draft.policy).await?;
    may_remind_after(draft.remind_after_seconds)?;
    if draft.policy.is_none() {
        has_no_rules(tx, id).await?;
    }
    sql("UPDATE services SET name = $2, policy_id = $3, default_severity = $4, page_from = $5, resolves_with_alerts = $6,
            remind_after_seconds = $7
         WHERE id = $1")
        .bind(id)
        .bind(name)
        .bind(draft.policy)
        .bind(draft.default_severity)
        .bind(draft.page_from)
        .bind(draft.resolves_with_alerts)
        .bind(draft.remind_after_seconds)
        .run(tx)
        .await?;
    tx.sources_changed();
    before.told(tx).await
}

/// Rules go before a policy; without one, what no rule is for would page nobody.
async fn has_no_rules(tx: &mut Tx, service: ServiceId) -> Result<()> {
    let rules: bool = sql("SELECT EXISTS (SELECT 1 FROM routing_rules WHERE service_id = $1)")
        .bind(service)
        .scalar(tx)
        .await?;
    if rules {
        Err(Refused::RulesRemain.into())
    } else {
        Ok(())
    }
}

async fn policy_is_ours(tx: &mut Tx, team: TeamId, policy: Option<PolicyId>) -> Result<()> {
    let Some(policy) = policy else {
        return Ok(());
    };
    let ours: bool = sql("SELECT EXISTS (SELECT 1 FROM escalation_policies WHERE id = $1 AND team_id = $2)")
        .bind(policy)
        .bind(team)
        .scalar(tx)
        .await?;
    if ours {
        Ok(())
    } else {
        Err(Refused::PolicyOfOtherTeam.into())
    }
}

fn may_remind_after(seconds: i64) -> Result<()> {
    match (0..=A_WEEK).contains(&seconds) {
        true => Ok(()),
        false => Err(Refused::RemindAfter.into()),
    }
}

fn name_is_free(services: &[Service], name: &str, except: Option<ServiceId>) -> Result<()> {
    let name = name.to_lowercase();
    match services
        .iter()
        .find(|service| Some(service.id) != except && service.name.to_lowercase() == name)
    {
        Some(service) => Err(Refused::NameTaken(service.name.clone()).into()),
        None => Ok(()),
    }
}
