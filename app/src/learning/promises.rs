//! Promises that were due, and where things wait.

use super::dots::Dots;
use super::findings::{ToDocument, item};
use crate::components::{Cell, DataTable, Fact, Facts, Row, Tone};
use domain::incidents::instants::spoken;
use domain::learning::{Again, ENOUGH, Kept};
use engine::learning::{Promises, Stage, Waits};
use leptos::prelude::*;

#[component]
pub fn PromisesPart(promises: Promises) -> impl IntoView {
    let (due, moved) = (promises.due.len(), promises.moved());
    let [on_time, late_ones, open_ones, declined] =
        [Kept::OnTime, Kept::Late, Kept::Open, Kept::Declined].map(|kept| promises.count(kept));
    let late = if late_ones > 0 { Tone::Broken } else { Tone::Plain };
    let facts = view! {
        <Facts>
            <Fact label="Due in the period">{due}</Fact>
            <Fact label="On time" tone=Tone::Mended>{on_time}</Fact>
            <Fact label="Late" tone=late>{late_ones}</Fact>
            <Fact label="Still open">{open_ones}</Fact>
            <Fact label="Declined">{declined}</Fact>
            <Fact label="With a day that moved">{moved}</Fact>
        </Facts>
    };
    let open: Vec<_> = promises
        .due
        .iter()
        .filter(|one| matches!(one.kept(), Kept::Open | Kept::Late))
        .collect();
    let listed = open
        .into_iter()
        .map(|one| {
            let was = match one.kept() {
                Kept::Late => "done late",
                _ => "still open",
            };
            let moved = match one.moved {
                0 => String::new(),
                1 => ", moved once".to_owned(),
                times => format!(", moved {times} times"),
            };
            let first = one.first_due.format("%-d %b %Y");
            view! { <li>{item(one.number)} " " <bdi>{one.title.clone()}</bdi> <span class="quiet">{format!(", first due {first}, {was}{moved}")}</span></li> }
        })
        .collect_view();
    let longest = promises.ages.longest().unwrap_or(0);
    let oldest = promises.oldest.map(|(number, title)| {
        view! { <p>"The oldest that is open: " {item(number)} " " <bdi>{title}</bdi> {format!(", {}", spoken(longest))}</p> }
    });
    let unverified = promises.unverified.len();
    let to_verify = promises
        .unverified
        .into_iter()
        .map(|(number, title)| view! { <li>{item(number)} " " <bdi>{title}</bdi></li> })
        .collect_view();
    view! {
        <section aria-labelledby="promises">
            <h2 id="promises">"Promises"</h2>
            <div class="stack">
                {facts}
                <ul class="findings">{listed}</ul>
                <h3>"Age of what is open"</h3>
                <div class="measure"><Dots spread=promises.ages longest about="Open action items" /></div>
                {oldest}
                <h3>{format!("Done, and not yet verified: {unverified}")}</h3>
                <ul class="findings">{to_verify}</ul>
            </div>
        </section>
    }
}

/// Of factors with something done about them and of those without, how many came back.
#[component]
pub fn WithAndWithout(with: Again, without: Again) -> impl IntoView {
    let row = |name: &'static str, again: Again| {
        let share = match again.is_enough() {
            true => format!("{} %", again.came_back * 100 / again.of.max(1)),
            false => "too few to compare".to_owned(),
        };
        view! {
            <Row>
                <Cell><strong>{name}</strong></Cell>
                <Cell label="How many">{again.of}</Cell>
                <Cell label="Came back within 90 days">{again.came_back}</Cell>
                <Cell label="Of a hundred">{share}</Cell>
            </Row>
        }
    };
    let headers = vec![
        "What was done",
        "How many",
        "Came back within 90 days",
        "Of a hundred",
    ];
    view! {
        <section aria-labelledby="with">
            <h2 id="with">"With and without"</h2>
            <DataTable caption="Factors that came back at the same service" headers>
                {row("An action item was done", with)}
                {row("None was", without)}
            </DataTable>
            <p class="quiet small">{format!("Below {ENOUGH} nothing is compared. It counts over all time, not only the period.")}</p>
        </section>
    }
}

#[component]
pub fn WaitsPart(waits: Waits, whole: String) -> impl IntoView {
    let rows = waits
        .stages
        .into_iter()
        .map(|stage| view! { <StageRow stage /> })
        .collect_view();
    let (without, reviews) = (waits.without_document, waits.long_reviews.len());
    let more = (without > waits.newest_without.len()).then(|| {
        view! { <p><a href=format!("{whole}#without-document")>{format!("All {without}")}</a></p> }
    });
    let without_rows = waits
        .newest_without
        .into_iter()
        .map(|(number, title)| view! { <li><a href=format!("/incidents/{number}")>{format!("INC-{number} ")} <bdi>{title}</bdi></a></li> })
        .collect_view();
    let review_rows = waits
        .long_reviews
        .into_iter()
        .map(|(number, title)| view! { <li><ToDocument number title /></li> })
        .collect_view();
    let headers = vec!["Step", "How many", "Half within", "Slowest"];
    view! {
        <section aria-labelledby="waits">
            <h2 id="waits">"Where it waits"</h2>
            <DataTable caption="Steps from resolved to verified" headers>{rows}</DataTable>
            <h3 id="without-document">{format!("SEV1 and SEV2 without a document: {without}")}</h3>
            <ul class="findings">{without_rows}</ul>
            {more}
            <h3>{format!("In review for more than 14 days: {reviews}")}</h3>
            <ul class="findings">{review_rows}</ul>
        </section>
    }
}

#[component]
fn StageRow(stage: Stage) -> impl IntoView {
    let slowest = stage.slowest.map(|(number, seconds)| {
        let which = if stage.is_of_items {
            item(number).into_any()
        } else {
            view! { <a href=format!("/incidents/{number}/postmortem")>{format!("INC-{number}")}</a> }
                .into_any()
        };
        view! { {spoken(seconds)} ", " {which} }
    });
    let (count, median) = (stage.spread.seconds.len(), stage.spread.median().map(spoken));
    view! {
        <Row>
            <Cell>{stage.label}</Cell>
            <Cell label="How many">{count}</Cell>
            <Cell label="Half within">{median}</Cell>
            <Cell label="Slowest">{slowest}</Cell>
        </Row>
    }
}
