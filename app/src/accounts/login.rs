//! Logging in.

use super::door::{above, next_path, page};
use crate::address::Query;
use crate::answer::{Answered, Problem, problem_of, redirect};
use crate::components::{Field, FieldKind, FormProblem, PageHead, Submit};
use crate::form::Form;
use crate::session::{look, with_session};
use crate::visitor::Visitor;
use crate::{App, demo};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use engine::people::logins::{self, Attempt};
use engine::setup;
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct LoginQuery {
    next: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct LoginForm {
    email: String,
    password: String,
    next: String,
}

pub async fn show(State(app): State<App>, headers: HeaderMap, Query(asked): Query<LoginQuery>) -> Answered {
    let mut tx = app.engine.read().await?;
    if setup::is_needed(&mut tx).await? {
        return Ok(redirect("/setup"));
    }
    drop(tx);
    if look(&app, &headers, None).await?.is_some() {
        return Ok(redirect(next_path(&asked.next)));
    }
    Ok(form(
        StatusCode::OK,
        String::new(),
        asked.next,
        Problem::default(),
    ))
}

pub async fn post(State(app): State<App>, visitor: Visitor, Form(typed): Form<LoginForm>) -> Answered {
    let attempt = Attempt {
        email: typed.email.clone(),
        password: typed.password,
        address: visitor.address,
        user_agent: visitor.user_agent.clone(),
    };
    match logins::log_in(&app.engine, &attempt).await {
        Ok((_, secret)) => Ok(with_session(
            redirect(next_path(&typed.next)),
            &secret,
            visitor.over_tls,
        )),
        Err(error) => Ok(form(
            StatusCode::UNPROCESSABLE_ENTITY,
            typed.email,
            typed.next,
            problem_of(error)?,
        )),
    }
}

fn form(status: StatusCode, email: String, next: String, problem: Problem) -> Response {
    let next = next_path(&next).to_owned();
    page(status, "Log in", move || {
        let again = !email.is_empty();
        view! {
            <PageHead title="Log in" />
            {demo::is_shown().then(|| view! { <demo::Doors /> })}
            <form class="form" method="post" action="/login">
                <FormProblem problems=above(&problem) field_has_focus=true />
                <input type="hidden" name="next" value=next />
                <Field
                    name="email"
                    label="E-mail address"
                    kind=FieldKind::Email
                    value=email
                    required=true
                    autofocus=!again
                    autocomplete="username"
                />
                <Field
                    name="password"
                    label="Password"
                    kind=FieldKind::Password
                    required=true
                    autofocus=again
                    autocomplete="current-password"
                />
                <p class="buttons">
                    <Submit>"Log in"</Submit>
                </p>
            </form>
            <p>
                <a href="/password/forgotten">"I have forgotten my password"</a>
            </p>
        }
    })
}
