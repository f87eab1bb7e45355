//! Integrations and their secrets: handed out once, kept as a hash, replaced with a day's overlap, revoked at once.

use super::refusals::{Refusal, refusals};
use super::{Refused, checked_name};
use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::Result;
use crate::secrets::Secret;
use chrono::{DateTime, TimeDelta, Utc};
use domain::alerts::SecretForm;
use domain::audit::Change;
use domain::ids::{IntegrationId, ServiceId};
use domain::people::Permission;
use domain::teams::{Integration, IntegrationKind};

/// How long a replaced secret still works, so that sources can be changed one after the other.
pub const OVERLAP: TimeDelta = TimeDelta::hours(24);

/// How long a secret is remembered after that, so that who still uses it can be told what it is.
const REMEMBERED: TimeDelta = TimeDelta::days(400);

/// An integration as its service's page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub integration: Integration,
    /// The last characters of the secret that counts.
    pub hint: String,
    /// Replaced secrets that still work: hint and until when.
    pub replaced: Vec<(String, DateTime<Utc>)>,
    /// Secrets that ended and were used since, the last one first.
    pub used_after_their_end: Vec<StillUsed>,
    pub last_received_at: Option<DateTime<Utc>>,
    /// Whether its requests have to be signed.
    pub is_signed: bool,
    /// What says now and then that it lives, by name.
    pub heartbeats: Vec<Heartbeat>,
    pub refusals: Vec<Refusal>,
}

/// When something that says that it lives was last heard.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Heartbeat {
    pub name: String,
    pub last_heard_at: DateTime<Utc>,
}

/// A secret that its sender still has, though it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StillUsed {
    /// Its last characters.
    pub hint: String,
    pub ended_at: DateTime<Utc>,
    /// To the minute.
    pub last_used_at: DateTime<Utc>,
}

/// Makes an integration. The secret is shown once.
///
/// # Errors
/// [`Refused`]
pub async fn create(
    tx: &mut Tx,
    service: ServiceId,
    kind: IntegrationKind,
    name: &str,
) -> Result<(Integration, Secret)> {
    authorize(tx, service).await?;
    let name = if name.trim().is_empty() {
        kind.label()
    } else {
        name
    };
    let integration = Integration {
        id: tx.new_id(),
        service_id: service,
        kind,
        name: checked_name(name)?,
        created_at: tx.now(),
        revoked_at: None,
    };
    sql("INSERT INTO integrations (id, service_id, kind, name, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(integration.id)
        .bind(integration.service_id)
        .bind(integration.kind)
        .bind(&integration.name)
        .bind(integration.created_at)
        .run(tx)
        .await?;
    let secret = add_secret(tx, &integration).await?;
    audit::made(tx, Subject::Integration(integration.id)).await?;
    Ok((integration, secret))
}

/// They are changed, and what came through them is read, by the team whose service it is.
pub(crate) async fn authorize(tx: &mut Tx, service: ServiceId) -> Result<()> {
    let service = super::find_service(tx, service).await?;
    tx.authorize(Permission::ChangeTeam(service.team_id)).await
}

/// Finds an integration.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn find(tx: &mut Tx, id: IntegrationId) -> Result<Integration> {
    sql("SELECT * FROM integrations WHERE id = $1")
        .bind(id)
        .one(tx, "integration")
        .await
}

/// Gives an integration a new secret; the one before works for another day.
///
/// # Errors
/// [`Refused::Revoked`]
pub async fn replace(tx: &mut Tx, id: IntegrationId) -> Result<Secret> {
    let integration = find(tx, id).await?;
    authorize(tx, integration.service_id).await?;
    let before = audit::before(tx, Subject::Integration(id)).await?;
    if integration.revoked_at.is_some() {
        return Err(Refused::Revoked.into());
    }
    let now = tx.now();
    sql("DELETE FROM integration_secrets WHERE integration_id = $1 AND expires_at <= $2")
        .bind(id)
        .bind(now - REMEMBERED)
        .run(tx)
        .await?;
    sql("UPDATE integration_secrets SET expires_at = $2 WHERE integration_id = $1 AND expires_at IS NULL")
        .bind(id)
        .bind(now + OVERLAP)
        .run(tx)
        .await?;
    tx.sources_changed();
    let secret = add_secret(tx, &integration).await?;
    before.told_as(tx, Change::SecretReplaced).await?;
    Ok(secret)
}

/// Takes an integration's secrets back, old ones too, from now on and for good.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn revoke(tx: &mut Tx, id: IntegrationId) -> Result<()> {
    let integration = find(tx, id).await?;
    authorize(tx, integration.service_id).await?;
    let before = audit::before(tx, Subject::Integration(id)).await?;
    sql("UPDATE integrations SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
        .bind(id)
        .bind(tx.now())
        .run(tx)
        .await?;
    tx.sources_changed();
    before.told(tx).await
}

/// The integrations of a service, in the order in which they were made, revoked ones last.
pub async fn of_service(tx: &mut Tx, service: ServiceId) -> Result<Vec<Shown>> {
    let integrations: Vec<Integration> = sql("SELECT * FROM integrations WHERE service_id = $1
         ORDER BY CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, created_at, id")
    .bind(service)
    .all(tx)
    .await?;
    let mut shown = Vec::with_capacity(integrations.len());
    for integration in integrations {
        shown.push(show(tx, integration).await?);
    }
    Ok(shown)
}

#[derive(sqlx::FromRow)]
struct KeptSecret {
    hint: String,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
}

impl KeptSecret {
    fn used_after_its_end(&self, revoked_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<StillUsed> {
        let ended_at = revoked_at.or(self.expires_at.filter(|until| *until <= now))?;
        let last_used_at = self.last_used_at.filter(|last| *last > ended_at)?;
        Some(StillUsed {
            hint: self.hint.clone(),
            ended_at,
            last_used_at,
        })
    }
}

async fn show(tx: &mut Tx, integration: Integration) -> Result<Shown> {
    let now = tx.now();
    let secrets: Vec<KeptSecret> = sql(
        "SELECT hint, expires_at, last_used_at FROM integration_secrets WHERE integration_id = $1 ORDER BY created_at DESC",
    )
    .bind(integration.id)
    .all(tx)
    .await?;
    let last: Option<(DateTime<Utc>,)> =
        sql("SELECT received_at FROM payloads WHERE integration_id = $1 ORDER BY id DESC LIMIT 1")
            .bind(integration.id)
            .maybe(tx)
            .await?;
    let is_signed: bool = sql("SELECT signing_secret IS NOT NULL FROM integrations WHERE id = $1")
        .bind(integration.id)
        .scalar(tx)
        .await?;
    let heartbeats =
        sql("SELECT name, last_heard_at FROM heartbeats WHERE integration_id = $1 ORDER BY name")
            .bind(integration.id)
            .all(tx)
            .await?;
    let hint = secrets
        .iter()
        .find(|secret| secret.expires_at.is_none())
        .map(|secret| secret.hint.clone());
    let still_used = secrets
        .iter()
        .filter_map(|secret| secret.used_after_its_end(integration.revoked_at, now));
    Ok(Shown {
        hint: hint.unwrap_or_default(),
        used_after_their_end: still_used.collect(),
        replaced: secrets
            .into_iter()
            .filter_map(|secret| Some((secret.hint, secret.expires_at.filter(|until| *until > now)?)))
            .collect(),
        last_received_at: last.map(|(at,)| at),
        is_signed,
        heartbeats,
        refusals: refusals(tx, integration.id).await?,
        integration,
    })
}

/// Of the letters that the source's clients take.
async fn add_secret(tx: &mut Tx, integration: &Integration) -> Result<Secret> {
    let secret = match integration.kind.source().secret {
        SecretForm::RoutingKey => Secret::routing_key(&tx.context),
        SecretForm::ApiKey => Secret::api_key(&tx.context),
        SecretForm::Long => Secret::new(&tx.context),
    };
    sql("INSERT INTO integration_secrets (secret_hash, integration_id, hint, created_at) VALUES ($1, $2, $3, $4)")
        .bind(secret.hash())
        .bind(integration.id)
        .bind(secret.hint())
        .bind(tx.now())
        .run(tx)
        .await?;
    Ok(secret)
}
