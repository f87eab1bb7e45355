//! One click makes the document.

use crate::App;
use crate::answer::{Answered, see};
use crate::session::SignedIn;
use axum::extract::{Path, State};
use engine::{postmortems, transaction};

pub async fn post(State(app): State<App>, who: SignedIn, Path(number): Path<i64>) -> Answered {
    transaction!(app.by(&who), |tx| {
        postmortems::start(tx, number, who.person.id).await?
    })?;
    Ok(see(&format!("/incidents/{number}/postmortem")))
}
