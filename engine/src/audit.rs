//! The audit log: each change of settings, schedules, policies, people, rights and secrets is a row, written in the transaction of
//! the change. Nobody edits it.

mod list;
mod state;

pub use list::{Entry, Filter, list};

use crate::Tx;
use crate::db::{Arg, sql};
use crate::error::Result;
use domain::audit::{Change, SubjectKind};
use domain::ids::{IncidentId, IntegrationId, PersonId, PolicyId, ScheduleId, ServiceId, TeamId};
use state::State;
use uuid::Uuid;

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Person(PersonId),
    /// With its members and the columns of its board.
    Team(TeamId),
    Service(ServiceId),
    /// With hints of its secrets.
    Integration(IntegrationId),
    /// With its turns and overrides.
    Schedule(ScheduleId),
    /// With its steps.
    Policy(PolicyId),
    /// A text of whose timeline was redacted.
    Incident(IncidentId),
}

impl Subject {
    const fn kind(self) -> SubjectKind {
        match self {
            Self::Person(_) => SubjectKind::Person,
            Self::Team(_) => SubjectKind::Team,
            Self::Service(_) => SubjectKind::Service,
            Self::Integration(_) => SubjectKind::Integration,
            Self::Schedule(_) => SubjectKind::Schedule,
            Self::Policy(_) => SubjectKind::Policy,
            Self::Incident(_) => SubjectKind::Incident,
        }
    }

    const fn id(self) -> Uuid {
        match self {
            Self::Person(id) => id.0,
            Self::Team(id) => id.0,
            Self::Service(id) => id.0,
            Self::Integration(id) => id.0,
            Self::Schedule(id) => id.0,
            Self::Policy(id) => id.0,
            Self::Incident(id) => id.0,
        }
    }
}

/// What something was before a change.
#[must_use = "a change that is not told is missing in the audit log"]
pub(crate) struct Before {
    subject: Subject,
    state: Option<State>,
}

/// To be called before something is changed.
pub(crate) async fn before(tx: &mut Tx, subject: Subject) -> Result<Before> {
    let state = state::read(tx, subject).await?;
    Ok(Before { subject, state })
}

/// Writes down that something was made.
pub(crate) async fn made(tx: &mut Tx, subject: Subject) -> Result<()> {
    let before = Before { subject, state: None };
    before.told(tx).await
}

/// Writes down what is no change of anything that is shown, such as that a link was shown.
pub(crate) async fn told(tx: &mut Tx, subject: Subject, change: Change) -> Result<()> {
    before(tx, subject).await?.told_as(tx, change).await
}

impl Before {
    /// Writes down what it became. What stayed as it was is no change.
    pub async fn told(self, tx: &mut Tx) -> Result<()> {
        let after = state::read(tx, self.subject).await?;
        if self.state == after {
            return Ok(());
        }
        let change = match (&self.state, &after) {
            (None, _) => Change::Made,
            (_, None) => Change::Removed,
            (Some(_), Some(_)) => Change::Changed,
        };
        write(tx, self, change, after).await
    }

    /// Writes down what was done, whether it shows or not.
    pub async fn told_as(self, tx: &mut Tx, change: Change) -> Result<()> {
        let after = state::read(tx, self.subject).await?;
        write(tx, self, change, after).await
    }
}

/// Counts what changed of a schedule, for calendars: the rows are kept for a while only.
pub(crate) async fn schedule_changed(tx: &mut Tx, id: ScheduleId) -> Result<()> {
    let now = tx.now();
    sql("UPDATE schedules SET changes = changes + 1, changed_at = $2 WHERE id = $1")
        .bind(id)
        .bind(now)
        .run(tx)
        .await
        .map(drop)
}

async fn write(tx: &mut Tx, before: Before, change: Change, after: Option<State>) -> Result<()> {
    let Before { subject, state } = before;
    if let Subject::Schedule(schedule) = subject {
        schedule_changed(tx, schedule).await?;
    }
    let name = after.as_ref().or(state.as_ref()).map(|state| state.name.clone());
    let id = tx.context.new_id();
    let (person, address) = (tx.actor().person(), tx.actor().address());
    sql(
        "INSERT INTO audit_log (id, at, person_id, address, change, subject, subject_id, name, was, became)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(Arg::Id(Some(id)))
    .bind(tx.now())
    .bind(person)
    .bind(address.map(|address| address.to_string()))
    .bind(change)
    .bind(subject.kind())
    .bind(Arg::Id(Some(subject.id())))
    .bind(name.unwrap_or_default())
    .bind(Arg::json(&state.as_ref().map(|state| &state.words)))
    .bind(Arg::json(&after.as_ref().map(|state| &state.words)))
    .run(tx)
    .await?;
    Ok(())
}
