//! Action items: promises to mend, and how we see that they worked.

use crate::ids::{ActionItemId, ColumnId, IncidentId, NamedFactorId, PersonId, PostmortemId, TeamId};
use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

words! {
    /// What it does about the next time.
    pub enum ActionKind {
        Prevent = "prevent",
        Detect = "detect",
        Mitigate = "mitigate",
        Process = "process",
        Learn = "learn",
    }
}

words! {
    pub enum ActionState {
        Proposed = "proposed",
        Accepted = "accepted",
        Doing = "doing",
        Blocked = "blocked",
        Done = "done",
        Verified = "verified",
        Declined = "declined",
    }
}

impl ActionState {
    /// Whether somebody still has to do something.
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Proposed | Self::Accepted | Self::Doing | Self::Blocked
        )
    }

    /// Verified is that it was seen to help, so it was done before. What is declined was not done; it is taken up again first.
    pub const fn may_become(self, to: Self) -> bool {
        match to {
            Self::Verified => matches!(self, Self::Done | Self::Verified),
            Self::Done => !matches!(self, Self::Declined),
            _ => true,
        }
    }
}

words! {
    /// How much work it is, roughly.
    pub enum Size {
        Hours = "hours",
        Days = "days",
        Weeks = "weeks",
    }
}

words! {
    /// What shows that something worked.
    pub enum Evidence {
        Link = "link",
        Drill = "drill",
        Incident = "incident",
    }
}

impl Evidence {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Link => "A link: a graph, a log, a deploy that was refused",
            Self::Drill => "A drill",
            Self::Incident => "What would have been an incident, and was none",
        }
    }
}

/// Whether this person may say that it worked: anybody but its owner and whoever did it, whose word it would be otherwise.
pub fn may_verify(item: &ActionItem, done_by: Option<PersonId>, person: Option<PersonId>) -> bool {
    person.is_none() || (person != item.owner_id && person != done_by)
}

words! {
    pub enum Priority {
        High = "high",
        Medium = "medium",
        Low = "low",
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct ActionItem {
    pub id: ActionItemId,
    /// What people say: ACT-17.
    pub number: i64,
    pub title: String,
    pub owner_id: Option<PersonId>,
    pub team_id: TeamId,
    pub incident_id: IncidentId,
    pub postmortem_id: Option<PostmortemId>,
    pub named_factor_id: Option<NamedFactorId>,
    pub kind: ActionKind,
    pub priority: Priority,
    /// A day in the owner's calendar.
    pub due_on: Option<NaiveDate>,
    /// How will we know it worked?
    pub proof: String,
    pub state: ActionState,
    pub declined_reason: Option<String>,
    pub column_id: ColumnId,
    pub position: i64,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<PersonId>,
    pub state_changed_at: DateTime<Utc>,
    /// What the work is, in Markdown.
    pub description: String,
    /// Where it is followed; empty: nowhere else.
    pub tracker: String,
    pub size: Option<Size>,
}

impl ActionItem {
    /// Open, and its day has passed in the calendar that `today` is read from.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.state.is_open() && self.due_on.is_some_and(|due| due < today)
    }

    /// How much of the time between promise and due day is used up, 0 to 1 and beyond; `None` without a due day. A promise
    /// for the very day it was made on has a day.
    pub fn time_used(&self, today: NaiveDate) -> Option<f64> {
        let made = self.created_at.date_naive();
        let whole = (self.due_on? - made).num_days().max(1) as f64;
        Some((today - made).num_days().max(0) as f64 / whole)
    }
}

/// First words of what never ends, so that nobody can say when it is done.
const NEVER_ENDS: [&str; 15] = [
    "analyse",
    "analyze",
    "consider",
    "continue",
    "discuss",
    "ensure",
    "explore",
    "improve",
    "investigate",
    "keep",
    "look",
    "monitor",
    "review",
    "think",
    "work",
];

/// The first word of a title that promises what never ends: “investigate” and “improve” cannot be done; “alert when the queue is older
/// than five minutes” can. After “Postmortem Action Items: Plan the Work and Work the Plan”, ;login: spring 2017: actionable, specific,
/// bounded.
pub fn never_ends(title: &str) -> Option<&str> {
    let first = title.split_whitespace().next()?;
    let word = first.trim_end_matches(|end: char| !end.is_alphanumeric());
    NEVER_ENDS.contains(&word.to_lowercase().as_str()).then_some(word)
}

/// A column of a team's board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct Column {
    pub id: ColumnId,
    pub team_id: TeamId,
    pub name: String,
    pub position: i64,
    /// More cards than this is shown as over the limit.
    pub card_limit: Option<i64>,
    /// What its cards are, the state first that a card gets when it is moved here. Of a column that stands for none, cards keep theirs.
    #[cfg_attr(feature = "sqlx", sqlx(json))]
    pub states: Vec<ActionState>,
}

impl Column {
    pub fn stands_for(&self, state: ActionState) -> bool {
        self.states.contains(&state)
    }

    /// What a card becomes when it is moved here.
    pub fn state_for(&self, state: ActionState) -> ActionState {
        match self.states.first() {
            Some(first) if !self.stands_for(state) => *first,
            _ => state,
        }
    }
}

/// Where a card lies when its state has changed: where it was, if that column stands for the state or none does, else in the first that
/// stands for it. What is declined stays where it was, and is not shown there.
pub fn column_for(columns: &[Column], current: ColumnId, state: ActionState) -> ColumnId {
    let here = columns.iter().find(|column| column.id == current);
    if state == ActionState::Declined || here.is_some_and(|column| column.stands_for(state)) {
        return current;
    }
    let first = columns.iter().find(|column| column.stands_for(state));
    first.map_or(current, |column| column.id)
}

/// The hour, where the owner is, at which overdue items are mailed.
pub const REMINDER_HOUR: u32 = 9;

/// Whether somebody is reminded on this day of what they promised for these: on the day itself, and of what is late on Mondays.
pub fn reminds(day: NaiveDate, due: &[NaiveDate]) -> bool {
    let is_monday = day.weekday() == Weekday::Mon;
    due.iter().any(|due| *due == day || is_monday && *due < day)
}

/// The day whose reminder is due at this instant: today from nine on, on a working day, in the owner's zone.
pub fn reminder_day(now: DateTime<Utc>, zone: Tz) -> Option<NaiveDate> {
    let there = now.with_timezone(&zone);
    let is_working_day = there.weekday().num_days_from_monday() < 5;
    (is_working_day && there.hour() >= REMINDER_HOUR).then(|| there.date_naive())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_verified_was_done_before() {
        use ActionState::{Accepted, Blocked, Declined, Doing, Done, Proposed, Verified};
        for from in [Proposed, Accepted, Doing, Blocked, Declined] {
            assert!(!from.may_become(Verified), "{from}");
        }
        assert!(Done.may_become(Verified) && Verified.may_become(Doing) && Declined.may_become(Proposed));
        assert!(Proposed.may_become(Done) && !Declined.may_become(Done));
    }

    #[test]
    fn a_verb_that_ends_is_told_from_one_that_does_not() {
        for (title, word) in [
            ("Investigate monitoring for this scenario.", Some("Investigate")),
            ("improve: the deploy", Some("improve")),
            ("Look into the pool", Some("Look")),
            ("Add alerting for all cases where more than 1 % fail", None),
            ("Reviewer for each deploy", None),
            ("", None),
        ] {
            assert_eq!(never_ends(title), word, "{title}");
        }
    }

    fn column(id: u128, states: &[ActionState]) -> Column {
        Column {
            id: ColumnId(uuid::Uuid::from_u128(id)),
            team_id: TeamId(uuid::Uuid::nil()),
            name: format!("Column {id}"),
            position: 0,
            card_limit: None,
            states: states.to_vec(),
        }
    }

    #[test]
    fn a_column_stands_for_states_and_a_state_has_its_column() {
        use ActionState::{Accepted, Blocked, Declined, Doing, Done, Proposed, Verified};
        let columns = [
            column(0, &[Proposed]),
            column(1, &[]),
            column(2, &[Doing, Blocked]),
            column(3, &[Done, Verified]),
        ];
        for (from, state, to) in [
            (0, Doing, 2),
            (2, Blocked, 2),
            (2, Done, 3),
            (3, Verified, 3),
            (3, Doing, 2),
            (0, Accepted, 0),
            (1, Accepted, 1),
            (1, Done, 3),
            (2, Declined, 2),
            (9, Accepted, 9),
        ] {
            let id = |id| ColumnId(uuid::Uuid::from_u128(id));
            assert_eq!(
                column_for(&columns, id(from), state),
                id(to),
                "{state} from {from}"
            );
        }
        for (to, was, is) in [
            (0, Done, Proposed),
            (1, Done, Done),
            (2, Blocked, Blocked),
            (2, Accepted, Doing),
            (3, Doing, Done),
        ] {
            assert_eq!(columns[to].state_for(was), is, "{was} to {to}");
        }
    }

    #[test]
    fn owners_are_reminded_on_the_day_and_on_mondays() {
        let day = |day: &str| -> NaiveDate { day.parse().unwrap() };
        for (today, due, reminds_now) in [
            ("2026-03-05", vec!["2026-03-05"], true),
            ("2026-03-05", vec!["2026-03-04"], false),
            ("2026-03-05", vec!["2026-03-06"], false),
            ("2026-03-09", vec!["2026-03-07"], true),
            ("2026-03-09", vec!["2026-03-10"], false),
            ("2026-03-10", vec!["2026-03-07", "2026-03-10"], true),
            ("2026-03-09", vec![], false),
        ] {
            let due: Vec<NaiveDate> = due.into_iter().map(day).collect();
            assert_eq!(reminds(day(today), &due), reminds_now, "{today} of {due:?}");
        }
    }

    #[test]
    fn reminders_are_due_from_nine_on_working_days_where_the_owner_is() {
        let berlin = chrono_tz::Europe::Berlin;
        let tokyo = chrono_tz::Asia::Tokyo;
        for (now, zone, day) in [
            ("2026-03-02T07:59:59Z", berlin, None),
            ("2026-03-02T08:00:00Z", berlin, Some("2026-03-02")),
            ("2026-03-02T22:59:00Z", berlin, Some("2026-03-02")),
            ("2026-03-01T08:00:00Z", berlin, None),
            ("2026-03-02T00:00:00Z", tokyo, Some("2026-03-02")),
            ("2026-03-30T07:00:00Z", berlin, Some("2026-03-30")),
        ] {
            let expected = day.map(|day| day.parse().unwrap());
            assert_eq!(reminder_day(now.parse().unwrap(), zone), expected, "{now}");
        }
    }
}
