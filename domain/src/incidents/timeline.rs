//! Everything that can happen to an incident. One row each, told as a sentence.

use super::{IncidentRole, NoticedBy, Relation, State};
use crate::Severity;
use crate::alerts::Status;
use crate::ids::{AlertId, IncidentId, PageId, PersonId};
use chrono::{DateTime, TimeDelta, Utc};
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
    /// What of a timeline is shown.
    pub enum Show {
        All = "all",
        People = "people",
        Alerts = "alerts",
        Pages = "pages",
        Decisions = "decisions",
        Pinned = "pinned",
    }
}

impl Show {
    pub const fn label(self) -> &'static str {
        match self {
            Self::All => "Everything",
            Self::People => "People",
            Self::Alerts => "Alerts",
            Self::Pages => "Pages",
            Self::Decisions => "Decisions",
            Self::Pinned => "Pinned",
        }
    }

    /// The kinds of events that it shows, by the words they are stored with.
    pub const fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::All | Self::Pinned => &[],
            Self::People => &[
                "opened",
                "acknowledged",
                "passed_on",
                "escalated",
                "severity_changed",
                "role_taken",
                "role_left",
                "holder_left",
                "note",
                "decision",
                "status_update",
                "text_redacted",
                "mitigated",
                "mitigation_taken_back",
                "resolved",
                "reopened",
                "title_changed",
                "services_changed",
                "instant_corrected",
                "entered_afterwards",
                "linked",
                "unlinked",
                "duplicate_of",
                "took_over",
                "action_item_added",
                "postmortem_started",
                "postmortem_published",
            ],
            Self::Alerts => &[
                "opened",
                "opened_bare",
                "request_refused",
                "request_cut",
                "alert_added",
                "alert_changed",
                "more_alerts_added",
                "alerts_left_out",
                "alerts_quiet",
                "fires_again",
                "still_fires",
                "below_paging",
            ],
            Self::Pages => &[
                "paged",
                "page_settled",
                "nobody_on_call",
                "step_reaches_nobody",
                "policy_stuck",
                "policy_ran_out",
                "no_policy",
                "escalated",
                "passed_on",
                "acknowledged",
            ],
            Self::Decisions => &["decision"],
        }
    }
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
        ByHand = "by_hand",
        /// Whoever was paged before cannot take it.
        PassedOn = "passed_on",
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
    /// When its text was changed last.
    pub edited_at: Option<DateTime<Utc>>,
    pub pinned_at: Option<DateTime<Utc>>,
}

/// What is written down takes a moment to be recorded.
const RECORDED_WITHIN: TimeDelta = TimeDelta::seconds(5);

impl Entry {
    /// Whether somebody wrote it down later than it happened, and said when that was.
    pub fn is_late(&self) -> bool {
        self.event.wrote().is_some() && self.recorded_at - self.happened_at > RECORDED_WITHIN
    }
}

/// Entries as they happened: what people added later stands where they said that it belongs. Everything else stays as it was written,
/// since clocks of machines differ. They come in the order of their numbers.
pub fn as_it_happened(entries: Vec<Entry>) -> Vec<Entry> {
    let (late, mut told): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(Entry::is_late);
    for entry in late {
        let place = told
            .iter()
            .position(|other| other.told_at() > entry.happened_at)
            .unwrap_or(told.len());
        told.insert(place, entry);
    }
    told
}

impl Entry {
    /// When it takes its place.
    fn told_at(&self) -> DateTime<Utc> {
        if self.is_late() {
            self.happened_at
        } else {
            self.recorded_at
        }
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
                | Self::DuplicateOf { .. }
                | Self::Reopened { .. }
                | Self::PostmortemStarted
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn entry(seq: i64, minute: i64, happened: i64, event: Event) -> Entry {
        let at = |minute: i64| DateTime::from_timestamp(minute * 60, 0).unwrap();
        Entry {
            incident_id: IncidentId(Uuid::nil()),
            seq,
            happened_at: at(happened),
            recorded_at: at(minute),
            actor_id: None,
            actor_name: None,
            event,
            state: State::Triggered,
            edited_at: None,
            pinned_at: None,
        }
    }

    #[test]
    fn the_kinds_that_are_shown_are_those_that_are_stored() {
        let named = Show::ALL.iter().flat_map(|show| show.kinds());
        for kind in named {
            let stored = format!("{{\"kind\":\"{kind}\"}}");
            let read = serde_json::from_str::<Event>(&stored);
            let unknown = read
                .err()
                .is_some_and(|error| error.to_string().contains("unknown variant"));
            assert!(!unknown, "{kind}");
        }
    }

    #[test]
    fn what_was_added_later_stands_where_it_happened() {
        let note = || Event::Note { text: String::new() };
        for (name, entries, expected) in [
            (
                "in time",
                vec![entry(1, 1, 1, note()), entry(2, 2, 2, note())],
                vec![1, 2],
            ),
            (
                "later",
                vec![
                    entry(1, 1, 1, note()),
                    entry(2, 5, 5, note()),
                    entry(3, 9, 3, note()),
                ],
                vec![1, 3, 2],
            ),
            (
                "before all",
                vec![entry(1, 1, 1, note()), entry(2, 5, 0, note())],
                vec![2, 1],
            ),
            (
                "two of one time stay in their order",
                vec![
                    entry(1, 9, 9, Event::Mitigated),
                    entry(2, 10, 3, note()),
                    entry(3, 11, 3, note()),
                ],
                vec![2, 3, 1],
            ),
            (
                "what a source told late stays where it was written",
                vec![entry(1, 5, 5, note()), entry(2, 9, 1, Event::Mitigated)],
                vec![1, 2],
            ),
            (
                "a clock was set back",
                vec![
                    entry(1, 9, 9, Event::Mitigated),
                    entry(2, 4, 4, Event::AlertsQuiet),
                ],
                vec![1, 2],
            ),
        ] {
            let order: Vec<i64> = as_it_happened(entries).iter().map(|entry| entry.seq).collect();
            assert_eq!(order, expected, "{name}");
        }
    }
}
