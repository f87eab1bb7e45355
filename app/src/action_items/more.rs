//! What the work is beside its promise, and what people say about it.

use super::item_view::ItemPage;
use crate::answer::Answered;
use crate::components::{ButtonKind, Choice, Field, FieldKind, FormDialog, FormProblem, Submit};
use crate::drawn::{Drawn, DrawnFrom, merged};
use crate::form::{Form, word_or_none};
use crate::form_page::{Back, Here};
use crate::sent::FormKey;
use domain::action_items::{ActionItem, Size};
use domain::fields;
use engine::action_items::{self, Description};
use engine::{Error, sent, transaction};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DescriptionForm {
    description: String,
    tracker: String,
    size: String,
    drawn: String,
}

impl Drawn for DescriptionForm {
    const FIELDS: &'static [&'static str] = &["description", "tracker", "size"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl DescriptionForm {
    pub fn of(item: &ActionItem) -> Self {
        Self {
            description: item.description.clone(),
            tracker: item.tracker.clone(),
            size: item.size.map(|size| size.to_string()).unwrap_or_default(),
            drawn: String::new(),
        }
    }

    fn said(&self) -> Result<Description, Error> {
        Ok(Description {
            description: self.description.clone(),
            tracker: self.tracker.clone(),
            size: word_or_none("size", &self.size)?,
        })
    }
}

pub async fn describe(here: Here<ItemPage>, Form(form): Form<DescriptionForm>) -> Answered {
    let number = here.page.number;
    let done: Result<(), Error> = transaction!(here.by(), |tx| {
        sent::one_at_a_time(tx, &format!("action item {number}")).await?;
        let stands = DescriptionForm::of(&action_items::find(tx, number).await?.item);
        let said = merged(&form, &stands)?.said()?;
        action_items::describe(tx, number, &said).await?
    });
    here.after(done, form).await
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CommentForm {
    body: String,
}

pub async fn comment(here: Here<ItemPage>, Form(form): Form<CommentForm>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        action_items::comment(tx, here.page.number, &form.body).await?
    });
    here.after_at("story", done, form).await
}

#[component]
pub(super) fn DescriptionFields(
    number: i64,
    stands: DescriptionForm,
    back: Back<DescriptionForm>,
) -> impl IntoView {
    let open = back.is_open();
    let (typed, problem) = back.or(|| stands.clone());
    let sizes = std::iter::once(Choice::new("", "not said"))
        .chain(Size::ALL.iter().map(|size| Choice::new(size, size.as_str())))
        .collect();
    view! {
        <FormDialog label="Describe the work" kind=ButtonKind::Small open in_place=true>
            <form class="form" method="post" action=format!("/action-items/{number}/description")>
                <DrawnFrom now=stands />
                <FormProblem problems=problem.above() />
                <Field of=fields::DESCRIPTION label="What is to be done" kind=FieldKind::Markdown(5) value=typed.description error=problem.beside("description") />
                <div class="form-row">
                    <Field of=fields::TRACKER label="Where it is followed" kind=FieldKind::Url value=typed.tracker placeholder="https://" error=problem.beside("tracker") />
                    <Field name="size" label="How much work" kind=FieldKind::Select(sizes) value=typed.size error=problem.beside("size") />
                </div>
                <p class="buttons"><Submit>"Save"</Submit></p>
            </form>
        </FormDialog>
    }
}

#[component]
pub(super) fn CommentFields(number: i64, back: Back<CommentForm>) -> impl IntoView {
    let (typed, problem) = back.or(CommentForm::default);
    view! {
        <form class="form" method="post" action=format!("/action-items/{number}/comments")>
            <FormKey />
            <FormProblem problems=problem.above() />
            <Field of=fields::COMMENT label="Say something about it" kind=FieldKind::Markdown(2) value=typed.body error=problem.beside("body") />
            <p class="buttons"><Submit kind=ButtonKind::Normal>"Add the comment"</Submit></p>
        </form>
    }
}
