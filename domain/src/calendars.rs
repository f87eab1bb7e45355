//! Calendars that people have elsewhere (iCalendar, RFC 5545), as far as they say when somebody is away, or which days are holidays.
//! What Google, Outlook and Apple really write is read, too.

mod events;
mod lines;
mod recurring;
mod said;
mod times;
mod zones;

pub use lines::{decoded, reduced};
pub use said::{Cover, absences, covered, holidays, joined, said, window};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

/// From … until before.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

/// Something that stands in a calendar, once: each time that it recurs is one of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    pub span: Span,
    /// Of one that lasts whole days: the first, and the one after the last.
    pub days: Option<(NaiveDate, NaiveDate)>,
    pub name: String,
    /// Marked as free: it says nothing of whether somebody is there.
    pub is_free: bool,
}

/// What a calendar says of a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// By their beginning.
    pub events: Vec<Event>,
    /// So many say of no time, or of one that nobody can read.
    pub skipped: usize,
    /// Whether any event stands in it, of whichever time.
    pub has_any: bool,
}

/// Why a text is no calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("It is empty.")]
    Empty,
    #[error(
        "It is a web page and no calendar. Take the address of the calendar itself, which often ends in .ics."
    )]
    WebPage,
    #[error("It is no calendar in the form iCalendar (.ics).")]
    NoCalendar,
    #[error("It breaks off before its end.")]
    BrokenOff,
    #[error("None of its {0} events has a time that can be read.")]
    NothingReadable(usize),
    #[error(
        "It has more events than are read: 20,000 in two years. Take a calendar of absence or holidays alone."
    )]
    TooMuch,
}

/// Reads what a calendar says of a time. Times without a zone are those of `zone`.
///
/// # Errors
/// [`Unreadable`]
pub fn read(text: &str, zone: Tz, window: Span) -> Result<Read, Unreadable> {
    let parts = lines::parts(text)?;
    events::read(&parts, zone, window)
}
