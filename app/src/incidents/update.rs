//! The latest status update, on top of its incident, with when the next one is due.

use super::view::Seen;
use crate::components::{Badge, TimeForm, TimeOf, Tone};
use crate::markdown;
use domain::incidents::instants::spoken;
use leptos::prelude::*;

#[component]
pub fn UpdatePart(seen: Seen) -> impl IntoView {
    let latest = seen.story.latest_update.clone();
    let (zone, now) = (seen.reader.zone, seen.now);
    let shown = latest.map(|latest| {
        let html = latest.entry.event.written_text().map(markdown::written).unwrap_or_default();
        let by = latest.entry.actor_name.unwrap_or_default();
        let next = latest.next_due_at.map(|at| {
            let late = now - at;
            let words = if late.num_seconds() > 0 {
                view! { <Badge tone=Tone::Broken>{format!("next update overdue by {}", spoken(late.num_seconds()))}</Badge> }.into_any()
            } else {
                view! { <strong>"next update due at " <TimeOf at zone form=TimeForm::Clock /></strong> }.into_any()
            };
            view! { ", " {words} }
        });
        view! {
            <section class="update card" aria-label="Latest status update">
                <p class="small quiet">
                    "Status update of " <TimeOf at=latest.entry.happened_at zone form=TimeForm::Short /> " by " {by} {next}
                </p>
                <div class="prose" dir="auto" inner_html=html></div>
            </section>
        }
    });
    view! { <div id="update">{shown}</div> }
}
