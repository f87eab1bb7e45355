//! Mails the lists of pages that were too many to go out one by one.

use crate::error::{Result, caught};
use crate::{Engine, paging, transaction};

/// Says how many lists it wrote.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn run(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let due = paging::gathered_due(&mut tx).await?;
    drop(tx);
    let mut written = 0;
    for person in &due {
        let writing = async { transaction!(engine, |tx| paging::mail_list(tx, *person).await?) };
        match caught(writing).await? {
            Ok(()) => written += 1,
            // Others wait for theirs; a banner tells of this one, and their policies go on.
            Err(fault) => {
                tracing::error!(%person, %fault, "a list of pages could not be written; it is tried again")
            }
        }
    }
    Ok(written)
}
