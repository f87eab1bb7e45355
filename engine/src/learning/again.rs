//! Which action items answer a factor that came back since: for their own pages and for the cards of a board.

use super::came_back::Said;
use super::look::{Look, Naming, Which};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::action_items::{ActionItem, ActionState};
use domain::ids::{ActionItemId, FactorId, IncidentId, ServiceId, TeamId};
use domain::learning::{Finding, Verdict};
use std::collections::BTreeMap;

/// A later incident whose document names the factor that an action item answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameBackLater {
    /// INC-…
    pub number: i64,
    pub title: String,
    /// What it says of this action item.
    pub finding: Finding,
    /// `None`: nobody has looked at it yet.
    pub said: Option<Said>,
}

/// Later incidents at the same service in which the factor of an action item came back, the latest first.
pub async fn after_item(tx: &mut Tx, item: &ActionItem) -> Result<Vec<CameBackLater>> {
    let Some(named) = item.named_factor_id else {
        return Ok(Vec::new());
    };
    let factor: FactorId = sql(
        "SELECT COALESCE(o.merged_into, o.id) FROM postmortem_factors n JOIN factors o ON o.id = n.factor_id WHERE n.id = $1",
    )
    .bind(named)
    .scalar(tx)
    .await?;
    let look = Look::load_heard(tx, Which::Factor(factor)).await?;
    let mut later: Vec<CameBackLater> = look
        .namings
        .iter()
        .filter(|naming| naming.incident != item.incident_id && !naming.is_drill)
        .filter_map(|naming| {
            let findings = look.findings(naming, 0);
            let finding = finding_for(item, naming, &look, findings)?;
            Some(CameBackLater {
                number: naming.met.number,
                title: naming.title.clone(),
                finding,
                said: naming.said.clone(),
            })
        })
        .collect();
    later.sort_by_key(|later| std::cmp::Reverse(later.number));
    Ok(later)
}

/// What looking back from a naming says of an action item; where several answer the factor and it names another one, that.
fn finding_for(
    item: &ActionItem,
    naming: &Naming,
    look: &Look,
    mut findings: Vec<Finding>,
) -> Option<Finding> {
    if let Some(place) = findings.iter().position(|one| one.item() == Some(item.number)) {
        return Some(findings.swap_remove(place));
    }
    let is_after = item.created_at < naming.met.began_at;
    let is_here = look
        .earlier_here(naming)
        .any(|other| other.incident == item.incident_id);
    if item.state == ActionState::Declined || naming.is_another() || !is_after || !is_here {
        return None;
    }
    findings.into_iter().find(Finding::is_same_service)
}

#[derive(sqlx::FromRow)]
struct Promise {
    id: ActionItemId,
    incident_id: IncidentId,
    created_at: DateTime<Utc>,
    factor: FactorId,
    service_id: ServiceId,
}

#[derive(sqlx::FromRow)]
struct Met {
    incident_id: IncidentId,
    number: i64,
    began_at: DateTime<Utc>,
    factor: FactorId,
    service_id: ServiceId,
}

/// What incidents were about when they were resolved, and what those are about that never were.
const KEPT: &str = "resolved_services l";
const AS_IT_IS: &str = "incident_services l";
const NOT_KEPT: &str =
    " AND NOT EXISTS (SELECT 1 FROM resolved_services r WHERE r.incident_id = l.incident_id)";

macro_rules! promises {
    ($services:expr, $and:expr) => {
        constcat::concat!(
            "SELECT a.id, a.incident_id, a.created_at, COALESCE(o.merged_into, o.id) AS factor, l.service_id
             FROM action_items a CROSS JOIN postmortem_factors n CROSS JOIN factors o CROSS JOIN ",
            $services,
            " WHERE a.team_id = $1 AND a.state <> 'declined' AND n.id = a.named_factor_id AND o.id = n.factor_id
                AND l.incident_id = a.incident_id",
            $and
        )
    };
}

macro_rules! met {
    ($services:expr, $and:expr) => {
        constcat::concat!(
            "SELECT i.id AS incident_id, i.number, COALESCE(i.impact_started_at, i.detected_at, i.opened_at) AS began_at,
                COALESCE(o.merged_into, o.id) AS factor, l.service_id
             FROM (SELECT DISTINCT s.service_id FROM action_items a JOIN incident_services s ON s.incident_id = a.incident_id
                   WHERE a.team_id = $1 AND a.named_factor_id IS NOT NULL
                   UNION SELECT s.service_id FROM action_items a JOIN resolved_services s ON s.incident_id = a.incident_id
                   WHERE a.team_id = $1 AND a.named_factor_id IS NOT NULL) ours
             CROSS JOIN ",
            $services,
            " CROSS JOIN postmortems m CROSS JOIN postmortem_factors n CROSS JOIN factors o CROSS JOIN incidents i
             WHERE l.service_id = ours.service_id AND m.incident_id = l.incident_id AND n.postmortem_id = m.id AND n.removed_at IS NULL
                AND o.id = n.factor_id AND i.id = l.incident_id AND NOT i.is_drill AND {visible i}
                AND NOT EXISTS (SELECT 1 FROM came_back_verdicts v JOIN factors x ON x.id = v.factor_id
                    WHERE v.incident_id = i.id AND COALESCE(x.merged_into, x.id) = COALESCE(o.merged_into, o.id) AND v.verdict = $2)",
            $and
        )
    };
}

/// Of the action items of a team that are not declined: the last incident in which what they answer came back. Goes from the services
/// of the board, not through all that was ever named.
pub async fn after_items_of(tx: &mut Tx, team: TeamId) -> Result<BTreeMap<ActionItemId, i64>> {
    let mut promises: Vec<Promise> = sql(promises!(KEPT, "")).bind(team).all(tx).await?;
    promises.extend(
        sql(promises!(AS_IT_IS, NOT_KEPT))
            .bind(team)
            .all::<Promise>(tx)
            .await?,
    );
    if promises.is_empty() {
        return Ok(BTreeMap::new());
    }
    let of_team = |text| sql(text).bind(team).bind(Verdict::NotTheSame);
    let mut met: Vec<Met> = of_team(met!(KEPT, "")).all(tx).await?;
    met.extend(of_team(met!(AS_IT_IS, NOT_KEPT)).all::<Met>(tx).await?);
    let mut at: BTreeMap<(FactorId, ServiceId), Vec<&Met>> = BTreeMap::new();
    for one in &met {
        at.entry((one.factor, one.service_id)).or_default().push(one);
    }
    let mut last: BTreeMap<ActionItemId, i64> = BTreeMap::new();
    for promise in &promises {
        let there = at.get(&(promise.factor, promise.service_id));
        let later = there
            .into_iter()
            .flatten()
            .filter(|met| met.incident_id != promise.incident_id && met.began_at > promise.created_at);
        if let Some(number) = later.map(|met| met.number).max() {
            let known = last.entry(promise.id).or_insert(number);
            *known = number.max(*known);
        }
    }
    Ok(last)
}
