//! Takes away what is kept for a while only: raw payloads, mails, sessions. In small batches, so that the writer is soon free
//! for an alert.

use crate::db::sql_put_together;
use crate::error::Result;
use crate::{Engine, transaction};
use chrono::TimeDelta;
use std::time::Duration;

/// How long things are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The bodies of requests with alerts, as they came.
    pub payloads: TimeDelta,
    /// Mails that are settled, or were kept because no mail server is set.
    pub mails: TimeDelta,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            payloads: TimeDelta::days(30),
            mails: TimeDelta::days(90),
        }
    }
}

/// Counts of the pager about itself, and what nodes that are gone left behind.
const COUNTS_KEPT: TimeDelta = TimeDelta::days(400);
const PULSES_KEPT: TimeDelta = TimeDelta::days(1);

/// A batch aims at this long in the writer; nothing holds it over twice as long.
const AIM: Duration = Duration::from_millis(20);
const SMALLEST: i64 = 5;
const LARGEST: i64 = 500;

/// Something that gets old: a table, its key, and which rows are too old at `$1`.
struct Ageing {
    table: &'static str,
    key: &'static str,
    too_old: &'static str,
    kept: TimeDelta,
}

/// Deletes all that is too old now. Says how many rows that were.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn run(engine: &Engine) -> Result<u64> {
    let retention = engine.context.retention;
    let ageing = [
        Ageing {
            table: "payloads",
            key: "id",
            too_old: "received_at < $1",
            kept: retention.payloads,
        },
        Ageing {
            table: "mails",
            key: "id",
            too_old: "created_at < $1 AND state IN ('sent', 'failed', 'kept')",
            kept: retention.mails,
        },
        Ageing {
            table: "sessions",
            key: "token_hash",
            too_old: "expires_at < $1",
            kept: TimeDelta::zero(),
        },
        Ageing {
            table: "mailed_links",
            key: "token_hash",
            too_old: "expires_at < $1",
            kept: TimeDelta::zero(),
        },
        Ageing {
            table: "ingest_hours",
            key: "hour",
            too_old: "hour < $1",
            kept: COUNTS_KEPT,
        },
        Ageing {
            table: "pulses",
            key: "node",
            too_old: "beat_at < $1",
            kept: PULSES_KEPT,
        },
    ];
    let mut gone = 0;
    for part in &ageing {
        gone += take_away(engine, part).await?;
    }
    if gone > 0 {
        tracing::info!(rows = gone, "took away what was kept long enough");
    }
    Ok(gone)
}

async fn take_away(engine: &Engine, part: &Ageing) -> Result<u64> {
    let Ageing {
        table, key, too_old, ..
    } = part;
    let text =
        format!("DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {too_old} LIMIT $2)");
    let before = engine.context.now() - part.kept;
    let (mut gone, mut batch) = (0, SMALLEST);
    loop {
        let asked = engine.context.running_for();
        let deleted: u64 = transaction!(engine, |tx| {
            sql_put_together(text.clone())
                .bind(before)
                .bind(batch)
                .run(tx)
                .await?
        })?;
        gone += deleted;
        if deleted == 0 {
            return Ok(gone);
        }
        batch = next_batch(batch, engine.context.running_for() - asked);
        // Whoever waits for the writer comes first.
        tokio::task::yield_now().await;
    }
}

/// Twice as many while it is quick, a quarter as soon as it is not: bodies may be a mebibyte each.
fn next_batch(batch: i64, took: Duration) -> i64 {
    let next = if took > AIM {
        batch / 4
    } else if took < AIM / 4 {
        batch * 2
    } else {
        batch
    };
    next.clamp(SMALLEST, LARGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_while_they_are_quick() {
        for (batch, millis, next) in [
            (5, 1, 10),
            (400, 1, 500),
            (100, 10, 100),
            (100, 21, 25),
            (8, 300, 5),
        ] {
            assert_eq!(next_batch(batch, Duration::from_millis(millis)), next);
        }
    }
}
