//! Counting what the door for alerts took in, by the hour.

use crate::Tx;
use crate::db::{Arg, sql};
use crate::error::Result;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use std::sync::atomic::{AtomicI64, Ordering};

/// Requests that could not be taken and are not written down yet: what failed cannot be written at that moment.
#[derive(Debug, Default)]
pub struct Counts {
    not_taken: AtomicI64,
}

impl Counts {
    /// Requests that were answered with a fault of our own, or turned away because too many waited.
    pub fn could_not_take(&self, requests: i64) {
        self.not_taken.fetch_add(requests, Ordering::Relaxed);
        metrics::counter!("kintsugi_alerts_not_taken_total").increment(requests.unsigned_abs());
    }

    /// Takes what is to be written down; give it back with [`Counts::could_not_write`] when it was not.
    pub(crate) fn to_write(&self) -> i64 {
        self.not_taken.swap(0, Ordering::Relaxed)
    }

    pub(crate) fn could_not_write(&self, requests: i64) {
        self.not_taken.fetch_add(requests, Ordering::Relaxed);
    }
}

/// Adds to this hour, in the transaction that takes the alerts in.
pub(crate) async fn add(tx: &mut Tx, accepted: i64, not_taken: i64) -> Result<()> {
    let (node, hour) = (tx.context.node, hour_of(tx.now()));
    sql(
        "INSERT INTO ingest_hours (hour, node, accepted, not_taken) VALUES ($1, $2, $3, $4)
         ON CONFLICT (hour, node) DO UPDATE SET accepted = ingest_hours.accepted + excluded.accepted,
            not_taken = ingest_hours.not_taken + excluded.not_taken",
    )
    .bind(hour)
    .bind(Arg::Id(Some(node)))
    .bind(accepted)
    .bind(not_taken)
    .run(tx)
    .await
    .map(drop)
}

fn hour_of(now: DateTime<Utc>) -> DateTime<Utc> {
    now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now)
}
