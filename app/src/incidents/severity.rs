//! How bad it is.

use super::view::{IncidentPage, after};
use crate::answer::Answered;
use crate::form::Form;
use crate::form_page::Here;
use domain::Severity;
use engine::{incidents, transaction};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct SeverityForm {
    severity: Severity,
}

pub async fn post(here: Here<IncidentPage>, Form(typed): Form<SeverityForm>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        incidents::change_severity(tx, number, typed.severity).await?
    });
    after(&here, done, "severity", "").await
}
