//! What looking back found, in sentences. They ask and do not judge.

use crate::components::TimeForm;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::incidents::instants::spoken;
use domain::learning::{Finding, Measure, Measured};
use domain::words::listed;
use engine::learning::Said;
use leptos::prelude::*;

#[component]
pub fn Findings(findings: Vec<Finding>, zone: Tz) -> impl IntoView {
    let sentences = findings
        .into_iter()
        .map(|finding| {
            let sentence = sentence(finding, zone).into_iter().map(drawn).collect_view();
            view! { <li>{sentence}</li> }
        })
        .collect_view();
    view! { <ul class="findings">{sentences}</ul> }
}

/// The day of an instant where the reader is: “14 November 2026”.
pub fn day(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%-d %B %Y").to_string()
}

/// How people say that it came about, or that nobody has looked yet.
#[component]
pub fn SaidOfIt(said: Option<Said>) -> impl IntoView {
    let Some(said) = said else {
        return view! { <p class="quiet">"Not looked at yet."</p> }.into_any();
    };
    let by = said.name.map(|name| format!(" ({name})"));
    let words = (!said.words.is_empty()).then(|| format!(": {}", said.words));
    view! { <p><strong>{said.verdict.label()}</strong>{words}{by}</p> }.into_any()
}

/// What was said of it before somebody said it anew.
#[component]
pub fn SaidBefore(said: Vec<Said>, zone: Tz) -> impl IntoView {
    let lines = said
        .into_iter()
        .map(|said| {
            let by = said.name.map(|name| format!(", {name}")).unwrap_or_default();
            let words = (!said.words.is_empty()).then(|| format!(": {}", said.words));
            let day = TimeForm::Day.format(said.said_at, zone);
            view! { <p class="small quiet">{format!("Said before ({day}{by}): {}", said.verdict.label())}{words}</p> }
        })
        .collect_view();
    view! { {lines} }
}

fn incident(number: i64) -> impl IntoView {
    view! { <a href=format!("/incidents/{number}/postmortem")>{format!("INC-{number}")}</a> }
}

/// Leads to the document of an incident, which is named.
#[component]
pub fn ToDocument(number: i64, title: String) -> impl IntoView {
    view! { <a href=format!("/incidents/{number}/postmortem")>{format!("INC-{number} ")} <bdi>{title}</bdi></a> }
}

pub fn item(number: i64) -> impl IntoView {
    view! { <a href=format!("/action-items/{number}")>{format!("ACT-{number}")}</a> }
}

/// A part of a sentence: words, or what is named by them.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Words(String),
    /// As people wrote it, from whichever side it is read.
    Name(String),
    Incident(i64),
    Item(i64),
}

fn words(words: impl Into<String>) -> Part {
    Part::Words(words.into())
}

fn drawn(part: Part) -> AnyView {
    match part {
        Part::Words(words) => words.into_any(),
        Part::Name(name) => view! { <bdi>{name}</bdi> }.into_any(),
        Part::Incident(number) => incident(number).into_any(),
        Part::Item(number) => item(number).into_any(),
    }
}

/// The same sentence where nothing can be a link.
pub fn in_words(finding: Finding, zone: Tz) -> String {
    let parts = sentence(finding, zone).into_iter();
    parts
        .map(|part| match part {
            Part::Words(words) | Part::Name(words) => words,
            Part::Incident(number) => format!("INC-{number}"),
            Part::Item(number) => format!("ACT-{number}"),
        })
        .collect()
}

/// Days are those of the reader.
fn sentence(finding: Finding, zone: Tz) -> Vec<Part> {
    let after = |item, earlier, what: String| {
        vec![
            words("Came back after "),
            Part::Item(item),
            words(" of "),
            Part::Incident(earlier),
            words(what),
        ]
    };
    match finding {
        Finding::WhileOpen {
            item,
            earlier,
            seconds,
        } => vec![
            words("Came back while "),
            Part::Item(item),
            words(" of "),
            Part::Incident(earlier),
            words(format!(" was open, for {} by then.", spoken(seconds))),
        ],
        Finding::AfterDone { item, earlier } => {
            let what = " was done, which was to prevent it. How did that come about?";
            after(item, earlier, what.to_owned())
        }
        Finding::Compared {
            item,
            earlier,
            measure,
            measured,
        } => after(item, earlier, compared(measure, measured)),
        Finding::NoFigure { item, earlier } => {
            let what = " was done. No figure tells whether it helped; you may know.";
            after(item, earlier, what.to_owned())
        }
        Finding::Declined {
            item,
            earlier,
            reason,
        } => {
            let reason = reason.map_or_else(|| ".".to_owned(), |reason| format!(": “{reason}”."));
            after(item, earlier, format!(" was declined{reason}"))
        }
        Finding::NothingPromised { earlier } => vec![
            words("Came back. Nothing was promised after "),
            Part::Incident(earlier),
            words("."),
        ],
        Finding::Elsewhere {
            earlier,
            began_at,
            services,
            items,
        } => {
            let who = match listed(&services) {
                names if names.is_empty() => words("another service"),
                names => Part::Name(names),
            };
            let mut parts = vec![
                words("Known elsewhere: "),
                who,
                words(format!(" had this on {} (", day(began_at, zone))),
                Part::Incident(earlier),
                words(")"),
            ];
            parts.extend(answered(&items));
            parts
        }
        Finding::MoreElsewhere { incidents: 1 } => vec![words("And 1 more incident elsewhere.")],
        Finding::MoreElsewhere { incidents } => {
            vec![words(format!("And {incidents} more incidents elsewhere."))]
        }
    }
}

fn answered(items: &[i64]) -> Vec<Part> {
    let verb = match items {
        [] => return vec![words(". Nothing answers it there.")],
        [_] => " answers it there.",
        _ => " answer it there.",
    };
    let mut parts = Vec::new();
    for (place, number) in items.iter().enumerate() {
        parts.push(words(if place == 0 { "; " } else { ", " }));
        parts.push(Part::Item(*number));
    }
    parts.push(words(verb));
    parts
}

fn compared(measure: Measure, measured: Measured) -> String {
    let what = match measure {
        Measure::Detect => "was done, which was to show it sooner: seen",
        Measure::Mitigate => "was done, which was to end it sooner: mitigated",
    };
    let spans = |before, after, how: &str| {
        format!(
            " {what} after {} then and {} now, {how}.",
            spoken(before),
            spoken(after)
        )
    };
    match measured {
        Measured::Better { before, after } => spans(before, after, "better"),
        Measured::Same { before, after } => spans(before, after, "the same"),
        Measured::Worse { before, after } => spans(before, after, "worse"),
        Measured::Unknown => {
            let what = what.split(": ").next().unwrap_or_default();
            format!(" {what}. One of the times is not known, so they cannot be compared.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_says_both_spans() {
        for (measured, expected) in [
            (
                Measured::Better {
                    before: 600,
                    after: 120,
                },
                " was done, which was to show it sooner: seen after 10 min then and 2 min now, better.",
            ),
            (
                Measured::Unknown,
                " was done, which was to show it sooner. One of the times is not known, so they cannot be compared.",
            ),
        ] {
            assert_eq!(compared(Measure::Detect, measured), expected);
        }
    }

    #[test]
    fn days_are_those_of_the_reader() {
        let elsewhere = |items: Vec<i64>| Finding::Elsewhere {
            earlier: 7,
            began_at: "2026-11-13T23:30:00Z".parse().unwrap(),
            services: vec!["Order routing".to_owned()],
            items,
        };
        for (zone, items, expected) in [
            (
                Tz::Europe__Berlin,
                vec![3, 4],
                "Known elsewhere: Order routing had this on 14 November 2026 (INC-7); ACT-3, ACT-4 answer it there.",
            ),
            (
                Tz::UTC,
                vec![],
                "Known elsewhere: Order routing had this on 13 November 2026 (INC-7). Nothing answers it there.",
            ),
        ] {
            assert_eq!(in_words(elsewhere(items), zone), expected);
        }
    }
}
