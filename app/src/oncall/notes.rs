//! Hand-offs of a schedule: what is left for whoever comes next, and whether they are told by mail.

use super::view::SchedulePage;
use crate::answer::Answered;
use crate::components::{ButtonKind, Field, FieldKind, FormProblem, Submit, SwitchForm, TimeOf};
use crate::drawn::{Drawn, DrawnFrom, merged};
use crate::form::{Form, is_on};
use crate::form_page::{Back, Here, Returned};
use crate::settings::Section;
use chrono_tz::Tz;
use domain::fields;
use engine::hand_offs::{self, Note};
use engine::transaction;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NoteForm {
    text: String,
    drawn: String,
}

impl NoteForm {
    fn of(note: Option<&Note>) -> Self {
        Self {
            text: note.map(|note| note.text.clone()).unwrap_or_default(),
            ..Self::default()
        }
    }
}

impl Drawn for NoteForm {
    const FIELDS: &'static [&'static str] = &["text"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct HandOffsForm {
    /// `on` where whoever comes on is mailed.
    tells: String,
}

pub async fn leave(here: Here<SchedulePage>, Form(form): Form<NoteForm>) -> Answered {
    let id = here.page.schedule;
    let done = transaction!(here.by(), |tx| {
        let now = NoteForm::of(hand_offs::note_of(tx, id).await?.as_ref());
        hand_offs::leave_note(tx, id, &merged(&form, &now)?.text).await?
    });
    here.after_at("hand-offs", done, form).await
}

pub async fn set(here: Here<SchedulePage>, Form(form): Form<HandOffsForm>) -> Answered {
    let id = here.page.schedule;
    let done: engine::Result<()> = transaction!(here.by(), |tx| {
        let tells = is_on("tells", &form.tells)?;
        hand_offs::tell_hand_offs(tx, id, tells).await?
    });
    here.after_at("hand-offs", done, form).await
}

/// What of it is shown, and what its reader may do.
#[derive(Clone)]
pub(super) struct HandOffsView {
    /// The address of the schedule.
    pub at: String,
    pub note: Option<Note>,
    pub tells: bool,
    pub may_change: bool,
    /// On call now, or of the team.
    pub may_leave: bool,
    pub zone: Tz,
}

#[component]
pub(super) fn HandOffs(view: HandOffsView, returned: Returned) -> impl IntoView {
    let shown = view.note.clone().filter(|_| !view.may_leave).map(|note| {
        view! { <p class="pre-line" dir="auto">{note.text}</p> }
    });
    let by = view.note.clone().map(|note| {
        view! { <p class="quiet small">"Left by " {note.person} ", " <TimeOf at=note.written_at zone=view.zone /></p> }
    });
    let none = (view.note.is_none() && !view.may_leave)
        .then(|| view! { <p class="quiet">"Nothing is left for whoever comes next."</p> });
    let leave = view
        .may_leave
        .then(|| view! { <Leave view=view.clone() back=returned.of() /> });
    let mails = if view.may_change {
        view! { <SwitchForm
                    action=format!("{}/hand-offs", view.at)
                    name="tells"
                    label="Mail whoever comes on call"
                    is_on=view.tells
                    hint="Before the turn, as early as each person wants, and when it begins: what is open, what happened, what was left, and a button \u{201c}I can be reached\u{201d}. If it is not pressed within half an hour, the team is told."
                /> }.into_any()
    } else {
        let words = if view.tells {
            "Whoever comes on call is told by mail."
        } else {
            "Nobody is told by mail that they come on call."
        };
        view! { <p class="quiet">{words}</p> }.into_any()
    };
    view! {
        <Section title="Hand-offs" id="hand-offs">
            <div class="stack">{shown} {none} {leave} {by} {mails}</div>
        </Section>
    }
}

#[component]
fn Leave(view: HandOffsView, back: Back<NoteForm>) -> impl IntoView {
    let now = NoteForm::of(view.note.as_ref());
    let (typed, problem) = back.or(|| now.clone());
    view! {
        <form class="form measure" method="post" action=format!("{}/note", view.at)>
            <FormProblem problems=problem.above() />
            <DrawnFrom now />
            <Field
                of=fields::HAND_OFF_NOTE
                label="For whoever has the pager next"
                kind=FieldKind::Lines(3)
                value=typed.text
                hint="It is shown in the mail that they get, and on the page that it leads to. Saved empty, it is deleted."
                error=problem.beside("text")
            />
            <p class="buttons"><Submit kind=ButtonKind::Normal>"Leave the note"</Submit></p>
        </form>
    }
}
