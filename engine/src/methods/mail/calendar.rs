//! An event that a calendar program reads out of a mail (RFC 6047).

use lettre::message::SinglePart;
use lettre::message::header::{ContentType, ContentTypeErr};

/// The part with the event. Its method is that of the event: programs do nothing with one where the two differ.
pub(super) fn part(event: &str) -> Result<SinglePart, ContentTypeErr> {
    let method = event
        .lines()
        .find_map(|line| line.strip_prefix("METHOD:"))
        .unwrap_or("PUBLISH");
    let kind = ContentType::parse(&format!("text/calendar; method={method}; charset=utf-8"))?;
    Ok(SinglePart::builder().header(kind).body(event.to_owned()))
}
