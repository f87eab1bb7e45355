//! Draft, in review, published; and the title.

use super::view::{PostmortemPage, View};
use crate::answer::Answered;
use crate::components::{
    Ask, ButtonKind, Card, Field, FormDialog, FormProblem, PostButton, Problem, Submit, TimeForm, TimeOf,
};
use crate::drawn::{DrawnFrom, merged};
use crate::form::Form;
use crate::form_page::{Back, Here};
use crate::title_form::TitleForm;
use domain::fields;
use domain::postmortems::PostmortemState;
use engine::{postmortems, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
pub struct StateForm {
    state: PostmortemState,
}

pub async fn post(here: Here<PostmortemPage>, Form(form): Form<StateForm>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        postmortems::change_state(tx, here.page.number, form.state).await?
    });
    here.after_at("main", done, form).await
}

pub async fn title(here: Here<PostmortemPage>, Form(form): Form<TitleForm>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        let now = TitleForm::of(&postmortems::find(tx, number).await?.title);
        postmortems::rename(tx, number, &merged(&form, &now)?.title).await?
    });
    here.after_at("main", done, form).await
}

#[component]
pub fn StatePart(view: View) -> impl IntoView {
    let postmortem = view.document.postmortem.clone();
    let button = |label: &'static str, state: PostmortemState, kind: ButtonKind| {
        let fields = vec![("state", state.to_string())];
        view! { <PostButton action=view.to("state") kind fields>{label}</PostButton> }.into_any()
    };
    let ask = |(label, kind): (&'static str, ButtonKind),
               state: PostmortemState,
               (question, answer): (&'static str, &'static str),
               what_follows: &'static str| {
        let fields = vec![("state", state.to_string())];
        view! {
            <Ask label kind question action=view.to("state") fields answer in_place=true>
                <p>{what_follows}</p>
            </Ask>
        }
        .into_any()
    };
    let (sentence, buttons) = match postmortem.state {
        PostmortemState::Draft => (
            "A draft: write, then ask others to read it.",
            vec![button(
                "Send to review",
                PostmortemState::InReview,
                ButtonKind::Primary,
            )],
        ),
        PostmortemState::InReview => (
            "In review: does it say what the people involved would recognise?",
            vec![
                ask(
                    ("Publish", ButtonKind::Primary),
                    PostmortemState::Published,
                    ("Publish it for everybody here?", "Publish it"),
                    "It can go back to draft, and be published again.",
                ),
                button("Back to draft", PostmortemState::Draft, ButtonKind::Normal),
            ],
        ),
        PostmortemState::Published => (
            "Published for everybody here.",
            vec![ask(
                ("Back to draft", ButtonKind::Normal),
                PostmortemState::Draft,
                ("Make it a draft again?", "Make it a draft"),
                "It is no longer published. Its text stays, and it can be published again.",
            )],
        ),
    };
    let refused = view.returned.of::<StateForm>().problem;
    let rename = view.may_write.then(|| {
        let stands = postmortem.title.clone();
        view! { <Rename at=view.to("title") stands back=view.returned.of() /> }
    });
    let zone = view.zone;
    view! {
        <Card id="state">
            <FormProblem problems=Problem { field: None, ..refused }.above() />
            <p>{sentence}</p>
            {postmortem.published_at.map(|at| view! { <p class="quiet small">"Published " <TimeOf at zone form=TimeForm::Day /></p> })}
            {view.may_write.then(|| view! { <div class="buttons">{buttons}</div> })}
            {rename}
        </Card>
    }
}

#[component]
fn Rename(#[prop(into)] at: String, #[prop(into)] stands: String, back: Back<TitleForm>) -> impl IntoView {
    let open = back.is_open();
    let now = TitleForm::of(&stands);
    let (typed, problem) = back.or(|| now.clone());
    let error = open.then_some(problem.sentence);
    view! {
        <FormDialog label="Change the title" kind=ButtonKind::Small open in_place=true>
            <form class="form" method="post" action=at>
                <DrawnFrom now />
                <Field of=fields::POSTMORTEM_TITLE label="Title" value=typed.title error hint="What was learned, rather than what broke." required=true />
                <Submit>"Save the title"</Submit>
            </form>
        </FormDialog>
    }
}
