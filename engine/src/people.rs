//! People, and who may do what.

mod address;
pub mod changes;
pub mod logins;
pub(crate) mod named;
pub mod passwords;
pub mod sessions;
pub mod tints;

use crate::db::{Arg, sql, sql_of_rows};
use crate::error::{Error, NotAllowed, Refusal, Result};
use crate::{Actor, Tx};
use chrono::{DateTime, Utc};
use domain::fields;
use domain::ids::{PersonId, TeamId};
use domain::people::{Permission, Person, Role, allows};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) use address::reachable;

/// Columns of a [`Person`].
pub(crate) const COLUMNS: &str = "id, email, name, role, time_zone, created_at, deactivated_at";

/// Why people cannot be changed, or let in, like that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("{}", fields::EMAIL.too_long)]
    NoEmail,
    #[error("Somebody here has this e-mail address already.")]
    EmailTaken,
    #[error("Choose a time zone by its name, such as Europe/Berlin.")]
    NoZone,
    #[error("A password has at least 10 characters. Three or four words that nobody would guess are good.")]
    PasswordTooShort,
    #[error("{}", fields::PASSWORD.too_long)]
    PasswordTooLong,
    #[error("The password must not be the e-mail address.")]
    PasswordIsEmail,
    #[error("The password is not the one you have now.")]
    WrongPassword,
    #[error("E-mail address and password do not belong to an account here.")]
    WrongLogin,
    #[error("Too many attempts have failed. Try again {}, or set a new password by mail.", in_minutes(*.minutes))]
    TooManyAttempts { minutes: i64 },
    #[error("This link was used already, or is too old. Ask for a new one.")]
    LinkUsedUp,
    #[error("This is the last active administrator. Make somebody else an administrator first.")]
    LastAdministrator,
    /// Holds the name of the field.
    #[error("Say who takes this over: somebody who is active, or nobody.")]
    NobodyNamed(&'static str),
    #[error("{0}")]
    CannotBeChosen(CannotBeChosen, &'static str),
    #[error("An observer is not on call, and this person is: {0}. Remove them there first.")]
    IsOnCall(String),
    #[error("This account is not active.")]
    NotActive,
    #[error("This person has a password already. Log-in and “forgotten password” work.")]
    NothingToInvite,
    #[error("Write at least one address, a line each.")]
    NobodyToInvite,
    #[error("Invite at most 50 people at once.")]
    TooManyToInvite,
    /// Of what is wrong with one of several people.
    #[error("Line {number}: {why}")]
    Line { number: usize, why: String },
}

impl Refusal for Refused {
    fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoEmail | Self::EmailTaken => "email",
            Self::NoZone => "time_zone",
            Self::NobodyToInvite | Self::TooManyToInvite | Self::Line { .. } => "people",
            Self::PasswordTooShort | Self::PasswordTooLong | Self::PasswordIsEmail => "password",
            Self::WrongPassword => "current",
            Self::LastAdministrator | Self::IsOnCall(_) => "role",
            Self::NobodyNamed(field) | Self::CannotBeChosen(_, field) => field,
            Self::WrongLogin
            | Self::TooManyAttempts { .. }
            | Self::LinkUsedUp
            | Self::NotActive
            | Self::NothingToInvite => return None,
        })
    }
}

fn in_minutes(minutes: i64) -> String {
    match minutes {
        ..=1 => "in a minute".to_owned(),
        minutes => format!("in {minutes} minutes"),
    }
}

/// An e-mail address as it is kept: lower case, without spaces around it.
pub(crate) fn checked_email(email: &str) -> Result<String> {
    let email = email.trim().to_lowercase();
    if email.len() > fields::EMAIL.most || reachable(&email).is_none() {
        return Err(Refused::NoEmail.into());
    }
    Ok(email)
}

/// The name of a time zone that we know.
pub(crate) fn checked_zone(zone: &str) -> Result<String> {
    match zone.trim().parse::<chrono_tz::Tz>() {
        Ok(zone) => Ok(zone.name().to_owned()),
        Err(_) => Err(Refused::NoZone.into()),
    }
}

/// Finds a person.
///
/// # Errors
/// [`Error::NotFound`]
pub async fn find(tx: &mut Tx, id: PersonId) -> Result<Person> {
    sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        " FROM people WHERE id = $1"
    ))
    .bind(id)
    .one(tx, "person")
    .await
}

/// Everybody who is active, by name.
pub async fn active(tx: &mut Tx) -> Result<Vec<Person>> {
    sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        " FROM people WHERE deactivated_at IS NULL ORDER BY name"
    ))
    .all(tx)
    .await
}

/// Everybody, those who are active first, by name; with whether they have set a password yet.
pub async fn everybody(tx: &mut Tx) -> Result<Vec<Member>> {
    sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        ", password_hash IS NOT NULL AS can_log_in FROM people
          ORDER BY CASE WHEN deactivated_at IS NULL THEN 0 ELSE 1 END, name, email"
    ))
    .all(tx)
    .await
}

/// A person as the list of people has them.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Member {
    #[sqlx(flatten)]
    pub person: Person,
    /// False while an invitation waits to be accepted.
    pub can_log_in: bool,
}

impl Member {
    /// Why no page would reach them.
    pub(crate) fn cannot_be_woken(&self) -> Option<&'static str> {
        if self.person.deactivated_at.is_some() {
            Some("they are deactivated")
        } else if !self.can_log_in {
            Some("they have never logged in")
        } else {
            None
        }
    }
}

/// Finds a person by e-mail address, whatever its case.
pub async fn find_by_email(tx: &mut Tx, email: &str) -> Result<Option<Person>> {
    sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        " FROM people WHERE lower(email) = $1"
    ))
    .bind(email.trim().to_lowercase())
    .maybe(tx)
    .await
}

/// These people, of whom there may be none.
pub(crate) async fn of(tx: &mut Tx, ids: &BTreeSet<PersonId>) -> Result<BTreeMap<PersonId, Person>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let people: Vec<Person> = sql_of_rows(
        constcat::concat!(
            "WITH asked (id) AS (VALUES {rows}) SELECT ",
            COLUMNS,
            " FROM people WHERE id IN (SELECT id FROM asked)"
        ),
        ids.iter().map(|person| vec![Arg::from(*person)]).collect(),
    )
    .all(tx)
    .await?;
    Ok(people.into_iter().map(|person| (person.id, person)).collect())
}

/// The person, if they can still be paged.
pub(crate) async fn find_active(tx: &mut Tx, id: PersonId) -> Result<Option<Person>> {
    sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        " FROM people WHERE id = $1 AND deactivated_at IS NULL"
    ))
    .bind(id)
    .maybe(tx)
    .await
}

/// Everybody who was deactivated.
pub(crate) async fn gone(tx: &mut Tx) -> Result<BTreeSet<PersonId>> {
    let rows: Vec<(PersonId,)> = sql("SELECT id FROM people WHERE deactivated_at IS NOT NULL")
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|(person,)| person).collect())
}

/// The same with when that was, in order.
pub(crate) async fn left(tx: &mut Tx) -> Result<Vec<(DateTime<Utc>, PersonId)>> {
    sql("SELECT deactivated_at, id FROM people WHERE deactivated_at IS NOT NULL ORDER BY deactivated_at, id")
        .all(tx)
        .await
}

/// Why somebody cannot be chosen for work, whatever form they were still in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotBeChosen {
    #[error("There is no such person here. Choose somebody else.")]
    Unknown,
    #[error("{0} is not active any more. Choose somebody else.")]
    Gone(String),
    #[error("{0} is an observer, who reads along. Choose somebody else, or make them a responder first.")]
    Observes(String),
}

/// The person, if they can be put on call or given work now.
pub(crate) async fn choose(tx: &mut Tx, id: PersonId) -> Result<Result<Person, CannotBeChosen>> {
    let found: Option<Person> = sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        " FROM people WHERE id = $1"
    ))
    .bind(id)
    .maybe(tx)
    .await?;
    Ok(match found {
        None => Err(CannotBeChosen::Unknown),
        Some(person) if person.deactivated_at.is_some() => Err(CannotBeChosen::Gone(person.name)),
        Some(person) if person.role == Role::Observer => Err(CannotBeChosen::Observes(person.name)),
        Some(person) => Ok(person),
    })
}

/// The teams that a person is a member of.
pub async fn teams_of(tx: &mut Tx, id: PersonId) -> Result<Vec<TeamId>> {
    let rows: Vec<(TeamId,)> = sql("SELECT team_id FROM team_members WHERE person_id = $1")
        .bind(id)
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|(team,)| team).collect())
}

/// Checks that the person may do that.
///
/// # Errors
/// [`Error::NotAllowed`]
pub async fn authorize(tx: &mut Tx, person: &Person, permission: Permission) -> Result<()> {
    let teams = if matches!(permission, Permission::ChangeTeam(_)) {
        teams_of(tx, person.id).await?
    } else {
        Vec::new()
    };
    if allows(person.role, &teams, permission) {
        return Ok(());
    }
    Err(Error::NotAllowed(match permission {
        _ if person.role == Role::Observer => NotAllowed::ObserversRead,
        Permission::ChangeTeam(_) => NotAllowed::TeamOnly,
        _ => NotAllowed::AdministratorsOnly,
    }))
}

impl Tx {
    /// Who acts, where only a person can.
    ///
    /// # Errors
    /// [`Error::NotAllowed`]
    pub fn person(&self) -> Result<PersonId> {
        let person = self.actor().person();
        person.ok_or(Error::NotAllowed(NotAllowed::LoggedInOnly))
    }

    /// Checks that whoever acts may do that; an action asks first.
    ///
    /// # Errors
    /// [`Error::NotAllowed`]
    pub async fn authorize(&mut self, permission: Permission) -> Result<()> {
        match self.actor().clone() {
            Actor::Kintsugi | Actor::Sources => Ok(()),
            Actor::Visitor { .. } => Err(Error::NotAllowed(NotAllowed::LoggedInOnly)),
            Actor::Person { person, .. } | Actor::Link { person, .. } => {
                authorize(self, &person, permission).await
            }
        }
    }
}
