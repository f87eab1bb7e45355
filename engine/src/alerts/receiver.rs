//! Which integration a secret belongs to.

use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::secrets;
use domain::Severity;
use domain::ids::{IntegrationId, ServiceId, TeamId};
use domain::teams::IntegrationKind;

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
    let now = tx.now();
    sql("SELECT i.id AS integration_id, i.kind, i.name, s.id AS service_id, s.slug AS service_slug, s.name AS service_name,
            s.team_id, s.default_severity, s.page_from, s.resolves_with_alerts
         FROM integration_secrets k JOIN integrations i ON i.id = k.integration_id JOIN services s ON s.id = i.service_id
         WHERE k.secret_hash = $1 AND i.kind = $2 AND i.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $3)")
        .bind(secrets::hash(secret))
        .bind(kind)
        .bind(now)
        .maybe(tx)
        .await
}
