//! The secret that a source signs with: set, changed, taken away.

use super::integrations::{find, path};
use super::service::{Back, came_back};
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Problem, problem_of, see};
use crate::components::{ButtonKind, Field, FieldKind, FormDialog, FormProblem, PostButton, Submit};
use crate::form::Form;
use crate::session::SignedIn;
use crate::settings::forms::above;
use axum::extract::State;
use domain::ids::IntegrationId;
use engine::teams::signing;
use engine::transaction;
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    signing_secret: String,
}

pub async fn set(
    State(app): State<App>,
    who: SignedIn,
    Path((slug, id)): Path<(String, IntegrationId)>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        find(tx, &slug, id).await?;
        signing::set(tx, id, Some(&typed.signing_secret)).await?
    });
    match done {
        Ok(()) => Ok(see(&path(&slug))),
        Err(error) => {
            let back = Back {
                signing: Some((id, problem_of(error)?)),
                ..Back::default()
            };
            came_back(&app, &who, &slug, back).await
        }
    }
}

pub async fn remove(
    State(app): State<App>,
    who: SignedIn,
    Path((slug, id)): Path<(String, IntegrationId)>,
) -> Answered {
    transaction!(app.by(&who), |tx| {
        find(tx, &slug, id).await?;
        signing::set(tx, id, None).await?
    })?;
    Ok(see(&path(&slug)))
}

/// `at`: where it is posted.
#[component]
pub(super) fn Signing(
    id: IntegrationId,
    #[prop(into)] at: String,
    is_signed: bool,
    problem: Problem,
) -> impl IntoView {
    let came_back = !problem.sentence.is_empty();
    let removal = is_signed.then(|| {
        view! {
            <PostButton action=format!("{at}/removal") kind=ButtonKind::Danger>
                "Take it away"
            </PostButton>
        }
    });
    let hint = if is_signed {
        "One is kept, encrypted. What you write here takes its place at once."
    } else {
        "The one that you give to the source, too. From then on what comes without its signature is refused."
    };
    view! {
        <FormDialog label="Signing secret" kind=ButtonKind::Small open=came_back in_place=true>
            <form class="form measure" method="post" action=at>
                <FormProblem problems=above(&problem) />
                <Field
                    name="signing_secret"
                    id=format!("signing-{id}")
                    label="Signing secret"
                    kind=FieldKind::Password
                    required=true
                    autocomplete="off"
                    hint
                    error=problem.beside("signing_secret")
                />
                <p class="buttons">
                    <Submit>"Keep it"</Submit>
                </p>
            </form>
            {removal}
        </FormDialog>
    }
}
