//! Notes, decisions and status updates: one field, three buttons.

use super::page::{Returned, after};
use crate::App;
use crate::address::Path;
use crate::answer::Answered;
use crate::components::{ButtonKind, Field, FieldKind, Glyph, Picture};
use crate::form::Form;
use crate::sent::FormKey;
use crate::session::SignedIn;
use axum::extract::State;
use engine::incidents::{self, Writing};
use engine::transaction;
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Typed {
    #[serde(default)]
    text: String,
}

pub async fn note(app: State<App>, who: SignedIn, number: Path<i64>, typed: Form<Typed>) -> Answered {
    write(app, who, number, typed, Writing::Note).await
}

pub async fn decision(app: State<App>, who: SignedIn, number: Path<i64>, typed: Form<Typed>) -> Answered {
    write(app, who, number, typed, Writing::Decision).await
}

pub async fn status_update(
    app: State<App>,
    who: SignedIn,
    number: Path<i64>,
    typed: Form<Typed>,
) -> Answered {
    write(app, who, number, typed, Writing::StatusUpdate).await
}

async fn write(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<i64>,
    Form(typed): Form<Typed>,
    kind: Writing,
) -> Answered {
    let written = transaction!(app.by(&who), |tx| {
        incidents::write(tx, number, kind, &typed.text).await?
    });
    after(&app, &who, number, written, "write", &typed.text).await
}

#[component]
pub fn WriteForm(number: i64, returned: Returned) -> impl IntoView {
    let to = |things: &str| format!("/incidents/{number}/{things}");
    let problem = returned.problems("write").whole;
    view! {
        <form class="form write" id="write" method="post" action=to("notes") data-sends="">
            <FormKey />
            <Field
                name="text"
                label="Write into the timeline"
                kind=FieldKind::Markdown(2)
                value=returned.typed("write").unwrap_or_default()
                error=problem
                placeholder="What do you see? What did you try?"
                label_unseen=true
            />
            <div class="buttons">
                <button class=ButtonKind::Normal.class()><Glyph of=Picture::Note />"Add note"</button>
                <button class=ButtonKind::Plain.class() formaction=to("decisions")><Glyph of=Picture::Decision />"Record decision"</button>
                <button class=ButtonKind::Plain.class() formaction=to("status-updates")><Glyph of=Picture::StatusUpdate />"Post status update"</button>
            </div>
        </form>
    }
}
