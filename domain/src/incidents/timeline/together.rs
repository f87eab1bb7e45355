//! Which notes of a timeline are told together: the name of whoever wrote them stands once.

use super::{Entry, Event};
use crate::ids::PersonId;

/// So many seconds may lie between two notes that are told together. The browser says the same (`app/islands/src/together.rs`).
pub const TOGETHER_WITHIN: i64 = 5 * 60;

impl Entry {
    /// Whose note it is, where it may be told together with the notes beside it. What is looked for later, a decision or a status
    /// update, keeps a head of its own.
    pub const fn note_by(&self) -> Option<PersonId> {
        match self.event {
            Event::Note { .. } => self.actor_id,
            _ => None,
        }
    }

    /// Whether it goes on with the one that is shown right above it, so that it says neither name nor kind again. Times are those that
    /// are shown: what was added later stands where it happened.
    pub fn continues(&self, above: &Self) -> bool {
        let between = self.happened_at.timestamp() - above.happened_at.timestamp();
        self.note_by().is_some() && self.note_by() == above.note_by() && between.abs() <= TOGETHER_WITHIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::IncidentId;
    use crate::incidents::State;
    use chrono::DateTime;
    use uuid::Uuid;

    const ANA: Option<u128> = Some(1);
    const BO: Option<u128> = Some(2);

    fn entry(by: Option<u128>, second: i64, event: Event) -> Entry {
        let at = DateTime::from_timestamp(second, 0).unwrap();
        Entry {
            incident_id: IncidentId(Uuid::nil()),
            seq: 1,
            happened_at: at,
            recorded_at: at,
            actor_id: by.map(|id| PersonId(Uuid::from_u128(id))),
            actor_name: None,
            event,
            state: State::Triggered,
            edited_at: None,
            pinned_at: None,
        }
    }

    #[test]
    fn notes_of_one_person_within_five_minutes_are_told_together() {
        let note = || Event::Note { text: String::new() };
        let decision = || Event::Decision { text: String::new() };
        let later = |entry: Entry| Entry {
            recorded_at: DateTime::from_timestamp(90_000, 0).unwrap(),
            ..entry
        };
        for (name, above, entry, expected) in [
            (
                "a minute before",
                entry(ANA, 100, note()),
                entry(ANA, 40, note()),
                true,
            ),
            (
                "in the same second",
                entry(ANA, 40, note()),
                entry(ANA, 40, note()),
                true,
            ),
            (
                "five minutes",
                entry(ANA, 300, note()),
                entry(ANA, 0, note()),
                true,
            ),
            (
                "a second more",
                entry(ANA, 301, note()),
                entry(ANA, 0, note()),
                false,
            ),
            (
                "a clock was set back",
                entry(ANA, 0, note()),
                entry(ANA, 60, note()),
                true,
            ),
            (
                "somebody else's",
                entry(BO, 60, note()),
                entry(ANA, 0, note()),
                false,
            ),
            ("nobody's", entry(None, 60, note()), entry(None, 0, note()), false),
            (
                "a decision below a note",
                entry(ANA, 60, note()),
                entry(ANA, 0, decision()),
                false,
            ),
            (
                "a note below a decision",
                entry(ANA, 60, decision()),
                entry(ANA, 0, note()),
                false,
            ),
            (
                "two decisions",
                entry(ANA, 60, decision()),
                entry(ANA, 0, decision()),
                false,
            ),
            (
                "what they did is a sentence",
                entry(ANA, 60, Event::Mitigated),
                entry(ANA, 0, Event::Mitigated),
                false,
            ),
            (
                "added later, and stands where it happened",
                entry(ANA, 60, note()),
                later(entry(ANA, 0, note())),
                true,
            ),
        ] {
            assert_eq!(entry.continues(&above), expected, "{name}");
        }
    }
}
