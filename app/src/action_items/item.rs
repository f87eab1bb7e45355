//! One action item: what it says and what happened to it, and the forms that change it.

use super::card::PromiseCard;
use super::fields::{ActionItemFields, ActionItemForm, ItemChoices};
use super::item_story::ItemStory;
use super::item_view::{ItemPage, ItemView};
use super::more::{CommentFields, DescriptionFields, DescriptionForm};
use super::query::BoardQuery;
use super::verify::VerifyFields;
use crate::answer::{Answered, Problem};
use crate::components::{ButtonKind, Choice, Field, FieldKind, FormProblem, PageHead, Section, Submit};
use crate::drawn::{DrawnFrom, merged, with_names};
use crate::form::Form;
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::markdown;
use crate::session::SignedIn;
use domain::action_items::ActionState;
use domain::ids::ColumnId;
use engine::action_items;
use engine::{Tx, sent, transaction};
use leptos::prelude::*;
use serde::Deserialize;

impl FormPage for ItemPage {
    type Caller = SignedIn;
    type View = ItemView;

    fn address(&self) -> String {
        format!("/action-items/{}", self.number)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<ItemView> {
        let card = action_items::find(tx, here.page.number).await?;
        Ok(ItemView {
            may_change: action_items::authorize(tx, &card.item).await.is_ok(),
            may_act: here.who.may_act(),
            reader: here.who.person.id,
            story: action_items::story(tx, card.item.id).await?,
            choices: ItemChoices::load(tx, card.item.incident_id).await?,
            now: here.app.engine.context.now(),
            zone: here.who.zone(),
            card,
        })
    }

    fn title(view: &ItemView) -> (String, Section) {
        let item = &view.card.item;
        (format!("ACT-{} {}", item.number, item.title), Section::Backlog)
    }

    fn next(view: &ItemView) -> Option<&'static str> {
        match (view.may_verify(), view.may_change) {
            (true, _) => Some("verify"),
            (false, true) => Some("change"),
            (false, false) => None,
        }
    }

    fn show(view: ItemView, returned: Returned) -> impl IntoView {
        view! { <Item view returned /> }
    }
}

pub async fn show(here: Here<ItemPage>) -> Answered {
    here.show().await
}

pub async fn post(here: Here<ItemPage>, Form(form): Form<ActionItemForm>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        sent::one_at_a_time(tx, &format!("action item {number}")).await?;
        let card = action_items::find(tx, number).await?;
        let draft = merged(&form, &ActionItemForm::of(&card))?.draft()?;
        action_items::change(tx, number, &draft, form.why()).await?
    });
    here.after(done, form).await
}

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

#[derive(Clone, Debug, Deserialize)]
pub struct ColumnForm {
    column: ColumnId,
    before: Option<i64>,
    /// What was asked of the board that the card was moved on.
    #[serde(default)]
    back: String,
}

pub async fn column(here: Here<ItemPage>, Form(form): Form<ColumnForm>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        let card = action_items::find(tx, number).await?;
        action_items::move_card(tx, number, form.column, form.before).await?;
        card.team_slug
    });
    let query = BoardQuery::read(&form.back);
    let to = |slug: String| format!("{}#act-{number}", query.address(&slug));
    here.lead(done.map(to), form).await
}

#[component]
fn Item(view: ItemView, returned: Returned) -> impl IntoView {
    let card = &view.card;
    let (now, zone, number) = (view.now, view.zone, card.item.number);
    let board = BoardQuery::default().address(&card.team_slug);
    let over =
        view! { <span>{format!("ACT-{number}")}</span> <a href=board>{format!("{} backlog", card.team)}</a> };
    let title = card.item.title.clone();
    let promise = view! { <PromiseCard card=card.clone() now zone untitled=true /> };
    markdown::name_people(&view.choices.people);
    let description = markdown::written(&card.item.description);
    let tracker = (!card.item.tracker.is_empty()).then(|| {
        let (href, words) = (card.item.tracker.clone(), card.item.tracker.clone());
        view! { <p>"Followed at " <a class="long-word" href=href rel="noopener noreferrer nofollow">{words}</a></p> }
    });
    let story = view! { <ItemStory story=view.story.clone() zone /> };
    let comment = view
        .may_act
        .then(|| view! { <CommentFields number back=returned.of() /> });
    let verify = view
        .may_verify()
        .then(|| view! { <VerifyFields number back=returned.of() /> });
    let moved = returned.of::<ColumnForm>().problem;
    let forms = view.may_change.then(|| view! { <Change view returned /> });
    view! {
        <div class="alone roomy">
            <PageHead title over=over.into_any() />
            <FormProblem problems=moved.above() />
            {promise}
            <div class="prose" dir="auto" inner_html=description></div>
            {tracker}
            {verify}
            {story}
            {comment}
            {forms}
        </div>
    }
}

/// For its owner and the team.
#[component]
fn Change(view: ItemView, returned: Returned) -> impl IntoView {
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
    let why = typed.why().to_owned();
    view! {
        <form class="form" method="post" action=format!("/action-items/{number}")>
            <DrawnFrom now=stands />
            <ActionItemFields typed problem choices=view.choices />
            <Field name="why" label="Why the day moves" hint="Where it does. It stays beside the first day." value=why />
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
                <Field name="reason" label="Why, when it is declined" value=typed.reason error=problem.beside("reason") />
            </div>
            <div class="buttons"><Submit kind=ButtonKind::Normal>"Set the state"</Submit></div>
        </form>
    }
}
