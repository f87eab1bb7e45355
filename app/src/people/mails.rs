//! What somebody is mailed besides pages, which each person chooses.

use super::view::ProfilePage;
use crate::answer::Answered;
use crate::components::{Field, FieldKind, FormProblem, Submit};
use crate::drawn::{Drawn, DrawnFrom, merged};
use crate::form::Form;
use crate::form_page::{Back, Here};
use domain::news::NewsKind;
use engine::{news, sent, transaction};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// `on` where such news is wanted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NewsForm {
    role_given: String,
    action_item_given: String,
    review_waits: String,
    shifts_changed: String,
    turn_offered: String,
    not_ready: String,
    let_go: String,
    team_monday: String,
    mentioned: String,
    status_update: String,
    drawn: String,
}

impl Drawn for NewsForm {
    const FIELDS: &'static [&'static str] = &[
        "role_given",
        "action_item_given",
        "review_waits",
        "shifts_changed",
        "turn_offered",
        "not_ready",
        "let_go",
        "team_monday",
        "mentioned",
        "status_update",
    ];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl NewsForm {
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
            NewsKind::TurnOffered => &mut self.turn_offered,
            NewsKind::NotReady => &mut self.not_ready,
            NewsKind::LetGo => &mut self.let_go,
            NewsKind::TeamMonday => &mut self.team_monday,
            NewsKind::Mentioned => &mut self.mentioned,
            NewsKind::StatusUpdate => &mut self.status_update,
        }
    }

    fn turned_off(mut self) -> Vec<NewsKind> {
        let kinds = NewsKind::ALL.iter().copied();
        kinds.filter(|kind| self.field(*kind).is_empty()).collect()
    }
}

pub async fn post(here: Here<ProfilePage>, Form(form): Form<NewsForm>) -> Answered {
    let id = here.who.person.id;
    let done = transaction!(here.by(), |tx| {
        sent::one_at_a_time(tx, &format!("person {id}")).await?;
        let stands = NewsForm::without(&news::turned_off(tx, id).await?);
        let wanted = merged(&form, &stands)?;
        news::turn_off(tx, id, &wanted.turned_off()).await?
    });
    here.after_at("mails", done, form).await
}

#[component]
pub(super) fn MailsForm(now: NewsForm, back: Back<NewsForm>) -> impl IntoView {
    let (mut shown, problem) = back.or(|| now.clone());
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
            <FormProblem problems=problem.above() />
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
