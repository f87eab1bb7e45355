//! A promise: what will be changed, which incident it comes from, how old it is.

use crate::components::{Avatar, Badge, Card as Paper, Phase, Tone};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::actions::ActionState;
use engine::actions::Card;
use leptos::prelude::*;

#[component]
pub fn PromiseCard(
    card: Card,
    now: DateTime<Utc>,
    zone: Tz,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let item = card.item;
    let kept = matches!(item.state, ActionState::Done | ActionState::Verified);
    let today = now.with_timezone(&zone).date_naive();
    let state_tone = match item.state {
        ActionState::Done | ActionState::Verified => Tone::Mended,
        ActionState::Doing => Tone::Worked,
        ActionState::Blocked => Tone::Broken,
        _ => Tone::Plain,
    };
    let declined = item
        .declined_reason
        .map(|reason| view! { <p class="small quiet">{format!("Declined: {reason}")}</p> });
    let proof = (!item.proof.is_empty())
        .then(|| view! { <p class="small quiet">{format!("Seen by: {}", item.proof)}</p> });
    let factor = card
        .factor
        .map(|factor| view! { <span>{format!("answers “{factor}”")}</span> });
    view! {
        <Paper edge=kept.then_some(Phase::Mended) class="promise">
            <a class="promise-title" href=format!("/action-items/{}", item.number)>{item.title}</a>
            <div class="promise-line">
                <Badge>{item.kind.as_str()}</Badge>
                <Badge tone=state_tone>{item.state.as_str()}</Badge>
                <a href=format!("/incidents/{}", card.incident_number) title=card.incident_title>{format!("INC-{}", card.incident_number)}</a>
                {factor}
            </div>
            {proof}
            {declined}
            <div class="promise-line">
                {match (item.owner_id, card.owner) {
                    (Some(id), Some(name)) => view! { <Avatar id=id.0 name small=true /> }.into_any(),
                    _ => view! { <span>"nobody yet"</span> }.into_any(),
                }}
                <span>{age(item.created_at, now)}</span>
                {item.due_on.map(|due| due_words(due, today, item.state.is_open()))}
            </div>
            {children.map(|children| children())}
        </Paper>
    }
}

/// “today”, “1 day old”, “16 days old”, “8 months old”.
fn age(from: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match (now - from).num_days() {
        ..=0 => "today".to_owned(),
        1 => "1 day old".to_owned(),
        days @ 2..60 => format!("{days} days old"),
        days => format!("{} months old", days / 30),
    }
}

fn due_words(due: NaiveDate, today: NaiveDate, is_open: bool) -> AnyView {
    let day = due.format("%-d %b %Y").to_string();
    let date = due.to_string();
    if is_open && due < today {
        let late = (today - due).num_days();
        let words = if late == 1 {
            "1 day late".to_owned()
        } else {
            format!("{late} days late")
        };
        view! { <span class="late">"due " <time datetime=date>{day}</time> ", " {words}</span> }.into_any()
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
