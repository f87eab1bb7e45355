//! Mails the lists of pages that were too many to go out one by one.

use crate::error::Result;
use crate::{Engine, paging, transaction};

/// # Errors
/// [`crate::Error::Database`]
pub async fn run(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let due = paging::gathered_due(&mut tx).await?;
    drop(tx);
    for person in &due {
        transaction!(engine, |tx| paging::mail_list(tx, *person).await?)?;
    }
    Ok(due.len())
}
