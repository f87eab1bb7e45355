//! What a source signs with, beside the secret that opens its integration: sealed, since it is needed in the clear to check.

use super::Refused;
use super::integrations::{authorize, find};
use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::Result;
use crate::secrets::NoKey;
use crate::{Context, Tx};
use domain::ids::IntegrationId;

/// The longest that is kept.
const LONGEST: usize = 256;

/// From now on its requests have to be signed with this secret; `None`: they need not be signed any more.
///
/// # Errors
/// [`Refused`], [`NoKey`]
pub async fn set(tx: &mut Tx, id: IntegrationId, secret: Option<&str>) -> Result<()> {
    let integration = find(tx, id).await?;
    authorize(tx, integration.service_id).await?;
    let before = audit::before(tx, Subject::Integration(id)).await?;
    let sealed = match secret.map(str::trim) {
        None => None,
        Some(_) if integration.revoked_at.is_some() => return Err(Refused::Revoked.into()),
        Some(_) if integration.kind.source().signature.is_none() => return Err(Refused::SignsNothing.into()),
        Some("") => return Err(Refused::NoSigningSecret.into()),
        Some(secret) if secret.chars().count() > LONGEST => return Err(Refused::SigningSecretTooLong.into()),
        Some(secret) => Some(tx.context.keys.seal(&tx.context, secret.as_bytes(), name(&id))?),
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

/// How many are kept, and how many of them open under no key that is here.
pub async fn readable(tx: &mut Tx) -> Result<(usize, usize)> {
    let all = all(tx).await?;
    let lost = all
        .iter()
        .filter(|(id, sealed)| opened(&tx.context, *id, sealed).is_err());
    Ok((all.len(), lost.count()))
}

/// Seals each anew under the first key; answers how many there are.
///
/// # Errors
/// [`NoKey`], when one of them cannot be opened
pub async fn seal_anew(tx: &mut Tx) -> Result<usize> {
    let all = all(tx).await?;
    for (id, sealed) in &all {
        let secret = opened(&tx.context, *id, sealed)?;
        let sealed = tx.context.keys.seal(&tx.context, &secret, name(id))?;
        sql("UPDATE integrations SET signing_secret = $2 WHERE id = $1")
            .bind(*id)
            .bind(sealed)
            .run(tx)
            .await?;
    }
    tx.sources_changed();
    Ok(all.len())
}

async fn all(tx: &mut Tx) -> Result<Vec<(IntegrationId, Vec<u8>)>> {
    sql("SELECT id, signing_secret FROM integrations WHERE signing_secret IS NOT NULL ORDER BY id")
        .all(tx)
        .await
}

/// What is sealed for one integration opens for no other.
fn name(id: &IntegrationId) -> &[u8] {
    id.0.as_bytes()
}
