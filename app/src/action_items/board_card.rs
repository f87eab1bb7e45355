//! A card on a board, at half the height of its page: what, who, when, whether it is late.

use super::card::DueWords;
use crate::components::{Avatar, Badge, Card as Paper, Phase, Shape, Tone};
use chrono::NaiveDate;
use domain::action_items::{ActionState, Priority};
use engine::action_items::Card;
use leptos::prelude::*;

/// `children`: what can be done with it.
#[component]
pub fn BoardCard(
    card: Card,
    today: NaiveDate,
    /// The last incident in which what it answers came back. INC-…
    came_back: Option<i64>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let item = card.item;
    let edge = (item.state == ActionState::Verified).then_some(Phase::Mended);
    let owner = match (item.owner_id, card.owner) {
        (Some(id), Some(name)) => view! { <Avatar id=id.0 name small=true /> }.into_any(),
        _ => view! { <span class="nobody">"nobody yet"</span> }.into_any(),
    };
    let due = item
        .due_on
        .filter(|_| item.state.is_open())
        .map(|due| view! { <DueWords due today is_open=true /> });
    let tracker = (!item.tracker.is_empty())
        .then(|| view! { <a class="small" href=item.tracker.clone() rel="noopener noreferrer nofollow">"Tracker"</a> });
    let came_back = came_back.map(|number| {
        view! { <a class="small came-back" href=format!("/action-items/{}#came-back", item.number)>{format!("came back, INC-{number}")}</a> }
    });
    let size = item
        .size
        .map(|size| view! { <span class="small quiet">{size.as_str()}</span> });
    view! {
        <Paper edge class="promise board-card" id=format!("act-{}", item.number)>
            <a class="promise-title" href=format!("/action-items/{}", item.number)>{item.title}</a>
            <div class="promise-line">
                {owner}
                <Mark state=item.state priority=item.priority />
                <a class="quiet small" href=format!("/incidents/{}", card.incident_number)>{format!("INC-{}", card.incident_number)}</a>
                {came_back}
                {size}
                {tracker}
                <span class="push">{due}</span>
            </div>
            {children.map(|children| children())}
        </Paper>
    }
}

/// What the column does not say.
#[component]
fn Mark(state: ActionState, priority: Priority) -> impl IntoView {
    match state {
        ActionState::Blocked => {
            view! { <Badge tone=Tone::Broken shape=Some(Shape::Triangle)>"blocked"</Badge> }.into_any()
        }
        ActionState::Verified => {
            view! { <Badge tone=Tone::Mended shape=Some(Shape::Check)>"verified"</Badge> }.into_any()
        }
        ActionState::Done => view! { <Badge>"to be verified"</Badge> }.into_any(),
        _ if priority == Priority::High => view! { <Badge>"high"</Badge> }.into_any(),
        _ => ().into_any(),
    }
}
