//! Reminds owners of what is overdue.

use crate::actions::remind;
use crate::error::Result;
use crate::{Engine, transaction};

/// # Errors
/// [`crate::Error::Database`]
pub async fn run(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let due = remind::due(&mut tx).await?;
    drop(tx);
    for (person, day) in &due {
        transaction!(engine, |tx| remind::mail(tx, *person, *day).await?)?;
    }
    Ok(due.len())
}
