//! Calendars that are due are claimed, asked for by whoever can ask, and what came is written down.

use super::keep::{self, Past};
use super::{Whose, sealed};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::people;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::calendars::{Read, Unreadable, decoded, read, window};
use domain::ids::{CalendarId, PersonId, TeamId};
use url::Url;

/// Whoever claimed it and is not heard of, has ended; others read it then.
const CLAIMED_FOR: TimeDelta = TimeDelta::minutes(5);
/// A text is read anew each day, whether it has changed or not: the year ahead goes on.
const READ_ANEW: TimeDelta = TimeDelta::days(1);
/// What the other side says of its version is no longer than this.
const LONGEST_MARK: usize = 500;

/// Who can ask an address on the web.
pub trait Fetch: Clone + Send + Sync + 'static {
    fn fetch(&self, wanted: Wanted) -> impl Future<Output = Result<Fetched, NotFetched>> + Send;
}

/// An address, and which version of what is there is known. Debug output does not show the address.
#[derive(Clone)]
pub struct Wanted {
    pub address: Url,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

impl std::fmt::Debug for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Wanted(…@{})", self.address.host_str().unwrap_or_default())
    }
}

#[derive(Clone, Debug)]
pub enum Fetched {
    /// What is known is what is there.
    Same,
    New {
        bytes: Vec<u8>,
        etag: Option<String>,
        last_modified: Option<String>,
    },
}

/// Why nothing came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFetched {
    #[error("There is no such calendar any more (404). Its owner may have made another address.")]
    Gone,
    #[error(
        "Its server lets nobody in without a log-in ({0}). Give the private address that your calendar shows, or a public one."
    )]
    LoggedInOnly(u16),
    #[error("Its server answered that it cannot just now ({0}).")]
    Status(u16),
    #[error("Its server could not be reached.")]
    NoAnswer,
    #[error("Its server took longer than 20 seconds.")]
    TooSlow,
    #[error("It is larger than 5 MiB. Take a calendar of absence or holidays alone.")]
    TooLarge,
    #[error("Its address leads on and on to others.")]
    LeadsOn,
    #[error("Its address leads to the machine that Kintsugi runs on, which is not asked.")]
    ThisMachine,
}

/// A calendar to be read, by whoever claimed it.
#[derive(Clone, Debug)]
pub struct Due {
    pub id: CalendarId,
    whose: Whose,
    zone: Tz,
    pub from: From,
}

#[derive(Clone, Debug)]
pub enum From {
    Address(Wanted),
    File(String),
    /// Its address opens under no key that is here.
    Nowhere(String),
}

#[derive(sqlx::FromRow)]
struct Row {
    id: CalendarId,
    person_id: Option<PersonId>,
    team_id: Option<TeamId>,
    address: Option<Vec<u8>>,
    text: Option<String>,
    etag: Option<String>,
    last_modified: Option<String>,
    text_read_at: Option<DateTime<Utc>>,
}

/// Claims one that is due; of several nodes one gets it.
pub async fn claim(tx: &mut Tx) -> Result<Option<Due>> {
    let now = tx.now();
    let row: Option<Row> = sql(
        "UPDATE read_calendars SET next_at = $2
         WHERE next_at <= $1 AND id = (SELECT c.id FROM read_calendars c LEFT JOIN people p ON p.id = c.person_id
            WHERE c.next_at <= $1 AND p.deactivated_at IS NULL ORDER BY c.next_at, c.id LIMIT 1)
         RETURNING id, person_id, team_id, address, text, etag, last_modified, text_read_at",
    )
    .bind(now)
    .bind(now + CLAIMED_FOR)
    .maybe(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (whose, zone) = match (row.person_id, row.team_id) {
        (Some(person), _) => {
            let zone = people::find(tx, person).await?.time_zone;
            (Whose::Person(person), zone.parse().unwrap_or(Tz::UTC))
        }
        (None, Some(team)) => (Whose::Team(team), Tz::UTC),
        (None, None) => return Ok(None),
    };
    let from = match (row.text, row.address) {
        (Some(text), _) => From::File(text),
        (None, sealed) => match sealed::opened(&tx.context, row.id, &sealed.unwrap_or_default()) {
            Err(no_key) => From::Nowhere(no_key.to_string()),
            Ok(address) => {
                let is_fresh = row.text_read_at.is_some_and(|at| now - at < READ_ANEW);
                From::Address(Wanted {
                    address,
                    etag: row.etag.filter(|_| is_fresh),
                    last_modified: row.last_modified.filter(|_| is_fresh),
                })
            }
        },
    };
    Ok(Some(Due {
        id: row.id,
        whose,
        zone,
        from,
    }))
}

/// What came of one.
#[derive(Debug)]
pub struct Done {
    due: Due,
    outcome: Outcome,
}

#[derive(Debug)]
enum Outcome {
    Same,
    Read {
        read: Read,
        marks: Option<(Option<String>, Option<String>)>,
    },
    Failed(String),
}

impl Due {
    /// Asks for it, and reads what comes.
    ///
    /// # Errors
    /// A fault of our own.
    pub async fn read(self, fetch: &impl Fetch, now: DateTime<Utc>) -> Result<Done> {
        let zone = self.zone;
        let text = |bytes: Vec<u8>| keep::apart(move || read(&decoded(&bytes), zone, window(now)));
        let outcome = match self.from.clone() {
            From::Nowhere(why) => Outcome::Failed(why),
            From::File(kept) => Outcome::of(text(kept.into_bytes()).await?, None),
            From::Address(wanted) => match fetch.fetch(wanted).await {
                Err(why) => Outcome::Failed(why.to_string()),
                Ok(Fetched::Same) => Outcome::Same,
                Ok(Fetched::New {
                    bytes,
                    etag,
                    last_modified,
                }) => {
                    let short = |mark: Option<String>| mark.filter(|mark| mark.len() <= LONGEST_MARK);
                    Outcome::of(text(bytes).await?, Some((short(etag), short(last_modified))))
                }
            },
        };
        Ok(Done { due: self, outcome })
    }
}

impl Outcome {
    fn of(read: Result<Read, Unreadable>, marks: Option<(Option<String>, Option<String>)>) -> Self {
        match read {
            Ok(read) => Self::Read { read, marks },
            Err(why) => Self::Failed(why.to_string()),
        }
    }
}

/// Writes down what came of one. One that was removed meanwhile stays so.
pub async fn done(tx: &mut Tx, done: &Done) -> Result<()> {
    let Done { due, outcome } = done;
    let is_there: bool = sql("SELECT EXISTS (SELECT 1 FROM read_calendars WHERE id = $1)")
        .bind(due.id)
        .scalar(tx)
        .await?;
    if !is_there {
        return Ok(());
    }
    let is_file = matches!(due.from, From::File(_));
    let next = if is_file {
        tx.now() + keep::FILES_EVERY
    } else {
        keep::next(tx)
    };
    match outcome {
        Outcome::Failed(why) => keep::failed(tx, due.id, why).await,
        Outcome::Same => keep::answered(tx, due.id, next).await,
        Outcome::Read { read, marks } => {
            keep::keep(tx, due.id, due.whose, read, Past::Stays).await?;
            if let Some((etag, last_modified)) = marks {
                sql("UPDATE read_calendars SET etag = $2, last_modified = $3 WHERE id = $1")
                    .bind(due.id)
                    .bind(etag.clone())
                    .bind(last_modified.clone())
                    .run(tx)
                    .await?;
            }
            keep::worked(tx, due.id, read, next).await
        }
    }
}
