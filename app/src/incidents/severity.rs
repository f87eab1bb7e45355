//! How bad it is.

use super::view::{IncidentPage, Seen, after};
use crate::answer::Answered;
use crate::components::{Field, FieldKind, FormDialog, Submit, severity_choices};
use crate::drawn::{Drawn, DrawnFrom, merged};
use crate::form::Form;
use crate::form_page::Here;
use domain::Severity;
use engine::{incidents, transaction};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeverityForm {
    severity: Severity,
    #[serde(default)]
    drawn: String,
}

impl SeverityForm {
    const fn of(severity: Severity) -> Self {
        Self {
            severity,
            drawn: String::new(),
        }
    }
}

impl Drawn for SeverityForm {
    const FIELDS: &'static [&'static str] = &["severity"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

pub async fn post(here: Here<IncidentPage>, Form(typed): Form<SeverityForm>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        let now = SeverityForm::of(incidents::find(tx, number).await?.severity);
        incidents::change_severity(tx, number, merged(&typed, &now)?.severity).await?
    });
    after(&here, done, "severity", &typed.severity.to_string()).await
}

#[component]
pub fn ChangeSeverity(seen: Seen) -> impl IntoView {
    let incident = &seen.story.incident;
    let action = format!("/incidents/{}/severity", incident.number);
    let now = SeverityForm::of(incident.severity);
    let typed = seen.returned.typed("severity");
    let open = typed.is_some();
    let value = typed.unwrap_or_else(|| incident.severity.to_string());
    let error = seen.returned.problems("severity").whole;
    view! {
        <FormDialog label="Severity" title="How bad is it?" group="verbs" open>
            <form class="form" method="post" action=action>
                <DrawnFrom now />
                <Field name="severity" label="Severity" kind=FieldKind::Select(severity_choices()) value error />
                <Submit>"Change severity"</Submit>
            </form>
        </FormDialog>
    }
}
