//! The forms that change an action item: for its owner and the team.

use super::fields::{ActionItemFields, ActionItemForm};
use super::item_view::{ItemPage, ItemView};
use super::more::{DescriptionFields, DescriptionForm};
use crate::answer::{Answered, Problem};
use crate::components::{ButtonKind, Choice, Field, FieldKind, FormProblem, Submit};
use crate::drawn::{DrawnFrom, with_names};
use crate::form::Form;
use crate::form_page::{Back, Here, Returned};
use domain::action_items::ActionState;
use domain::fields;
use engine::{action_items, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
pub struct StateForm {
    state: ActionState,
    #[serde(default)]
    reason: String,
}

pub async fn state(here: Here<ItemPage>, Form(form): Form<StateForm>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        action_items::change_state(tx, number, form.state, &form.reason).await?
    });
    here.after(done, form).await
}

#[component]
pub(super) fn Change(view: ItemView, returned: Returned) -> impl IntoView {
    let item = &view.card.item;
    let (number, state) = (item.number, item.state);
    let stands = DescriptionForm::of(item);
    let (change, description) = (returned.of(), returned.of());
    let of_state = returned.of();
    view! {
        <section class="stack" aria-labelledby="change">
            <h2 id="change">"Change it"</h2>
            <StateFields number state back=of_state />
            <ChangeItem view back=change />
            <DescriptionFields number stands back=description />
        </section>
    }
}

#[component]
fn ChangeItem(view: ItemView, back: Back<ActionItemForm>) -> impl IntoView {
    let number = view.card.item.number;
    let stands = ActionItemForm::of(&view.card);
    let (typed, problem) = back.or(|| stands.clone());
    let people = view
        .choices
        .people
        .iter()
        .map(|person| (person.id.to_string(), &*person.name));
    let teams = view
        .choices
        .teams
        .iter()
        .map(|team| (team.id.to_string(), &*team.name));
    let factors = view
        .choices
        .factors
        .iter()
        .map(|(id, name)| (id.clone(), &**name));
    let problem = Problem {
        sentence: with_names(&problem.sentence, people.chain(teams).chain(factors)),
        ..problem
    };
    let (why, too_long) = (typed.why().to_owned(), problem.beside(fields::WHY_MOVED.name));
    view! {
        <form class="form" method="post" action=format!("/action-items/{number}")>
            <DrawnFrom now=stands />
            <ActionItemFields typed problem choices=view.choices />
            <Field of=fields::WHY_MOVED label="Why the day moves" hint="Where it does. It stays beside the first day." value=why error=too_long />
            <p class="buttons"><Submit>"Save"</Submit></p>
        </form>
    }
}

#[component]
fn StateFields(number: i64, state: ActionState, back: Back<StateForm>) -> impl IntoView {
    let states: Vec<_> = ActionState::ALL
        .iter()
        // That it worked is said by somebody else, with what shows it.
        .filter(|to| state.may_become(**to) && (**to != ActionState::Verified || **to == state))
        .map(|state| Choice::new(state, state.as_str()))
        .collect();
    let fresh = || StateForm {
        state,
        reason: String::new(),
    };
    let (typed, problem) = back.or(fresh);
    view! {
        <form class="form" method="post" action=format!("/action-items/{number}/state")>
            <FormProblem problems=problem.above() />
            <div class="form-row">
                <Field name="state" label="State" kind=FieldKind::Select(states) value=typed.state.to_string() error=problem.beside("state") />
                <Field of=fields::WHY_DECLINED label="Why, when it is declined" value=typed.reason error=problem.beside("reason") />
            </div>
            <div class="buttons"><Submit kind=ButtonKind::Normal>"Set the state"</Submit></div>
        </form>
    }
}
