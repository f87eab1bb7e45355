//! One entry of a timeline by itself: the link to it, its history, and what can be done with it.

use super::timeline::EntryRow;
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Problem, problem_of, redirect, with_problem};
use crate::components::{
    Ask, ButtonKind, Field, FieldKind, FormDialog, FormProblem, PageHead, PostButton, Problems, Section,
    Submit, TimeForm, TimeOf, Timeline,
};
use crate::files::{self, FilesField, Uploads};
use crate::form::Form;
use crate::markdown;
use crate::render;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use chrono_tz::Tz;
use domain::incidents::Incident;
use domain::incidents::timeline::Entry;
use engine::incidents::{self, Before, timeline};
use engine::people;
use engine::transaction;
use leptos::prelude::*;
use serde::Deserialize;

/// A form that came back.
#[derive(Clone, Debug, Default)]
struct Back {
    form: &'static str,
    typed: String,
    problem: Problem,
}

impl Back {
    fn problems(&self, form: &str) -> Problems {
        if self.form == form && !self.problem.sentence.is_empty() {
            self.problem.clone().into()
        } else {
            Problems::default()
        }
    }
}

pub async fn show(State(app): State<App>, who: SignedIn, Path((number, seq)): Path<(i64, i64)>) -> Answered {
    answer(&app, &who, (number, seq), StatusCode::OK, Back::default()).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Text {
    text: String,
    /// What stood there when the form was drawn.
    was: Option<String>,
}

pub async fn edit(
    State(app): State<App>,
    who: SignedIn,
    Path((number, seq)): Path<(i64, i64)>,
    files: Uploads,
    Form(mut typed): Form<Text>,
) -> Answered {
    let done = match files::put_below(&app, &who, number, files, &mut typed.text).await {
        Ok(()) => transaction!(app.by(&who), |tx| {
            incidents::edit(tx, number, seq, &typed.text, typed.was.as_deref()).await?
        }),
        Err(refused) => Err(refused),
    };
    after(&app, &who, (number, seq), done, "text", typed.text).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Why {
    why: String,
}

pub async fn redact(
    State(app): State<App>,
    who: SignedIn,
    Path((number, seq)): Path<(i64, i64)>,
    Form(typed): Form<Why>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        incidents::redact(tx, number, seq, &typed.why).await?
    });
    after(&app, &who, (number, seq), done, "redaction", typed.why).await
}

pub async fn pin(app: State<App>, who: SignedIn, place: Path<(i64, i64)>) -> Answered {
    pins(app, who, place, true).await
}

pub async fn unpin(app: State<App>, who: SignedIn, place: Path<(i64, i64)>) -> Answered {
    pins(app, who, place, false).await
}

async fn pins(
    State(app): State<App>,
    who: SignedIn,
    Path((number, seq)): Path<(i64, i64)>,
    pinned: bool,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| incidents::pin(tx, number, seq, pinned).await?);
    after(&app, &who, (number, seq), done, "pin", String::new()).await
}

async fn after(
    app: &App,
    who: &SignedIn,
    (number, seq): (i64, i64),
    done: engine::Result<()>,
    form: &'static str,
    typed: String,
) -> Answered {
    match done {
        Ok(()) => Ok(redirect(&format!("/incidents/{number}/entries/{seq}"))),
        Err(error) => {
            let back = Back {
                form,
                typed,
                problem: problem_of(error)?,
            };
            let problem = back.problem.clone();
            let page = answer(app, who, (number, seq), StatusCode::UNPROCESSABLE_ENTITY, back).await?;
            Ok(with_problem(page, problem))
        }
    }
}

/// What the page is made from.
#[derive(Clone)]
struct Seen {
    incident: Incident,
    entry: Entry,
    before: Vec<Before>,
    zone: Tz,
    may_act: bool,
    may_edit: bool,
    may_redact: bool,
    back: Back,
}

async fn answer(
    app: &App,
    who: &SignedIn,
    (number, seq): (i64, i64),
    status: StatusCode,
    back: Back,
) -> Answered {
    let mut tx = app.by(who).read().await?;
    let incident = incidents::find(&mut tx, number).await?;
    let entry = timeline::entry(&mut tx, incident.id, seq).await?;
    let before = incidents::texts_before(&mut tx, incident.id, seq).await?;
    let may_act = who.may_act();
    let seen = Seen {
        may_edit: may_act && entry.may_be_edited_by(who.person.id),
        may_redact: may_act && entry.may_be_redacted_by(&who.person),
        zone: who.zone(),
        incident,
        entry,
        before,
        may_act,
        back,
    };
    let everybody = people::active(&mut tx).await?;
    let title = format!("Entry {seq} of {}", seen.incident.label());
    let frame = who.frame(&mut tx, title, Section::Incidents).await?;
    Ok(render::page(status, frame, move || {
        markdown::name_people(&everybody);
        view! { <EntryPage seen /> }
    }))
}

#[component]
fn EntryPage(seen: Seen) -> impl IntoView {
    let (number, seq) = (seen.incident.number, seen.entry.seq);
    let to = move |thing: &str| format!("/incidents/{number}/entries/{seq}{thing}");
    let title = format!("Entry {seq} of {}", seen.incident.label());
    let is_pinned = seen.entry.pinned_at.is_some();
    let (at, recorded_at, zone) = (seen.entry.happened_at, seen.entry.recorded_at, seen.zone);
    let written_down = seen
        .entry
        .is_late()
        .then(|| view! { ", written down " <TimeOf at=recorded_at zone form=TimeForm::Full /> });
    let under = view! { <TimeOf at zone form=TimeForm::Full /> {written_down} };
    let (before, entry) = (seen.before.clone(), seen.entry.clone());
    let pin = if is_pinned {
        view! { <PostButton action=to("/pin/removal")>"Take the pin out"</PostButton> }.into_any()
    } else {
        view! { <PostButton action=to("/pin")>"Pin it"</PostButton> }.into_any()
    };
    let over = view! { <a href=format!("/incidents/{number}")>{seen.incident.label()} " " <bdi>{seen.incident.title.clone()}</bdi></a> };
    view! {
        <div class="alone roomy">
            <PageHead title over=over.into_any() under=under.into_any() />
            <FormProblem problems=seen.back.problems("pin") />
            <Timeline><EntryRow number entry zone /></Timeline>
            <div class="buttons">
                <a class="button" href=format!("/incidents/{number}?from={seq}#entry-{seq}")>"Show it in the timeline"</a>
                {seen.may_act.then_some(pin)}
            </div>
            {seen.may_edit.then(|| view! { <Edit seen=seen.clone() /> })}
            {seen.may_redact.then(|| view! { <Redact seen=seen.clone() /> })}
            <Texts before zone />
        </div>
    }
}

#[component]
fn Edit(seen: Seen) -> impl IntoView {
    let (number, seq) = (seen.incident.number, seen.entry.seq);
    let problems = seen.back.problems("text");
    let stands = seen.entry.event.written_text().unwrap_or_default().to_owned();
    let value = if seen.back.form == "text" {
        seen.back.typed.clone()
    } else {
        stands.clone()
    };
    view! {
        <FormDialog label="Change the text" in_place=true open=!problems.is_empty()>
            <form
                class="form"
                method="post"
                action=format!("/incidents/{number}/entries/{seq}")
                enctype="multipart/form-data"
                data-files=format!("/incidents/{number}/files")
            >
                <input type="hidden" name="was" value=stands />
                <FormProblem problems=Problems { fields: Vec::new(), ..problems.clone() } />
                <Field name="text" label="Text" kind=FieldKind::Markdown(4) value required=true error=problems.of("text") hint="What stands there now is kept and shown below." />
                <FilesField id="field-files" error=problems.of("files") />
                <p class="buttons"><Submit>"Save the text"</Submit></p>
            </form>
        </FormDialog>
    }
}

#[component]
fn Redact(seen: Seen) -> impl IntoView {
    let (number, seq) = (seen.incident.number, seen.entry.seq);
    let problems = seen.back.problems("redaction");
    let value = if seen.back.form == "redaction" {
        seen.back.typed.clone()
    } else {
        String::new()
    };
    view! {
        <Ask
            label="Redact it"
            kind=ButtonKind::Plain
            question="Take this text out for good?"
            action=format!("/incidents/{number}/entries/{seq}/redaction")
            answer="Redact it"
            in_place=true
            open=!problems.is_empty()
        >
            <p>"For what must not stand here, such as a password. It is gone from the page and from its history, and the timeline says that it was redacted, by whom and why. A password that was seen is changed all the same."</p>
            <Field name="why" label="Why?" value required=true error=problems.of("why").or(problems.whole.clone()) placeholder="It held a password" />
        </Ask>
    }
}

/// What stood there before it was changed.
#[component]
fn Texts(before: Vec<Before>, zone: Tz) -> impl IntoView {
    (!before.is_empty()).then(|| {
        let rows = before
            .into_iter()
            .rev()
            .map(|before| {
                view! {
                    <li>
                        <p class="quiet small">"until " <TimeOf at=before.replaced_at zone form=TimeForm::Short /></p>
                        <div class="prose" dir="auto" inner_html=markdown::written(&before.text)></div>
                    </li>
                }
            })
            .collect_view();
        view! {
            <section aria-label="Before it was changed">
                <h2>"Before it was changed"</h2>
                <ul class="rows">{rows}</ul>
            </section>
        }
    })
}
