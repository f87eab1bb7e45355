//! What was changed, as machines tell it.

use super::Source;
use crate::Tx;
use crate::db::{Arg, sql};
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::alerts::{ChangeEvent, Link};
use domain::ids::ServiceId;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A change of a service, as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Change {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub summary: String,
    pub source: Option<String>,
    #[sqlx(json)]
    pub details: BTreeMap<String, String>,
    #[sqlx(json)]
    pub links: Vec<Link>,
}

/// Keeps it. One that is sent twice is one.
pub(super) async fn keep(tx: &mut Tx, from: &Source, change: &ChangeEvent) -> Result<()> {
    let id: Uuid = tx.context.new_id();
    let now = tx.now();
    sql("INSERT INTO change_events (id, integration_id, service_id, at, received_at, summary, source, details, links)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE NOT EXISTS (
             SELECT 1 FROM change_events WHERE service_id = $3 AND at = $4 AND integration_id = $2 AND summary = $6)")
    .bind(Arg::Id(Some(id)))
    .bind(from.integration_id)
    .bind(from.service_id)
    .bind(change.at)
    .bind(now)
    .bind(&change.summary)
    .bind(change.source.as_deref())
    .bind(Arg::json(&change.details))
    .bind(Arg::json(&change.links))
    .run(tx)
    .await
    .map(drop)
}

/// The last changes of a service, newest first.
pub async fn of_service(tx: &mut Tx, service: ServiceId, limit: i64) -> Result<Vec<Change>> {
    sql("SELECT id, at, summary, source, details, links FROM change_events
         WHERE service_id = $1 ORDER BY at DESC, id DESC LIMIT $2")
    .bind(service)
    .bind(limit)
    .all(tx)
    .await
}
