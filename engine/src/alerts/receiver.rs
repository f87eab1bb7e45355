//! Which integration a secret belongs to.

use crate::db::sql;
use crate::error::Result;
use crate::{Engine, Tx, secrets};
use chrono::{DateTime, TimeDelta, Utc};
use domain::Severity;
use domain::ids::{IntegrationId, ServiceId, TeamId};
use domain::teams::IntegrationKind;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// An integration with what handling its alerts needs.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Receiver {
    pub integration_id: IntegrationId,
    pub kind: IntegrationKind,
    pub name: String,
    pub service_id: ServiceId,
    pub service_slug: String,
    pub service_name: String,
    pub team_id: TeamId,
    pub default_severity: Severity,
    pub page_from: Severity,
    pub resolves_with_alerts: bool,
}

/// Finds the integration of this kind that the secret opens; `None` for unknown, revoked and expired ones alike. The look-up is
/// by the secret's hash, so its time tells nothing about the secret.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn receiver(tx: &mut Tx, kind: IntegrationKind, secret: &str) -> Result<Option<Receiver>> {
    find(tx, kind, &secrets::hash(secret)).await
}

/// [`receiver`], from memory where it was looked up within the last second: a source that sends a thousand alerts is looked up
/// once. What is changed on this node is forgotten at once; what another node changed counts here a second later.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn known_receiver(
    engine: &Engine,
    kind: IntegrationKind,
    secret: &str,
) -> Result<Option<Receiver>> {
    let hash = secrets::hash(secret);
    let age = Age::of(engine);
    if let Some(receiver) = engine.receivers.get(kind, &hash, age) {
        return Ok(Some(receiver));
    }
    let mut tx = engine.read().await?;
    let found = find(&mut tx, kind, &hash).await?;
    if let Some(receiver) = &found {
        engine.receivers.put(hash, receiver.clone(), age);
    }
    Ok(found)
}

async fn find(tx: &mut Tx, kind: IntegrationKind, hash: &[u8]) -> Result<Option<Receiver>> {
    let now = tx.now();
    sql("SELECT i.id AS integration_id, i.kind, i.name, s.id AS service_id, s.slug AS service_slug, s.name AS service_name,
            s.team_id, s.default_severity, s.page_from, s.resolves_with_alerts
         FROM integration_secrets k JOIN integrations i ON i.id = k.integration_id JOIN services s ON s.id = i.service_id
         WHERE k.secret_hash = $1 AND i.kind = $2 AND i.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $3)")
        .bind(hash)
        .bind(kind)
        .bind(now)
        .maybe(tx)
        .await
}

/// Receivers that were looked up a moment ago, by the hash of their secret.
#[derive(Debug, Default)]
pub struct Receivers {
    known: Mutex<HashMap<Vec<u8>, (Receiver, Age)>>,
}

/// When it was looked up: by the clock that nobody sets, and by the one that ends secrets.
#[derive(Clone, Copy, Debug)]
struct Age {
    running_for: Duration,
    now: DateTime<Utc>,
}

impl Age {
    fn of(engine: &Engine) -> Self {
        Self {
            running_for: engine.context.running_for(),
            now: engine.context.now(),
        }
    }

    fn is_within_a_second(self, later: Self) -> bool {
        later.running_for.saturating_sub(self.running_for) < Duration::from_secs(1)
            && (later.now - self.now).abs() < TimeDelta::seconds(1)
    }
}

impl Receivers {
    fn get(&self, kind: IntegrationKind, hash: &[u8], at: Age) -> Option<Receiver> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (receiver, age) = known.get(hash)?;
        (receiver.kind == kind && age.is_within_a_second(at)).then(|| receiver.clone())
    }

    fn put(&self, hash: Vec<u8>, receiver: Receiver, age: Age) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(hash, (receiver, age));
    }

    /// A service or an integration has changed.
    pub(crate) fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
