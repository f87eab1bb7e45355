//! Columns of a board.

use super::view::BoardPage;
use crate::address::Path;
use crate::answer::Answered;
use crate::components::{
    Ask, ButtonKind, Choice, Field, FieldKind, FormDialog, FormProblem, PostButton, Submit,
};
use crate::drawn::{Drawn, DrawnFrom, merged};
use crate::form::{Form, word_or_none};
use crate::form_page::{Back, Here, Returned};
use crate::sent::FormKey;
use domain::action_items::{ActionState, Column};
use domain::fields;
use domain::ids::ColumnId;
use engine::action_items::{self, ColumnDraft, Refused};
use engine::{Error, sent, teams, transaction};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnForm {
    pub name: String,
    pub limit: String,
    /// The first of its states; empty: it stands for none.
    pub stands_for: String,
    drawn: String,
    /// The column that it changes, from its address; none where it makes one.
    #[serde(skip)]
    of: Option<ColumnId>,
}

impl Drawn for ColumnForm {
    const FIELDS: &'static [&'static str] = &["name", "limit", "stands_for"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl ColumnForm {
    pub fn of(column: &Column) -> Self {
        Self {
            name: column.name.clone(),
            limit: column
                .card_limit
                .map_or_else(String::new, |limit| limit.to_string()),
            stands_for: column.states.first().map(ToString::to_string).unwrap_or_default(),
            ..Self::default()
        }
    }

    fn draft(&self) -> Result<ColumnDraft, Error> {
        let limit = match self.limit.trim() {
            "" => None,
            limit => Some(limit.parse().map_err(|_| Refused::BadLimit)?),
        };
        let first: Option<ActionState> = word_or_none("stands_for", &self.stands_for)?;
        Ok(ColumnDraft {
            name: self.name.clone(),
            limit,
            states: first.map(with_what_follows).unwrap_or_default(),
        })
    }
}

/// What is blocked lies where it is done, and what is verified where it was.
fn with_what_follows(state: ActionState) -> Vec<ActionState> {
    match state {
        ActionState::Doing => vec![state, ActionState::Blocked],
        ActionState::Done => vec![state, ActionState::Verified],
        _ => vec![state],
    }
}

fn choices() -> Vec<Choice> {
    let words = |state| match state {
        ActionState::Doing => "doing or blocked",
        ActionState::Done => "done, to be verified or verified",
        ActionState::Proposed => "proposed",
        ActionState::Accepted => "accepted",
        ActionState::Blocked => "blocked",
        ActionState::Verified => "verified",
        ActionState::Declined => "declined",
    };
    let states = ActionState::ALL
        .iter()
        .filter(|state| **state != ActionState::Declined);
    std::iter::once(Choice::new("", "in any state"))
        .chain(states.map(|state| Choice::new(state, words(*state))))
        .collect()
}

pub async fn add(here: Here<BoardPage>, Form(form): Form<ColumnForm>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        let team = teams::find(tx, &here.page.slug).await?;
        action_items::add_column(tx, team.id, &form.draft()?).await?
    });
    here.after(done, form).await
}

/// The column that is changed.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct ColumnPath {
    column: ColumnId,
}

pub async fn change(
    here: Here<BoardPage>,
    Path(ColumnPath { column }): Path<ColumnPath>,
    Form(form): Form<ColumnForm>,
) -> Answered {
    let done = transaction!(here.by(), |tx| {
        let team = teams::find(tx, &here.page.slug).await?;
        sent::one_at_a_time(tx, &format!("column {column}")).await?;
        let stands = ColumnForm::of(&action_items::column(tx, team.id, column).await?);
        let form = merged(&form, &stands)?;
        action_items::change_column(tx, team.id, column, &form.draft()?).await?
    });
    let form = ColumnForm {
        of: Some(column),
        ..form
    };
    here.after(done, form).await
}

/// Where it is to lie, counted from 0: pressed twice, it lies there.
#[derive(Clone, Debug, Deserialize)]
pub struct PlaceForm {
    place: usize,
}

pub async fn place(
    here: Here<BoardPage>,
    Path(ColumnPath { column }): Path<ColumnPath>,
    Form(form): Form<PlaceForm>,
) -> Answered {
    let done = transaction!(here.by(), |tx| {
        let team = teams::find(tx, &here.page.slug).await?;
        action_items::move_column(tx, team.id, column, form.place).await?
    });
    here.after_press(done).await
}

pub async fn delete(here: Here<BoardPage>, Path(ColumnPath { column }): Path<ColumnPath>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        let team = teams::find(tx, &here.page.slug).await?;
        action_items::delete_column(tx, team.id, column).await?
    });
    here.after_press(done).await
}

/// Names and limits of the columns, and a form for one more. `at`: where the columns are.
#[component]
pub(super) fn ChangeColumns(
    #[prop(into)] at: String,
    columns: Vec<Column>,
    returned: Returned,
) -> impl IntoView {
    let open = returned.of::<ColumnForm>().is_open();
    let pressed = returned.of_press();
    let many = columns.len();
    let changes = columns
        .into_iter()
        .enumerate()
        .map(|(place, column)| {
            let back = returned.of_this(|form: &ColumnForm| form.of == Some(column.id));
            let verbs = view! { <ColumnVerbs at=format!("{at}/{}", column.id) name=column.name.clone() place many /> };
            view! { <div class="column-row"><ChangeColumn at=at.clone() column back /> {verbs}</div> }
        })
        .collect_view();
    let back = returned.of_this(|form: &ColumnForm| form.of.is_none());
    let (typed, problem) = back.or(ColumnForm::default);
    view! {
        <FormDialog label="Change the columns" kind=ButtonKind::Small open in_place=true>
            <FormProblem problems=pressed.above() />
            {changes}
            <form class="form inline" method="post" action=at>
                <FormKey />
                <FormProblem problems=problem.above() />
                <Field of=fields::COLUMN_NAME label="New column" value=typed.name required=true error=problem.beside("name") />
                <Field name="limit" label="Cards at most" value=typed.limit kind=FieldKind::Number { min: 1, max: 99 } error=problem.beside("limit") />
                <Field name="stands_for" label="Cards here are" value=typed.stands_for kind=FieldKind::Select(choices()) error=problem.beside("stands_for") />
                <Submit kind=ButtonKind::Small>"Add the column"</Submit>
            </form>
        </FormDialog>
    }
}

/// Left, right, and away with it. `many`: how many columns there are.
#[component]
fn ColumnVerbs(
    #[prop(into)] at: String,
    #[prop(into)] name: String,
    place: usize,
    many: usize,
) -> impl IntoView {
    let to = |there: usize, words: &'static str| {
        let (action, label) = (format!("{at}/place"), format!("{words}: {name}"));
        view! { <PostButton action kind=ButtonKind::Small fields=vec![("place", there.to_string())] label>{words}</PostButton> }
    };
    let left = (place > 0).then(|| to(place - 1, "Left"));
    let right = (place + 1 < many).then(|| to(place + 1, "Right"));
    let delete = (many > 1).then(|| {
        let question = format!("Delete the column “{name}”?");
        view! {
            <Ask label="Delete" about=name.clone() kind=ButtonKind::Small question action=format!("{at}/deletion") answer="Delete it" in_place=true>
                <p>"Its cards keep their states, and lie in the column that stands for them, else in the first."</p>
            </Ask>
        }
    });
    view! { <div class="buttons">{left} {right} {delete}</div> }
}

#[component]
fn ChangeColumn(#[prop(into)] at: String, column: Column, back: Back<ColumnForm>) -> impl IntoView {
    let now = ColumnForm::of(&column);
    let (typed, problem) = back.or(|| now.clone());
    view! {
        <form class="form inline" method="post" action=format!("{at}/{}", column.id)>
            <DrawnFrom now />
            <FormProblem problems=problem.above() />
            <Field of=fields::COLUMN_NAME label="Name" value=typed.name required=true error=problem.beside("name") id=format!("field-name-{}", column.id) />
            <Field name="limit" label="Cards at most" value=typed.limit kind=FieldKind::Number { min: 1, max: 99 } error=problem.beside("limit") id=format!("field-limit-{}", column.id) />
            <Field name="stands_for" label="Cards here are" value=typed.stands_for kind=FieldKind::Select(choices()) error=problem.beside("stands_for") id=format!("field-stands-for-{}", column.id) />
            <Submit kind=ButtonKind::Small>"Save"</Submit>
        </form>
    }
}
