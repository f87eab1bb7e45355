//! What a person is told besides pages, since it concerns them and somebody else did it.

use crate::Severity;
use crate::ids::ScheduleId;
use crate::incidents::IncidentRole;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

words! {
    /// Kinds of news; each can be turned off.
    pub enum NewsKind {
        RoleGiven = "role_given",
        ActionItemGiven = "action_item_given",
        ReviewWaits = "review_waits",
        ShiftsChanged = "shifts_changed",
        /// What somebody was paged for is in other hands, or over.
        LetGo = "let_go",
    }
}

impl NewsKind {
    /// As the settings name it: “Mail me when …”.
    pub const fn label(self) -> &'static str {
        match self {
            Self::RoleGiven => "somebody gives me a role in an incident",
            Self::ActionItemGiven => "somebody names me as owner of an action item",
            Self::ReviewWaits => {
                "a postmortem of my team, or of an incident that I worked on, waits for review"
            }
            Self::ShiftsChanged => "somebody changes or covers a turn of mine",
            Self::LetGo => "what I was paged for is in other hands or resolved, so that I can sleep",
        }
    }
}

/// A piece of news, as it is kept until it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum News {
    RoleGiven {
        role: IncidentRole,
        incident: About,
    },
    ActionItemGiven {
        number: i64,
        title: String,
        due_on: Option<NaiveDate>,
        incident: About,
    },
    ReviewWaits {
        title: String,
        incident: About,
    },
    ShiftsChanged {
        schedule: ScheduleId,
        name: String,
        /// Times that are theirs from now on, and those that are no longer.
        gained: Vec<Time>,
        lost: Vec<Time>,
    },
    LetGo {
        incident: About,
        how: LetGo,
    },
}

/// The incident that it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub number: i64,
    pub title: String,
    pub severity: Severity,
}

/// From … to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Time {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

words! {
    /// Why nobody waits for an answer any more.
    pub enum LetGo {
        Taken = "taken",
        Mitigated = "mitigated",
        Resolved = "resolved",
    }
}

impl News {
    pub const fn kind(&self) -> NewsKind {
        match self {
            Self::RoleGiven { .. } => NewsKind::RoleGiven,
            Self::ActionItemGiven { .. } => NewsKind::ActionItemGiven,
            Self::ReviewWaits { .. } => NewsKind::ReviewWaits,
            Self::ShiftsChanged { .. } => NewsKind::ShiftsChanged,
            Self::LetGo { .. } => NewsKind::LetGo,
        }
    }
}

impl From<&crate::incidents::Incident> for About {
    fn from(incident: &crate::incidents::Incident) -> Self {
        Self {
            number: incident.number,
            title: incident.title.clone(),
            severity: incident.severity,
        }
    }
}
