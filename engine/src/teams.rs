//! Teams, their services, and the integrations that alerts come through.

pub mod changes;
pub mod integrations;
pub mod members;
pub mod refusals;
pub mod services;
pub mod signing;

pub use changes::{create, rename};

use crate::Tx;
use crate::db::sql;
use crate::error::{Refusal, Result};
use domain::fields;
use domain::ids::{ServiceId, TeamId};
use domain::teams::{Service, Team, slug};

/// Why teams, services or integrations cannot be changed like that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("A name needs a letter or a digit: it becomes part of an address.")]
    NameWithoutLetters,
    #[error("{0} is taken. Choose a name that tells them apart.")]
    NameTaken(String),
    #[error("This escalation policy belongs to another team.")]
    PolicyOfOtherTeam,
    #[error(
        "Its routing rules still page by other policies. Delete them first, or keep a policy for what no rule is for."
    )]
    RulesRemain,
    #[error("Choose how long an acknowledgement may be old: up to a week, or never.")]
    RemindAfter,
    #[error("{0} is not active any more. Choose somebody else.")]
    MemberGone(String),
    #[error("This integration is revoked. Make a new one.")]
    Revoked,
    #[error("This source does not sign what it sends.")]
    SignsNothing,
}

impl Refusal for Refused {
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NameWithoutLetters | Self::NameTaken(_) => Some("name"),
            Self::PolicyOfOtherTeam | Self::RulesRemain => Some("policy"),
            Self::RemindAfter => Some("remind_after_hours"),
            Self::MemberGone(_) => Some("person"),
            Self::Revoked | Self::SignsNothing => None,
        }
    }
}

/// A name as it is kept: one line, with something in it that an address can show.
pub(crate) fn checked_name(name: &str) -> Result<String> {
    let name = fields::NAME.read(name)?;
    if slug(&name).is_empty() {
        return Err(Refused::NameWithoutLetters.into());
    }
    Ok(name.into())
}

/// The name as an address shows it; with a number behind it where another name became the same.
fn free_slug(name: &str, taken: &[String]) -> String {
    let wish = slug(name);
    let mut free = wish.clone();
    let mut number = 2;
    while taken.contains(&free) {
        free = format!("{wish}-{number}");
        number += 1;
    }
    free
}

/// Finds a service.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn find_service(tx: &mut Tx, id: ServiceId) -> Result<Service> {
    sql("SELECT * FROM services WHERE id = $1")
        .bind(id)
        .one(tx, "service")
        .await
}

/// All services, by name.
pub async fn services(tx: &mut Tx) -> Result<Vec<Service>> {
    sql("SELECT * FROM services ORDER BY name").all(tx).await
}

/// All teams, by name.
pub async fn all(tx: &mut Tx) -> Result<Vec<Team>> {
    sql("SELECT * FROM teams ORDER BY name").all(tx).await
}

/// Finds a team by the word in its addresses.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn find(tx: &mut Tx, slug: &str) -> Result<Team> {
    sql("SELECT * FROM teams WHERE slug = $1")
        .bind(slug)
        .one(tx, "team")
        .await
}

/// Finds a team by its id.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn find_by_id(tx: &mut Tx, id: TeamId) -> Result<Team> {
    sql("SELECT * FROM teams WHERE id = $1")
        .bind(id)
        .one(tx, "team")
        .await
}

/// Finds a service by the word in its addresses.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn find_service_by_slug(tx: &mut Tx, slug: &str) -> Result<Service> {
    sql("SELECT * FROM services WHERE slug = $1")
        .bind(slug)
        .one(tx, "service")
        .await
}

/// The services of a team, by name.
pub async fn services_of(tx: &mut Tx, team: TeamId) -> Result<Vec<Service>> {
    sql("SELECT * FROM services WHERE team_id = $1 ORDER BY name")
        .bind(team)
        .all(tx)
        .await
}
