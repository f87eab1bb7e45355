//! Draft, in review, published; and the title.

use super::page::{Form as Which, Seen, after};
use crate::App;
use crate::address::Path;
use crate::answer::Answered;
use crate::components::{
    Ask, ButtonKind, Card, Field, FormDialog, FormProblem, PostButton, Problems, Submit, TimeForm, TimeOf,
};
use crate::form::Form;
use crate::session::SignedIn;
use axum::extract::State;
use domain::postmortems::PostmortemState;
use engine::{postmortems, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Typed {
    state: PostmortemState,
}

pub async fn post(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<i64>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        postmortems::change_state(tx, number, typed.state).await?
    });
    after(&app, &who, number, done, "main", Which::State, Vec::new()).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Title {
    title: String,
}

pub async fn title(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<i64>,
    Form(typed): Form<Title>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        postmortems::rename(tx, number, &typed.title).await?
    });
    after(
        &app,
        &who,
        number,
        done,
        "main",
        Which::Title,
        vec![("title", typed.title)],
    )
    .await
}

#[component]
pub fn StatePart(seen: Seen) -> impl IntoView {
    let postmortem = seen.document.postmortem.clone();
    let button = |label: &'static str, state: PostmortemState, kind: ButtonKind| {
        let fields = vec![("state", state.to_string())];
        view! { <PostButton action=seen.to("state") kind fields>{label}</PostButton> }.into_any()
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
                view! {
                    <Ask
                        label="Publish"
                        kind=ButtonKind::Primary
                        question="Publish it for everybody here?"
                        action=seen.to("state")
                        fields=vec![("state", PostmortemState::Published.to_string())]
                        answer="Publish it"
                        in_place=true
                    >
                        <p>"It can go back to draft, and be published again."</p>
                    </Ask>
                }
                .into_any(),
                button("Back to draft", PostmortemState::Draft, ButtonKind::Normal),
            ],
        ),
        PostmortemState::Published => (
            "Published for everybody here.",
            vec![button(
                "Back to draft",
                PostmortemState::Draft,
                ButtonKind::Normal,
            )],
        ),
    };
    let state_problem = if seen.returned.form == Which::State {
        Problems::whole(&seen.returned.problem.sentence)
    } else {
        Problems::default()
    };
    let zone = seen.zone;
    view! {
        <Card>
            <FormProblem problems=state_problem />
            <p>{sentence}</p>
            {postmortem.published_at.map(|at| view! { <p class="quiet small">"Published " <TimeOf at zone form=TimeForm::Day /></p> })}
            {seen.may_write.then(|| view! { <div class="buttons">{buttons}</div> })}
            {seen.may_write.then(|| view! { <Rename seen=seen.clone() /> })}
        </Card>
    }
}

#[component]
fn Rename(seen: Seen) -> impl IntoView {
    let came_back = seen.returned.form == Which::Title;
    let value = if came_back {
        seen.returned.typed("title")
    } else {
        seen.document.postmortem.title.clone()
    };
    let error = came_back.then(|| seen.returned.problem.sentence.clone());
    view! {
        <FormDialog label="Change the title" kind=ButtonKind::Small open=came_back in_place=true>
            <form class="form" method="post" action=seen.to("title")>
                <Field name="title" label="Title" value error hint="What was learned, rather than what broke." required=true />
                <Submit>"Save the title"</Submit>
            </form>
        </FormDialog>
    }
}
