//! What an action item's page asks about it: how its factor came back, and what it lacks to be done.

use crate::components::Card;
use crate::learning::findings::{Findings, SaidOfIt, ToDocument};
use chrono_tz::Tz;
use domain::action_items::{ActionItem, never_ends};
use engine::learning::CameBackLater;
use leptos::prelude::*;

/// Later incidents in which its factor came back.
#[component]
pub(super) fn CameBackSince(came_back: Vec<CameBackLater>, zone: Tz) -> impl IntoView {
    (!came_back.is_empty()).then(|| {
        let rows = came_back
            .into_iter()
            .map(|later| {
                view! {
                    <Card>
                        <h3><ToDocument number=later.number title=later.title /></h3>
                        <Findings findings=vec![later.finding] zone />
                        <SaidOfIt said=later.said />
                    </Card>
                }
            })
            .collect_view();
        view! {
            <section class="stack" aria-labelledby="came-back">
                <h2 id="came-back">"What it answers came back"</h2>
                {rows}
            </section>
        }
    })
}

/// An owner, a day, a verb that ends: what is open without one of them waits for nobody.
#[component]
pub(super) fn Lacks(item: ActionItem, may_change: bool) -> impl IntoView {
    let asks = lacking(&item);
    (!asks.is_empty() && item.state.is_open()).then(|| {
        let asks = asks
            .into_iter()
            .map(|ask| view! { <li>{ask}</li> })
            .collect_view();
        let change = may_change.then(|| view! { <p><a href="#change">"Change it"</a></p> });
        view! {
            <Card>
                <p><strong>"It still needs"</strong></p>
                <ul class="findings">{asks}</ul>
                {change}
            </Card>
        }
    })
}

fn lacking(item: &ActionItem) -> Vec<String> {
    let owner = item
        .owner_id
        .is_none()
        .then(|| "an owner: who sees to it?".to_owned());
    let day = item.due_on.is_none().then(|| "a day: by when?".to_owned());
    let verb = never_ends(&item.title).map(|verb| {
        format!(
            "a verb that ends: “{verb}” is never done. What will be there when it is, and who could see it?"
        )
    });
    [owner, day, verb].into_iter().flatten().collect()
}
