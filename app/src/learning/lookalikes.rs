//! Factors whose names look like one: merged with a press, or kept apart with another.

use crate::components::{ButtonKind, PostButton};
use domain::postmortems::Factor;
use engine::learning::Lookalike;
use leptos::prelude::*;

/// So many are asked about at once; the most alike come first.
const SHOWN: usize = 20;

#[component]
pub fn Lookalikes(all: Vec<Lookalike>, may: bool) -> impl IntoView {
    let count = all.len();
    let left = count.saturating_sub(SHOWN);
    let left = (left > 0)
        .then(|| view! { <p class="quiet">{format!("{left} more appear when these are decided.")}</p> });
    let rows = all
        .into_iter()
        .take(SHOWN)
        .map(|Lookalike { one, other }| {
            let verbs = may.then(|| view! { <Verbs one=one.clone() other=other.clone() /> });
            view! { <li><span>{link(&one)} " and " {link(&other)}</span> {verbs}</li> }
        })
        .collect_view();
    view! {
        <h3 id="lookalikes">{format!("Factors that may be the same: {count}")}</h3>
        <ul class="member-rows">{rows}</ul>
        {left}
    }
}

fn link(factor: &Factor) -> impl IntoView + use<> {
    view! { <a href=format!("/learning/factors/{}", factor.id)><bdi>{factor.name.clone()}</bdi></a> }
}

#[component]
fn Verbs(one: Factor, other: Factor) -> impl IntoView {
    let keep = |kept: &Factor, gone: &Factor| {
        let action = format!("/learning/factors/{}/merge", gone.id);
        let fields = vec![("into", kept.id.to_string())];
        view! { <PostButton action kind=ButtonKind::Small fields>{format!("Keep “{}”", kept.name)}</PostButton> }
    };
    let apart = format!("/learning/factors/{}/apart", one.id);
    view! {
        <span class="buttons">
            {keep(&one, &other)}
            {keep(&other, &one)}
            <PostButton action=apart kind=ButtonKind::Small fields=vec![("other", other.id.to_string())]>"They are two"</PostButton>
        </span>
    }
}
