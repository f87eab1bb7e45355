//! All that is kept sealed: secrets that sources sign with, addresses of calendars. Whether it opens, and under which key.

use crate::db::{Arg, sql};
use crate::error::Result;
use crate::secrets::{Keys, NoKey};
use crate::{Engine, Tx, transaction};
use uuid::Uuid;

/// Where something is kept sealed, in the name of its row's id.
struct Sealed {
    all: &'static str,
    put: &'static str,
}

const SEALED: [Sealed; 2] = [
    Sealed {
        all: "SELECT id, signing_secret FROM integrations WHERE signing_secret IS NOT NULL ORDER BY id",
        put: "UPDATE integrations SET signing_secret = $2 WHERE id = $1",
    },
    Sealed {
        all: "SELECT id, address FROM read_calendars WHERE address IS NOT NULL ORDER BY id",
        put: "UPDATE read_calendars SET address = $2 WHERE id = $1",
    },
];

impl Sealed {
    async fn all(&self, tx: &mut Tx) -> Result<Vec<(Uuid, Vec<u8>)>> {
        sql(self.all).all(tx).await
    }
}

/// How many secrets are kept, and how many of them open under no key that is here.
pub async fn readable(tx: &mut Tx) -> Result<(usize, usize)> {
    let (mut all, mut lost) = (0, 0);
    for sealed in SEALED {
        for (id, secret) in sealed.all(tx).await? {
            all += 1;
            lost += usize::from(tx.context.keys.open(&secret, id.as_bytes()).is_err());
        }
    }
    Ok((all, lost))
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
    let sealed = transaction!(engine, |tx| seal_anew(tx).await?)?;
    context.keys.keep_first_only()?;
    Ok(sealed)
}

/// Seals each under the first key; answers how many there are.
async fn seal_anew(tx: &mut Tx) -> Result<usize> {
    let mut all = 0;
    for sealed in SEALED {
        for (id, secret) in sealed.all(tx).await? {
            let secret = tx.context.keys.open(&secret, id.as_bytes())?;
            let anew = tx.context.keys.seal(&tx.context, &secret, id.as_bytes())?;
            sql(sealed.put).bind(Arg::Id(Some(id))).bind(anew).run(tx).await?;
            all += 1;
        }
    }
    tx.sources_changed();
    Ok(all)
}
