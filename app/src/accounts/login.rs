//! Logging in.

use super::door::next_path;
use crate::address::Query;
use crate::answer::{Answered, redirect};
use crate::components::{Field, FieldKind, FormProblem, PageHead, Section, Submit};
use crate::demo;
use crate::form::Form;
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::session::{look, with_session};
use crate::visitor::Visitor;
use axum::http::HeaderMap;
use engine::people::logins::{self, Attempt};
use engine::{Tx, setup};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct LoginQuery {
    next: String,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct LoginForm {
    email: String,
    password: String,
    next: String,
}

#[derive(Deserialize)]
pub struct LoginPage {
    /// Where the log-in leads.
    #[serde(skip)]
    next: String,
}

impl FormPage for LoginPage {
    type Caller = Visitor;
    type View = String;

    fn address(&self) -> String {
        "/login".to_owned()
    }

    async fn load(here: &Here<Self>, _: &mut Tx) -> engine::Result<String> {
        Ok(here.page.next.clone())
    }

    fn title(_: &String) -> (String, Section) {
        ("Log in".to_owned(), Section::Home)
    }

    fn show(next: String, returned: Returned) -> impl IntoView {
        view! { <div class="alone"><LogIn next back=returned.of() /></div> }
    }
}

pub async fn show(
    mut here: Here<LoginPage>,
    headers: HeaderMap,
    Query(asked): Query<LoginQuery>,
) -> Answered {
    let mut tx = here.by().read().await?;
    if setup::is_needed(&mut tx).await? {
        return Ok(redirect("/setup"));
    }
    drop(tx);
    if look(&here.app, &headers, None).await?.is_some() {
        return Ok(redirect(next_path(&asked.next)));
    }
    here.page.next = asked.next;
    here.show().await
}

pub async fn post(here: Here<LoginPage>, Form(typed): Form<LoginForm>) -> Answered {
    let visitor = &here.who;
    let attempt = Attempt {
        email: typed.email.clone(),
        password: typed.password.clone(),
        address: visitor.address,
        user_agent: visitor.user_agent.clone(),
    };
    match logins::log_in(&here.app.engine, &attempt).await {
        Ok((_, secret)) => Ok(with_session(
            redirect(next_path(&typed.next)),
            &secret,
            visitor.over_tls,
        )),
        Err(error) => here.lead(Err(error), typed).await,
    }
}

#[component]
fn LogIn(next: String, back: Back<LoginForm>) -> impl IntoView {
    let again = back.is_open();
    let (typed, problem) = back.or(|| LoginForm {
        next,
        ..LoginForm::default()
    });
    view! {
        <PageHead title="Log in" />
        {demo::is_shown().then(|| view! { <demo::Doors /> })}
        <form class="form" method="post" action="/login">
            <FormProblem problems=problem.of_all() field_has_focus=true />
            <input type="hidden" name="next" value=next_path(&typed.next).to_owned() />
            <Field
                name="email"
                label="E-mail address"
                kind=FieldKind::Email
                value=typed.email
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
}
