//! The secret that a source signs with: set, changed, taken away.

use super::view::{ServicePage, Which, find};
use crate::address::Path;
use crate::answer::Answered;
use crate::components::{ButtonKind, Field, FieldKind, FormDialog, FormProblem, PostButton, Submit};
use crate::form::Form;
use crate::form_page::{Back, Here};
use domain::fields;
use domain::ids::IntegrationId;
use engine::teams::signing;
use engine::transaction;
use leptos::prelude::*;
use serde::Deserialize;

/// The secret never goes back into a page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SigningForm {
    signing_secret: String,
    /// Whose form it is, from its address.
    #[serde(skip)]
    of: Option<IntegrationId>,
}

impl SigningForm {
    pub fn is_of(&self, id: IntegrationId) -> bool {
        self.of == Some(id)
    }
}

pub async fn set(
    here: Here<ServicePage>,
    Path(which): Path<Which>,
    Form(form): Form<SigningForm>,
) -> Answered {
    let id = which.integration;
    let done = transaction!(here.by(), |tx| {
        find(tx, &here.page.slug, id).await?;
        signing::set(tx, id, Some(&form.signing_secret)).await?
    });
    let form = SigningForm { of: Some(id), ..form };
    here.after(done, form).await
}

pub async fn remove(here: Here<ServicePage>, Path(which): Path<Which>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        find(tx, &here.page.slug, which.integration).await?;
        signing::set(tx, which.integration, None).await?
    });
    here.after(done, which).await
}

/// `at`: where it is posted.
#[component]
pub(super) fn Signing(
    id: IntegrationId,
    #[prop(into)] at: String,
    is_signed: bool,
    back: Back<SigningForm>,
) -> impl IntoView {
    let came_back = back.is_open();
    let problem = back.problem;
    let removal = is_signed.then(|| {
        view! {
            <PostButton action=format!("{at}/removal") kind=ButtonKind::Danger>
                "Delete"
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
                <FormProblem problems=problem.above() />
                <Field
                    of=fields::SIGNING_SECRET
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
