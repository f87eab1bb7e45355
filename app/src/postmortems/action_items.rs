//! Action items in the document.

use super::page::{Form as Which, Seen, after};
use crate::App;
use crate::address::Path;
use crate::answer::Answered;
use crate::backlog::{ActionFields, ActionTyped, PromiseCard};
use crate::components::{ButtonKind, FormDialog, Submit};
use crate::form::Form;
use crate::sent::FormKey;
use crate::session::SignedIn;
use axum::extract::State;
use engine::{action_items, transaction};
use leptos::prelude::*;

pub async fn post(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<i64>,
    Form(typed): Form<ActionTyped>,
) -> Answered {
    let done = match typed.draft() {
        Ok(draft) => transaction!(app.by(&who), |tx| {
            action_items::add(tx, number, &draft).await?
        }),
        Err(refused) => Err(refused),
    };
    after(
        &app,
        &who,
        number,
        done,
        "action_items",
        Which::Action,
        typed.kept(),
    )
    .await
}

#[component]
pub fn ActionsPart(seen: Seen) -> impl IntoView {
    let (now, zone) = (seen.now, seen.zone);
    let cards = seen
        .document
        .actions
        .clone()
        .into_iter()
        .map(|card| view! { <PromiseCard card now zone /> })
        .collect_view();
    view! {
        <div class="stack">{cards}</div>
        {seen.may_write.then(|| view! { <AddAction seen /> })}
    }
}

#[component]
fn AddAction(seen: Seen) -> impl IntoView {
    let came_back = seen.returned.form == Which::Action;
    let returned = seen.returned.clone();
    let team = seen.document.story.team.id.to_string();
    let typed = if came_back {
        ActionTyped::from_kept(&|name| returned.typed(name))
    } else {
        ActionTyped::for_team(team)
    };
    let problem = if came_back {
        seen.returned.problem.clone()
    } else {
        crate::answer::Problem::default()
    };
    let factors = seen
        .document
        .factors
        .iter()
        .map(|factor| (factor.id.to_string(), factor.name.clone()))
        .collect::<Vec<_>>();
    view! {
        <FormDialog label="Add an action item" kind=ButtonKind::Small open=came_back in_place=true>
            <form class="form" method="post" action=seen.to("action-items")>
                <FormKey />
                <ActionFields typed problem people=seen.everybody.clone() teams=seen.teams.clone() factors />
                <Submit>"Add it"</Submit>
            </form>
        </FormDialog>
    }
}
