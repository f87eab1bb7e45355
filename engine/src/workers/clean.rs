//! Takes away what is kept for a while only: raw payloads, mails, sessions. In small batches, so that the writer is soon free
//! for an alert.

mod batch;

use crate::db::{Arg, sql_put_together};
use crate::error::Result;
use crate::{Engine, Tx, transaction};
use batch::Pace;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;
use uuid::Uuid;

/// Counts of the pager about itself, and what nodes that are gone left behind.
const COUNTS_KEPT: TimeDelta = TimeDelta::days(400);
const PULSES_KEPT: TimeDelta = TimeDelta::days(1);
/// Who was told of a turn; what is needed of it is over with the turn.
const HAND_OFFS_KEPT: TimeDelta = TimeDelta::days(30);
/// What calendars were told of a turn: for longer than a turn lasts.
const INVITATIONS_KEPT: TimeDelta = TimeDelta::days(90);
/// A page with a form may lie open for a night, and be sent once more in the morning.
const SENT_KEPT: TimeDelta = TimeDelta::days(7);

/// A file whose text was never saved; drafts are kept in the browser for a day.
const UNUSED_KEPT: TimeDelta = TimeDelta::days(2);

/// Candidates that are looked up at once, without the writer.
const LOOKED_UP: i64 = 512;

/// Something that gets old: a table, its key, how much room a row takes, and which rows are too old at `$1`.
struct Ageing {
    table: &'static str,
    key: &'static str,
    keyed_by: KeyedBy,
    bytes: &'static str,
    too_old: &'static str,
    kept: TimeDelta,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyedBy {
    Id,
    Hash,
    /// By an instant, which many rows may have.
    Hour,
}

/// What was taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TakenAway {
    pub rows: u64,
    /// The most that one transaction took.
    pub most_rows: usize,
    pub most_bytes: i64,
    /// The longest that one of them held the writer.
    pub longest_hold: Duration,
}

/// Deletes all that is too old now.
pub async fn run(engine: &Engine) -> Result<TakenAway> {
    let retention = engine.context.retention;
    let ageing = [
        Ageing {
            table: "payloads",
            key: "id",
            keyed_by: KeyedBy::Id,
            bytes: "OCTET_LENGTH(body)",
            too_old: "received_at < $1",
            kept: retention.payloads,
        },
        Ageing {
            table: "change_events",
            key: "id",
            keyed_by: KeyedBy::Id,
            bytes: "0",
            too_old: "received_at < $1",
            kept: retention.payloads,
        },
        Ageing {
            table: "notifications",
            key: "id",
            keyed_by: KeyedBy::Id,
            bytes: "OCTET_LENGTH(text_body) + OCTET_LENGTH(html_body) + COALESCE(OCTET_LENGTH(calendar), 0)",
            too_old: "created_at < $1 AND state IN ('sent', 'failed', 'kept')",
            kept: retention.mails,
        },
        Ageing {
            table: "audit_log",
            key: "id",
            keyed_by: KeyedBy::Id,
            bytes: "0",
            too_old: "at < $1",
            kept: retention.audit,
        },
        Ageing {
            table: "sessions",
            key: "token_hash",
            keyed_by: KeyedBy::Hash,
            bytes: "OCTET_LENGTH(user_agent)",
            too_old: "expires_at < $1",
            kept: TimeDelta::zero(),
        },
        Ageing {
            table: "mailed_links",
            key: "token_hash",
            keyed_by: KeyedBy::Hash,
            bytes: "0",
            too_old: "expires_at < $1",
            kept: TimeDelta::zero(),
        },
        Ageing {
            table: "sent_forms",
            key: "hash",
            keyed_by: KeyedBy::Hash,
            bytes: "0",
            too_old: "sent_at < $1",
            kept: SENT_KEPT,
        },
        Ageing {
            table: "ingest_hours",
            key: "hour",
            keyed_by: KeyedBy::Hour,
            bytes: "0",
            too_old: "hour < $1",
            kept: COUNTS_KEPT,
        },
        Ageing {
            table: "hand_offs",
            key: "to_at",
            keyed_by: KeyedBy::Hour,
            bytes: "0",
            too_old: "to_at < $1",
            kept: HAND_OFFS_KEPT,
        },
        Ageing {
            table: "turn_invitations",
            key: "id",
            keyed_by: KeyedBy::Id,
            bytes: "0",
            too_old: "from_at < $1",
            kept: INVITATIONS_KEPT,
        },
        Ageing {
            table: "files",
            key: "id",
            keyed_by: KeyedBy::Id,
            bytes: "OCTET_LENGTH(content)",
            too_old: "added_at < $1 AND used_at IS NULL",
            kept: UNUSED_KEPT,
        },
        Ageing {
            table: "nodes",
            key: "node",
            keyed_by: KeyedBy::Id,
            bytes: "0",
            too_old: "beat_at < $1",
            kept: PULSES_KEPT,
        },
    ];
    let mut taken = TakenAway::default();
    for part in &ageing {
        take_away(engine, part, &mut taken).await?;
    }
    if taken.rows > 0 {
        tracing::info!(rows = taken.rows, longest_hold = ?taken.longest_hold, "took away what was kept long enough");
    }
    Ok(taken)
}

/// Looks up what is too old while others write, then deletes it by its keys, as much at once as the pace allows.
async fn take_away(engine: &Engine, part: &Ageing, taken: &mut TakenAway) -> Result<()> {
    // Kept for longer than there are dates, or than there are computers: nothing is as old as that.
    let before = engine.context.now().checked_sub_signed(part.kept);
    let Some(before) = before.filter(|before| *before > DateTime::UNIX_EPOCH) else {
        return Ok(());
    };
    let mut pace = Pace::default();
    loop {
        let mut tx = engine.read().await?;
        let candidates = look_up(&mut tx, part, before).await?;
        drop(tx);
        let mut left = candidates.as_slice();
        if left.is_empty() {
            return Ok(());
        }
        while !left.is_empty() {
            let (batch, bytes) = pace.next(left, |(_, bytes)| *bytes);
            let keys: Vec<Arg> = batch.iter().map(|(key, _)| key.clone()).collect();
            left = &left[batch.len()..];
            let mut begun = Duration::ZERO;
            taken.rows += transaction!(engine, |tx| {
                begun = engine.context.running_for();
                delete(tx, part, before, &keys).await?
            })?;
            let held = engine.context.running_for() - begun;
            pace.took(held);
            taken.most_rows = taken.most_rows.max(keys.len());
            taken.most_bytes = taken.most_bytes.max(bytes);
            taken.longest_hold = taken.longest_hold.max(held);
            // Whoever waits for the writer comes first.
            tokio::task::yield_now().await;
        }
    }
}

/// Keys of rows that are too old, and how many bytes each takes.
async fn look_up(tx: &mut Tx, part: &Ageing, before: DateTime<Utc>) -> Result<Vec<(Arg, i64)>> {
    let Ageing {
        table,
        key,
        bytes,
        too_old,
        ..
    } = part;
    // A key may come more than once, which does no harm: an hour has a row of each node.
    let asked = sql_put_together(format!(
        "SELECT {key}, CAST({bytes} AS BIGINT) FROM {table} WHERE {too_old} LIMIT $2"
    ))
    .bind(before)
    .bind(LOOKED_UP);
    Ok(match part.keyed_by {
        KeyedBy::Id => {
            let rows: Vec<(Uuid, i64)> = asked.all(tx).await?;
            rows.into_iter()
                .map(|(id, bytes)| (Arg::Id(Some(id)), bytes))
                .collect()
        }
        KeyedBy::Hash => {
            let rows: Vec<(Vec<u8>, i64)> = asked.all(tx).await?;
            rows.into_iter()
                .map(|(hash, bytes)| (hash.into(), bytes))
                .collect()
        }
        KeyedBy::Hour => {
            let rows: Vec<(DateTime<Utc>, i64)> = asked.all(tx).await?;
            rows.into_iter()
                .map(|(hour, bytes)| (hour.into(), bytes))
                .collect()
        }
    })
}

async fn delete(tx: &mut Tx, part: &Ageing, before: DateTime<Utc>, keys: &[Arg]) -> Result<u64> {
    let Ageing {
        table, key, too_old, ..
    } = part;
    // The last key fills up to a power of two, so that there are few texts to prepare.
    let places = keys.len().next_power_of_two();
    let named: Vec<String> = (2..places + 2).map(|place| format!("${place}")).collect();
    let text = format!(
        "DELETE FROM {table} WHERE {too_old} AND {key} IN ({})",
        named.join(", ")
    );
    let filled = keys.iter().chain(std::iter::repeat(&keys[keys.len() - 1]));
    let asked = filled
        .take(places)
        .fold(sql_put_together(text).bind(before), |asked, key| {
            asked.bind(key.clone())
        });
    asked.run(tx).await
}
