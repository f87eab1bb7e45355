//! Users are well again.

use super::verb::Pressed;
use super::view::{IncidentPage, after};
use crate::answer::Answered;
use crate::form::Form;
use crate::form_page::Here;
use domain::incidents::verb::Verb;
use engine::{incidents, transaction};

pub async fn post(here: Here<IncidentPage>, Form(pressed): Form<Pressed>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        incidents::must_fit(tx, number, Verb::Mitigate, pressed.drawn()).await?;
        incidents::mitigate(tx, number).await?
    });
    after(&here, done, "mitigation", "").await
}
