//! Mails turns to those who want them in their calendar, and what becomes of these.

use crate::error::{Result, caught};
use crate::messages::turn_invitations;
use crate::oncall::invitations;
use crate::{Engine, transaction};

/// Says how many mails that made.
pub async fn run(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let due = invitations::due(&mut tx).await?;
    drop(tx);
    let mut told = 0;
    for theirs in &due {
        let telling = async { transaction!(engine, |tx| turn_invitations::mail(tx, theirs).await?) };
        match caught(telling).await? {
            Ok(mails) => told += mails,
            Err(fault) => {
                let person = theirs.person;
                tracing::error!(%person, %fault, "nobody could be mailed their turns; it is tried again");
            }
        }
    }
    Ok(told)
}
