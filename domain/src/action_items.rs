//! Action items: promises to mend, and how we see that they worked.

use crate::ids::{ActionItemId, ColumnId, IncidentId, NamedFactorId, PersonId, PostmortemId, TeamId};
use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
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

/// A column of a team's board. Where a card lies and what state it is in are two things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct Column {
    pub id: ColumnId,
    pub team_id: TeamId,
    pub name: String,
    pub position: i64,
    /// More cards than this is shown as over the limit.
    pub card_limit: Option<i64>,
}

/// The hour, where the owner is, at which overdue items are mailed.
pub const REMINDER_HOUR: u32 = 9;

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
