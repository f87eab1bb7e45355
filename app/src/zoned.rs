//! Wall-clock times as people type them, in their own zone.

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use domain::oncall::wall;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Write it as day and time, such as 2026-11-21 02:47.")]
pub struct NotAMoment;

/// Reads what a `datetime-local` field or a person without one sends; empty is unknown.
///
/// # Errors
/// [`NotAMoment`]
pub fn read_moment(text: &str, zone: Tz) -> Result<Option<DateTime<Utc>>, NotAMoment> {
    let text = text.trim().replace(' ', "T");
    if text.is_empty() {
        return Ok(None);
    }
    let read = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    let moment = read
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
        .ok_or(NotAMoment)?;
    Ok(Some(wall::instant(zone, moment)))
}

/// A zone's IANA name as people read it: “America/New York”.
pub fn zone_words(name: &str) -> String {
    name.replace('_', " ")
}

/// The value of a `datetime-local` field.
pub fn moment_value(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_the_readers_zone() {
        let berlin: Tz = "Europe/Berlin".parse().unwrap();
        let at = |text: &str| Ok(Some(text.parse::<DateTime<Utc>>().unwrap()));
        for (typed, expected) in [
            ("2026-11-21T02:47", at("2026-11-21T01:47:00Z")),
            ("2026-07-01 02:47", at("2026-07-01T00:47:00Z")),
            ("2026-07-01T02:47:13", at("2026-07-01T00:47:13Z")),
            ("", Ok(None)),
            ("yesterday", Err(NotAMoment)),
        ] {
            assert_eq!(read_moment(typed, berlin), expected, "{typed}");
        }
    }
}
