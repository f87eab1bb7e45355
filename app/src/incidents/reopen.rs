//! It was not over: why, and whether anybody is woken.

use super::verb::Pressed;
use super::view::{IncidentPage, Returned, Seen, after};
use crate::answer::Answered;
use crate::components::{Ask, Field, FieldKind, Picture};
use crate::form::{Form, is_on};
use crate::form_page::Here;
use domain::fields;
use domain::incidents::verb::Verb;
use engine::{incidents, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReopenForm {
    why: String,
    /// `on` where somebody is to be woken.
    pages: String,
    #[serde(flatten)]
    pressed: Pressed,
}

pub async fn post(here: Here<IncidentPage>, Form(typed): Form<ReopenForm>) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        let pages = is_on("pages", &typed.pages)?;
        incidents::must_fit(tx, number, Verb::Reopen, typed.pressed.drawn()).await?;
        incidents::reopen(tx, number, &typed.why, pages).await?
    });
    after(&here, done, "reopening", &typed.why).await
}

#[component]
pub fn AskToReopen(seen: Seen) -> impl IntoView {
    let incident = &seen.story.incident;
    let action = format!("/incidents/{}/reopening", incident.number);
    let came_back = seen.returned.form == "reopening";
    let Returned { typed, problem, .. } = (*seen.returned).clone();
    let (why, error) = if came_back {
        (
            typed,
            Some(problem.sentence).filter(|sentence| !sentence.is_empty()),
        )
    } else {
        (String::new(), None)
    };
    let held = seen.story.has_it.as_ref().map(|holder| holder.name.clone());
    let hint = match held {
        Some(name) => format!("Else {name} still has it, and nobody is woken."),
        None => "Else you have it, and nobody is woken.".to_owned(),
    };
    view! {
        <Ask label="Reopen" glyph=Some(Picture::Reopen) question="Why is it open again?" action fields=seen.drawn() answer="Reopen it" open=came_back group=Some("verbs")>
            <Field of=fields::WHY_REOPENED label="What is seen" kind=FieldKind::Lines(2) value=why error required=true id="field-why-reopened" />
            <Field name="pages" label="Page whoever is on call" kind=FieldKind::Check value="on" hint id="field-page-again" />
        </Ask>
    }
}
