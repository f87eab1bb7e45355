//! Action items that are made during the incident.

use super::card::PromiseCard;
use super::fields::{ActionItemFields, ActionItemForm, ItemChoices};
use crate::answer::Answered;
use crate::components::{ButtonKind, ButtonLink, PageHead, Section, Submit};
use crate::form::Form;
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::sent::FormKey;
use crate::session::SignedIn;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::incidents::Incident;
use engine::action_items::{self, Card};
use engine::{Error, Tx, incidents, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct ItemsPage {
    number: i64,
}

pub struct ItemsView {
    incident: Incident,
    cards: Vec<Card>,
    choices: ItemChoices,
    now: DateTime<Utc>,
    zone: Tz,
    may_act: bool,
}

impl FormPage for ItemsPage {
    type Caller = SignedIn;
    type View = ItemsView;

    fn address(&self) -> String {
        format!("/incidents/{}/action-items", self.number)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<ItemsView> {
        let incident = incidents::find(tx, here.page.number).await?;
        Ok(ItemsView {
            cards: action_items::of_incident(tx, incident.id).await?,
            choices: ItemChoices::load(tx, incident.id).await?,
            now: here.app.engine.context.now(),
            zone: here.who.zone(),
            may_act: here.who.may_act(),
            incident,
        })
    }

    fn title(view: &ItemsView) -> (String, Section) {
        (title_of(view.incident.number), Section::Incidents)
    }

    fn show(view: ItemsView, returned: Returned) -> impl IntoView {
        view! { <Items view returned /> }
    }
}

fn title_of(number: i64) -> String {
    format!("Action items of INC-{number}")
}

pub async fn show(here: Here<ItemsPage>) -> Answered {
    here.show().await
}

pub async fn post(here: Here<ItemsPage>, Form(form): Form<ActionItemForm>) -> Answered {
    let done: Result<_, Error> = transaction!(here.by(), |tx| {
        action_items::add(tx, here.page.number, &form.draft()?).await?
    });
    here.after(done, form).await
}

#[component]
fn Items(view: ItemsView, returned: Returned) -> impl IntoView {
    let (now, zone) = (view.now, view.zone);
    let cards = view
        .cards
        .iter()
        .map(|card| view! { <PromiseCard card=card.clone() now zone /> })
        .collect_view();
    let title = title_of(view.incident.number);
    let under = view.incident.title.clone();
    let add = view
        .may_act
        .then(|| view! { <AddItem view back=returned.of() /> });
    view! {
        <div class="alone roomy">
            <PageHead title under=under.into_any() />
            <div class="stack">{cards}</div>
            {add}
        </div>
    }
}

#[component]
fn AddItem(view: ItemsView, back: Back<ActionItemForm>) -> impl IntoView {
    let number = view.incident.number;
    let team = view.incident.team_id.to_string();
    let (typed, problem) = back.or(|| ActionItemForm::for_team(team));
    view! {
        <form class="form" method="post" action=format!("/incidents/{number}/action-items")>
            <FormKey />
            <ActionItemFields typed problem choices=view.choices />
            <div class="buttons">
                <Submit>"Add it"</Submit>
                <ButtonLink href=format!("/incidents/{number}") kind=ButtonKind::Plain>"Back to the incident"</ButtonLink>
            </div>
        </form>
    }
}
