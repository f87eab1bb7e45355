//! Reads the calendars that are due: addresses each hour, files each day.

use super::every;
use crate::calendars::{self, Fetch};
use crate::error::{Result, caught};
use crate::{Engine, transaction};
use futures::future::join_all;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is looked whether one is due; somebody may wait for it who has just given its address.
const LOOKING: Duration = Duration::from_secs(2);
/// So many are read beside each other: one server that is slow holds few others up.
const AT_ONCE: usize = 4;

/// Until it is told to stop.
pub async fn run(engine: Engine, fetch: impl Fetch, stopping: CancellationToken) {
    every(LOOKING, &stopping, || async {
        if let Err(error) = read_due(&engine, &fetch).await {
            tracing::error!(%error, "calendars could not be read");
        }
    })
    .await;
}

/// Reads what is due until nothing is; says how many that were.
pub async fn read_due(engine: &Engine, fetch: &impl Fetch) -> Result<usize> {
    let mut read = 0;
    loop {
        let mut claimed = Vec::new();
        while claimed.len() < AT_ONCE
            && let Some(due) = transaction!(engine, |tx| calendars::claim(tx).await?)?
        {
            claimed.push(due);
        }
        if claimed.is_empty() {
            return Ok(read);
        }
        read += claimed.len();
        for outcome in join_all(claimed.into_iter().map(|due| read_one(engine, fetch, due))).await {
            outcome?;
        }
    }
}

async fn read_one(engine: &Engine, fetch: &impl Fetch, due: calendars::Due) -> Result<()> {
    let id = due.id;
    let reading = async {
        let done = due.read(fetch, engine.context.now()).await?;
        transaction!(engine, |tx| calendars::done(tx, &done).await?)
    };
    if let Err(fault) = caught(reading).await? {
        // It is due again when its claim ends.
        tracing::error!(calendar = %id, %fault, "a calendar could not be read; it is tried again");
    }
    Ok(())
}
