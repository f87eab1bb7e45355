//! Requests that were refused after their secret was recognised: most sources drop what gets a 4xx and tell nobody.

use super::Receiver;
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::mail::notices;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::IntegrationId;
use uuid::Uuid;

/// Refusals kept for each integration.
pub(super) const KEPT: usize = 20;
/// So many within an hour are told to the team, once a day.
const TELL_FROM: usize = 5;

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Refusal {
    pub at: DateTime<Utc>,
    /// The HTTP status it got.
    pub status: i64,
    pub reason: String,
}

impl Refusal {
    /// Whether the source has to be mended; else it comes again by itself.
    const fn is_for_good(&self) -> bool {
        !matches!(self.status, 408 | 429 | 500..)
    }
}

/// Keeps that requests were refused and why; oldest first.
pub(super) async fn write(tx: &mut Tx, from: &Receiver, refusals: &[Refusal]) -> Result<()> {
    for refusal in refusals {
        let id: Uuid = tx.context.new_id();
        sql("INSERT INTO refusals (id, integration_id, at, status, reason) VALUES ($1, $2, $3, $4, $5)")
            .bind(crate::db::Arg::Id(Some(id)))
            .bind(from.integration_id)
            .bind(refusal.at)
            .bind(refusal.status)
            .bind(&refusal.reason)
            .later(tx)
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
    let kept = self::refusals(tx, from.integration_id).await?;
    let since = tx.now() - TimeDelta::hours(1);
    let lately = kept
        .iter()
        .filter(|kept| kept.is_for_good() && kept.at > since)
        .count();
    if lately >= TELL_FROM {
        notices::refusals(
            tx,
            from.team_id,
            from.integration_id,
            &from.name,
            &from.service_slug,
            &last.reason,
        )
        .await?;
    }
    Ok(())
}

/// The last refused requests of an integration, newest first.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn refusals(tx: &mut Tx, integration: IntegrationId) -> Result<Vec<Refusal>> {
    sql("SELECT at, status, reason FROM refusals WHERE integration_id = $1 ORDER BY at DESC, id DESC")
        .bind(integration)
        .all(tx)
        .await
}
