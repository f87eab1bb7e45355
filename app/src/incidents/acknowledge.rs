//! I have it.

use super::page::after;
use crate::App;
use crate::answer::Answered;
use crate::session::SignedIn;
use axum::extract::{Path, State};
use engine::{incidents, transaction};

pub async fn post(State(app): State<App>, who: SignedIn, Path(number): Path<i64>) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        incidents::acknowledge(tx, number, who.person.id, domain::incidents::timeline::Via::Page).await?
    });
    after(&app, &who, number, done, "acknowledgement", "").await
}
