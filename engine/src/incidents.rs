//! Incidents: each verb a file. A verb takes the incident first ([`hold`]), changes it, and records the change in its timeline,
//! all in the caller's transaction; doing it twice is safe.

mod acknowledge;
mod correct;
mod escalate;
mod left;
mod list;
mod mitigate;
mod open;
mod read;
mod reopen;
mod resolve;
mod roles;
pub mod search;
mod severity;
pub mod timeline;
mod write;

pub use acknowledge::{Acknowledged, acknowledge, acknowledge_from_source};
pub use correct::{change_services, correct_drawn_instant, correct_instant, rename};
pub use escalate::escalate;
pub(crate) use left::{held_by, holder_has_left};
pub use list::{Filter, Listed, OpenCount, PAGE, Place, count_open, list, nobody_has, worst_open};
pub use mitigate::mitigate;
pub use open::{ByHand, open_by_hand};
pub(crate) use open::{Opening, insert};
pub(crate) use read::holder;
pub use read::{
    AlertCount, Here, Holder, PageSent, RoleHeld, Story, around, read, read_both_ends, read_from, services_of,
};
pub use reopen::reopen;
pub use resolve::resolve;
pub(crate) use resolve::resolve_by_alerts;
pub use roles::{leave_role, take_role};
pub use severity::change_severity;
pub(crate) use severity::{raise_to, wake};
pub use write::{Writing, write};

use crate::Tx;
use crate::db::{dialect, sql};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::Severity;
use domain::ids::IncidentId;
use domain::incidents::instants::Correction;
use domain::incidents::{Incident, IncidentRole, State};

/// Columns of an [`Incident`].
pub(crate) const COLUMNS: &str = "id, number, title, severity, state, team_id, noticed_by, seq, alerts_quiet, opened_at, \
    impact_started_at, detected_at, acknowledged_at, mitigated_at, resolved_at, seconds_to_acknowledge, \
    seconds_to_mitigate, seconds_to_resolve";

/// Why an incident did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("INC-{0} is resolved. Reopen it if it is not over.")]
    Resolved(i64),
    #[error("INC-{0} is still open, so there is nothing to reopen.")]
    StillOpen(i64),
    #[error("Give it a title: what is broken, in a few words.")]
    NoTitle,
    #[error("A title has at most 200 characters.")]
    TitleTooLong,
    #[error("Choose at least one service.")]
    NoService,
    #[error("Write something first.")]
    NoText,
    #[error("That is longer than 20,000 characters. Put the long part where it can be linked to.")]
    TextTooLong,
    #[error("{0}.")]
    OutOfOrder(#[from] domain::incidents::instants::OutOfOrder),
    #[error("{0}")]
    NotAMoment(String),
    #[error("It is not {} yet. Say so first; the instant can be corrected then.", .0.label().to_lowercase())]
    NotYet(Correction),
    #[error("Somebody else corrected it meanwhile: {} is {}. Yours is below; saving it again puts it in its place.", which.label(), said(*now))]
    CorrectedMeanwhile {
        which: Correction,
        now: Option<DateTime<Utc>>,
    },
    #[error("That is in the future. An instant is when something has happened.")]
    InTheFuture,
    #[error(
        "The service has no escalation policy, so there is nobody to page. Its team can add one under Settings."
    )]
    NoPolicy,
    #[error("Nobody holds the role {} here.", .0.label())]
    RoleNotHeld(IncidentRole),
    #[error("Choose who gets the role.")]
    NobodyChosen,
    #[error("{0}")]
    CannotBeChosen(crate::people::CannotBeChosen),
}

fn said(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(
        || "unknown".to_owned(),
        |at| format!("{} UTC", at.format("%-d %b %Y %H:%M:%S")),
    )
}

impl Refused {
    /// The form field that the sentence belongs beside.
    pub fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoTitle | Self::TitleTooLong => "title",
            Self::NoService => "services",
            Self::NoText | Self::TextTooLong => "text",
            Self::CannotBeChosen(_) => "person",
            Self::OutOfOrder(_)
            | Self::InTheFuture
            | Self::NotAMoment(_)
            | Self::NotYet(_)
            | Self::CorrectedMeanwhile { .. } => "at",
            Self::Resolved(_)
            | Self::StillOpen(_)
            | Self::NoPolicy
            | Self::RoleNotHeld(_)
            | Self::NobodyChosen => return None,
        })
    }
}

/// Finds an incident by its number, without taking it.
///
/// # Errors
/// [`Error::NotFound`]
pub async fn find(tx: &mut Tx, number: i64) -> Result<Incident> {
    sql(constcat!(
        "SELECT ",
        COLUMNS,
        " FROM incidents WHERE number = $1 AND visibility = 'everybody'"
    ))
    .bind(number)
    .one(tx, "incident")
    .await
}

/// Finds an incident by its id, without taking it.
///
/// # Errors
/// [`Error::NotFound`]
pub async fn find_by_id(tx: &mut Tx, id: IncidentId) -> Result<Incident> {
    sql(constcat!("SELECT ", COLUMNS, " FROM incidents WHERE id = $1"))
        .bind(id)
        .one(tx, "incident")
        .await
}

/// Takes the incident for this transaction, then reads it: what is read stays true until the commit.
///
/// # Errors
/// [`Error::NotFound`]
pub(crate) async fn hold(tx: &mut Tx, id: IncidentId) -> Result<Incident> {
    dialect::lock_incident(tx, id).await?;
    let incident = find_by_id(tx, id).await?;
    tx.knows_seq(id, incident.seq);
    Ok(incident)
}

/// [`hold`] by the number that people say.
pub(crate) async fn hold_number(tx: &mut Tx, number: i64) -> Result<Incident> {
    let incident = find(tx, number).await?;
    hold(tx, incident.id).await
}

/// Writes everything of the incident that a verb may have changed (not its `seq`, which the timeline raises).
pub(crate) async fn store(tx: &mut Tx, incident: &mut Incident) -> Result<()> {
    let instants = incident.instants();
    incident.seconds_to_acknowledge = instants.seconds_to_acknowledge();
    incident.seconds_to_mitigate = instants.seconds_to_mitigate();
    incident.seconds_to_resolve = instants.seconds_to_resolve();
    sql("UPDATE incidents SET title = $2, severity = $3, state = $4, alerts_quiet = $5, impact_started_at = $6,
            detected_at = $7, acknowledged_at = $8, mitigated_at = $9, resolved_at = $10,
            seconds_to_acknowledge = $11, seconds_to_mitigate = $12, seconds_to_resolve = $13
         WHERE id = $1")
        .bind(incident.id)
        .bind(&incident.title)
        .bind(incident.severity)
        .bind(incident.state)
        .bind(incident.alerts_quiet)
        .bind(incident.impact_started_at)
        .bind(incident.detected_at)
        .bind(incident.acknowledged_at)
        .bind(incident.mitigated_at)
        .bind(incident.resolved_at)
        .bind(incident.seconds_to_acknowledge)
        .bind(incident.seconds_to_mitigate)
        .bind(incident.seconds_to_resolve)
        .later(tx)
        .await?;
    Ok(())
}

/// The lowest line of the incident's services: it pages from there up.
pub(crate) async fn page_from(tx: &mut Tx, incident: IncidentId) -> Result<Severity> {
    let rows: Vec<(i64,)> = sql("SELECT s.page_from FROM services s
             JOIN incident_services i ON i.service_id = s.id WHERE i.incident_id = $1 ORDER BY s.page_from DESC LIMIT 1")
        .bind(incident)
        .all(tx)
        .await?;
    Ok(rows
        .first()
        .and_then(|(number,)| Severity::from_number(*number))
        .unwrap_or(Severity::Sev3))
}

fn must_be_open(incident: &Incident) -> Result<()> {
    if incident.state == State::Resolved {
        return Err(Error::Incident(Refused::Resolved(incident.number)));
    }
    Ok(())
}

/// A title as it is stored: one line, neither empty nor endless.
fn checked_title(title: &str) -> Result<String> {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    match title.chars().count() {
        0 => Err(Refused::NoTitle.into()),
        1..=200 => Ok(title),
        _ => Err(Refused::TitleTooLong.into()),
    }
}
