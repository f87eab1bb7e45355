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

/// Keeps that requests were refused and why; oldest first. The first is told to the team, once a day.
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

/// An integration whose requests were refused within the last day.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct RefusedLately {
    pub integration: String,
    pub service: String,
    pub service_slug: String,
    /// The last of them.
    pub at: DateTime<Utc>,
    pub reason: String,
}

/// Integrations whose source has to be mended, the latest refusal first, at most twenty.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn refused_lately(tx: &mut Tx) -> Result<Vec<RefusedLately>> {
    let since = tx.now() - TimeDelta::days(1);
    sql("SELECT i.name AS integration, s.name AS service, s.slug AS service_slug, r.at, r.reason
         FROM refusals r JOIN integrations i ON i.id = r.integration_id JOIN services s ON s.id = i.service_id
         WHERE r.at > $1 AND i.revoked_at IS NULL AND r.id = (
             SELECT id FROM refusals last WHERE last.integration_id = r.integration_id AND last.at > $1
                AND last.status < 500 AND last.status NOT IN (408, 429) ORDER BY last.at DESC, last.id DESC LIMIT 1)
         ORDER BY r.at DESC LIMIT 20")
        .bind(since)
        .all(tx)
        .await
}
