//! Changing one's password.

use super::profile::{Back, answer};
use crate::App;
use crate::answer::{Answered, problem_of, see};
use crate::form::Form;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use engine::people::{logins, passwords};
use engine::transaction;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    current: String,
    password: String,
}

pub async fn post(State(app): State<App>, who: SignedIn, Form(typed): Form<Typed>) -> Answered {
    match change(&app, &who, &typed).await {
        Ok(()) => Ok(see("/settings/profile#password")),
        Err(error) => {
            let back = Back {
                password: problem_of(error)?,
                ..Back::default()
            };
            answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, back).await
        }
    }
}

async fn change(app: &App, who: &SignedIn, typed: &Typed) -> engine::Result<()> {
    passwords::check(&typed.password, &who.person.email)?;
    logins::confirm(&app.engine, &who.person, &typed.current).await?;
    let hashed = passwords::hash(&app.engine.context, &typed.password, &who.person.email).await?;
    transaction!(app.by(who), |tx| {
        logins::set_password(tx, who.person.id, &hashed, &who.token_hash).await?
    })
}
