//! Tells whoever comes on call, and teams of turns that nobody takes, each minute.

use crate::error::{Result, caught};
use crate::oncall::untaken;
use crate::{Engine, hand_offs, transaction};

/// Says how many mails that made.
pub async fn run(engine: &Engine) -> Result<usize> {
    let telling = async { transaction!(engine, |tx| hand_offs::tell(tx).await?) };
    let told = match caught(telling).await? {
        Ok(told) => told,
        // Whoever is on call is paged all the same.
        Err(fault) => {
            tracing::error!(%fault, "whoever comes on call could not be told; it is tried again");
            0
        }
    };
    Ok(told + of_untaken(engine).await?)
}

async fn of_untaken(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let due = untaken::due(&mut tx).await?;
    drop(tx);
    let mut told = 0;
    for request in due {
        let telling = async { transaction!(engine, |tx| untaken::tell(tx, request).await?) };
        match caught(telling).await? {
            Ok(people) => told += people,
            Err(fault) => {
                tracing::error!(%request, %fault, "nobody could be told of a turn that nobody takes; it is tried again");
            }
        }
    }
    Ok(told)
}
