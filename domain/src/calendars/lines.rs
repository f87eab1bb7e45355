//! The lines of a calendar: unfolded, parted, and sorted to what they belong to. Only what says when something is gets any further, so
//! that no odd line of a meeting's invitation stands in the way. There is no nesting to run deep into: of parts within parts only the
//! depth is counted.

use super::Unreadable;
use std::borrow::Cow;

/// What is read of events and zones.
const KEPT: [&str; 17] = [
    "UID",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
    "STATUS",
    "TRANSP",
    "SUMMARY",
    "TZID",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "X-LIC-LOCATION",
    "X-MICROSOFT-CDO-BUSYSTATUS",
    "VERSION",
];

/// `NAME;PARAMETER=…:VALUE`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// In capitals, as the names of its parameters.
    pub name: String,
    pub parameters: Vec<(String, String)>,
    pub value: String,
}

impl Line {
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A part with its lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub lines: Vec<Line>,
}

impl Part {
    pub fn line(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == name)
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.line(name).map(|line| line.value.as_str())
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Line> {
        self.lines.iter().filter(move |line| line.name == name)
    }
}

/// A zone that a calendar brings along.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnZone {
    pub head: Part,
    /// From when which offset holds.
    pub observances: Vec<Part>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub head: Part,
    pub events: Vec<Part>,
    pub zones: Vec<OwnZone>,
}

/// The text of what came, by the mark that it begins with.
pub fn decoded(bytes: &[u8]) -> String {
    let wide = |bytes: &[u8], of: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| of([pair[0], pair[1]]));
        char::decode_utf16(units)
            .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// What of a calendar is needed to read it again; without `names`, what its events are called is nobody's business.
pub fn reduced(text: &str, with_names: bool) -> String {
    let is_needed = |line: &&String| {
        let name = line
            .split([';', ':'])
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let is_name = name == "SUMMARY";
        matches!(name.as_str(), "BEGIN" | "END")
            || (KEPT.contains(&name.as_str()) && (with_names || !is_name))
    };
    let lines = unfolded(text);
    let needed = lines.iter().filter(is_needed);
    needed.flat_map(|line| [line.as_str(), "\r\n"]).collect()
}

/// # Errors
/// [`Unreadable`]
pub(super) fn parts(text: &str) -> Result<Parts, Unreadable> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(Unreadable::Empty);
    }
    let mut parts = Parts::default();
    let mut within = Within::Nothing;
    let mut has_begun = false;
    // Of parts that say nothing of when something is: reminders, to-dos.
    let mut passed_over = 0_usize;
    for line in unfolded(text).iter().filter_map(|line| line_of(line)) {
        let of = line.value.trim().to_ascii_uppercase();
        match line.name.as_str() {
            "BEGIN" if passed_over > 0 => passed_over += 1,
            "END" if passed_over > 0 => passed_over -= 1,
            "BEGIN" => match (within, of.as_str()) {
                (Within::Nothing, "VCALENDAR") => (within, has_begun) = (Within::Calendar, true),
                (Within::Calendar, "VEVENT") => {
                    parts.events.push(Part::default());
                    within = Within::Event;
                }
                (Within::Calendar, "VTIMEZONE") => {
                    parts.zones.push(OwnZone::default());
                    within = Within::Zone;
                }
                (Within::Zone, "STANDARD" | "DAYLIGHT") => {
                    let zone = parts.zones.last_mut();
                    zone.into_iter()
                        .for_each(|zone| zone.observances.push(Part::default()));
                    within = Within::Observance;
                }
                _ => passed_over += 1,
            },
            "END" => {
                within = match within {
                    Within::Nothing | Within::Calendar => Within::Nothing,
                    Within::Event | Within::Zone => Within::Calendar,
                    Within::Observance => Within::Zone,
                }
            }
            name if passed_over == 0 && KEPT.contains(&name) => {
                let to = match within {
                    Within::Nothing => None,
                    Within::Calendar => Some(&mut parts.head),
                    Within::Event => parts.events.last_mut(),
                    Within::Zone => parts.zones.last_mut().map(|zone| &mut zone.head),
                    Within::Observance => parts
                        .zones
                        .last_mut()
                        .and_then(|zone| zone.observances.last_mut()),
                };
                to.into_iter().for_each(|part| part.lines.push(line.clone()));
            }
            _ => {}
        }
    }
    match (has_begun, within, passed_over) {
        (false, ..) if is_web_page(text) => Err(Unreadable::WebPage),
        (false, ..) => Err(Unreadable::NoCalendar),
        (true, Within::Nothing, 0) => Ok(parts),
        // What came of it so far may be little of what it says.
        _ => Err(Unreadable::BrokenOff),
    }
}

#[derive(Clone, Copy)]
enum Within {
    Nothing,
    Calendar,
    Event,
    Zone,
    Observance,
}

fn is_web_page(text: &str) -> bool {
    let begin: String = text
        .trim_start()
        .chars()
        .take(1_000)
        .collect::<String>()
        .to_ascii_lowercase();
    begin.starts_with('<')
        && (begin.contains("<html") || begin.contains("<!doctype html") || begin.contains("<head"))
}

/// A line that goes on begins with a space or a tab.
fn unfolded(text: &str) -> Vec<String> {
    let text = if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    };
    let mut lines: Vec<String> = Vec::new();
    for line in text.trim_start_matches('\u{feff}').split('\n') {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

fn line_of(line: &str) -> Option<Line> {
    let end = line.find([';', ':'])?;
    let name = line[..end].trim().to_ascii_uppercase();
    let mut parameters = Vec::new();
    let mut rest = &line[end..];
    while let Some(parameter) = rest.strip_prefix(';') {
        let (key, value) = parameter.split_once('=')?;
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => value.split_at(value.find([';', ':'])?),
        };
        parameters.push((key.trim().to_ascii_uppercase(), value.to_owned()));
        // Further values of the same parameter say nothing of time.
        rest = &after[after.find([';', ':'])?..];
    }
    Some(Line {
        name,
        parameters,
        value: rest.strip_prefix(':')?.to_owned(),
    })
}

/// A text as it was before it was written into a line.
pub(super) fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') | None => plain.push(' '),
                Some(other) => plain.push(other),
            },
            other => plain.push(other),
        }
    }
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_parted_with_their_parameters() {
        let parameters = |list: &[(&str, &str)]| {
            let owned = list
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            owned.collect::<Vec<_>>()
        };
        for (text, expected) in [
            ("DTSTART:20261224", Some(("DTSTART", vec![], "20261224"))),
            (
                "dtstart;value=DATE:20261224",
                Some(("DTSTART", parameters(&[("VALUE", "DATE")]), "20261224")),
            ),
            (
                "DTSTART;TZID=\"Customized: one; two\";X-A=b:20261224T090000",
                Some((
                    "DTSTART",
                    parameters(&[("TZID", "Customized: one; two"), ("X-A", "b")]),
                    "20261224T090000",
                )),
            ),
            (
                "SUMMARY:Berlin: a trip; two days",
                Some(("SUMMARY", vec![], "Berlin: a trip; two days")),
            ),
            ("no line at all", None),
            ("DTSTART;TZID", None),
            ("DTSTART;TZID=\"open:20261224", None),
            ("", None),
        ] {
            let found = line_of(text).map(|line| (line.name, line.parameters, line.value));
            let expected =
                expected.map(|(name, parameters, value)| (name.to_owned(), parameters, value.to_owned()));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_calendar_is_told_from_one() {
        let whole = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nBEGIN:VALARM\r\nDURATION:PT5M\r\nEND:VALARM\r\nUID:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let deep = format!("BEGIN:VCALENDAR\n{}", "BEGIN:A\n".repeat(100_000));
        for (text, expected) in [
            (whole.to_owned(), Ok(1)),
            (format!("\u{feff}{whole}"), Ok(1)),
            (whole.replace("\r\n", "\n"), Ok(1)),
            (whole.replace("\r\n", "\r"), Ok(1)),
            (format!("\r\n\r\n{whole}"), Ok(1)),
            (String::new(), Err(Unreadable::Empty)),
            (" \r\n".to_owned(), Err(Unreadable::Empty)),
            (
                "<!DOCTYPE html><html><body>Log in".to_owned(),
                Err(Unreadable::WebPage),
            ),
            ("\n<html>".to_owned(), Err(Unreadable::WebPage)),
            ("{\"error\": 404}".to_owned(), Err(Unreadable::NoCalendar)),
            (
                "Date,Name\n2026-12-24,Christmas".to_owned(),
                Err(Unreadable::NoCalendar),
            ),
            (whole.replace("END:VCALENDAR\r\n", ""), Err(Unreadable::BrokenOff)),
            (
                "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTST".to_owned(),
                Err(Unreadable::BrokenOff),
            ),
            (deep, Err(Unreadable::BrokenOff)),
        ] {
            let found = parts(&text).map(|parts| parts.events.len());
            assert_eq!(found, expected, "{}", text.chars().take(80).collect::<String>());
        }
        let event = parts(whole).unwrap().events.remove(0);
        assert_eq!(
            event.value("DURATION"),
            None,
            "that of its reminder is not its own"
        );
    }

    #[test]
    fn folded_lines_are_one_wherever_they_are_folded() {
        let text = "SUMMARY:Weih\r\n nach\r\n\tten\r\nUID:a\r\n";
        assert_eq!(unfolded(text), ["SUMMARY:Weihnachten", "UID:a", ""]);
    }

    #[test]
    fn what_is_kept_of_a_file_says_no_more_than_is_needed() {
        let text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20261224\nSUMMARY:Dentist\nATTENDEE:mailto:x@example.test\nDESCRIPTION:long\n and more\nEND:VEVENT\nEND:VCALENDAR";
        let kept = reduced(text, false);
        assert_eq!(
            kept,
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART;VALUE=DATE:20261224\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        assert!(reduced(text, true).contains("SUMMARY:Dentist"));
    }

    #[test]
    fn bytes_are_read_by_their_mark() {
        let wide: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain("Ä1".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(decoded(&wide), "Ä1");
        assert_eq!(decoded("Ä1".as_bytes()), "Ä1");
        assert_eq!(decoded(&[b'a', 0xE4]), "a\u{fffd}");
    }

    #[test]
    fn texts_are_read_back() {
        assert_eq!(
            unescaped("One\\, two\\; three\\nfour \\\\ "),
            "One, two; three four \\"
        );
    }
}
