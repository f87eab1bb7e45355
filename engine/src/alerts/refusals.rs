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
const KEPT: i64 = 20;
/// So many within an hour are told to the team, once a day.
const TELL_FROM: i64 = 5;

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Refusal {
    pub at: DateTime<Utc>,
    /// The HTTP status it got.
    pub status: i64,
    pub reason: String,
}

/// Keeps that a request was refused and why.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn note_refusal(tx: &mut Tx, from: &Receiver, status: u16, reason: &str) -> Result<()> {
    let now = tx.now();
    let id: Uuid = tx.context.new_id();
    sql("INSERT INTO refusals (id, integration_id, at, status, reason) VALUES ($1, $2, $3, $4, $5)")
        .bind(crate::db::Arg::Id(Some(id)))
        .bind(from.integration_id)
        .bind(now)
        .bind(i64::from(status))
        .bind(reason)
        .run(tx)
        .await?;
    sql("DELETE FROM refusals WHERE integration_id = $1 AND id NOT IN (
             SELECT id FROM refusals WHERE integration_id = $1 ORDER BY at DESC, id DESC LIMIT $2)")
    .bind(from.integration_id)
    .bind(KEPT)
    .run(tx)
    .await?;
    let lately: i64 = sql("SELECT COUNT(*) FROM refusals WHERE integration_id = $1 AND at > $2")
        .bind(from.integration_id)
        .bind(now - TimeDelta::hours(1))
        .scalar(tx)
        .await?;
    if lately >= TELL_FROM {
        notices::refusals(
            tx,
            from.team_id,
            from.integration_id,
            &from.name,
            &from.service_slug,
            reason,
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
    sql("SELECT at, status, reason FROM refusals WHERE integration_id = $1 ORDER BY at DESC")
        .bind(integration)
        .all(tx)
        .await
}
