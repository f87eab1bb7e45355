//! Instants in the reader's zone with UTC one hover or tap away, and durations that tick.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::incidents::instants::spoken;
use leptos::prelude::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeForm {
    /// `02:47`
    Clock,
    /// `Sat 21 Nov 02:47`
    #[default]
    Short,
    /// `21 Nov 2026`
    Day,
    /// `Saturday 21 November 2026, 02:47 CET`
    Full,
}

impl TimeForm {
    const fn pattern(self) -> &'static str {
        match self {
            Self::Clock => "%H:%M",
            Self::Short => "%a %-d %b %H:%M",
            Self::Day => "%-d %b %Y",
            Self::Full => "%A %-d %B %Y, %H:%M %Z",
        }
    }

    /// What the browser's side reads, when it puts the time of a new entry into the reader's zone.
    const fn word(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Short => "short",
            Self::Day => "day",
            Self::Full => "full",
        }
    }

    pub fn format(self, at: DateTime<Utc>, zone: Tz) -> String {
        at.with_timezone(&zone).format(self.pattern()).to_string()
    }
}

/// An instant. It can be focused by a tap, which shows UTC; it is no stop for the Tab key.
#[component]
pub fn TimeOf(at: DateTime<Utc>, zone: Tz, #[prop(optional)] form: TimeForm) -> impl IntoView {
    let utc = at.format("%-d %b %Y, %H:%M:%S UTC").to_string();
    view! {
        <time datetime=iso(at) data-utc=utc.clone() data-form=form.word() tabindex="-1">
            {form.format(at, zone)}
        </time>
    }
}

/// A duration that is over: “41 min”.
#[component]
pub fn Duration(seconds: i64) -> impl IntoView {
    view! {
        <time class="duration" datetime=format!("PT{}S", seconds.max(0))>
            {spoken(seconds)}
        </time>
    }
}

/// A duration that goes on, from `since` to now. The `Ticker` island moves it; without it, it says how long it was when the
/// page was made.
#[component]
pub fn TickingSince(since: DateTime<Utc>, now: DateTime<Utc>) -> impl IntoView {
    let seconds = (now - since).num_seconds().max(0);
    view! {
        <time class="duration" datetime=format!("PT{seconds}S") data-since=since.timestamp().to_string()>
            {spoken(seconds)}
        </time>
    }
}

/// `2026-11-21T01:47:00Z`
pub fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_in_the_readers_zone() {
        let at: DateTime<Utc> = "2026-11-21T01:47:00Z".parse().unwrap();
        let berlin: Tz = "Europe/Berlin".parse().unwrap();
        for (form, text) in [
            (TimeForm::Clock, "02:47"),
            (TimeForm::Short, "Sat 21 Nov 02:47"),
            (TimeForm::Day, "21 Nov 2026"),
            (TimeForm::Full, "Saturday 21 November 2026, 02:47 CET"),
        ] {
            assert_eq!(form.format(at, berlin), text);
        }
    }
}
