//! How bad it is.

use super::page::after;
use crate::App;
use crate::address::Path;
use crate::answer::Answered;
use crate::form::Form;
use crate::session::SignedIn;
use axum::extract::State;
use domain::Severity;
use engine::{incidents, transaction};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Typed {
    severity: Severity,
}

pub async fn post(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<i64>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        incidents::change_severity(tx, number, typed.severity).await?
    });
    after(&app, &who, number, done, "severity", "").await
}
