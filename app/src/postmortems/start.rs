//! One click makes the document.

use crate::App;
use crate::address::Path;
use crate::answer::{Answered, redirect};
use crate::form::Form;
use crate::incidents::{Pressed, after};
use crate::session::SignedIn;
use axum::extract::State;
use domain::incidents::verb::Verb;
use engine::{incidents, postmortems, transaction};

pub async fn post(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<i64>,
    Form(pressed): Form<Pressed>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        incidents::must_fit(tx, number, Verb::StartPostmortem, pressed.drawn()).await?;
        postmortems::start(tx, number).await?
    });
    match done {
        Ok(()) => Ok(redirect(&format!("/incidents/{number}/postmortem"))),
        // The page that the button stands on says why not.
        refused => after(&app, &who, number, refused, "postmortem", "").await,
    }
}
