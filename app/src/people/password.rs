//! Changing one's password.

use super::view::ProfilePage;
use crate::answer::Answered;
use crate::components::{ButtonKind, Field, FieldKind, FormProblem, Submit};
use crate::form::Form;
use crate::form_page::{Back, Here};
use engine::people::{logins, passwords};
use engine::transaction;
use leptos::prelude::*;
use serde::Deserialize;

/// Passwords never go back into a page.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PasswordForm {
    current: String,
    password: String,
}

pub async fn post(here: Here<ProfilePage>, Form(form): Form<PasswordForm>) -> Answered {
    let done = change(&here, &form).await;
    here.after_at("password", done, form).await
}

async fn change(here: &Here<ProfilePage>, form: &PasswordForm) -> engine::Result<()> {
    let (engine, person) = (&here.app.engine, &here.who.person);
    passwords::check(&form.password, &person.email)?;
    logins::confirm(engine, person, &form.current).await?;
    let hashed = passwords::hash(&engine.context, &form.password, &person.email).await?;
    transaction!(here.by(), |tx| {
        logins::set_password(tx, person.id, &hashed, &here.who.token_hash).await?
    })
}

#[component]
pub(super) fn PasswordFields(back: Back<PasswordForm>) -> impl IntoView {
    let problem = back.problem;
    view! {
        <form class="form measure" method="post" action="/settings/password">
            <FormProblem problems=problem.above() />
            <Field
                name="current"
                label="The password you have now"
                kind=FieldKind::Password
                required=true
                autocomplete="current-password"
                error=problem.beside("current")
            />
            <Field
                name="password"
                label="The new password"
                kind=FieldKind::Password
                required=true
                autocomplete="new-password"
                hint="At least 10 characters. Your other sessions end."
                error=problem.beside("password")
            />
            <p class="buttons">
                <Submit kind=ButtonKind::Normal>"Change the password"</Submit>
            </p>
        </form>
    }
}
