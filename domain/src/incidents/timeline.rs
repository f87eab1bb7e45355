//! Everything that can happen to an incident. One row each, told as a sentence.

use super::{IncidentRole, NoticedBy, State};
use crate::Severity;
use crate::alerts::Status;
use crate::ids::{AlertId, IncidentId, PageId, PersonId};
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
    Escalated {
        by_hand: bool,
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
    },
    Mitigated,
    /// It was said too early: the incident is what it was before.
    MitigationTakenBack,
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
    InstantCorrected {
        instant: String,
        from: Option<DateTime<Utc>>,
        to: Option<DateTime<Utc>>,
    },
    ActionItemAdded {
        number: i64,
        title: String,
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
        ByHand = "by_hand",
    }
}

/// One row of an incident's timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct Entry {
    pub incident_id: IncidentId,
    /// 1, 2, 3 … without a gap.
    pub seq: i64,
    /// When it happened, which a source may have told us later.
    pub happened_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
    /// Who did it; `None` for sources and for Kintsugi itself.
    pub actor_id: Option<PersonId>,
    pub actor_name: Option<String>,
    #[cfg_attr(feature = "sqlx", sqlx(json))]
    pub event: Event,
    /// The incident's state once this has happened.
    pub state: State,
}

impl Event {
    /// Whether a person wrote this: it is shown as a card rather than as a line.
    pub fn written_text(&self) -> Option<&str> {
        match self {
            Self::Note { text } | Self::Decision { text } | Self::StatusUpdate { text } => Some(text),
            _ => None,
        }
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
                | Self::Escalated { .. }
                | Self::RoleTaken { .. }
                | Self::RoleLeft { .. }
                | Self::HolderLeft { .. }
                | Self::Mitigated
                | Self::MitigationTakenBack
                | Self::Resolved { .. }
                | Self::Reopened { .. }
                | Self::PostmortemStarted
        )
    }
}
