//! What helps elsewhere, proposed here: one press, and it lies in this team's triage.

use super::of_incident;
use crate::Tx;
use crate::action_items::{self, Draft};
use crate::db::sql;
use crate::error::{Error, Result};
use crate::incidents;
use domain::ids::{FactorId, IncidentId, NamedFactorId};
use domain::people::Permission;

/// Proposes an action item of another service, which answers a factor that came back here, to the team of this incident. Done twice
/// it is there once.
///
/// # Errors
/// [`Error::NotFound`] where that item does not answer the factor elsewhere.
pub async fn propose_here(tx: &mut Tx, number: i64, factor: FactorId, like: i64) -> Result<i64> {
    tx.authorize(Permission::ActOnIncident).await?;
    let incident = incidents::find(tx, number).await?;
    let incident = incidents::hold(tx, incident.id).await?;
    let came_back = of_incident(tx, incident.id).await?;
    let there = came_back
        .iter()
        .filter(|one| one.factor == factor)
        .flat_map(|one| &one.elsewhere)
        .find(|there| there.number == like)
        .ok_or(Error::NotFound("action item that answers it elsewhere"))?;
    if let Some(here) = there.here {
        return Ok(here);
    }
    let item = action_items::find(tx, like).await?.item;
    let draft = Draft {
        title: item.title,
        owner: None,
        team: incident.team_id,
        kind: item.kind,
        priority: item.priority,
        due_on: None,
        factor: Some(named_here(tx, incident.id, factor).await?),
        proof: item.proof,
    };
    action_items::add(tx, number, &draft).await
}

/// Where the factor stands in the document.
async fn named_here(tx: &mut Tx, incident: IncidentId, factor: FactorId) -> Result<NamedFactorId> {
    let (named,): (NamedFactorId,) = sql(
        "SELECT n.id FROM postmortem_factors n JOIN postmortems m ON m.id = n.postmortem_id JOIN factors f ON f.id = n.factor_id
         WHERE m.incident_id = $1 AND n.removed_at IS NULL AND COALESCE(f.merged_into, f.id) = $2 ORDER BY n.position LIMIT 1",
    )
    .bind(incident)
    .bind(factor)
    .one(tx, "factor")
    .await?;
    Ok(named)
}
