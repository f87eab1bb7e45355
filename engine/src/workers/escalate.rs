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

/// Brings steps near that lie further ahead than their delay: they were set while the clock was fast, and nobody shall wait
/// for it to come round again.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn bring_near(engine: &Engine) -> Result<()> {
    let mut tx = engine.read().await?;
    let far = paging::too_far_ahead(&mut tx, 100).await?;
    drop(tx);
    for incident in &far {
        transaction!(engine, |tx| paging::bring_near(tx, *incident).await?)?;
    }
    Ok(())
}
