//! Incidents: states, roles, instants, and what happens in their timeline.

use crate::Severity;
use crate::ids::{AlertId, IncidentId, IntegrationId, PageId, PersonId, ServiceId, TeamId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub mod instants;
pub mod next;
pub mod timeline;
pub mod verb;
pub mod when;
pub mod whom;

words! {
    pub enum State {
        Triggered = "triggered",
        Acknowledged = "acknowledged",
        Mitigated = "mitigated",
        Resolved = "resolved",
    }
}

impl State {
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Resolved)
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::Triggered => "Triggered",
            Self::Acknowledged => "Acknowledged",
            Self::Mitigated => "Mitigated",
            Self::Resolved => "Resolved",
        }
    }
}

words! {
    /// Who saw it first.
    pub enum NoticedBy {
        Alert = "alert",
        Staff = "staff",
        Customer = "customer",
    }
}

words! {
    /// What a person does in one incident.
    pub enum IncidentRole {
        Commander = "commander",
        Communications = "communications",
        Scribe = "scribe",
    }
}

impl IncidentRole {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Commander => "Incident commander",
            Self::Communications => "Communications",
            Self::Scribe => "Scribe",
        }
    }
}

words! {
    /// What one incident has to do with another.
    pub enum LinkKind {
        Related = "related",
        CausedBy = "caused_by",
        DuplicateOf = "duplicate_of",
    }
}

words! {
    /// The same, as either of the two says it.
    pub enum Relation {
        DuplicateOf = "duplicate_of",
        HasDuplicate = "has_duplicate",
        CausedBy = "caused_by",
        Caused = "caused",
        Related = "related",
    }
}

impl Relation {
    /// Before the other's number: “caused by INC-7”.
    pub const fn label(self) -> &'static str {
        match self {
            Self::DuplicateOf => "duplicate of",
            Self::HasDuplicate => "has the duplicate",
            Self::CausedBy => "caused by",
            Self::Caused => "caused",
            Self::Related => "related to",
        }
    }

    #[must_use]
    pub const fn seen_from_the_other(self) -> Self {
        match self {
            Self::DuplicateOf => Self::HasDuplicate,
            Self::HasDuplicate => Self::DuplicateOf,
            Self::CausedBy => Self::Caused,
            Self::Caused => Self::CausedBy,
            Self::Related => Self::Related,
        }
    }

    /// How it is kept, and whether from here to the other.
    pub const fn kind(self) -> (LinkKind, bool) {
        match self {
            Self::DuplicateOf => (LinkKind::DuplicateOf, true),
            Self::HasDuplicate => (LinkKind::DuplicateOf, false),
            Self::CausedBy => (LinkKind::CausedBy, true),
            Self::Caused => (LinkKind::CausedBy, false),
            Self::Related => (LinkKind::Related, true),
        }
    }
}

impl From<LinkKind> for Relation {
    fn from(kind: LinkKind) -> Self {
        match kind {
            LinkKind::Related => Self::Related,
            LinkKind::CausedBy => Self::CausedBy,
            LinkKind::DuplicateOf => Self::DuplicateOf,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct Incident {
    pub id: IncidentId,
    /// What people say: INC-142.
    pub number: i64,
    pub title: String,
    pub severity: Severity,
    pub state: State,
    pub team_id: TeamId,
    pub noticed_by: NoticedBy,
    /// The highest `seq` of its timeline; also its ETag.
    pub seq: i64,
    /// All its alerts are resolved, and it waits for a person because somebody holds a role.
    pub alerts_quiet: bool,
    /// A drill or a test, which counts in no figure unless asked for.
    pub is_drill: bool,
    pub opened_at: DateTime<Utc>,
    pub impact_started_at: Option<DateTime<Utc>>,
    pub detected_at: Option<DateTime<Utc>>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub mitigated_at: Option<DateTime<Utc>>,
    pub resolved_at: Option<DateTime<Utc>>,
    /// Whole seconds from [`instants::Instants::counted_from`], stored when the transition happens.
    pub seconds_to_acknowledge: Option<i64>,
    pub seconds_to_mitigate: Option<i64>,
    pub seconds_to_resolve: Option<i64>,
}

impl Incident {
    /// `INC-142`
    pub fn label(&self) -> String {
        format!("INC-{}", self.number)
    }

    pub fn instants(&self) -> instants::Instants {
        instants::Instants {
            impact_started_at: self.impact_started_at,
            detected_at: self.detected_at,
            acknowledged_at: self.acknowledged_at,
            mitigated_at: self.mitigated_at,
            resolved_at: self.resolved_at,
        }
    }
}

/// An alert as it stands in an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct Alert {
    pub id: AlertId,
    pub incident_id: IncidentId,
    pub integration_id: Option<IntegrationId>,
    pub service_id: ServiceId,
    pub dedup_key: String,
    pub title: String,
    pub severity: Severity,
    /// The source's own word, kept as it came.
    pub severity_word: Option<String>,
    pub status: crate::alerts::Status,
    /// Names and values that the source hung on it.
    #[cfg_attr(feature = "sqlx", sqlx(json))]
    pub labels: std::collections::BTreeMap<String, String>,
    /// What the source says of it at length.
    #[cfg_attr(feature = "sqlx", sqlx(json))]
    pub annotations: std::collections::BTreeMap<String, String>,
    pub link: Option<String>,
    /// All places that the source names.
    #[cfg_attr(feature = "sqlx", sqlx(json))]
    pub links: Vec<crate::alerts::Link>,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    /// How often the source told of it.
    pub times_received: i64,
    pub last_received_at: DateTime<Utc>,
}

words! {
    /// What became of a page.
    pub enum PageOutcome {
        /// In the outbox.
        Waiting = "waiting",
        /// The mail server took it; whether it rang is more than we know.
        Accepted = "accepted",
        /// More than five in five minutes: told in one list with others.
        Gathered = "gathered",
        /// The mail server said no, for good.
        Refused = "refused",
        /// No mail server is set; the mail can be read in the browser.
        Kept = "kept",
        /// Resolved or acknowledged before it was sent.
        Dropped = "dropped",
        /// Whoever it is for is awake, and sees it on their list.
        OnList = "on_list",
    }
}

/// One person told once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct Page {
    pub id: PageId,
    pub incident_id: IncidentId,
    pub person_id: PersonId,
    /// 0 for the first step of the policy.
    pub step: i64,
    /// 0 for the first time through the policy.
    pub round: i64,
    pub outcome: PageOutcome,
    pub created_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
    /// What the mail server said last.
    pub server_words: Option<String>,
}
