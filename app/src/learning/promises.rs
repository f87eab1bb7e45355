//! Promises that were due, and where things wait.

use super::dots::Dots;
use super::findings::{ToDocument, item};
use super::number::LeadsTo;
use crate::components::{Cell, DataTable, Fact, Facts, Row, Tone};
use domain::incidents::instants::spoken;
use domain::learning::{Again, ENOUGH, Figure, Kept, OfWatched};
use engine::learning::{Promises, Stage, Waits};
use leptos::prelude::*;

#[component]
pub fn PromisesPart(promises: Promises, to: LeadsTo) -> impl IntoView {
    let due = to.number(promises.due.len(), Figure::Due(None));
    let moved = to.number(promises.moved(), Figure::Moved);
    let of_kept = Kept::ALL
        .iter()
        .map(|kept| {
            let count = promises.count(*kept);
            let tone = match kept {
                Kept::OnTime => Tone::Mended,
                Kept::Late if count > 0 => Tone::Broken,
                _ => Tone::Plain,
            };
            let number = to.number(count, Figure::Due(Some(*kept)));
            view! { <Fact label=kept.label() tone>{number}</Fact> }
        })
        .collect_view();
    let facts = view! {
        <Facts>
            <Fact label="Due in the period">{due}</Fact>
            {of_kept}
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
pub fn WithAndWithout(with: Again, without: Again, to: LeadsTo) -> impl IntoView {
    let row = move |name: &'static str, again: Again, with: bool| {
        let number = |count, of| to.number(count, Figure::Watched { with, of });
        let (all, came_back) = (
            number(again.of, OfWatched::All),
            number(again.came_back, OfWatched::CameBack),
        );
        let not_looked_at = number(again.not_looked_at, OfWatched::NotLookedAt);
        let share = match again.is_enough() {
            true => {
                let words = format!("{} %", again.came_back * 100 / again.of.max(1));
                let figure = Figure::Watched {
                    with,
                    of: OfWatched::CameBack,
                };
                to.made_of(words, figure)
            }
            false => view! { "too few to compare" }.into_any(),
        };
        view! {
            <Row>
                <Cell><strong>{name}</strong></Cell>
                <Cell label="How many">{all}</Cell>
                <Cell label="Came back within 90 days">{came_back}</Cell>
                <Cell label="Not looked at yet">{not_looked_at}</Cell>
                <Cell label="Of a hundred">{share}</Cell>
            </Row>
        }
    };
    let headers = vec![
        "What was done",
        "How many",
        "Came back within 90 days",
        "Not looked at yet",
        "Of a hundred",
    ];
    view! {
        <section aria-labelledby="with">
            <h2 id="with">"With and without"</h2>
            <DataTable caption="Factors that came back at the same service" headers>
                {row("An action item was done", with, true)}
                {row("None was", without, false)}
            </DataTable>
            <p class="quiet small">{format!("Below {ENOUGH} nothing is compared. It counts over all time, not only the period.")}</p>
        </section>
    }
}

#[component]
pub fn WaitsPart(waits: Waits, whole: String, to: LeadsTo) -> impl IntoView {
    let rows = waits
        .stages
        .into_iter()
        .map(|stage| view! { <StageRow stage to=to.clone() /> })
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
fn StageRow(stage: Stage, to: LeadsTo) -> impl IntoView {
    let slowest = stage.each.first().map(|(number, seconds)| {
        let which = if stage.step.is_of_items() {
            item(*number).into_any()
        } else {
            view! { <a href=format!("/incidents/{number}/postmortem")>{format!("INC-{number}")}</a> }
                .into_any()
        };
        view! { {spoken(*seconds)} ", " {which} }
    });
    let figure = Figure::Step(stage.step);
    let count = to.number(stage.each.len(), figure);
    let median = stage
        .spread
        .median()
        .map(|seconds| to.made_of(spoken(seconds), figure));
    view! {
        <Row>
            <Cell>{stage.step.label()}</Cell>
            <Cell label="How many">{count}</Cell>
            <Cell label="Half within">{median}</Cell>
            <Cell label="Slowest">{slowest}</Cell>
        </Row>
    }
}
