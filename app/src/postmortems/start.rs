//! One click makes the document.

use crate::App;
use crate::answer::{Answered, see};
use crate::session::SignedIn;
use axum::extract::{Path, State};
use domain::people::Deed;
use engine::{people, postmortems, transaction};

pub async fn post(State(app): State<App>, who: SignedIn, Path(number): Path<i64>) -> Answered {
    transaction!(app.engine, |tx| {
        people::may(tx, &who.person, Deed::WritePostmortem).await?;
        postmortems::start(tx, number, who.person.id).await?
    })?;
    Ok(see(&format!("/incidents/{number}/postmortem")))
}
