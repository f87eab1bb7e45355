//! What the pages before the log-in share.

use crate::answer::Problem;
use crate::components::{Field, FieldKind, FormProblem, Problems};
use crate::components::{Frame, PageHead, Submit};
use crate::render;
use crate::session::with_session;
use crate::visitor::Visitor;
use crate::{App, answer};
use axum::http::StatusCode;
use axum::response::Response;
use domain::people::Person;
use engine::mailed_links::{self, Purpose};
use engine::people::{passwords, sessions};
use engine::transaction;
use leptos::prelude::*;
use serde::Deserialize;

/// A page with nobody in its frame.
pub fn page<V: IntoView + 'static>(
    status: StatusCode,
    title: &str,
    body: impl FnOnce() -> V + Send + 'static,
) -> Response {
    render::page(status, Frame::new(title), move || {
        view! { <div class="alone">{body()}</div> }
    })
}

/// What stands above a form that came back.
pub fn above(problem: &Problem) -> Problems {
    if problem.sentence.is_empty() {
        Problems::default()
    } else {
        Problems::whole(&problem.sentence)
    }
}

/// Only a path of ours: everything else could lead elsewhere.
pub fn next_path(next: &str) -> &str {
    let is_path = next.starts_with('/')
        && !next.starts_with("//")
        && next.is_ascii()
        && !next.contains(['\\', '\r', '\n', '\t', ' ']);
    if is_path { next } else { "/" }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    pub password: String,
}

/// The form that sets a password through a mailed link.
pub fn choose(
    status: StatusCode,
    purpose: Purpose,
    token: &str,
    person: Person,
    problem: Problem,
) -> Response {
    let (title, under, action, words) = match purpose {
        Purpose::Invitation => (
            "Welcome",
            format!("{}, choose a password for {}.", person.name, person.email),
            format!("/invitations/{token}"),
            "Set the password and come in",
        ),
        Purpose::PasswordReset => (
            "A new password",
            format!("For {}. All sessions of this account end.", person.email),
            format!("/password/reset/{token}"),
            "Set the password and log in",
        ),
    };
    page(status, title, move || {
        view! {
            <PageHead title under=view! { {under} }.into_any() />
            <form class="form" method="post" action=action>
                <FormProblem problems=above(&problem) />
                <Field
                    name="password"
                    label="Password"
                    kind=FieldKind::Password
                    required=true
                    autofocus=true
                    autocomplete="new-password"
                    hint="At least 10 characters. Three or four words that nobody would guess are good."
                    error=problem.beside("password")
                />
                <p class="buttons">
                    <Submit>{words}</Submit>
                </p>
            </form>
        }
    })
}

/// Shows the form behind a link. Looking at it uses nothing up.
pub async fn show_link(app: &App, purpose: Purpose, token: &str) -> answer::Answered {
    let mut tx = app.engine.read().await?;
    match mailed_links::find(&mut tx, purpose, token).await {
        Ok(person) => Ok(choose(StatusCode::OK, purpose, token, person, Problem::default())),
        Err(error) if error.is_refusal() => Ok(used_up(purpose, &error.to_string())),
        Err(error) => Err(error.into()),
    }
}

/// Sets the password behind a link, and lets the person in.
pub async fn use_link(
    app: &App,
    visitor: &Visitor,
    purpose: Purpose,
    token: &str,
    chosen: &Chosen,
) -> answer::Answered {
    let mut tx = app.engine.read().await?;
    let person = match mailed_links::find(&mut tx, purpose, token).await {
        Ok(person) => person,
        Err(error) if error.is_refusal() => return Ok(used_up(purpose, &error.to_string())),
        Err(error) => return Err(error.into()),
    };
    drop(tx);
    let hashed = match passwords::hash(&app.engine.context, &chosen.password, &person.email).await {
        Ok(hashed) => hashed,
        Err(error) => {
            let problem = answer::problem_of(error)?;
            return Ok(choose(
                StatusCode::UNPROCESSABLE_ENTITY,
                purpose,
                token,
                person,
                problem,
            ));
        }
    };
    let address = visitor
        .address
        .map(|address| address.to_string())
        .unwrap_or_default();
    let done = transaction!(app.engine.by(visitor.actor()), |tx| {
        let person = mailed_links::use_up(tx, purpose, token, &hashed).await?;
        sessions::start(tx, person.id, &visitor.user_agent, &address).await?
    });
    match done {
        Ok(secret) => Ok(with_session(answer::redirect("/"), &secret, visitor.over_tls)),
        Err(error) if error.is_refusal() => Ok(used_up(purpose, &error.to_string())),
        Err(error) => Err(error.into()),
    }
}

fn used_up(purpose: Purpose, sentence: &str) -> Response {
    let sentence = sentence.to_owned();
    page(
        StatusCode::UNPROCESSABLE_ENTITY,
        "The link does not work",
        move || {
            let way_on = match purpose {
                Purpose::Invitation => view! {
                    <p>"Did you set a password before? Then " <a href="/login">"log in"</a>
                    ". Otherwise an administrator can invite you again."</p>
                }
                .into_any(),
                Purpose::PasswordReset => {
                    view! { <p><a href="/password/forgotten">"Ask for a new link"</a></p> }.into_any()
                }
            };
            view! {
                <PageHead title="The link does not work" under=view! { {sentence} }.into_any() />
                {way_on}
            }
        },
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn after_the_log_in_nobody_is_led_elsewhere() {
        for (next, path) in [
            ("/incidents/142?tab=alerts", "/incidents/142?tab=alerts"),
            ("", "/"),
            ("https://evil.example", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/a\nb", "/"),
        ] {
            assert_eq!(super::next_path(next), path);
        }
    }
}
