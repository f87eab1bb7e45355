//! Requests of an integration that were refused after their secret was recognised: most sources drop what gets a 4xx and tell nobody.

use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::IntegrationId;

/// Refusals kept for each integration.
pub(crate) const KEPT: usize = 20;

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Refusal {
    pub at: DateTime<Utc>,
    /// The HTTP status it got.
    pub status: i64,
    pub reason: String,
}

impl Refusal {
    /// Whether the source has to be mended; else it comes again by itself.
    pub(crate) const fn is_for_good(&self) -> bool {
        !matches!(self.status, 408 | 429 | 500..)
    }
}

/// The last refused requests of an integration, newest first.
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
