//! What an absence means for one's turns, where one sees them: with one press cover is asked for.

use crate::components::{ButtonKind, ButtonLink, Notice, PostButton, Tone};
use chrono_tz::Tz;
use domain::calendars::said;
use engine::oncall::absences::Absent;
use leptos::prelude::*;

/// A notice for each absence that has turns in it.
#[component]
pub fn Covers(absent: Vec<Absent>, zone: Tz) -> impl IntoView {
    absent
        .into_iter()
        .map(|absent| view! { <OneAbsence absent zone /> })
        .collect_view()
}

#[component]
fn OneAbsence(absent: Absent, zone: Tz) -> impl IntoView {
    let count = absent.turns.len();
    let lead = format!("Your calendar says you are away {}.", said(absent.span, zone));
    let names = {
        let mut names: Vec<&str> = absent
            .turns
            .iter()
            .map(|(named, _)| named.name.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        domain::words::listed(&names)
    };
    let turns = match count {
        1 => format!("One turn falls into it: {names}."),
        count => format!("{count} turns fall into it: {names}."),
    };
    let asked = match absent.asked {
        0 => String::new(),
        asked if asked == count => " Cover is asked for, and nobody has taken it yet.".to_owned(),
        asked => format!(" For {asked} of them cover is asked for."),
    };
    let actions = if absent.asked < count {
        let (from, to) = absent.span;
        let fields = vec![
            ("from", from.timestamp().to_string()),
            ("to", to.timestamp().to_string()),
        ];
        let words = if count == 1 {
            "Ask for cover"
        } else {
            "Ask for cover for all of them"
        };
        view! { <PostButton action="/on-call/absence/cover" fields makes=true label=format!("{words}, {}", said(absent.span, zone))>{words}</PostButton> }
            .into_any()
    } else {
        view! { <ButtonLink href="/on-call/away" kind=ButtonKind::Small>"What is asked for"</ButtonLink> }
            .into_any()
    };
    view! { <Notice tone=Tone::Worked lead actions>{turns} {asked}</Notice> }
}
