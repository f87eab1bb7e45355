//! Asking for a link that sets a new password. The answer is the same whether there is such an account or not.

use super::door::page;
use crate::App;
use crate::answer::Answered;
use crate::components::{ButtonLink, Field, FieldKind, PageHead, Submit};
use crate::form::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use engine::mailed_links;
use engine::transaction;
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ForgottenForm {
    email: String,
}

pub async fn show() -> Response {
    page(StatusCode::OK, "Forgotten password", move || {
        view! {
            <PageHead
                title="Forgotten password"
                under=view! { "A link to set a new one comes by mail. It works for two hours." }.into_any()
            />
            <form class="form" method="post" action="/password/forgotten">
                <Field
                    name="email"
                    label="E-mail address"
                    kind=FieldKind::Email
                    required=true
                    autofocus=true
                    autocomplete="username"
                />
                <p class="buttons">
                    <Submit>"Send the link"</Submit>
                    <ButtonLink href="/login" kind=crate::components::ButtonKind::Plain>
                        "Back"
                    </ButtonLink>
                </p>
            </form>
        }
    })
}

pub async fn post(State(app): State<App>, Form(typed): Form<ForgottenForm>) -> Answered {
    transaction!(app.engine, |tx| mailed_links::ask_for_reset(tx, &typed.email)
        .await?)?;
    let server_set = app.engine.context.mail.server_set;
    Ok(page(StatusCode::OK, "Look into your mailbox", move || {
        let no_server = (!server_set).then(|| {
            view! {
                <p>
                    "No mail server is set here, so the mail is kept. An administrator who is logged in finds it among the kept mails."
                </p>
            }
        });
        view! {
            <PageHead
                title="Look into your mailbox"
                under=view! { "If there is an account with this address, a link is on its way." }.into_any()
            />
            {no_server}
            <p>
                <a href="/login">"Back to the log-in"</a>
            </p>
        }
    }))
}
