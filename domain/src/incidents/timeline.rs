//! Everything that can happen to an incident. One row each, told as a sentence.

mod entry;
mod show;
mod together;

pub use entry::{Entry, as_it_happened};
pub use show::Show;
pub use together::TOGETHER_WITHIN;

use super::{IncidentRole, NoticedBy, Relation};
use crate::Severity;
use crate::alerts::Status;
use crate::ids::{AlertId, PageId, PersonId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What happened. Notification as JSON; a variant is never renamed once it has been written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Opened {
        noticed_by: NoticedBy,
        severity: Severity,
    },
    /// Handling an alert failed by a fault of our own; the alert's raw form is kept.
    OpenedBare {
        reason: String,
    },
    /// A request of a known source could not be read and was refused; it seemed to say that something fires.
    RequestRefused {
        reason: String,
    },
    /// A request was too long, and only its beginning was read.
    RequestCut {
        /// Alerts that were read.
        read: u64,
    },
    AlertAdded {
        alert: AlertId,
        title: String,
        severity: Severity,
        status: Status,
        link: Option<String>,
    },
    AlertChanged {
        alert: AlertId,
        title: String,
        status: Status,
    },
    /// What somebody wrote of an alert at its source, or what the source says of it besides.
    AlertNoted {
        alert: AlertId,
        title: String,
        text: String,
    },
    /// Alerts of one request past the first twenty.
    MoreAlertsAdded {
        count: u64,
    },
    /// The source left some alerts out (Alertmanager's `max_alerts`).
    AlertsLeftOut {
        count: u64,
    },
    AlertsQuiet,
    /// An alert fires after all were quiet, or after it was mitigated: whoever had it is paged first.
    FiresAgain,
    /// It is told again, long after it was acknowledged: whoever has it is reminded, then the policy goes on.
    StillFires {
        seconds: i64,
    },
    Paged {
        page: PageId,
        person: PersonId,
        name: String,
        reason: PageReason,
    },
    PageSettled {
        page: PageId,
        person: PersonId,
        name: String,
        outcome: super::PageOutcome,
        server_words: Option<String>,
        seconds: i64,
    },
    NobodyOnCall {
        schedule: String,
    },
    /// All whom a step names were deactivated.
    StepReachesNobody {
        step: i64,
    },
    /// A fault of our own holds the policy up; it is tried again.
    PolicyStuck {
        reason: String,
    },
    PolicyRanOut,
    /// The service has no escalation policy, so nobody could be paged.
    NoPolicy,
    BelowPaging {
        page_from: Severity,
    },
    Acknowledged {
        via: Via,
    },
    /// One of those who all have to acknowledge has; it waits for the others, by name.
    AcknowledgedInPart {
        via: Via,
        waits_for: Vec<String>,
    },
    /// Whoever has it says that they still do.
    AcknowledgedAgain {
        via: Via,
    },
    /// An acknowledgement holds no longer than its policy says: whoever has it is paged, then the policy begins anew.
    AcknowledgementOver {
        seconds: i64,
    },
    /// As bad as it is now, the service pages by another policy.
    PolicyChosenAnew {
        policy: String,
    },
    Escalated {
        by_hand: bool,
        step: i64,
    },
    /// Whoever was paged cannot take it: the next people are paged at once.
    PassedOn {
        step: i64,
    },
    SeverityChanged {
        from: Severity,
        to: Severity,
    },
    RoleTaken {
        role: IncidentRole,
        name: String,
        person: PersonId,
    },
    RoleLeft {
        role: IncidentRole,
        name: String,
        person: PersonId,
    },
    /// Whoever had it was deactivated, so nobody has it.
    HolderLeft {
        name: String,
    },
    Note {
        text: String,
    },
    Decision {
        text: String,
    },
    StatusUpdate {
        text: String,
        /// When those who wait hear the next one.
        #[serde(default)]
        next_due_at: Option<DateTime<Utc>>,
    },
    /// Its text was taken out for good; `what` it was, and why that was.
    TextRedacted {
        what: Wrote,
        why: String,
        by: String,
    },
    /// The text of an entry was changed by whoever wrote it.
    Edited {
        entry: i64,
    },
    /// The text of an entry was taken out for good.
    Redacted {
        entry: i64,
        why: String,
    },
    Pinned {
        entry: i64,
    },
    Unpinned {
        entry: i64,
    },
    Mitigated,
    /// It was said too early: the incident is what it was before.
    MitigationTakenBack {
        /// When it was mitigated, as it stood, corrections included.
        #[serde(default)]
        before: Option<DateTime<Utc>>,
    },
    Resolved {
        by_alerts: bool,
    },
    Reopened {
        reason: Option<String>,
        /// What was known of its end: that begins anew.
        #[serde(default)]
        before: Option<Ended>,
    },
    /// By a verb one known instant lies before another: one of the clocks was off.
    OutOfOrder {
        earlier: String,
        later: String,
    },
    TitleChanged {
        from: String,
        to: String,
    },
    ServicesChanged {
        names: Vec<String>,
    },
    DrillSaid {
        is_drill: bool,
    },
    InstantCorrected {
        instant: String,
        from: Option<DateTime<Utc>>,
        to: Option<DateTime<Utc>>,
    },
    ActionItemAdded {
        number: i64,
        title: String,
    },
    /// Something to be done during the incident.
    TaskAdded {
        title: String,
    },
    TaskDone {
        title: String,
    },
    TaskOpenAgain {
        title: String,
    },
    /// Somebody asked for a person, a schedule or a team; whoever has the incident keeps it.
    PagedByHand {
        whom: String,
        why: String,
    },
    /// Whoever has it asked somebody to take it over, and keeps it until they do.
    HandoverAsked {
        whom: String,
        why: String,
    },
    HandoverAccepted {
        from: String,
    },
    HandoverTakenBack,
    /// Nobody accepted in time.
    HandoverNotTaken {
        whom: String,
        /// When it was mitigated, as it stood: nobody says so any more.
        #[serde(default)]
        mitigated_before: Option<DateTime<Utc>>,
    },
    /// It was over when it was written down; nobody was paged.
    EnteredAfterwards,
    Linked {
        how: Relation,
        number: i64,
        title: String,
    },
    Unlinked {
        how: Relation,
        number: i64,
        title: String,
    },
    /// It is over here: its alerts and pages are the other's.
    DuplicateOf {
        number: i64,
        title: String,
    },
    TookOver {
        number: i64,
        title: String,
        alerts: u64,
    },
    PostmortemStarted,
    PostmortemPublished,
}

/// The end of an incident that was reopened, as it stood, corrections included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub mitigated_at: Option<DateTime<Utc>>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub had_it: Option<String>,
}

words! {
    /// What people write.
    pub enum Wrote {
        Note = "note",
        Decision = "decision",
        StatusUpdate = "status_update",
    }
}

impl Wrote {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Decision => "decision",
            Self::StatusUpdate => "status update",
        }
    }
}

words! {
    /// How an acknowledgement reached us.
    pub enum Via {
        Page = "page",
        Mail = "mail",
        Source = "source",
    }
}

words! {
    /// Why a person was paged.
    pub enum PageReason {
        OnCall = "on_call",
        Named = "named",
        SeverityRose = "severity_rose",
        /// It was quiet or mitigated.
        FiresAgain = "fires_again",
        /// Somebody acknowledged it long ago.
        StillFires = "still_fires",
        /// Their acknowledgement is over.
        AskedAgain = "asked_again",
        ByHand = "by_hand",
        /// Whoever has it asks them to take it over.
        HandedOver = "handed_over",
        /// Whoever was paged before cannot take it.
        PassedOn = "passed_on",
    }
}

impl Event {
    /// Whether a person wrote this: it is shown as a card rather than as a line.
    pub fn written_text(&self) -> Option<&str> {
        match self {
            Self::Note { text } | Self::Decision { text } | Self::StatusUpdate { text, .. } => Some(text),
            _ => None,
        }
    }

    /// What kind of words they are, if a person wrote them, or had.
    pub const fn wrote(&self) -> Option<Wrote> {
        match self {
            Self::Note { .. } => Some(Wrote::Note),
            Self::Decision { .. } => Some(Wrote::Decision),
            Self::StatusUpdate { .. } => Some(Wrote::StatusUpdate),
            Self::TextRedacted { what, .. } => Some(*what),
            _ => None,
        }
    }

    /// The same with another text.
    #[must_use]
    pub fn with_text(self, new: String) -> Self {
        match self {
            Self::Note { .. } => Self::Note { text: new },
            Self::Decision { .. } => Self::Decision { text: new },
            Self::StatusUpdate { next_due_at, .. } => Self::StatusUpdate {
                text: new,
                next_due_at,
            },
            other => other,
        }
    }

    /// The entry that looks otherwise once this has happened.
    pub const fn changes_entry(&self) -> Option<i64> {
        match self {
            Self::Edited { entry }
            | Self::Redacted { entry, .. }
            | Self::Pinned { entry }
            | Self::Unpinned { entry } => Some(*entry),
            _ => None,
        }
    }

    /// Whether the ticks of its tasks mean something else, or stand elsewhere, once it has happened.
    pub const fn changes_the_ticks(&self) -> bool {
        matches!(
            self,
            Self::TaskDone { .. } | Self::TaskOpenAgain { .. } | Self::ActionItemAdded { .. }
        )
    }

    /// Whether buttons of the incident's page mean something else once it has happened.
    pub const fn changes_the_buttons(&self) -> bool {
        matches!(
            self,
            Self::Opened { .. }
                | Self::OpenedBare { .. }
                | Self::AlertsQuiet
                | Self::FiresAgain
                | Self::PolicyRanOut
                | Self::Acknowledged { .. }
                | Self::AcknowledgementOver { .. }
                | Self::Escalated { .. }
                | Self::RoleTaken { .. }
                | Self::RoleLeft { .. }
                | Self::HolderLeft { .. }
                | Self::HandoverAccepted { .. }
                | Self::HandoverNotTaken { .. }
                | Self::Mitigated
                | Self::MitigationTakenBack { .. }
                | Self::Resolved { .. }
                | Self::DuplicateOf { .. }
                | Self::Reopened { .. }
                | Self::PostmortemStarted
        )
    }
}
