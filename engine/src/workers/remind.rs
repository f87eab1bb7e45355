//! Reminds owners of what is overdue.

use crate::action_items::remind;
use crate::error::{Result, caught};
use crate::{Engine, transaction};

/// Says how many people it reminded.
pub async fn run(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let due = remind::due(&mut tx).await?;
    drop(tx);
    let mut reminded = 0;
    for (person, day) in &due {
        let writing = async { transaction!(engine, |tx| remind::mail(tx, *person, *day).await?) };
        match caught(writing).await? {
            Ok(()) => reminded += 1,
            Err(fault) => {
                tracing::error!(%person, %fault, "a reminder could not be written; it is tried again")
            }
        }
    }
    Ok(reminded)
}
