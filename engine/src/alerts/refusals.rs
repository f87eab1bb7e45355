//! Keeping requests that were refused after their secret was recognised, and telling their team.

use super::Source;
use crate::Tx;
use crate::db::{Arg, sql};
use crate::error::Result;
use crate::messages::notices;
use crate::teams::refusals::{KEPT, Refusal};
use uuid::Uuid;

/// Keeps that requests were refused and why; oldest first. The first is told to the team, once a day.
pub(super) async fn write(tx: &mut Tx, from: &Source, refusals: &[Refusal]) -> Result<()> {
    for refusal in refusals {
        let id: Uuid = tx.context.new_id();
        sql("INSERT INTO refusals (id, integration_id, at, status, reason) VALUES ($1, $2, $3, $4, $5)")
            .bind(Arg::Id(Some(id)))
            .bind(from.integration_id)
            .bind(refusal.at)
            .bind(refusal.status)
            .bind(&refusal.reason)
            .run(tx)
            .await?;
    }
    sql("DELETE FROM refusals WHERE integration_id = $1 AND id NOT IN (
             SELECT id FROM refusals WHERE integration_id = $1 ORDER BY at DESC, id DESC LIMIT $2)")
    .bind(from.integration_id)
    .bind(KEPT as i64)
    .run(tx)
    .await?;
    let Some(last) = refusals.iter().rfind(|refusal| refusal.is_for_good()) else {
        return Ok(());
    };
    notices::refusals(
        tx,
        from.team_id,
        from.integration_id,
        &from.name,
        &from.service_slug,
        &last.reason,
    )
    .await
}
