//! Action items in the document.

use super::view::{PostmortemPage, View};
use crate::action_items::{ActionItemFields, ActionItemForm, ItemChoices, PromiseCard};
use crate::answer::Answered;
use crate::components::{ButtonKind, FormDialog, Submit};
use crate::form::Form;
use crate::form_page::Here;
use crate::sent::FormKey;
use domain::postmortems::SectionKind;
use engine::{Error, action_items, transaction};
use leptos::prelude::*;
use std::sync::Arc;

pub async fn post(here: Here<PostmortemPage>, Form(form): Form<ActionItemForm>) -> Answered {
    let done: Result<_, Error> = transaction!(here.by(), |tx| {
        action_items::add(tx, here.page.number, &form.draft()?).await?
    });
    here.after_at(SectionKind::ActionItems.as_str(), done, form).await
}

#[component]
pub fn ActionsPart(view: View) -> impl IntoView {
    let (now, zone) = (view.now, view.zone);
    let cards = view
        .document
        .actions
        .iter()
        .map(|card| view! { <PromiseCard card=card.clone() now zone /> })
        .collect_view();
    view! {
        <div class="stack">{cards}</div>
        {view.may_write.then(|| view! { <AddAction view=Arc::clone(&view) /> })}
    }
}

#[component]
fn AddAction(view: View) -> impl IntoView {
    let back = view.returned.of();
    let open = back.is_open();
    let team = view.document.story.team.id.to_string();
    let (typed, problem) = back.or(|| ActionItemForm::for_team(team));
    let (people, teams) = (view.everybody.clone(), view.teams.clone());
    let choices = ItemChoices::new(people, teams, &view.document.factors);
    view! {
        <FormDialog label="Add an action item" kind=ButtonKind::Small open in_place=true>
            <form class="form" method="post" action=view.to("action-items")>
                <FormKey />
                <ActionItemFields typed problem choices />
                <Submit>"Add it"</Submit>
            </form>
        </FormDialog>
    }
}
