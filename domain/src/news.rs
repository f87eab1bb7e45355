//! What a person is told besides pages, since it concerns them and somebody else did it.

use crate::Severity;
use crate::ids::{RequestId, ScheduleId};
use crate::incidents::IncidentRole;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

words! {
    /// Kinds of news; each can be turned off.
    pub enum NewsKind {
        RoleGiven = "role_given",
        ActionItemGiven = "action_item_given",
        ReviewWaits = "review_waits",
        ShiftBegins = "shift_begins",
        ShiftsChanged = "shifts_changed",
        TurnOffered = "turn_offered",
        /// A turn of somebody in their team that nobody takes.
        TurnUntaken = "turn_untaken",
        NotReady = "not_ready",
        /// Whoever has the pager of a schedule that they go along with was paged.
        Shadowed = "shadowed",
        /// What somebody was paged for is in other hands, or over.
        LetGo = "let_go",
        /// What they promised is due, or late.
        ActionItemsDue = "action_items_due",
        /// A factor came back that an action item of theirs was to prevent.
        CameBack = "came_back",
        /// The week of their teams' backlogs.
        TeamMonday = "team_monday",
        Mentioned = "mentioned",
        StatusUpdate = "status_update",
        /// A calendar of absence or holidays cannot be read any more.
        CalendarFails = "calendar_fails",
    }
}

impl NewsKind {
    /// As the settings name it: “Mail me when …”.
    pub const fn label(self) -> &'static str {
        match self {
            Self::RoleGiven => "somebody gives me a role in an incident, or reopens one that I had",
            Self::ActionItemGiven => "somebody names me as owner of an action item",
            Self::ReviewWaits => {
                "a postmortem of my team, or of an incident that I worked on, waits for review"
            }
            Self::ShiftBegins => "a turn of mine begins, and some hours before",
            Self::ShiftsChanged => {
                "somebody changes a turn of mine, arranges an override for it, or asks others to take it"
            }
            Self::TurnOffered => "somebody asks me to take a turn, or to swap",
            Self::TurnUntaken => {
                "nobody has taken a turn that somebody in my team asked to be covered for, a week before it"
            }
            Self::NotReady => "nobody will be on call for a schedule of my team, or somebody cannot be woken",
            Self::Shadowed => "a schedule that I shadow is paged",
            Self::CalendarFails => {
                "a calendar of my absence, or of my team’s holidays, cannot be read any more"
            }
            Self::Mentioned => "somebody names me in a text, as @name",
            Self::StatusUpdate => "an incident that I follow has a status update",
            Self::LetGo => "what I was paged for is in other hands or resolved, so that I can sleep",
            Self::ActionItemsDue => "an action item of mine is due that day, and on Mondays what is late",
            Self::CameBack => "something came back that an action item of mine was to prevent",
            Self::TeamMonday => {
                "it is Monday: what is new, done, late and owned by nobody in the backlogs of my teams"
            }
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
    /// It was reopened without paging anybody, and whoever had it has it.
    IsYoursAgain {
        incident: About,
    },
    ActionItemGiven {
        number: i64,
        title: String,
        due_on: Option<NaiveDate>,
        incident: About,
    },
    /// A question to the owner of what was to prevent it.
    CameBack {
        item: Item,
        factor: String,
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
    /// Somebody asks to be covered for, or to swap.
    TurnOffered {
        /// Of the schedule.
        name: String,
        /// Whose turn it is, where somebody else asks.
        #[serde(default)]
        whose: Option<String>,
        turn: Time,
        /// What they take instead.
        instead: Option<Time>,
        note: String,
        /// Of the link that takes it.
        token: String,
    },
    /// Somebody else asks others to take a turn of theirs.
    TurnAskedFor {
        request: RequestId,
        /// Of the schedule.
        name: String,
        turn: Time,
        /// What they take instead.
        instead: Option<Time>,
        note: String,
    },
    /// Nobody takes what somebody asked to be covered for.
    TurnUntaken {
        request: RequestId,
        /// Of the schedule.
        name: String,
        turn: Time,
        asker: String,
        note: String,
        /// Who has not answered, and who said that they cannot.
        silent: Vec<String>,
        declined: Vec<String>,
    },
    /// Something stands in the way of a team's on call.
    NotReady {
        team: String,
        lines: Vec<String>,
    },
    /// Whoever came on call has not said that they can be reached.
    NotReached {
        /// Of the schedule.
        name: String,
        person: String,
        since: DateTime<Utc>,
    },
    /// A copy of a page, for whoever goes along.
    Shadowed {
        incident: About,
        /// Of the schedule.
        name: String,
        paged: Vec<String>,
    },
    LetGo {
        incident: About,
        how: LetGo,
    },
    /// An entry of the timeline, the postmortem, or an action item speaks to them.
    Mentioned {
        incident: About,
        entry: Option<i64>,
        #[serde(default)]
        item: Option<Item>,
        words: String,
    },
    /// Of an incident that they follow.
    StatusUpdate {
        incident: About,
        entry: i64,
        words: String,
        next_due_at: Option<DateTime<Utc>>,
    },
    CalendarFails {
        /// Of whose holidays it is; of one's own absence where there is none.
        team: Option<String>,
        /// The host of its address, or its file.
        calendar: String,
        since: DateTime<Utc>,
        why: String,
        /// Of the page that shows it.
        path: String,
    },
}

/// The incident that it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub number: i64,
    pub title: String,
    pub severity: Severity,
}

/// The action item that it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub number: i64,
    pub title: String,
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
        /// Somebody accepted what was handed over.
        HandedOver = "handed_over",
        /// Somebody else took over what they were asked to, or it stays where it is.
        NotAsked = "not_asked",
    }
}

impl News {
    pub const fn kind(&self) -> NewsKind {
        match self {
            Self::RoleGiven { .. } | Self::IsYoursAgain { .. } => NewsKind::RoleGiven,
            Self::ActionItemGiven { .. } => NewsKind::ActionItemGiven,
            Self::CameBack { .. } => NewsKind::CameBack,
            Self::ReviewWaits { .. } => NewsKind::ReviewWaits,
            Self::ShiftsChanged { .. } | Self::TurnAskedFor { .. } => NewsKind::ShiftsChanged,
            Self::TurnOffered { .. } => NewsKind::TurnOffered,
            Self::TurnUntaken { .. } => NewsKind::TurnUntaken,
            Self::NotReady { .. } | Self::NotReached { .. } => NewsKind::NotReady,
            Self::Shadowed { .. } => NewsKind::Shadowed,
            Self::LetGo { .. } => NewsKind::LetGo,
            Self::Mentioned { .. } => NewsKind::Mentioned,
            Self::StatusUpdate { .. } => NewsKind::StatusUpdate,
            Self::CalendarFails { .. } => NewsKind::CalendarFails,
        }
    }

    /// The entry whose words it repeats: what is redacted there must stand nowhere.
    pub const fn repeats(&self) -> Option<i64> {
        match self {
            Self::Mentioned { entry, .. } => *entry,
            Self::StatusUpdate { entry, .. } => Some(*entry),
            _ => None,
        }
    }
}

/// So much of a text stands in a mail; the rest is a press away.
const MOST_CHARACTERS: usize = 2_000;

/// A text, or its beginning, as a mail has it.
pub fn shortened(text: &str) -> String {
    shortened_to(MOST_CHARACTERS, text)
}

/// A text, or its beginning of so many characters.
pub fn shortened_to(most: usize, text: &str) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{} …", text[..end].trim_end()),
        None => text.to_owned(),
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

impl From<&crate::action_items::ActionItem> for Item {
    fn from(item: &crate::action_items::ActionItem) -> Self {
        Self {
            number: item.number,
            title: item.title.clone(),
        }
    }
}
