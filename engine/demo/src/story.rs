//! One incident as the files tell it: when it began, what happened, and what was learned.

use crate::span::{self, Span};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use domain::Severity;
use domain::action_items::{ActionKind, ActionState, Priority};
use domain::incidents::{IncidentRole, LinkKind, NoticedBy};
use domain::learning::Verdict;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// The label `incident` of its alerts, which Alertmanager groups by.
    pub key: String,
    pub began: Began,
    pub service: String,
    /// Where nobody opened it by hand, its first step is an alert.
    pub opened: Option<ByHand>,
    /// It was over before anybody wrote it down; its beginning here is when somebody did.
    pub entered: Option<Entered>,
    pub steps: Vec<Step>,
    pub postmortem: Option<Learning>,
}

/// `157d 18:52` is that time of day, in UTC, so many days ago; `26h` is so long before now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Began {
    OnDay { days_ago: i64, at: NaiveTime },
    Before(TimeDelta),
}

impl Began {
    pub fn instant(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::OnDay { days_ago, at } => (now.date_naive() - TimeDelta::days(days_ago))
                .and_time(at)
                .and_utc(),
            Self::Before(span) => now - span,
        }
    }
}

impl<'de> Deserialize<'de> for Began {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let on_day = text.split_once("d ").and_then(|(days, at)| {
            Some(Self::OnDay {
                days_ago: days.parse().ok()?,
                at: NaiveTime::parse_from_str(at, "%H:%M").ok()?,
            })
        });
        on_day
            .or_else(|| span::read(&text).map(Self::Before))
            .ok_or_else(|| {
                serde::de::Error::custom(format!("“{text}” is neither such as 157d 18:52 nor as 26h"))
            })
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByHand {
    pub by: String,
    pub title: String,
    pub severity: Severity,
    pub noticed_by: NoticedBy,
    #[serde(default)]
    pub also: Vec<String>,
    pub impact: Option<Span>,
}

/// Times are from when it is entered, and so before it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entered {
    pub by: String,
    pub title: String,
    pub severity: Severity,
    pub noticed_by: NoticedBy,
    pub began: Span,
    pub mitigated: Option<Span>,
    pub resolved: Span,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Step {
    /// From the beginning.
    pub at: Span,
    /// A person's key, or: `on_call`, who was paged last; `second` and `third`, the next ones in the rotation after who was paged
    /// first; `lead`, the team's.
    #[serde(default = "on_call")]
    pub by: String,
    /// The same so many times more, some seconds apart.
    #[serde(default)]
    pub more: u16,
    #[serde(flatten)]
    pub deed: Deed,
}

fn on_call() -> String {
    "on_call".to_owned()
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    pub note: String,
    pub picture: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskFor {
    pub person: String,
    pub why: String,
}

/// What an incident has to do with that of another story, by its key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    pub how: LinkKind,
    pub to: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// The step has no `by`.
    Alert(Alert),
    /// The alerts with these keys are over; an empty list is all of them.
    Quiet(Vec<String>),
    Does(Verb),
    Note(String),
    Decision(String),
    Update(String),
    /// A note with a picture below it, by its name in `company/pictures`.
    Shows(Shown),
    /// Something to be done, and that it is.
    Task(String),
    Ticks(String),
    /// Whoever does it asks for this person; who has it keeps it.
    Pages(AskFor),
    /// Whoever does it asks this person to take it over; it stays where it is until they do.
    HandsOver(AskFor),
    /// A note about what was seen before.
    Remembers(Memory),
    /// What they wrote last says this instead.
    Edits(String),
    /// What they wrote last is taken out for good, and why.
    Redacts(String),
    Links(Link),
    Takes(IncidentRole),
    Leaves(IncidentRole),
    Severity(Severity),
    Title(String),
    /// The services that were affected.
    Services(Vec<String>),
    /// When the impact began, from the beginning.
    Impact(Span),
    Reopens(String),
    /// While the incident is under way; its day of promise is so long after today.
    Promise(Promise),
    /// Starts the postmortem and writes its summary.
    Postmortem(String),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    pub key: String,
    pub title: String,
    /// The source's word.
    pub severity: String,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    Acknowledges,
    AcknowledgesByMail,
    Escalates,
    /// The policy's delay is over. While one watches, the worker does this by itself.
    PolicyMovesOn,
    /// What they were asked to.
    TakesOver,
    /// Nobody took it over in time. While one watches, the worker does this by itself.
    HandoverRunsOut,
    /// What they wrote last.
    Pins,
    Mitigates,
    Resolves,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    pub note: String,
    /// As people type it: `-8 min`.
    pub when: String,
}

/// A postmortem. Times are from the incident's beginning.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learning {
    pub by: String,
    pub at: Span,
    pub title: Option<String>,
    /// When the impact began, as it was found out later.
    pub impact: Option<Span>,
    pub in_review: Option<Span>,
    pub published: Option<Span>,
    /// By the names of the template.
    #[serde(default)]
    pub sections: BTreeMap<String, String>,
    #[serde(default)]
    pub factors: Vec<Factor>,
    #[serde(default)]
    pub actions: Vec<Promise>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    pub name: String,
    pub words: String,
    /// What the team says when the document is published.
    pub came_back: Option<CameBack>,
}

/// How it came about that a factor was met again.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CameBack {
    pub verdict: Verdict,
    pub words: String,
}

/// An action item.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    pub title: String,
    pub owner: Option<String>,
    /// The team of the incident's service where none is named.
    pub team: Option<String>,
    pub kind: ActionKind,
    pub priority: Priority,
    /// From today.
    pub due: Option<Span>,
    /// The place of its factor, from 1.
    pub factor: Option<usize>,
    #[serde(default)]
    pub proof: String,
    /// Why it was declined.
    #[serde(default)]
    pub reason: String,
    /// What became of it, and when, from the incident's beginning.
    #[serde(default)]
    pub states: Vec<(ActionState, Span)>,
}
