//! The next people, now.

use super::page::after;
use super::verb::Pressed;
use crate::App;
use crate::address::Path;
use crate::answer::Answered;
use crate::form::Form;
use crate::session::SignedIn;
use axum::extract::State;
use domain::incidents::verb::Verb;
use engine::{incidents, transaction};

pub async fn post(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<i64>,
    Form(pressed): Form<Pressed>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        incidents::must_fit(tx, number, Verb::Escalate, pressed.drawn()).await?;
        incidents::escalate(tx, number).await?
    });
    after(&app, &who, number, done, "escalation", "").await
}
