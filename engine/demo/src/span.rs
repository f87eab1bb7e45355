//! Spans of time as the files write them: `90s`, `1h 20m`, `-5m`, `12d`.

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer};

/// Reads a span; `None` where it is none.
pub fn read(text: &str) -> Option<TimeDelta> {
    let text = text.trim();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut whole = TimeDelta::zero();
    for part in text.split_whitespace() {
        let unit_at = part.find(|letter: char| !letter.is_ascii_digit())?;
        let (number, unit) = part.split_at(unit_at);
        let number: i64 = number.parse().ok()?;
        whole += match unit {
            "s" => TimeDelta::seconds(number),
            "m" => TimeDelta::minutes(number),
            "h" => TimeDelta::hours(number),
            "d" => TimeDelta::days(number),
            _ => return None,
        };
    }
    (!text.is_empty()).then_some(whole * sign)
}

/// A span in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub TimeDelta);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        read(&text)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom(format!("“{text}” is no span such as 1h 20m")))
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} min", self.0.num_minutes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        for (text, seconds) in [
            ("90s", Some(90)),
            ("1h 20m", Some(4800)),
            ("-5m", Some(-300)),
            ("+2d", Some(172_800)),
            ("0m", Some(0)),
            ("", None),
            ("5", None),
            ("5 m", None),
            ("5w", None),
        ] {
            assert_eq!(read(text).map(|span| span.num_seconds()), seconds, "{text}");
        }
    }
}
