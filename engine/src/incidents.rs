//! Incidents: each verb a file. A verb takes the incident first ([`hold`]), changes it, and records the change in its timeline,
//! all in the caller's transaction; doing it twice is safe.

mod acknowledge;
mod awake;
mod by_mail;
mod correct;
mod drill;
mod duplicate;
mod edit;
mod escalate;
mod fit;
mod follow;
mod hand_over;
mod left;
mod link;
mod list;
mod mitigate;
mod open;
mod page_somebody;
mod past;
mod pin;
mod read;
mod redact;
mod reopen;
mod resolve;
mod roles;
pub mod search;
mod severity;
mod take_back;
mod tasks;
pub mod updates;
mod write;

pub use acknowledge::{Acknowledged, acknowledge, acknowledge_from_source};
pub use awake::{Awake, awake, came_for, i_am_asleep, i_am_awake, waiting_for};
pub use by_mail::{
    Around as AroundLink, Linked, Next as NextPaged, PassedOn, acknowledge_by_link, around_link,
    pass_on_by_link, read_link,
};
pub use correct::{change_services, correct_drawn_instant, correct_instant, rename};
pub use drill::say_drill;
pub use duplicate::mark_duplicate;
pub use edit::{Before, edit, texts_before};
pub use escalate::escalate;
pub use fit::must_fit;
pub use follow::{follow, is_followed};
pub use hand_over::{
    Handover, accept_handover, hand_over, handover_is_over, handover_of, handovers_due, take_back_handover,
};
pub(crate) use left::{held_by, holder_has_left};
pub use link::{LinkedTo, link, unlink};
pub use list::{Filter, Listed, OpenCount, PAGE, Place, count_open, list, nobody_has, worst_open};
pub use mitigate::mitigate;
pub use open::{ByHand, open_by_hand};
pub(crate) use open::{Opening, insert, insert_known};
pub use page_somebody::page_somebody;
pub use past::{Past, enter_past};
pub use pin::pin;
pub use read::{
    AlertCount, Here, PageSent, RoleHeld, Story, around, read, read_both_ends, read_from, read_shown,
    services_of,
};
pub use redact::redact;
pub use reopen::reopen;
pub use resolve::resolve;
pub(crate) use resolve::resolve_by_alerts;
pub use roles::{give_role, leave_role, take_role};
pub use severity::change_severity;
pub(crate) use severity::{raise_to, wake};
pub use take_back::take_back_mitigation;
pub use tasks::{Task, add_task, tasks_of, tick};
pub(crate) use tasks::{became, task};
pub use write::{Draft, Writing, write, write_draft};

pub use crate::timeline;
pub use crate::timeline::{Holder, find, find_by_id};
pub(crate) use crate::timeline::{hold, hold_number, holder, holder_of, role_taken_at, state_since, store};

use crate::Tx;
use crate::db::sql;
use crate::error::{Refusal, Result};
use chrono::{DateTime, Utc};
use domain::Severity;
use domain::ids::IncidentId;
use domain::incidents::instants::Correction;
use domain::incidents::timeline::Event;
use domain::incidents::{Incident, IncidentRole, State};

/// Why an incident did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("INC-{0} is resolved. Reopen it if it is not over.")]
    Resolved(i64),
    #[error("INC-{0} is still open, so there is nothing to reopen.")]
    StillOpen(i64),
    #[error("Choose at least one service.")]
    NoService,
    #[error("That is this incident itself. Write the number of another.")]
    LinkedToItself,
    #[error("Write the other incident's number, such as INC-12.")]
    NoSuchNumber,
    #[error(
        "INC-{0} is resolved, so nobody would see to what fires here. Reopen it first, or mark it the other way round."
    )]
    OtherIsResolved(i64),
    #[error("Say when it began.")]
    NoBeginning,
    #[error("Say when it was over.")]
    NoEnd,
    #[error("{0}")]
    NotATime(#[from] domain::incidents::when::NotATime),
    #[error("Whoever wrote it can change it. Write a note beside it.")]
    NotTheWriter,
    #[error("Whoever wrote it, or an administrator, can redact it.")]
    MayNotRedact,
    #[error("Only notes, decisions and status updates are changed or redacted.")]
    NotWritten,
    #[error("Its text was changed meanwhile. Yours is below; saving it again puts it in its place.")]
    EditedMeanwhile,
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
    #[error("Nobody holds the role {} here.", .0.label())]
    RoleNotHeld(IncidentRole),
    #[error("{0}: nobody can be reached there just now besides you. Choose somebody else.")]
    ReachesNobody(String),
    #[error("Nobody has it, so there is nothing to hand over. Acknowledge it first, or page somebody.")]
    NobodyHasIt,
    #[error("Nobody waits for you to take this over any more.")]
    NotAskedToTakeOver,
    #[error("This incident has 100 tasks, which is as many as it holds.")]
    TooManyTasks,
    #[error("Choose who gets the role.")]
    NobodyChosen,
    #[error("{0}")]
    CannotBeChosen(crate::people::CannotBeChosen),
    #[error(
        "Nothing was done: the button had changed less than a second before it was pressed. Read it, and press it if you mean it."
    )]
    TooSoon,
    #[error(
        "Nothing was done: INC-{number} is {} again since the page was made. Look at it, and press what fits now.", now.label().to_lowercase()
    )]
    WentBack { number: i64, now: State },
    #[error(
        "Nothing was done: INC-{0} fires again since the page was made. Look at it before it is resolved."
    )]
    FiresAgain(i64),
    #[error("Nobody further was paged: {name} has INC-{number} by now. Page somebody if they need help.")]
    TakenMeanwhile { number: i64, name: String },
    #[error("Nothing was done: {name} is {} since the page was made.", role.label().to_lowercase())]
    HeldByAnother { role: IncidentRole, name: String },
    #[error(
        "Nobody was paged: INC-{number} is with {name} since the page was made. Send it again if it still fits."
    )]
    WithAnother { number: i64, name: String },
}

fn said(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(
        || "unknown".to_owned(),
        |at| format!("{} UTC", at.format("%-d %b %Y %H:%M:%S")),
    )
}

impl Refusal for Refused {
    fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoService => "services",
            Self::EditedMeanwhile => "text",
            Self::NotATime(_) => "happened",
            Self::ReachesNobody(_) => "whom",
            Self::TooManyTasks => "task",
            Self::LinkedToItself | Self::NoSuchNumber | Self::OtherIsResolved(_) => "other",
            Self::NoBeginning => "at",
            Self::NoEnd => "resolved_at",
            Self::CannotBeChosen(_) => "person",
            Self::OutOfOrder(_)
            | Self::InTheFuture
            | Self::NotAMoment(_)
            | Self::NotYet(_)
            | Self::CorrectedMeanwhile { .. } => "at",
            Self::Resolved(_)
            | Self::StillOpen(_)
            | Self::RoleNotHeld(_)
            | Self::NotTheWriter
            | Self::MayNotRedact
            | Self::NotWritten
            | Self::NobodyChosen
            | Self::NobodyHasIt
            | Self::NotAskedToTakeOver
            | Self::TooSoon
            | Self::WentBack { .. }
            | Self::FiresAgain(_)
            | Self::TakenMeanwhile { .. }
            | Self::HeldByAnother { .. }
            | Self::WithAnother { .. } => return None,
        })
    }
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

/// A verb writes when it happened. Where that lies before what is known to have come first, a clock was off, and the timeline says so.
async fn say_if_out_of_order(tx: &mut Tx, incident: &mut Incident) -> Result<()> {
    if let Err(wrong) = incident.instants().check() {
        let event = Event::OutOfOrder {
            earlier: wrong.earlier.to_owned(),
            later: wrong.later.to_owned(),
        };
        timeline::record_as_kintsugi(tx, incident, event).await?;
    }
    Ok(())
}

fn must_be_open(incident: &Incident) -> Result<()> {
    if incident.state == State::Resolved {
        return Err(Refused::Resolved(incident.number).into());
    }
    Ok(())
}
