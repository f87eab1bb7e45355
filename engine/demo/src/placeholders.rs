//! `{+6m}` in a text of the files is the time of day, in UTC, six minutes after the incident began.

use crate::span;
use chrono::{DateTime, Utc};

/// Puts the times in. What is no such place stays as it is: texts may have braces of their own.
pub fn fill(text: &str, began: DateTime<Utc>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        filled.push_str(before);
        let inner = from[1..].split_once('}');
        match inner.and_then(|(inner, after)| Some((time(inner, began)?, after))) {
            Some((time, after)) => {
                filled.push_str(&time);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = &from[1..];
            }
        }
    }
    filled.push_str(rest);
    filled
}

fn time(inner: &str, began: DateTime<Utc>) -> Option<String> {
    let signed = inner.starts_with(['+', '-']);
    let at = began + signed.then(|| span::read(inner)).flatten()?;
    Some(at.format("%H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stand_where_the_text_asks_for_them() {
        let began: DateTime<Utc> = "2026-03-02T09:00:10Z".parse().unwrap();
        for (text, filled) in [
            ("At {+6m} it rose", "At 09:06 it rose"),
            ("{-1h} to {+1h 5m}", "08:00 to 10:05"),
            ("`{a}` and {", "`{a}` and {"),
        ] {
            assert_eq!(fill(text, began), filled);
        }
    }
}
