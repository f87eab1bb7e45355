//! One action item: what it says and what happened to it, and what is asked about it.

use super::card::PromiseCard;
use super::change::Change;
use super::decide::DecideFields;
use super::fields::{ActionItemForm, ItemChoices};
use super::item_asks::{CameBackSince, Lacks};
use super::item_story::ItemStory;
use super::item_view::{ItemPage, ItemView};
use super::more::CommentFields;
use super::moving::SPOTS;
use super::query::BoardQuery;
use super::verify::VerifyFields;
use crate::answer::Answered;
use crate::components::{FormProblem, PageHead, Section};
use crate::drawn::merged;
use crate::form::Form;
use crate::form_page::{FormPage, Here, Returned};
use crate::markdown;
use crate::session::SignedIn;
use domain::ids::ColumnId;
use engine::action_items::{self, Spot};
use engine::{Error, Tx, learning, sent, transaction};
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
            done_by: action_items::done_by(tx, &card.item).await?,
            story: action_items::story(tx, card.item.id).await?,
            came_back: learning::after_item(tx, &card.item).await?,
            columns: action_items::columns_of(tx, card.item.team_id).await?,
            choices: ItemChoices::load(tx, card.item.incident_id)
                .await?
                .with_that_of(&card),
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
        match (view.may_verify(), view.may_decide(), view.may_change) {
            (true, ..) => Some("verify"),
            (_, true, _) => Some("decide-title"),
            (.., true) => Some("change"),
            _ => None,
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
pub struct ColumnForm {
    column: ColumnId,
    /// Where in it; empty: at the end.
    #[serde(default)]
    spot: String,
    /// Before this card; says where, too.
    before: Option<i64>,
    /// What was asked of the board that the card was moved on.
    #[serde(default)]
    back: String,
}

impl ColumnForm {
    fn spot(&self) -> Result<Spot, Error> {
        if let Some(before) = self.before {
            return Ok(Spot::Before(before));
        }
        let known = SPOTS.iter().find(|(word, ..)| *word == self.spot);
        match known {
            Some((.., spot)) => Ok(*spot),
            None if self.spot.is_empty() => Ok(Spot::Last),
            None => Err(Error::NotAChoice("spot")),
        }
    }
}

pub async fn column(here: Here<ItemPage>, Form(form): Form<ColumnForm>) -> Answered {
    let number = here.page.number;
    let done: Result<String, Error> = transaction!(here.by(), |tx| {
        let card = action_items::find(tx, number).await?;
        action_items::move_card(tx, number, form.column, form.spot()?).await?;
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
    let tracker = (!card.item.tracker.is_empty()).then(|| {
        let (href, words) = (card.item.tracker.clone(), card.item.tracker.clone());
        view! { <p>"Followed at " <a class="long-word" href=href rel="noopener noreferrer nofollow">{words}</a></p> }
    });
    let described = !card.item.description.is_empty();
    let work = (described || tracker.is_some()).then(|| {
        let description = markdown::written(&card.item.description);
        view! {
            <section class="stack" aria-labelledby="work">
                <h2 id="work">"The work"</h2>
                <div class="prose" dir="auto" inner_html=description></div>
                {tracker}
            </section>
        }
    });
    let story = view! { <ItemStory story=view.story.clone() zone /> };
    let came_back = view! { <CameBackSince came_back=view.came_back.clone() zone /> };
    let lacks = view! { <Lacks item=view.card.item.clone() may_change=view.may_change /> };
    let decide = view.may_decide().then(|| {
        let (people, columns) = (view.choices.people.clone(), view.columns.clone());
        view! { <DecideFields card=view.card.clone() people columns back=returned.of() /> }
    });
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
            {lacks}
            {came_back}
            {decide}
            {verify}
            {story}
            {comment}
            {work}
            {forms}
        </div>
    }
}
