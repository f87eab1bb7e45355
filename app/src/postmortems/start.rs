//! One click makes the document.

use crate::answer::{Answered, redirect};
use crate::form::Form;
use crate::form_page::Here;
use crate::incidents::{IncidentPage, Pressed, after};
use domain::incidents::verb::Verb;
use engine::{incidents, postmortems, transaction};

pub async fn post(here: Here<IncidentPage>, Form(pressed): Form<Pressed>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        incidents::must_fit(tx, number, Verb::StartPostmortem, pressed.drawn()).await?;
        postmortems::start(tx, number).await?
    });
    match done {
        Ok(()) => Ok(redirect(&format!("/incidents/{number}/postmortem"))),
        // The page that the button stands on says why not.
        refused => after(&here, refused, "postmortem", "").await,
    }
}
