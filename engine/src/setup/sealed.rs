//! All that is kept sealed: secrets that sources sign with, addresses of calendars. Whether it opens, and under which key.

use crate::error::Result;
use crate::secrets::{Keys, NoKey};
use crate::teams::signing;
use crate::{Engine, Tx, calendars, transaction};

/// How many secrets are kept, and how many of them open under no key that is here.
pub async fn readable(tx: &mut Tx) -> Result<(usize, usize)> {
    let (secrets, lost) = signing::readable(tx).await?;
    let (addresses, lost_too) = calendars::readable(tx).await?;
    Ok((secrets + addresses, lost + lost_too))
}

/// Changes the key for a new one, and seals all under it. Whatever stops it half way, everything opens as before, and it can be
/// begun again. With keys that were given, the first of them is the new one.
///
/// # Errors
/// [`NoKey`]
pub async fn change_key(engine: &Engine) -> Result<usize> {
    let context = &engine.context;
    if let Keys::None = context.keys {
        return Err(NoKey::NotSet.into());
    }
    context.keys.put_new_first(context)?;
    let sealed = transaction!(engine, |tx| {
        signing::seal_anew(tx).await? + calendars::seal_anew(tx).await?
    })?;
    context.keys.keep_first_only()?;
    Ok(sealed)
}
