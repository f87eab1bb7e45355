//! Moves policies on whose delay is over.

use crate::error::Result;
use crate::{Engine, paging, transaction};

/// # Errors
/// [`crate::Error::Database`]
pub async fn run(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let due = paging::due(&mut tx, 100).await?;
    drop(tx);
    for incident in &due {
        transaction!(engine, |tx| paging::advance(tx, *incident).await?)?;
    }
    Ok(due.len())
}
