//! A promise: what will be changed, which incident it would prevent, how old it is against its day.

use crate::components::{Avatar, Badge, Card as Paper, Icon, Meter, Phase, Shape, Tone};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::action_items::{ActionItem, ActionState, Priority};
use engine::action_items::Card;
use leptos::prelude::*;

#[component]
pub fn PromiseCard(
    card: Card,
    now: DateTime<Utc>,
    zone: Tz,
    /// On its own page, whose heading is the title.
    #[prop(optional)]
    untitled: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let today = now.with_timezone(&zone).date_naive();
    let kept = matches!(card.item.state, ActionState::Done | ActionState::Verified);
    view! {
        <Paper edge=(card.item.state == ActionState::Verified).then_some(Phase::Mended) class="promise">
            {(!untitled).then(|| view! {
                <a class="promise-title" href=format!("/action-items/{}", card.item.number)>{card.item.title.clone()}</a>
            })}
            <CameFrom card=card.clone() />
            <Because item=card.item.clone() />
            <TimeUsed item=card.item.clone() today />
            <div class="promise-line">
                {match (card.item.owner_id, card.owner.clone()) {
                    (Some(id), Some(name)) => view! { <Avatar id=id.0 name small=true /> }.into_any(),
                    _ => view! { <span class="nobody">"nobody yet"</span> }.into_any(),
                }}
                <span>{age(card.item.created_at, now)}</span>
                {card.item.due_on.filter(|_| !kept).map(|due| view! {
                    <span class="push"><DueWords due today is_open=card.item.state.is_open() /></span>
                })}
            </div>
            {children.map(|children| children())}
        </Paper>
    }
}

/// The incident that the promise would prevent, or soften, the next time.
#[component]
fn CameFrom(card: Card) -> impl IntoView {
    let kept = matches!(card.item.state, ActionState::Done | ActionState::Verified);
    let factor = card.factor.zip(card.factor_id).map(|(factor, id)| {
        let href = format!("/learning/factors/{id}");
        view! { <p class="promise-factor small quiet">"Answers “" <a href=href>{factor}</a> "”"</p> }
    });
    let size = card
        .item
        .size
        .map(|size| view! { <span>{format!("{size} of work")}</span> });
    view! {
        <p class="promise-from">
            <Badge>{card.item.kind.as_str()}</Badge>
            <StateWord state=card.item.state />
            {(card.item.priority == Priority::High && !kept).then(|| view! { <span>"high priority"</span> })}
            {size}
        </p>
        <p class="promise-incident small">
            <a href=format!("/incidents/{}", card.incident_number)>{format!("INC-{}", card.incident_number)}</a>
            " "
            <bdi>{card.incident_title}</bdi>
        </p>
        {factor}
    }
}

/// The state in a word: where a card lies and what state it is in are two things.
#[component]
fn StateWord(state: ActionState) -> impl IntoView {
    let (tone, shape) = match state {
        ActionState::Doing => (Tone::Worked, Some(Shape::Ring)),
        ActionState::Blocked => (Tone::Broken, Some(Shape::Triangle)),
        ActionState::Done => (Tone::Plain, Some(Shape::Check)),
        ActionState::Verified => (Tone::Mended, Some(Shape::Check)),
        _ => (Tone::Plain, None),
    };
    view! { <Badge tone shape>{state.as_str()}</Badge> }
}

/// Why it is declined, or how it will be seen that it worked.
#[component]
fn Because(item: ActionItem) -> impl IntoView {
    match (item.state, item.declined_reason) {
        (ActionState::Declined, Some(reason)) => {
            view! { <p class="small quiet">{format!("Declined: {reason}")}</p> }.into_any()
        }
        (ActionState::Done, _) if !item.proof.is_empty() => {
            view! { <p class="small quiet">{format!("To be seen by: {}", item.proof)}</p> }.into_any()
        }
        _ => ().into_any(),
    }
}

#[component]
fn TimeUsed(item: ActionItem, today: NaiveDate) -> impl IntoView {
    let used = item.time_used(today).filter(|_| item.state.is_open());
    used.map(|share| {
        let tone = if item.is_overdue(today) {
            Tone::Broken
        } else {
            Tone::Plain
        };
        let label = format!("{} % of its time is used", (share * 100.0).round());
        view! { <Meter share label tone /> }
    })
}

/// “today”, “1 day old”, “16 days old”, “8 months old”.
pub fn age(from: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match (now - from).num_days() {
        ..=0 => "today".to_owned(),
        1 => "1 day old".to_owned(),
        days @ 2..60 => format!("{days} days old"),
        days => format!("{} months old", days / 30),
    }
}

/// “due 4 Dec”, or by how much it is late.
#[component]
pub fn DueWords(due: NaiveDate, today: NaiveDate, is_open: bool) -> impl IntoView {
    let day = due.format("%-d %b %Y").to_string();
    let date = due.to_string();
    if is_open && due < today {
        let words = match (today - due).num_days() {
            1 => "1 day late".to_owned(),
            late => format!("{late} days late"),
        };
        view! { <span class="late" title=format!("due {day}")><Icon shape=Shape::Triangle /> " " <time datetime=date>{words}</time></span> }.into_any()
    } else {
        view! { <span>"due " <time datetime=date>{day}</time></span> }.into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_said_in_words() {
        let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        for (from, words) in [
            ("2026-11-21T08:00:00Z", "today"),
            ("2026-11-20T08:00:00Z", "1 day old"),
            ("2026-11-05T08:00:00Z", "16 days old"),
            ("2026-03-21T08:00:00Z", "8 months old"),
            ("2026-12-21T08:00:00Z", "today"),
        ] {
            assert_eq!(age(from.parse().unwrap(), now), words);
        }
    }
}
