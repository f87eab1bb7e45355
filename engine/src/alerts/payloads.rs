//! What came in, exactly as it came, for whoever mends a source.

use super::Source;
use crate::Tx;
use crate::db::{Arg, sql};
use crate::error::Result;
use crate::teams::integrations;
use chrono::{DateTime, Utc};
use domain::ids::IntegrationId;
use uuid::Uuid;

/// Requests on one page of the list.
pub const PAGE: i64 = 50;

/// A request that was taken, without its body.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Request {
    pub id: Uuid,
    pub received_at: DateTime<Utc>,
    pub bytes: i64,
    /// Method and address, where they say something of what it tells.
    pub address: Option<String>,
    /// The fault of ours that a bare incident was opened for.
    pub fault: Option<String>,
}

/// Requests of an integration that are still kept, newest first, from those before `before` on; up to [`PAGE`].
pub async fn requests(tx: &mut Tx, integration: IntegrationId, before: Option<Uuid>) -> Result<Vec<Request>> {
    authorize(tx, integration).await?;
    let before = before.unwrap_or(Uuid::max());
    sql(
        "SELECT id, received_at, CAST(LENGTH(body) AS BIGINT) AS bytes, address, fault FROM payloads
         WHERE integration_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
    )
    .bind(integration)
    .bind(Arg::Id(Some(before)))
    .bind(PAGE)
    .all(tx)
    .await
}

/// One of them, with its body.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn request(tx: &mut Tx, integration: IntegrationId, id: Uuid) -> Result<(Request, Vec<u8>)> {
    authorize(tx, integration).await?;
    let request: Request = sql(
        "SELECT id, received_at, CAST(LENGTH(body) AS BIGINT) AS bytes, address, fault FROM payloads
         WHERE integration_id = $1 AND id = $2",
    )
    .bind(integration)
    .bind(Arg::Id(Some(id)))
    .one(tx, "request")
    .await?;
    let (body,): (Vec<u8>,) = sql("SELECT body FROM payloads WHERE id = $1")
        .bind(Arg::Id(Some(id)))
        .one(tx, "request")
        .await?;
    Ok((request, body))
}

/// A request that its own source asks after.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Kept {
    pub received_at: DateTime<Utc>,
    pub address: Option<String>,
    pub body: Vec<u8>,
}

/// What a source sent before, while it is kept.
pub async fn kept(tx: &mut Tx, from: &Source, id: Uuid) -> Result<Option<Kept>> {
    sql("SELECT received_at, address, body FROM payloads WHERE integration_id = $1 AND id = $2")
        .bind(from.integration_id)
        .bind(Arg::Id(Some(id)))
        .maybe(tx)
        .await
}

async fn authorize(tx: &mut Tx, id: IntegrationId) -> Result<()> {
    let integration = integrations::find(tx, id).await?;
    integrations::authorize(tx, integration.service_id).await
}
