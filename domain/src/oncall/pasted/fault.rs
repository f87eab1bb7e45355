//! What may be wrong with a pasted table, each with what to write instead.

use crate::oncall::SpanFault;

/// What is wrong with one row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    #[error("Write who is on call.")]
    NoName,
    #[error("{}", unknown(.0, .1))]
    Unknown(String, Vec<String>),
    #[error("“{name}” may be {}. Write the whole name, or the e-mail address.", either(.whom))]
    SeveralCalled { name: String, whom: Vec<String> },
    #[error("{0} is not active any more. Choose somebody else.")]
    Gone(String),
    #[error("{0} is an observer, who reads along. Choose somebody else, or make them a responder first.")]
    Observes(String),
    #[error("A row has three columns: who, from, to. Put a tab, a semicolon or a comma between them.")]
    Columns,
    #[error("“{0}” cannot be read. Write day and time, such as 2026-12-24 18:00 or 24.12.2026 18:00.")]
    NotATime(String),
    #[error("“{0}” has no day. Write it with one, such as 2026-12-24 18:00.")]
    NoDay(String),
    #[error("“{0}” has no time. Write it with one, such as 2026-12-24 18:00.")]
    NoTime(String),
    #[error(
        "“{0}” may begin with the day or with the month. Write it as year, month and day, such as 2026-12-24."
    )]
    DayOrMonth(String),
    #[error(
        "“{0}” cannot be read as an end. Write day and time, a time alone such as 06:00, or a length such as 8h."
    )]
    NotAnEnd(String),
    #[error("“{0}” cannot be read. Write from when to when, such as 06:00-14:00.")]
    NotARange(String),
    #[error("There is no day above it. Write one into the first row, such as 2026-12-24.")]
    NoDayAbove,
    #[error(
        "At that hour the clocks in {0} are set forward, so {1} does not come. Choose a time before or after it."
    )]
    NeverComes(String, String),
    #[error(
        "In that night the clocks in {0} are set back, so {1} comes twice. Choose a time before or after it, or write the whole table in UTC."
    )]
    ComesTwice(String, String),
    #[error("{0}")]
    Span(SpanFault),
    #[error(
        "It overlaps with {0}. Whoever is on call together has the same beginning and end, or is in one cell with + between the names."
    )]
    Overlaps(String),
}

/// Why nothing of a table can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableFault {
    #[error("Paste at least one row: who, from, to.")]
    Empty,
    #[error("A table has at most {} turns. Paste it in parts.", super::MOST_ROWS)]
    TooLong,
}

fn unknown(name: &str, near: &[String]) -> String {
    if near.is_empty() {
        format!("Nobody here is called “{name}”. Write the name as it is shown here, or the e-mail address.")
    } else {
        format!("Nobody here is called “{name}”. Is it {}?", either(near))
    }
}

/// “Ana, Bo or Cy”.
fn either(names: &[String]) -> String {
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
