//! I have it.

use super::verb::Pressed;
use super::view::{IncidentPage, after};
use crate::answer::Answered;
use crate::form::Form;
use crate::form_page::Here;
use domain::incidents::timeline::Via;
use domain::incidents::verb::Verb;
use engine::{incidents, transaction};

pub async fn post(here: Here<IncidentPage>, Form(pressed): Form<Pressed>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        incidents::must_fit(tx, number, Verb::Acknowledge, pressed.drawn()).await?;
        incidents::acknowledge(tx, number, Via::Page).await?
    });
    after(&here, done, "acknowledgement", "").await
}
