//! Wall-clock times as people type them. A form says in which zone it was drawn and what stood in it, so that what nobody edited
//! stays as it is, to the microsecond.

use crate::components::{Choice, Field, FieldKind};
use chrono::{DateTime, Datelike, NaiveDateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use domain::oncall::wall::{self, Reading};
use leptos::prelude::*;
use serde::Deserialize;

/// Nothing here happened before there was a program to write it down.
const FIRST_YEAR: i32 = 1970;
const LAST_YEAR: i32 = 9999;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAMoment {
    #[error("Write it as day and time, such as 2026-11-21 02:47.")]
    Unreadable,
    #[error("The year is {0}. Write it with four digits, from 1970 on.")]
    NoSuchYear(i32),
    #[error(
        "At that hour the clocks in {0} are set forward, so {1} does not come. Choose a time before or after it."
    )]
    NeverComes(String, String),
    #[error("In that night the clocks in {0} are set back, so {1} comes twice. Say which of the two.")]
    ComesTwice(String, String),
}

/// What a form sends of a moment: what was typed, and what it was drawn from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Moment {
    pub at: String,
    /// IANA name of the zone in which it is meant.
    pub zone: String,
    /// The instant that stood there, exactly; empty where there was none.
    pub was: String,
    /// Of a time that comes twice, `first` or `second`.
    pub which: String,
}

impl Moment {
    /// As a form is drawn.
    pub fn drawn(at: Option<DateTime<Utc>>, zone: Tz) -> Self {
        Self {
            at: at.map_or_else(String::new, |at| moment_value(at, zone)),
            zone: zone.name().to_owned(),
            was: at.map_or_else(String::new, exactly),
            which: String::new(),
        }
    }

    /// What the form was drawn from.
    pub fn before(&self) -> Option<DateTime<Utc>> {
        self.was.parse().ok()
    }

    /// The same beside what stands there meanwhile.
    #[must_use]
    pub fn seen(self, now: Option<DateTime<Utc>>) -> Self {
        Self {
            was: now.map_or_else(String::new, exactly),
            ..self
        }
    }

    fn zone(&self, readers: Tz) -> Tz {
        self.zone.parse().unwrap_or(readers)
    }

    /// Whether somebody typed something else than what stood there.
    pub fn is_edited(&self, readers: Tz) -> bool {
        let stood = Self::drawn(self.before(), self.zone(readers)).at;
        normal(&self.at) != normal(&stood)
    }

    /// The instant that is meant; empty is unknown.
    ///
    /// # Errors
    /// [`NotAMoment`]
    pub fn read(&self, readers: Tz) -> Result<Option<DateTime<Utc>>, NotAMoment> {
        if !self.is_edited(readers) {
            return Ok(self.before());
        }
        let zone = self.zone(readers);
        let Some(typed) = read_wall(&self.at)? else {
            return Ok(None);
        };
        let words = || (zone_words(zone.name()), typed.format("%H:%M").to_string());
        match (wall::read(zone, typed), self.which.as_str()) {
            (Reading::Once(at), _) | (Reading::Twice(at, _), "first") | (Reading::Twice(_, at), "second") => {
                Ok(Some(at))
            }
            (Reading::Twice(..), _) => {
                let (zone, time) = words();
                Err(NotAMoment::ComesTwice(zone, time))
            }
            (Reading::Never(_), _) => {
                let (zone, time) = words();
                Err(NotAMoment::NeverComes(zone, time))
            }
        }
    }

    fn comes_twice(&self, readers: Tz) -> bool {
        let typed = read_wall(&self.at).ok().flatten();
        typed.is_some_and(|typed| matches!(wall::read(self.zone(readers), typed), Reading::Twice(..)))
    }
}

/// Reads what a `datetime-local` field or a person without one sends.
fn read_wall(text: &str) -> Result<Option<NaiveDateTime>, NotAMoment> {
    let text = normal(text);
    if text.is_empty() {
        return Ok(None);
    }
    let read = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    let typed = read
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
        .ok_or(NotAMoment::Unreadable)?;
    if !(FIRST_YEAR..=LAST_YEAR).contains(&typed.year()) {
        return Err(NotAMoment::NoSuchYear(typed.year()));
    }
    Ok(Some(typed))
}

/// Browsers leave seconds out where they are zero.
fn normal(text: &str) -> String {
    let text = text.trim().replace(' ', "T");
    match text.strip_suffix(":00") {
        Some(short) if short.matches(':').count() == 1 => short.to_owned(),
        _ => text,
    }
}

fn exactly(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// A zone's IANA name as people read it: “America/New York”.
pub fn zone_words(name: &str) -> String {
    name.replace('_', " ")
}

/// The value of a `datetime-local` field.
fn moment_value(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// A field for a moment. Its parts are sent as `NAME`, `NAME_zone`, `NAME_was` and, for a time that comes twice, `NAME_which`.
#[component]
pub fn MomentField(
    name: &'static str,
    #[prop(into)] label: String,
    moment: Moment,
    #[prop(optional, into)] id: String,
    #[prop(optional, into)] hint: String,
    #[prop(default = None)] error: Option<String>,
    #[prop(optional)] required: bool,
) -> impl IntoView {
    let id = if id.is_empty() {
        format!("field-{name}")
    } else {
        id
    };
    let twice = moment.comes_twice(chrono_tz::UTC).then(|| {
        let choices = vec![
            Choice::new("", "Which of the two?"),
            Choice::new("first", "The first, before the clocks are set back"),
            Choice::new("second", "The second, after it"),
        ];
        view! {
            <Field
                name=format!("{name}_which")
                id=format!("{id}-which")
                label="This time comes twice"
                kind=FieldKind::Select(choices)
                value=moment.which.clone()
            />
        }
    });
    view! {
        <input type="hidden" name=format!("{name}_zone") value=moment.zone />
        <input type="hidden" name=format!("{name}_was") value=moment.was />
        <Field name label kind=FieldKind::Moment value=moment.at id hint error required />
        {twice}
    }
}

/// Every zone of the tz database, by name; UTC first.
pub fn zone_choices() -> Vec<Choice> {
    let mut names: Vec<&str> = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect();
    names.sort_unstable();
    std::iter::once("UTC")
        .chain(names.into_iter().filter(|name| *name != "UTC"))
        .map(|name| Choice::new(name, zone_words(name)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERLIN: Tz = Tz::Europe__Berlin;

    fn typed(at: &str) -> Moment {
        Moment {
            at: at.to_owned(),
            zone: BERLIN.name().to_owned(),
            ..Moment::default()
        }
    }

    #[test]
    fn moments_are_read_in_the_zone_of_their_form() {
        let at = |text: &str| Ok(Some(text.parse::<DateTime<Utc>>().unwrap()));
        for (text, expected) in [
            ("2026-11-21T02:47", at("2026-11-21T01:47:00Z")),
            ("2026-07-01 02:47", at("2026-07-01T00:47:00Z")),
            ("2026-07-01T02:47:13", at("2026-07-01T00:47:13Z")),
            ("", Ok(None)),
            ("yesterday", Err(NotAMoment::Unreadable)),
            ("0026-11-21T02:47", Err(NotAMoment::NoSuchYear(26))),
            ("1969-12-31T23:59", Err(NotAMoment::NoSuchYear(1969))),
        ] {
            // Where the reader is by now has no part in it.
            assert_eq!(typed(text).read(Tz::Asia__Tokyo), expected, "{text}");
        }
    }

    #[test]
    fn a_time_that_comes_twice_or_never_is_asked_about() {
        let twice = typed("2026-10-25T02:30");
        assert!(matches!(twice.read(BERLIN), Err(NotAMoment::ComesTwice(..))));
        for (which, at) in [
            ("first", "2026-10-25T00:30:00Z"),
            ("second", "2026-10-25T01:30:00Z"),
        ] {
            let said = Moment {
                which: which.to_owned(),
                ..twice.clone()
            };
            assert_eq!(said.read(BERLIN), Ok(Some(at.parse().unwrap())));
        }
        let never = typed("2026-03-29T02:30").read(BERLIN);
        assert!(matches!(never, Err(NotAMoment::NeverComes(..))));
    }

    #[test]
    fn what_nobody_edited_stays_to_the_microsecond() {
        for at in [
            "2026-10-25T01:30:12.345678Z",
            "2026-10-25T00:30:00Z",
            "2026-03-29T01:00:00.5Z",
        ] {
            let at: DateTime<Utc> = at.parse().unwrap();
            let drawn = Moment::drawn(Some(at), BERLIN);
            assert_eq!(drawn.read(BERLIN), Ok(Some(at)));
            let without_seconds = Moment {
                at: drawn.at.strip_suffix(":00").unwrap_or(&drawn.at).to_owned(),
                ..drawn
            };
            assert_eq!(without_seconds.read(BERLIN), Ok(Some(at)));
        }
    }
}
