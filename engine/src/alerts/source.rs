//! Which integration a secret belongs to.

use crate::db::sql;
use crate::error::Result;
use crate::secrets::NoKey;
use crate::teams::signing;
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
pub struct Source {
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
    pub remind_after_seconds: i64,
    /// Sealed, where its requests have to be signed.
    pub signing_secret: Option<Vec<u8>>,
}

impl Source {
    /// What its requests have to be signed with, in the clear.
    ///
    /// # Errors
    /// [`NoKey`]
    pub fn signs_with(&self, engine: &Engine) -> Result<Option<Vec<u8>>, NoKey> {
        let sealed = self.signing_secret.as_deref();
        sealed
            .map(|sealed| signing::opened(&engine.context, self.integration_id, sealed))
            .transpose()
    }
}

/// What a secret is to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    Opens(Source),
    /// It opened an integration once, and its time after the replacement is over.
    Replaced(Former),
}

/// A secret that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    pub from: Source,
    /// Its last characters.
    pub hint: String,
    /// Until when it worked.
    pub ended_at: DateTime<Utc>,
    /// When it was used before; to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl std::fmt::Display for Former {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = |at: DateTime<Utc>| at.format("%-d %B %Y, %H:%M UTC");
        write!(
            f,
            "It came with the secret that ends in {} and was replaced; that one worked until {}",
            self.hint,
            at(self.ended_at)
        )?;
        if let Some(last) = self.last_used_at {
            write!(f, " and was last used on {}", at(last))?;
        }
        f.write_str(". Give its sender the new one.")
    }
}

#[derive(sqlx::FromRow)]
struct Found {
    #[sqlx(flatten)]
    source: Source,
    hint: String,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    is_revoked: bool,
}

/// Finds the integration of this kind that the secret opens; `None` for unknown, revoked and expired ones alike. The look-up is
/// by the secret's hash, so its time tells nothing about the secret.
pub async fn source(tx: &mut Tx, kind: IntegrationKind, secret: &str) -> Result<Option<Source>> {
    let now = tx.now();
    let found = find(tx, kind, &secrets::hash(secret)).await?;
    Ok(found.and_then(|found| match found.known(now) {
        Some(Known::Opens(source)) => Some(source),
        _ => None,
    }))
}

/// What a secret is, from memory where it was looked up within the last second: a source that sends a thousand alerts is looked up
/// once. What is changed on this node is forgotten at once; what another node changed counts here a second later. `None` for
/// unknown and revoked ones.
pub async fn known_secret(engine: &Engine, kind: IntegrationKind, secret: &str) -> Result<Option<Known>> {
    let hash = secrets::hash(secret);
    let age = Age::of(engine);
    if let Some(source) = engine.sources.get(kind, &hash, age) {
        return Ok(Some(Known::Opens(source)));
    }
    let mut tx = engine.read().await?;
    let Some(found) = find(&mut tx, kind, &hash).await? else {
        return Ok(None);
    };
    if is_news(found.last_used_at, age.now) {
        tokio::spawn(note_use(engine.clone(), hash.clone(), age.now));
    }
    let known = found.known(age.now);
    if let Some(Known::Opens(source)) = &known {
        engine.sources.put(hash, source.clone(), age);
    }
    Ok(known)
}

impl Found {
    fn known(self, now: DateTime<Utc>) -> Option<Known> {
        if self.is_revoked {
            return None;
        }
        Some(match self.expires_at {
            Some(ended_at) if ended_at <= now => Known::Replaced(Former {
                from: self.source,
                hint: self.hint,
                ended_at,
                last_used_at: self.last_used_at,
            }),
            _ => Known::Opens(self.source),
        })
    }
}

async fn find(tx: &mut Tx, kind: IntegrationKind, hash: &[u8]) -> Result<Option<Found>> {
    sql("SELECT i.id AS integration_id, i.kind, i.name, s.id AS service_id, s.slug AS service_slug, s.name AS service_name,
            s.team_id, s.default_severity, s.page_from, s.resolves_with_alerts, s.remind_after_seconds, i.signing_secret, k.hint, k.expires_at, k.last_used_at,
            i.revoked_at IS NOT NULL AS is_revoked
         FROM integration_secrets k JOIN integrations i ON i.id = k.integration_id JOIN services s ON s.id = i.service_id
         WHERE k.secret_hash = $1 AND i.kind = $2")
        .bind(hash)
        .bind(kind)
        .maybe(tx)
        .await
}

/// The use of a secret is written down once a minute.
fn is_news(last_used_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    last_used_at.is_none_or(|last| (now - last).abs() >= TimeDelta::minutes(1))
}

/// Nobody waits for it.
async fn note_use(engine: Engine, hash: Vec<u8>, at: DateTime<Utc>) {
    let written: Result<u64> = crate::transaction!(engine, |tx| {
        sql("UPDATE integration_secrets SET last_used_at = $2 WHERE secret_hash = $1 AND (last_used_at IS NULL OR last_used_at <> $2)")
            .bind(hash.as_slice())
            .bind(at)
            .run(tx)
            .await?
    });
    if let Err(error) = written {
        tracing::warn!(%error, "the use of a secret could not be written down");
    }
}

/// KnownSources that were looked up a moment ago, by the hash of their secret.
#[derive(Debug, Default)]
pub struct KnownSources {
    known: Mutex<HashMap<Vec<u8>, (Source, Age)>>,
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

impl KnownSources {
    fn get(&self, kind: IntegrationKind, hash: &[u8], at: Age) -> Option<Source> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (source, age) = known.get(hash)?;
        (source.kind == kind && age.is_within_a_second(at)).then(|| source.clone())
    }

    fn put(&self, hash: Vec<u8>, source: Source, age: Age) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(hash, (source, age));
    }

    /// A service or an integration has changed.
    pub(crate) fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
