//! What a source signs with, beside the secret that opens its integration: sealed, since it is needed in the clear to check.

use super::Refused;
use super::integrations::{authorize, find};
use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::Result;
use crate::secrets::NoKey;
use crate::{Context, Tx};
use domain::fields;
use domain::ids::IntegrationId;

/// From now on its requests have to be signed with this secret; `None`: they need not be signed any more.
///
/// # Errors
/// [`Refused`], [`NoKey`], [`domain::fields::Unfit`]
pub async fn set(tx: &mut Tx, id: IntegrationId, secret: Option<&str>) -> Result<()> {
    let integration = find(tx, id).await?;
    authorize(tx, integration.service_id).await?;
    let before = audit::before(tx, Subject::Integration(id)).await?;
    let sealed = match secret.map(str::trim) {
        None => None,
        Some(_) if integration.revoked_at.is_some() => return Err(Refused::Revoked.into()),
        Some(_) if integration.kind.source().signature.is_none() => return Err(Refused::SignsNothing.into()),
        Some(secret) => {
            let secret = fields::SIGNING_SECRET.read(secret)?;
            Some(tx.context.keys.seal(&tx.context, secret.as_bytes(), name(&id))?)
        }
    };
    sql("UPDATE integrations SET signing_secret = $2 WHERE id = $1")
        .bind(id)
        .bind(sealed)
        .run(tx)
        .await?;
    tx.sources_changed();
    before.told(tx).await
}

/// The secret in the clear.
///
/// # Errors
/// [`NoKey`]
pub(crate) fn opened(context: &Context, id: IntegrationId, sealed: &[u8]) -> Result<Vec<u8>, NoKey> {
    context.keys.open(sealed, name(&id))
}

/// What is sealed for one integration opens for no other.
fn name(id: &IntegrationId) -> &[u8] {
    id.0.as_bytes()
}
