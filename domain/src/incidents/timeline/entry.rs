//! One row of a timeline: where it stands, and who may change what is written there.

use super::Event;
use crate::ids::{IncidentId, PersonId};
use crate::incidents::State;
use crate::people::{Person, Role};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

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

    /// When it takes its place.
    fn told_at(&self) -> DateTime<Utc> {
        if self.is_late() {
            self.happened_at
        } else {
            self.recorded_at
        }
    }

    /// Whether they may change its text: whoever wrote it.
    pub fn may_be_edited_by(&self, person: PersonId) -> bool {
        self.event.written_text().is_some() && self.actor_id == Some(person)
    }

    /// Whether they may take its text out for good: whoever wrote it, and administrators.
    pub fn may_be_redacted_by(&self, person: &Person) -> bool {
        let is_writer = self.actor_id == Some(person.id);
        self.event.written_text().is_some() && (is_writer || person.role == Role::Administrator)
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

    #[test]
    fn who_wrote_a_text_may_change_it_and_administrators_may_take_it_out() {
        let person = |id: u128, role| Person {
            id: PersonId(Uuid::from_u128(id)),
            email: String::new(),
            name: String::new(),
            role,
            time_zone: "UTC".to_owned(),
            created_at: DateTime::UNIX_EPOCH,
            deactivated_at: None,
        };
        let by = |id: u128, event: Event| Entry {
            actor_id: Some(PersonId(Uuid::from_u128(id))),
            ..entry(1, 1, 1, event)
        };
        let note = || Event::Note { text: String::new() };
        let member = Role::Responder;
        for (name, entry, reader, expected) in [
            ("their own", by(1, note()), person(1, member), (true, true)),
            ("another's", by(1, note()), person(2, member), (false, false)),
            (
                "an administrator",
                by(1, note()),
                person(2, Role::Administrator),
                (false, true),
            ),
            (
                "nobody's",
                entry(1, 1, 1, note()),
                person(2, Role::Administrator),
                (false, true),
            ),
            (
                "no text",
                by(1, Event::Mitigated),
                person(1, Role::Administrator),
                (false, false),
            ),
        ] {
            let may = (
                entry.may_be_edited_by(reader.id),
                entry.may_be_redacted_by(&reader),
            );
            assert_eq!(may, expected, "{name}");
        }
    }
}
