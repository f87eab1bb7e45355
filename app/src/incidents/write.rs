//! Notes, decisions and status updates: one field, three buttons.

use super::view::{EntryForm, IncidentPage, Returned, came_back, lead_to};
use crate::answer::Answered;
use crate::components::{ButtonKind, Choice, Field, FieldKind, Glyph, Picture};
use crate::files::{self, FilesField, Uploads};
use crate::form::{Form, word_or_none};
use crate::form_page::Here;
use crate::sent::FormKey;
use chrono::TimeDelta;
use engine::incidents::{self, Draft, Writing};
use engine::{Error, transaction};
use leptos::prelude::*;
use std::sync::Arc;

/// What those who wait are promised: minutes, and in words.
const NEXT: [(i64, &str); 6] = [
    (15, "in 15 minutes"),
    (30, "in 30 minutes"),
    (60, "in an hour"),
    (120, "in 2 hours"),
    (240, "in 4 hours"),
    (1_440, "in a day"),
];

pub async fn note(here: Here<IncidentPage>, files: Uploads, form: Form<EntryForm>) -> Answered {
    write(here, (files, form), Writing::Note).await
}

pub async fn decision(here: Here<IncidentPage>, files: Uploads, form: Form<EntryForm>) -> Answered {
    write(here, (files, form), Writing::Decision).await
}

pub async fn status_update(here: Here<IncidentPage>, files: Uploads, form: Form<EntryForm>) -> Answered {
    write(here, (files, form), Writing::StatusUpdate).await
}

async fn write(
    here: Here<IncidentPage>,
    (files, Form(mut typed)): (Uploads, Form<EntryForm>),
    kind: Writing,
) -> Answered {
    let number = here.page.number;
    let below = files::put_below(&here.app, &here.who, number, files, &mut typed.text).await;
    let written = match below.and_then(|()| promised(&typed.next)) {
        Ok(next_in) => {
            let draft = Draft {
                kind,
                text: &typed.text,
                at: &typed.happened,
                zone: here.who.zone(),
                next_in,
            };
            transaction!(here.by(), |tx| {
                incidents::write_draft(tx, number, &draft).await?
            })
        }
        Err(refused) => Err(refused),
    };
    match written {
        Ok(()) => lead_to(&here, "write").await,
        Err(error) => {
            let returned = Returned {
                form: "write",
                written: typed,
                ..Returned::default()
            };
            came_back(&here, error, returned).await
        }
    }
}

/// When the next status update is due, where one is promised.
fn promised(typed: &str) -> Result<Option<TimeDelta>, Error> {
    let Some(minutes) = word_or_none::<i64>("next", typed)? else {
        return Ok(None);
    };
    if NEXT.iter().all(|(known, _)| *known != minutes) {
        return Err(Error::NotAChoice("next"));
    }
    Ok(Some(TimeDelta::minutes(minutes)))
}

#[component]
pub fn WriteForm(number: i64, returned: Arc<Returned>) -> impl IntoView {
    let to = |things: &str| format!("/incidents/{number}/{things}");
    let came_back = returned.form == "write";
    let problem = |field: &str| {
        let error = returned.problem.beside(field);
        error.filter(|_| came_back)
    };
    let whole = (came_back && returned.problem.field.is_none()).then(|| returned.problem.sentence.clone());
    let written = returned.written.clone();
    let mut next = vec![Choice::new("", "not promised")];
    next.extend(NEXT.map(|(minutes, words)| Choice::new(minutes, words)));
    view! {
        <form class="form write" id="write" method="post" action=to("notes") enctype="multipart/form-data" data-sends="" data-files=to("files")>
            <FormKey />
            <Field
                name="text"
                label="Write into the timeline"
                kind=FieldKind::Markdown(2)
                value=written.text
                error=problem("text").or(whole)
                placeholder="What do you see? What did you try?"
                label_unseen=true
            />
            <div class="write-more">
                <Field
                    name="happened"
                    label="When it happened"
                    value=written.happened
                    error=problem("happened")
                    placeholder="now, or 17:50, -10 min"
                    autocomplete="off"
                />
                <Field name="next" label="Next status update" kind=FieldKind::Select(next) value=written.next error=problem("next") />
                <FilesField id="field-files" error=problem("files") />
            </div>
            <div class="buttons">
                <button class=ButtonKind::Normal.class()><Glyph of=Picture::Note />"Add note"</button>
                <button class=ButtonKind::Plain.class() formaction=to("decisions")><Glyph of=Picture::Decision />"Record decision"</button>
                <button class=ButtonKind::Plain.class() formaction=to("status-updates")><Glyph of=Picture::StatusUpdate />"Post status update"</button>
            </div>
        </form>
    }
}
