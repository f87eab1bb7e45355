//! What looking back found, in sentences. They ask and do not judge.

use domain::incidents::instants::spoken;
use domain::learning::{Finding, Measure, Measured};
use domain::words::listed;
use engine::learning::Said;
use leptos::prelude::*;

#[component]
pub fn Findings(findings: Vec<Finding>) -> impl IntoView {
    let sentences = findings
        .into_iter()
        .map(|finding| view! { <li>{sentence(finding)}</li> })
        .collect_view();
    view! { <ul class="findings">{sentences}</ul> }
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
pub fn SaidBefore(said: Vec<Said>) -> impl IntoView {
    let lines = said
        .into_iter()
        .map(|said| {
            let by = said.name.map(|name| format!(", {name}")).unwrap_or_default();
            let words = (!said.words.is_empty()).then(|| format!(": {}", said.words));
            let day = said.said_at.format("%-d %b %Y");
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

fn sentence(finding: Finding) -> AnyView {
    match finding {
        Finding::WhileOpen {
            item: number,
            earlier,
            seconds,
        } => view! {
            "Came back while " {item(number)} " of " {incident(earlier)} {format!(" was open, for {} by then.", spoken(seconds))}
        }
        .into_any(),
        Finding::AfterDone { item: number, earlier } => view! {
            "Came back after " {item(number)} " of " {incident(earlier)} " was done, which was to prevent it. How did that come about?"
        }
        .into_any(),
        Finding::Compared {
            item: number,
            earlier,
            measure,
            measured,
        } => view! {
            "Came back after " {item(number)} " of " {incident(earlier)} {compared(measure, measured)}
        }
        .into_any(),
        Finding::NoFigure { item: number, earlier } => view! {
            "Came back after " {item(number)} " of " {incident(earlier)} " was done. No figure tells whether it helped; you may know."
        }
        .into_any(),
        Finding::Declined {
            item: number,
            earlier,
            reason,
        } => view! {
            "Came back after " {item(number)} " of " {incident(earlier)} " was declined"
            {reason.map_or_else(|| ".".to_owned(), |reason| format!(": “{reason}”."))}
        }
        .into_any(),
        Finding::NothingPromised { earlier } => view! {
            "Came back. Nothing was promised after " {incident(earlier)} "."
        }
        .into_any(),
        Finding::Elsewhere {
            earlier,
            began_at,
            services,
            items,
        } => {
            let day = began_at.format("%-d %B %Y").to_string();
            let who = match listed(&services) {
                names if names.is_empty() => "another service".to_owned(),
                names => names,
            };
            view! { "Known elsewhere: " <bdi>{who}</bdi> {format!(" had this on {day} (")} {incident(earlier)} ")" {answered(items)} }.into_any()
        }
        Finding::MoreElsewhere { incidents: 1 } => view! { "And 1 more incident elsewhere." }.into_any(),
        Finding::MoreElsewhere { incidents } => view! { {format!("And {incidents} more incidents elsewhere.")} }.into_any(),
    }
}

fn answered(items: Vec<i64>) -> AnyView {
    if items.is_empty() {
        return view! { ". Nothing was promised there." }.into_any();
    }
    let verb = if items.len() == 1 {
        " answers it there."
    } else {
        " answer it there."
    };
    let items = items
        .into_iter()
        .enumerate()
        .map(|(place, number)| view! { {if place == 0 { "; " } else { ", " }} {item(number)} })
        .collect_view();
    view! { {items} {verb} }.into_any()
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
}
