//! Earlier incidents that this one looks like, while it is open: what helped then may help now.

use crate::components::TimeOf;
use chrono_tz::Tz;
use domain::incidents::instants::spoken;
use domain::news::shortened_to;
use engine::learning::{LikeBy, LooksLike};
use leptos::prelude::*;
use std::sync::Arc;

/// Of what was said then so many characters are shown; the rest is on its page.
const MOST_CHARACTERS: usize = 160;

#[component]
pub fn LooksLikePart(all: Arc<[LooksLike]>, zone: Tz) -> impl IntoView {
    (!all.is_empty()).then(|| {
        let rows = all
            .iter()
            .cloned()
            .map(|one| view! { <OneLike one zone /> })
            .collect_view();
        view! {
            <section class="aside-part" aria-labelledby="looks-like">
                <h2 id="looks-like">"Seen before"</h2>
                <ul class="stack">{rows}</ul>
            </section>
        }
    })
}

#[component]
fn OneLike(one: LooksLike, zone: Tz) -> impl IntoView {
    let number = one.number;
    let why = match one.by {
        LikeBy::Alert => "the same alert",
        LikeBy::Factor => "the same contributing factor",
        LikeBy::Title => "a title like this one's",
    };
    let factors = (!one.factors.is_empty()).then(|| {
        let names = one.factors.into_iter().map(|(id, name)| {
            view! { <li><a href=format!("/learning/factors/{id}")>{name}</a></li> }
        });
        view! { <p class="small">"What had a part then:"</p> <ul class="small">{names.collect_view()}</ul> }
    });
    let document = one.has_document.then(|| {
        view! { " · " <a href=format!("/incidents/{number}/postmortem")>{format!("Postmortem of INC-{number}")}</a> }
    });
    let helped = one
        .helped
        .map(|words| view! { <p class="small">"Said then: “" <bdi>{beginning(&words)}</bdi> "”"</p> });
    view! {
        <li>
            <a href=format!("/incidents/{number}")>{format!("INC-{number} ")} <bdi>{one.title}</bdi></a>
            <p class="small quiet"><TimeOf at=one.opened_at zone /> {format!(", {}, over after {}", why, spoken(one.seconds))} {document}</p>
            {helped}
            {factors}
        </li>
    }
}

/// In one line.
fn beginning(words: &str) -> String {
    shortened_to(
        MOST_CHARACTERS,
        &words.split_whitespace().collect::<Vec<_>>().join(" "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_cut_where_it_is_long() {
        assert_eq!(
            beginning("Failed over\n\nto the second"),
            "Failed over to the second"
        );
        let long = beginning(&"ä".repeat(500));
        assert_eq!(
            (long.chars().count(), long.ends_with('…')),
            (MOST_CHARACTERS + 2, true)
        );
    }
}
