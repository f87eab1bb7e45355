//! Triage of one action item: who sees to it and by when, or why it is declined, and where it lies. One form, on its card and on its
//! page.

use super::item_view::ItemPage;
use super::query::BoardQuery;
use super::triage::{DECLINE, decided, verdicts};
use crate::answer::{Answered, Problem};
use crate::components::{ButtonKind, Choice, Field, FieldKind, FormDialog, FormProblem, Submit};
use crate::form::{Form, word_or_none};
use crate::form_page::{Back, Here};
use crate::render::fragment;
use domain::action_items::Column;
use domain::fields;
use domain::ids::ColumnId;
use domain::people::Person;
use engine::action_items::{self, Card, Spot, Triage};
use engine::{Error, transaction};
use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct DecideForm {
    owner: String,
    due_on: String,
    verdict: String,
    reason: String,
    /// Empty: where its state belongs.
    column: String,
    /// What was asked of the board that its card is on.
    back: String,
}

impl DecideForm {
    pub fn of(card: &Card) -> Self {
        Self {
            owner: card.item.owner_id.map(|id| id.to_string()).unwrap_or_default(),
            due_on: card.item.due_on.map(|day| day.to_string()).unwrap_or_default(),
            ..Self::default()
        }
    }

    fn decision(&self) -> Result<Triage, Error> {
        decided(&self.owner, &self.due_on, &self.verdict, &self.reason)
    }
}

pub async fn post(here: Here<ItemPage>, Form(form): Form<DecideForm>) -> Answered {
    let number = here.page.number;
    let done: Result<String, Error> = transaction!(here.by(), |tx| {
        let slug = action_items::find(tx, number).await?.team_slug;
        let column: Option<ColumnId> = word_or_none("column", &form.column)?;
        action_items::triage(tx, number, &form.decision()?).await?;
        if let Some(column) = column.filter(|_| form.verdict != DECLINE) {
            action_items::move_card(tx, number, column, Spot::Last).await?;
        }
        slug
    });
    let query = BoardQuery::read(&form.back);
    let to = |slug: String| format!("{}#act-{number}", query.address(&slug));
    here.lead(done.map(to), form).await
}

/// On its own page.
#[component]
pub(super) fn DecideFields(
    card: Card,
    people: Vec<Person>,
    columns: Vec<Column>,
    back: Back<DecideForm>,
) -> impl IntoView {
    let number = card.item.number.to_string();
    let (typed, problem) = back.or(|| DecideForm::of(&card));
    view! {
        <section class="stack" id="decide" aria-labelledby="decide-title">
            <h2 id="decide-title">"Decide about it"</h2>
            <Fields number typed problem people columns />
        </section>
    }
}

#[component]
fn Fields(
    number: String,
    typed: DecideForm,
    problem: Problem,
    people: Vec<Person>,
    columns: Vec<Column>,
) -> impl IntoView {
    let none = |label: &str| std::iter::once(Choice::new("", label));
    let owners: Vec<Choice> = none("Nobody yet")
        .chain(
            people
                .into_iter()
                .map(|person| Choice::new(person.id, person.name)),
        )
        .collect();
    let columns: Vec<Choice> = none("Where its state belongs")
        .chain(
            columns
                .into_iter()
                .map(|column| Choice::new(column.id, column.name)),
        )
        .collect();
    let action = format!("/action-items/{number}/triage");
    let id = move |name: &str| format!("field-decide-{name}-{number}");
    view! {
        <form class="form" method="post" action=action>
            <FormProblem problems=problem.above() />
            <input type="hidden" name="back" value=typed.back />
            <Field name="owner" label="Owner" kind=FieldKind::Select(owners) value=typed.owner id=id("owner") error=problem.beside("owner") />
            <Field name="due_on" label="By" kind=FieldKind::Date value=typed.due_on id=id("due") error=problem.beside("due_on") />
            <Field name="verdict" label="Then" kind=FieldKind::Select(verdicts()) value=typed.verdict id=id("verdict") error=problem.beside("state") />
            <Field of=fields::WHY_DECLINED label="Why, when it is declined" value=typed.reason id=id("reason") error=problem.beside("reason") />
            <Field name="column" label="Column" kind=FieldKind::Select(columns) value=typed.column id=id("column") error=problem.beside("column") />
            <p class="buttons"><Submit kind=ButtonKind::Small>"Save the decision"</Submit></p>
        </form>
    }
}

/// Stand where what differs between cards will; of characters that nobody types.
const NUMBER: &str = "\u{e000}";
const DAY: &str = "\u{e001}";

/// The form on any proposed card as text, made once for the reason that [`super::moving::Moving`] gives.
#[derive(Clone)]
pub struct Deciding(Arc<str>);

impl Deciding {
    pub fn about(columns: &[Column], people: &[Person], query: &BoardQuery) -> Self {
        let (columns, people) = (columns.to_vec(), people.to_vec());
        let typed = DecideForm {
            due_on: DAY.to_owned(),
            back: query.written(),
            ..DecideForm::default()
        };
        Self(
            fragment(move || {
                view! {
                    <FormDialog label="Decide" about=format!("ACT-{NUMBER}") kind=ButtonKind::Small in_place=true>
                        <Fields number=NUMBER.to_owned() typed problem=Problem::default() people columns />
                    </FormDialog>
                }
            })
            .into(),
        )
    }

    pub fn for_card(&self, card: &Card) -> InertElement {
        let stands = DecideForm::of(card);
        let text = self.0.replace(NUMBER, &card.item.number.to_string());
        let text = text.replace(DAY, &stands.due_on);
        let option = format!("value=\"{}\"", stands.owner);
        let chosen = match stands.owner.is_empty() {
            true => text,
            false => text.replacen(&option, &format!("{option} selected"), 1),
        };
        InertElement::new(chosen)
    }
}
