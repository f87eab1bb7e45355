//! What somebody is mailed besides pages, which each person chooses.

use super::forms::above;
use super::profile::{Back, answer};
use crate::App;
use crate::answer::{Answered, Problem, problem_of, see};
use crate::components::{Field, FieldKind, FormProblem, Submit};
use crate::drawn::{Drawn, DrawnFrom, merged};
use crate::form::Form;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use domain::news::NewsKind;
use engine::{news, sent, transaction};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// `on` where such news is wanted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wanted {
    role_given: String,
    action_item_given: String,
    review_waits: String,
    shifts_changed: String,
    let_go: String,
    drawn: String,
}

impl Drawn for Wanted {
    const FIELDS: &'static [&'static str] = &[
        "role_given",
        "action_item_given",
        "review_waits",
        "shifts_changed",
        "let_go",
    ];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl Wanted {
    pub(super) fn without(off: &[NewsKind]) -> Self {
        let mut wanted = Self::default();
        for kind in NewsKind::ALL.iter().filter(|kind| !off.contains(kind)) {
            *wanted.field(*kind) = "on".to_owned();
        }
        wanted
    }

    const fn field(&mut self, kind: NewsKind) -> &mut String {
        match kind {
            NewsKind::RoleGiven => &mut self.role_given,
            NewsKind::ActionItemGiven => &mut self.action_item_given,
            NewsKind::ReviewWaits => &mut self.review_waits,
            NewsKind::ShiftsChanged => &mut self.shifts_changed,
            NewsKind::LetGo => &mut self.let_go,
        }
    }

    fn turned_off(mut self) -> Vec<NewsKind> {
        let kinds = NewsKind::ALL.iter().copied();
        kinds.filter(|kind| self.field(*kind).is_empty()).collect()
    }
}

pub async fn post(State(app): State<App>, who: SignedIn, Form(typed): Form<Wanted>) -> Answered {
    let id = who.person.id;
    let done = transaction!(app.by(&who), |tx| {
        sent::one_at_a_time(tx, &format!("person {id}")).await?;
        let stands = Wanted::without(&news::turned_off(tx, id).await?);
        let wanted = merged(&typed, &stands)?;
        news::turn_off(tx, id, &wanted.turned_off()).await?
    });
    match done {
        Ok(()) => Ok(see("/settings/profile#mails")),
        Err(error) => {
            let back = Back {
                mails: problem_of(error)?,
                wanted: Some(typed),
                ..Back::default()
            };
            answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, back).await
        }
    }
}

#[component]
pub(super) fn MailsForm(now: Wanted, typed: Option<Wanted>, problem: Problem) -> impl IntoView {
    let mut shown = typed.unwrap_or_else(|| now.clone());
    let fields = NewsKind::ALL
        .iter()
        .map(|kind| {
            let value = shown.field(*kind).clone();
            view! { <Field name=kind.as_str() label=kind.label() kind=FieldKind::Check value error=problem.beside(kind.as_str()) /> }
        })
        .collect_view();
    view! {
        <form class="form measure" method="post" action="/settings/profile/mails">
            <DrawnFrom now />
            <FormProblem problems=above(&problem) />
            <fieldset class="field">
                <legend class="field-label">"Mail me when …"</legend>
                {fields}
                <p class="field-hint">"Pages are always mailed, and nobody is mailed what they did themselves."</p>
            </fieldset>
            <p class="buttons">
                <Submit>"Save"</Submit>
            </p>
        </form>
    }
}
