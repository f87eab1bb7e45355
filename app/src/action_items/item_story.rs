//! What happened to an action item, in sentences.

use crate::components::{TimeForm, TimeOf};
use crate::markdown::written;
use chrono_tz::Tz;
use domain::action_items::Evidence;
use engine::action_items::{Happened, What};
use leptos::prelude::*;

#[component]
pub(super) fn ItemStory(story: Vec<Happened>, zone: Tz) -> impl IntoView {
    let lines = story
        .into_iter()
        .map(|happened| view! { <Told happened zone /> })
        .collect_view();
    view! {
        <section aria-labelledby="story">
            <h2 id="story">"What happened"</h2>
            <ol class="rows item-story">{lines}</ol>
        </section>
    }
}

#[component]
fn Told(happened: Happened, zone: Tz) -> impl IntoView {
    let who = happened.who.unwrap_or_else(|| "Kintsugi".to_owned());
    let (sentence, words) = match happened.what {
        What::Said(body) => ("said".to_owned(), Some(body)),
        What::Verified { evidence, words } => (
            format!("saw that it worked, by {}", shown_by(evidence)),
            Some(words),
        ),
        What::Became { from: None, .. } => ("proposed it".to_owned(), None),
        What::Became {
            from: Some(from),
            to,
            reason,
        } => (format!("moved it from {from} to {to}"), reason),
        What::Changed {
            field,
            was,
            became,
            why,
        } => (changed(&field, was, became), why),
    };
    let words = words.map(|words| {
        view! { <div class="prose" dir="auto" inner_html=written(&words)></div> }
    });
    view! {
        <li>
            <p class="small"><TimeOf at=happened.at zone form=TimeForm::Short /> " " <strong>{who}</strong> " " {sentence}</p>
            {words}
        </li>
    }
}

const fn shown_by(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Link => "a link",
        Evidence::Drill => "a drill",
        Evidence::Incident => "what would have been an incident",
    }
}

fn changed(field: &str, was: Option<String>, became: Option<String>) -> String {
    let field = match field {
        "due_on" => "day",
        "column" => return moved(was, became),
        other => other,
    };
    match (was, became) {
        (None, Some(became)) => format!("set the {field}: {became}"),
        (Some(was), None) => format!("removed the {field}: {was}"),
        (Some(was), Some(became)) => format!("changed the {field} from {was} to {became}"),
        (None, None) => format!("changed the {field}"),
    }
}

fn moved(was: Option<String>, became: Option<String>) -> String {
    match (was, became) {
        (Some(was), Some(became)) => format!("moved the card from “{was}” to “{became}”"),
        (_, Some(became)) => format!("put the card into “{became}”"),
        (_, None) => "moved the card".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::changed;

    #[test]
    fn changes_are_said_in_words() {
        let some = |text: &str| Some(text.to_owned());
        for (field, was, became, sentence) in [
            (
                "due_on",
                some("2026-03-01"),
                some("2026-03-08"),
                "changed the day from 2026-03-01 to 2026-03-08",
            ),
            ("owner", None, some("Ana"), "set the owner: Ana"),
            ("owner", some("Ana"), None, "removed the owner: Ana"),
            (
                "column",
                some("Doing"),
                some("Waiting"),
                "moved the card from “Doing” to “Waiting”",
            ),
        ] {
            assert_eq!(changed(field, was, became), sentence);
        }
    }
}
