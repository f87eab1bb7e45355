//! Calendars that people and teams have elsewhere, as files or by their addresses: they say when somebody is away, and which days are
//! holidays. What was read last stays until something else can be read.

mod add;
mod fetch;
mod keep;
mod said;
mod sealed;

pub use add::{File, add_address, add_file, file, read_soon, remove};
pub use fetch::{Due, Fetch, Fetched, NotFetched, Wanted, claim, done};
pub use said::{absences_of, all_absences, holidays_of};

use crate::Tx;
use crate::db::sql;
use crate::error::{Error, NotAllowed, Refusal, Result};
use chrono::{DateTime, TimeDelta, Utc};
use domain::calendars::Unreadable;
use domain::ids::{CalendarId, PersonId, TeamId};
use domain::people::Permission;

/// As many as a person has, or a team in several countries.
const MOST: i64 = 10;
/// What works again says so for as long.
const SAYS_SO: TimeDelta = TimeDelta::days(1);
/// The largest text that is read.
pub const MOST_BYTES: usize = 5 * 1024 * 1024;

/// Why a calendar cannot be read here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("This is no address that can be read. It begins with https://, http:// or webcal://.")]
    NotAnAddress,
    #[error("Choose a file, as calendars export them (.ics).")]
    NoFile,
    #[error("A calendar has at most 5 MiB. Take one of absence or holidays alone.")]
    TooLarge,
    #[error("This file cannot be read. {0}")]
    Unreadable(#[from] Unreadable),
    #[error("There is no event in this file.")]
    NoEvent,
    #[error("There are 10 calendars already. Remove one that is not needed.")]
    TooMany,
}

impl Refusal for Refused {
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotAnAddress => Some("address"),
            Self::NoFile | Self::TooLarge | Self::Unreadable(_) | Self::NoEvent => Some("files"),
            Self::TooMany => None,
        }
    }
}

/// Whose calendar it is: a person's says when they are away, a team's which days are holidays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    Person(PersonId),
    Team(TeamId),
}

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Calendar {
    pub id: CalendarId,
    pub person_id: Option<PersonId>,
    pub team_id: Option<TeamId>,
    pub host: Option<String>,
    pub file_name: Option<String>,
    pub read_at: Option<DateTime<Utc>>,
    pub next_at: DateTime<Utc>,
    pub failing_since: Option<DateTime<Utc>>,
    pub problem: Option<String>,
    pub works_again_at: Option<DateTime<Utc>>,
    pub skipped: i64,
    pub free: i64,
}

const COLUMNS: &str = "id, person_id, team_id, host, file_name, read_at, next_at, failing_since, problem, works_again_at, skipped, free
    FROM read_calendars";

impl Calendar {
    /// The host of its address, or the name of its file. The address itself is for nobody's eyes.
    pub fn label(&self) -> &str {
        let label = self.host.as_deref().or(self.file_name.as_deref());
        label.unwrap_or_default()
    }

    pub const fn is_file(&self) -> bool {
        self.file_name.is_some()
    }

    /// Whether it was read again a while ago after it could not be.
    pub fn works_again(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.works_again_at.filter(|at| now - *at < SAYS_SO)
    }
}

/// Those of a person or a team, the oldest first.
pub async fn of(tx: &mut Tx, whose: Whose) -> Result<Vec<Calendar>> {
    let (person, team) = whose.columns();
    sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        " WHERE person_id = $1 OR team_id = $2 ORDER BY created_at, id"
    ))
    .bind(person)
    .bind(team)
    .all(tx)
    .await
}

/// One of those of a person or a team.
///
/// # Errors
/// [`Error::NotFound`]
async fn find(tx: &mut Tx, whose: Whose, id: CalendarId) -> Result<Calendar> {
    let found = of(tx, whose)
        .await?
        .into_iter()
        .find(|calendar| calendar.id == id);
    found.ok_or(Error::NotFound("calendar"))
}

impl Whose {
    const fn columns(self) -> (Option<PersonId>, Option<TeamId>) {
        match self {
            Self::Person(person) => (Some(person), None),
            Self::Team(team) => (None, Some(team)),
        }
    }
}

/// Whether somebody may give calendars here: when somebody is away is for themselves to say.
///
/// # Errors
/// [`Error::NotAllowed`]
pub async fn authorize(tx: &mut Tx, whose: Whose) -> Result<()> {
    match whose {
        Whose::Team(team) => tx.authorize(Permission::ChangeTeam(team)).await,
        Whose::Person(person) if tx.person()? == person => Ok(()),
        Whose::Person(_) => Err(Error::NotAllowed(NotAllowed::AdministratorsOnly)),
    }
}
