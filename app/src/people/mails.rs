//! What somebody is mailed besides pages, which each person chooses.

use super::view::ProfilePage;
use crate::answer::Answered;
use crate::components::{Choice, Field, FieldKind, FormProblem, Submit};
use crate::drawn::{Drawn, DrawnFrom, merged};
use crate::form::{Form, word_or_none};
use crate::form_page::{Back, Here};
use domain::ids::PersonId;
use domain::news::NewsKind;
use engine::people::changes;
use engine::{Tx, news, sent, transaction};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// `on` where such news is wanted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NewsForm {
    role_given: String,
    action_item_given: String,
    review_waits: String,
    shift_begins: String,
    shifts_changed: String,
    turn_offered: String,
    turn_untaken: String,
    not_ready: String,
    shadowed: String,
    let_go: String,
    action_items_due: String,
    came_back: String,
    team_monday: String,
    mentioned: String,
    status_update: String,
    calendar_fails: String,
    /// Hours before a turn; 0 is not before.
    shift_hours: String,
    drawn: String,
}

impl Drawn for NewsForm {
    const FIELDS: &'static [&'static str] = &[
        "role_given",
        "action_item_given",
        "review_waits",
        "shift_begins",
        "shifts_changed",
        "turn_offered",
        "turn_untaken",
        "not_ready",
        "shadowed",
        "let_go",
        "action_items_due",
        "came_back",
        "team_monday",
        "mentioned",
        "status_update",
        "calendar_fails",
        "shift_hours",
    ];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl NewsForm {
    /// How it stands.
    pub(super) async fn of(tx: &mut Tx, person: PersonId) -> engine::Result<Self> {
        let off = news::turned_off(tx, person).await?;
        let hours = changes::shift_mail_hours(tx, person).await?;
        Ok(Self::without(&off, hours))
    }

    fn without(off: &[NewsKind], hours: i64) -> Self {
        let mut wanted = Self {
            shift_hours: hours.to_string(),
            ..Self::default()
        };
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
            NewsKind::ShiftBegins => &mut self.shift_begins,
            NewsKind::ShiftsChanged => &mut self.shifts_changed,
            NewsKind::TurnOffered => &mut self.turn_offered,
            NewsKind::TurnUntaken => &mut self.turn_untaken,
            NewsKind::NotReady => &mut self.not_ready,
            NewsKind::Shadowed => &mut self.shadowed,
            NewsKind::LetGo => &mut self.let_go,
            NewsKind::ActionItemsDue => &mut self.action_items_due,
            NewsKind::CameBack => &mut self.came_back,
            NewsKind::TeamMonday => &mut self.team_monday,
            NewsKind::Mentioned => &mut self.mentioned,
            NewsKind::StatusUpdate => &mut self.status_update,
            NewsKind::CalendarFails => &mut self.calendar_fails,
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
        let stands = NewsForm::of(tx, id).await?;
        let wanted = merged(&form, &stands)?;
        // A script that says nothing of it leaves it as it is.
        let hours = word_or_none("shift_hours", &wanted.shift_hours)?;
        news::turn_off(tx, id, &wanted.turned_off()).await?;
        if let Some(hours) = hours {
            changes::set_shift_mail_hours(tx, id, hours).await?;
        }
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
                <Field name="shift_hours" label="Mail me before a turn" kind=FieldKind::Select(hours_before()) value=shown.shift_hours.clone() error=problem.beside("shift_hours") />
                <p class="field-hint">"Pages are always mailed, and nobody is mailed what they did themselves. " <a href="/on-call/calendars#invitations">"Turns as invitations"</a> " are for your calendar."</p>
            </fieldset>
            <p class="buttons">
                <Submit>"Save"</Submit>
            </p>
        </form>
    }
}

fn hours_before() -> Vec<Choice> {
    let choices = changes::SHIFT_MAIL_HOURS.iter().map(|hours| match hours {
        0 => Choice::new(0, "not before it begins"),
        1 => Choice::new(1, "an hour before"),
        hours => Choice::new(hours, format!("{hours} hours before")),
    });
    choices.collect()
}
