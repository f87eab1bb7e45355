//! Figures of the incidents themselves: how long they took, how many there were, when people were woken.

use super::dots::Dots;
use crate::components::{Cell, DataTable, Row};
use domain::incidents::instants::spoken;
use domain::learning::{NIGHT_FROM, NIGHT_UNTIL, Spread};
use engine::learning::{Measured, Times, Week};
use leptos::prelude::*;

#[component]
pub fn TimesPart(times: Times) -> impl IntoView {
    let measures = times
        .measures
        .into_iter()
        .map(|measured| view! { <Measure measured /> })
        .collect_view();
    view! {
        <section aria-labelledby="times">
            <h2 id="times">"How long incidents took"</h2>
            <div class="stack">{measures}</div>
        </section>
        <section aria-labelledby="weeks">
            <h2 id="weeks">"Week by week"</h2>
            <Weeks weeks=times.weeks.into_iter().collect() />
        </section>
        <section aria-labelledby="hours">
            <h2 id="hours">"Pages by the hour"</h2>
            <Hours pages=times.pages_by_hour />
        </section>
    }
}

#[component]
fn Measure(measured: Measured) -> impl IntoView {
    let longest = measured.all.longest().unwrap_or(0);
    let label = measured.label;
    let rows = std::iter::once(("All".to_owned(), measured.all))
        .chain(
            measured
                .by_severity
                .into_iter()
                .map(|(severity, spread)| (severity.to_string(), spread)),
        )
        .map(|(name, spread)| view! { <SpreadRow name spread longest about=label /> })
        .collect_view();
    let headers = vec![
        "Severity",
        "Known",
        "Unknown",
        "Half within",
        "9 of 10 within",
        "Slowest",
        "Each",
    ];
    view! {
        <h3>{label} <span class="quiet small">{format!(", {}", measured.from)}</span></h3>
        <DataTable caption=label headers>{rows}</DataTable>
    }
}

#[component]
fn SpreadRow(name: String, spread: Spread, longest: i64, about: &'static str) -> impl IntoView {
    let words = |seconds: Option<i64>| seconds.map_or_else(|| "–".to_owned(), spoken);
    let (median, ninety, slowest) = (spread.median(), spread.percentile(90), spread.longest());
    let (known, unknown) = (spread.seconds.len(), spread.unknown);
    let about = format!("{about}, {name}");
    view! {
        <Row>
            <Cell><strong>{name}</strong></Cell>
            <Cell label="Known">{known}</Cell>
            <Cell label="Unknown">{unknown}</Cell>
            <Cell label="Half within">{words(median)}</Cell>
            <Cell label="9 of 10 within">{words(ninety)}</Cell>
            <Cell label="Slowest">{words(slowest)}</Cell>
            <Cell><Dots spread longest about /></Cell>
        </Row>
    }
}

#[component]
fn Weeks(weeks: Vec<(chrono::NaiveDate, Week)>) -> impl IntoView {
    if weeks.is_empty() {
        return view! { <p class="quiet">"Nothing was opened."</p> }.into_any();
    }
    let rows = weeks
        .into_iter()
        .rev()
        .map(|(monday, week)| {
            view! {
                <Row>
                    <Cell><time datetime=monday.to_string()>{monday.format("%-d %b %Y").to_string()}</time></Cell>
                    <Cell label="Incidents">{week.incidents}</Cell>
                    <Cell label="Alerts">{week.alerts}</Cell>
                    <Cell label="Nights woken">{week.nights_woken}</Cell>
                </Row>
            }
        })
        .collect_view();
    let headers = vec!["Week from", "Incidents", "Alerts", "Nights woken"];
    view! {
        <DataTable caption="Opened week by week" headers>{rows}</DataTable>
        <p class="quiet small">{format!("A night is from {NIGHT_FROM}:00 to 0{NIGHT_UNTIL}:00 where the person is, and counts once for each person who was paged in it.")}</p>
    }
    .into_any()
}

/// Bars with a table beneath: by the clock of whoever got the page.
#[component]
fn Hours(pages: [usize; 24]) -> impl IntoView {
    let most = pages.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return view! { <p class="quiet">"Nobody was paged."</p> }.into_any();
    }
    let bars = pages
        .iter()
        .enumerate()
        .map(|(hour, count)| {
            let height = 40.0 * *count as f64 / most as f64;
            view! { <rect class="hour-bar" x=(hour * 12 + 1).to_string() y=(42.0 - height).to_string() width="10" height=height.to_string()><title>{format!("{hour:02}:00: {count}")}</title></rect> }
        })
        .collect_view();
    let words: Vec<String> = pages
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
        .map(|(hour, count)| format!("{hour:02}:00 {count}"))
        .collect();
    view! {
        <svg class="hours" viewBox="0 0 288 44" role="img" aria-label="Pages by the hour on the clock of whoever got them">
            <line class="dots-line" x1="0" x2="288" y1="43" y2="43" />
            {bars}
        </svg>
        <p class="small quiet">{words.join(", ")}</p>
    }
    .into_any()
}
