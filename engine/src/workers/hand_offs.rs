//! Tells whoever comes on call, each minute.

use crate::error::{Result, caught};
use crate::{Engine, hand_offs, transaction};

/// Says how many mails that made.
pub async fn run(engine: &Engine) -> Result<usize> {
    let telling = async { transaction!(engine, |tx| hand_offs::tell(tx).await?) };
    match caught(telling).await? {
        Ok(told) => Ok(told),
        // Whoever is on call is paged all the same.
        Err(fault) => {
            tracing::error!(%fault, "whoever comes on call could not be told; it is tried again");
            Ok(0)
        }
    }
}
