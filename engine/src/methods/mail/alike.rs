//! Recipients that the mail server refused one after the other. What it says of everybody alike is about the server, however it
//! puts it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// What lies further back belongs to another story.
const LATELY: Duration = Duration::from_secs(10 * 60);

#[derive(Default)]
pub(super) struct InARow(Mutex<Refused>);

#[derive(Default)]
struct Refused {
    /// Since it last took a mail, in their order.
    in_a_row: Vec<(String, Instant)>,
    /// Before it took a mail to somebody else: it was well, so it meant them.
    meant: Vec<(String, Instant)>,
}

/// What one more refusal means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    ThisRecipient,
    /// It may be chance that somebody else was refused just before.
    Perhaps {
        before: String,
    },
    Everybody,
}

impl InARow {
    pub fn taken(&self) {
        let mut refused = self.refused_so_far();
        let meant = std::mem::take(&mut refused.in_a_row);
        refused.meant.extend(meant);
    }

    pub fn refused(&self, address: &str) -> Meaning {
        let mut refused = self.refused_so_far();
        if refused.meant.iter().any(|(meant, _)| meant == address) {
            return Meaning::ThisRecipient;
        }
        let row = &mut refused.in_a_row;
        let again = row.iter().any(|(before, _)| before == address);
        row.retain(|(before, _)| before != address);
        let before: Vec<String> = row.iter().map(|(before, _)| before.clone()).collect();
        row.push((address.to_owned(), Instant::now()));
        match before.as_slice() {
            [] => Meaning::ThisRecipient,
            [before] if !again => Meaning::Perhaps {
                before: before.clone(),
            },
            _ => Meaning::Everybody,
        }
    }

    fn refused_so_far(&self) -> std::sync::MutexGuard<'_, Refused> {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let is_lately = |(_, at): &(String, Instant)| now.duration_since(*at) < LATELY;
        refused.in_a_row.retain(is_lately);
        refused.meant.retain(is_lately);
        refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_refused_for_themselves_and_several_for_the_servers_sake() {
        let row = InARow::default();
        assert_eq!(row.refused("ana"), Meaning::ThisRecipient);
        assert_eq!(
            row.refused("ana"),
            Meaning::ThisRecipient,
            "again, and nobody else"
        );
        let before = "ana".to_owned();
        assert_eq!(row.refused("bo"), Meaning::Perhaps { before });
        assert_eq!(row.refused("ana"), Meaning::Everybody, "tried again");
        assert_eq!(row.refused("eve"), Meaning::Everybody, "the third");
        row.taken();
        assert_eq!(row.refused("ana"), Meaning::ThisRecipient, "the server was well");
        assert_eq!(row.refused("bo"), Meaning::ThisRecipient);
    }
}
