//! Watching the watcher: whether this program can do its work, and how well it has done it.

mod share;

pub use share::{Goal, Share, Shares, shares};

use crate::db::sql;
use crate::error::Result;
use crate::{Engine, Tx, alerts, transaction};
use chrono::{DateTime, Utc};
use domain::ids::IncidentId;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A worker that has not come round for so long is taken for dead; it looks for work twice a second.
pub const DEAD_AFTER: Duration = Duration::from_secs(90);

/// When each worker last came round, in milliseconds of this program's running time: a clock that is set has no part in it.
#[derive(Debug, Default)]
pub struct Rounds([AtomicU64; Worker::ALL.len()]);

/// Without which somebody is not woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worker {
    Escalate,
    Digest,
    Deliver,
}

impl Worker {
    pub const ALL: [Self; 3] = [Self::Escalate, Self::Digest, Self::Deliver];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Escalate => "escalate",
            Self::Digest => "digest",
            Self::Deliver => "deliver",
        }
    }
}

impl Rounds {
    pub(crate) fn came_round(&self, worker: Worker, running_for: Duration) {
        let millis = u64::try_from(running_for.as_millis()).unwrap_or(u64::MAX);
        self.of(worker).store(millis, Ordering::Relaxed);
    }

    /// How long ago.
    pub fn since(&self, worker: Worker, running_for: Duration) -> Duration {
        running_for.saturating_sub(Duration::from_millis(self.of(worker).load(Ordering::Relaxed)))
    }

    fn of(&self, worker: Worker) -> &AtomicU64 {
        &self.0[worker as usize]
    }
}

/// What `/readyz` tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Why the database could not be written, if so.
    pub database: Result<(), String>,
    /// Since the worker that is longest away came round.
    pub workers_since: Duration,
    pub outbox: Outbox,
}

impl Readiness {
    pub fn workers_alive(&self) -> bool {
        self.workers_since < DEAD_AFTER
    }

    /// A mail server that is down makes no node unready: the pages can still be read there.
    pub fn is_ready(&self) -> bool {
        self.database.is_ok() && self.workers_alive()
    }
}

/// Mails that wait to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    pub waiting: i64,
    /// How long the oldest has waited, in whole seconds; 0 when none waits.
    pub oldest_seconds: i64,
}

/// Whether this node can do its work: it writes a row to find out.
pub async fn readiness(engine: &Engine) -> Readiness {
    let running_for = engine.context.running_for();
    let since = Worker::ALL.map(|worker| engine.rounds.since(worker, running_for));
    let database = try_to_write(engine).await;
    let outbox = async {
        let mut tx = engine.read().await?;
        outbox(&mut tx).await
    };
    let outbox = outbox.await;
    Readiness {
        database: database
            .and_then(|()| {
                outbox
                    .as_ref()
                    .map(drop)
                    .map_err(|error| crate::Error::Database(sqlx::Error::Protocol(error.to_string())))
            })
            .map_err(|error| error.to_string()),
        workers_since: since.into_iter().max().unwrap_or_default(),
        outbox: outbox.unwrap_or_default(),
    }
}

/// Writes that this node lives, and how many requests it could not take since: after a database was away, no alert may come for
/// long that would write that down.
pub(crate) async fn beat(engine: &Engine) -> Result<()> {
    let not_taken = engine.counts.to_write();
    let written = transaction!(engine, |tx| {
        write_pulse(tx).await?;
        if not_taken > 0 {
            alerts::count(tx, 0, not_taken).await?;
        }
    });
    if written.is_err() {
        engine.counts.could_not_write(not_taken);
    }
    written
}

/// Room for an alert and its pages.
const ROOM: usize = 64 * 1024;

/// Writes that this node lives and, on SQLite, whether there is room for more: the pulse alone fits into a full database too.
async fn try_to_write(engine: &Engine) -> Result<()> {
    transaction!(engine, |tx| {
        write_pulse(tx).await?;
        if !tx.is_postgres() {
            tx.savepoint().await?;
            let now = tx.now();
            // A row that takes as much room, and is taken back.
            sql("INSERT INTO nodes (node, beat_at) VALUES ($1, $2)")
                .bind(vec![0_u8; ROOM])
                .bind(now)
                .run(tx)
                .await?;
            tx.back_to_savepoint().await?;
        }
    })
}

/// Whether a write is taken. It is taken back, so that nobody looks alive who is not.
pub async fn try_a_write(engine: &Engine) -> Result<()> {
    let mut tx = engine.begin().await?;
    write_pulse(&mut tx).await
}

/// The first sign of life. SQLite serves one node: whoever wrote there before is gone, and what it was sending goes on at once.
pub(crate) async fn begin(engine: &Engine) -> Result<()> {
    transaction!(engine, |tx| {
        if !tx.is_postgres() {
            sql("DELETE FROM nodes").run(tx).await?;
        }
        write_pulse(tx).await?
    })
}

/// Takes the sign of life back, so that nobody waits until it has gone old.
pub async fn end(engine: &Engine) -> Result<()> {
    transaction!(engine, |tx| {
        let node = tx.context.node;
        sql("DELETE FROM nodes WHERE node = $1")
            .bind(crate::db::Arg::Id(Some(node)))
            .run(tx)
            .await?;
    })
}

async fn write_pulse(tx: &mut Tx) -> Result<()> {
    let (node, now) = (tx.context.node, tx.now());
    sql("INSERT INTO nodes (node, beat_at) VALUES ($1, $2) ON CONFLICT (node) DO UPDATE SET beat_at = excluded.beat_at")
        .bind(crate::db::Arg::Id(Some(node)))
        .bind(now)
        .run(tx)
        .await
        .map(drop)
}

pub async fn outbox(tx: &mut Tx) -> Result<Outbox> {
    let now = tx.now();
    let (waiting, oldest): (i64, Option<DateTime<Utc>>) =
        sql("SELECT COUNT(*), MIN(created_at) FROM notifications WHERE state IN ('waiting', 'sending')")
            .one(tx, "outbox")
            .await?;
    Ok(Outbox {
        waiting,
        oldest_seconds: oldest.map_or(0, |at| (now - at).num_seconds().max(0)),
    })
}

/// How many seconds the last thing in the database lies ahead of this machine's clock, or, on PostgreSQL, that machine's clock
/// from ours; a negative number is ours ahead of its.
pub async fn clock_ahead_seconds(tx: &mut Tx) -> Result<i64> {
    let now = tx.now();
    if tx.is_postgres() {
        let theirs: DateTime<Utc> = sql("SELECT now()").scalar(tx).await?;
        return Ok((theirs - now).num_seconds());
    }
    let last: Option<DateTime<Utc>> = sql("SELECT MAX(beat_at) FROM nodes").scalar(tx).await?;
    Ok(last.map_or(0, |last| (last - now).num_seconds().max(0)))
}

/// How late the policy step is that should have been paged first, in whole seconds; 0 when none is late.
pub async fn escalation_lag(tx: &mut Tx) -> Result<i64> {
    let now = tx.now();
    let due: Option<(IncidentId, DateTime<Utc>)> =
        sql("SELECT incident_id, next_at FROM escalations WHERE state = 'running' AND next_at <= $1 ORDER BY next_at LIMIT 1")
            .bind(now)
            .maybe(tx)
            .await?;
    Ok(due.map_or(0, |(_, at)| (now - at).num_seconds().max(0)))
}
