//! Addresses of calendars, sealed: whoever has such an address reads the calendar.

use crate::db::sql;
use crate::error::Result;
use crate::secrets::NoKey;
use crate::{Context, Tx};
use domain::ids::CalendarId;
use url::Url;

pub(super) fn seal(context: &Context, id: CalendarId, address: &Url) -> Result<Vec<u8>, NoKey> {
    context
        .keys
        .seal(context, address.as_str().as_bytes(), id.0.as_bytes())
}

/// The address in the clear.
///
/// # Errors
/// [`NoKey`]
pub(super) fn opened(context: &Context, id: CalendarId, sealed: &[u8]) -> Result<Url, NoKey> {
    let address = context.keys.open(sealed, id.0.as_bytes())?;
    let address = String::from_utf8(address)
        .ok()
        .and_then(|address| address.parse().ok());
    address.ok_or(NoKey::OtherKey)
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
        let address = opened(&tx.context, *id, sealed)?;
        let sealed = seal(&tx.context, *id, &address)?;
        sql("UPDATE read_calendars SET address = $2 WHERE id = $1")
            .bind(*id)
            .bind(sealed)
            .run(tx)
            .await?;
    }
    Ok(all.len())
}

async fn all(tx: &mut Tx) -> Result<Vec<(CalendarId, Vec<u8>)>> {
    sql("SELECT id, address FROM read_calendars WHERE address IS NOT NULL ORDER BY id")
        .all(tx)
        .await
}
