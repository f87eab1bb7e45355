//! What waits for the reader: promises, and postmortems that want to be read.

use crate::action_items::{DueWords, age};
use crate::components::{Badge, Glyph, Picture};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use engine::action_items::Card;
use engine::postmortems::Listed;
use leptos::prelude::*;

/// Promises that are shown at once.
const SHOWN: usize = 8;

#[component]
pub fn MyPromises(promises: Vec<Card>, now: DateTime<Utc>, zone: Tz) -> impl IntoView {
    let today = now.with_timezone(&zone).date_naive();
    let count = promises.len();
    let more = (count > SHOWN)
        .then(|| view! { <p class="small"><a href="/backlog">{format!("All {count}")}</a></p> });
    let rows = promises
        .into_iter()
        .take(SHOWN)
        .map(|card| {
            view! {
                <li class="waiting-row">
                    <a class="waiting-title" href=format!("/action-items/{}", card.item.number)>{card.item.title}</a>
                    <span class="waiting-about small quiet">
                        <Badge>{card.item.kind.as_str()}</Badge>
                        <a href=format!("/incidents/{}", card.incident_number) title=card.incident_title>{format!("INC-{}", card.incident_number)}</a>
                    </span>
                    <span class="waiting-when small quiet">
                        {card.item.due_on.map(|due| view! { <DueWords due today is_open=true /> })}
                    </span>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="part">
            <h2>"Your action items"</h2>
            {(count == 0).then(|| view! { <p class="quiet">"No open action item names you."</p> })}
            <ul class="waiting">{rows}</ul>
            {more}
        </section>
    }
}

#[component]
pub fn ToReview(reviews: Vec<Listed>, now: DateTime<Utc>) -> impl IntoView {
    (!reviews.is_empty()).then(|| {
        let rows = reviews
            .into_iter()
            .map(|row| {
                let age = age(row.created_at, now);
                view! {
                    <li class="waiting-row">
                        <a class="waiting-title" href=format!("/incidents/{}/postmortem", row.number)>{row.title}</a>
                        <span class="waiting-about small quiet">{format!("INC-{} · {}", row.number, row.team)}</span>
                        <span class="waiting-when small quiet"><Glyph of=Picture::Clock />{age}</span>
                    </li>
                }
            })
            .collect_view();
        view! {
            <section class="part">
                <h2>"Postmortems to review"</h2>
                <ul class="waiting">{rows}</ul>
            </section>
        }
    })
}
