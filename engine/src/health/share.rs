//! The pager against its promise: 99.99 % over 28 days. It says “accepted”: whether it rang is more than we know.

use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, TimeDelta, Utc};

pub const WINDOW: TimeDelta = TimeDelta::days(28);
/// A first page is in time when the mail server has accepted it within this.
pub const IN_TIME: TimeDelta = TimeDelta::seconds(10);

/// How many of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub good: i64,
    pub all: i64,
}

/// What is promised: 9,999 of 10,000.
pub struct Goal;

impl Goal {
    pub const PER_TEN_THOUSAND: i64 = 9_999;
}

impl Share {
    /// 0 to 1; `None` where there was nothing to count.
    pub fn ratio(self) -> Option<f64> {
        (self.all > 0).then(|| self.good as f64 / self.all as f64)
    }

    /// Nothing to count keeps every promise.
    pub fn holds(self) -> bool {
        self.good * 10_000 >= self.all * Goal::PER_TEN_THOUSAND
    }
}

/// Over the last 28 days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// Requests with alerts that were stored, of those whose secret was known.
    pub alerts_accepted: Share,
    /// First pages that the mail server accepted within 10 s, of all that were to be sent to one.
    pub first_pages_in_time: Share,
}

pub async fn shares(tx: &mut Tx) -> Result<Shares> {
    let from = tx.now() - WINDOW;
    let (accepted, not_taken): (Option<i64>, Option<i64>) =
        sql("SELECT CAST(SUM(accepted) AS BIGINT), CAST(SUM(not_taken) AS BIGINT) FROM ingest_hours WHERE hour >= $1")
            .bind(from)
            .one(tx, "count")
            .await?;
    let accepted = accepted.unwrap_or(0);
    let (in_time, pages) = first_pages(tx, from).await?;
    Ok(Shares {
        alerts_accepted: Share {
            good: accepted,
            all: accepted + not_taken.unwrap_or(0),
        },
        first_pages_in_time: Share {
            good: in_time,
            all: pages,
        },
    })
}

/// How many first pages were in time, of how many. One that waits still may yet be, unless it has waited for too long.
async fn first_pages(tx: &mut Tx, from: DateTime<Utc>) -> Result<(i64, i64)> {
    let too_old = tx.now() - IN_TIME;
    // A list goes out after half a minute at the soonest, so what was gathered into one is late. Without a mail server nothing is
    // sent, lists neither.
    let server_set = tx.context.mail.server_set;
    let (in_time, settled): (i64, i64) = sql(
        "SELECT COUNT(CASE WHEN outcome = 'accepted' AND settled_after_ms <= $3 THEN 1 END), COUNT(*) FROM pages
         WHERE is_first AND created_at >= $1
           AND (outcome IN ('accepted', 'refused') OR outcome = 'waiting' AND created_at < $2
             OR outcome = 'gathered' AND created_at < $2 AND $4 = TRUE)",
    )
    .bind(from)
    .bind(too_old)
    .bind(IN_TIME.num_milliseconds())
    .bind(server_set)
    .one(tx, "count")
    .await?;
    // Taken back, since somebody had answered: by then it should have been with them.
    let taken_back: Vec<(DateTime<Utc>, DateTime<Utc>)> = sql("SELECT created_at, settled_at FROM pages
         WHERE is_first AND created_at >= $1 AND outcome = 'dropped' AND settled_at IS NOT NULL")
    .bind(from)
    .all(tx)
    .await?;
    let late = taken_back
        .iter()
        .filter(|(created, settled)| *settled - *created > IN_TIME)
        .count();
    Ok((in_time, settled + i64::try_from(late).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_holds_at_the_goal_and_where_nothing_was_to_do() {
        for (good, all, holds) in [
            (0, 0, true),
            (9_999, 10_000, true),
            (9_998, 10_000, false),
            (99, 100, false),
            (100, 100, true),
        ] {
            assert_eq!(Share { good, all }.holds(), holds, "{good} of {all}");
        }
    }
}
