//! What says now and then that it lives. That it fell silent is told to nobody yet; one can see when it was last heard.

use super::Source;
use crate::Tx;
use crate::db::sql;
use crate::error::Result;

/// Names kept of one integration, those heard last.
const KEPT: i64 = 100;

/// Writes down that it was heard now.
pub(super) async fn heard(tx: &mut Tx, from: &Source, name: &str) -> Result<()> {
    let now = tx.now();
    sql(
        "INSERT INTO heartbeats (integration_id, name, last_heard_at) VALUES ($1, $2, $3)
         ON CONFLICT (integration_id, name) DO UPDATE SET last_heard_at = excluded.last_heard_at",
    )
    .bind(from.integration_id)
    .bind(name)
    .bind(now)
    .run(tx)
    .await?;
    sql("DELETE FROM heartbeats WHERE integration_id = $1 AND name NOT IN (
             SELECT name FROM heartbeats WHERE integration_id = $1 ORDER BY last_heard_at DESC, name LIMIT $2)")
    .bind(from.integration_id)
    .bind(KEPT)
    .run(tx)
    .await
    .map(drop)
}
