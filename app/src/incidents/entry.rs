//! One entry of a timeline by itself: the link to it, its history, and what can be done with it.

use super::timeline::EntryRow;
use crate::answer::Answered;
use crate::components::{
    Ask, ButtonKind, Field, FieldKind, FormDialog, FormProblem, PageHead, PostButton, Section, Submit,
    TimeForm, TimeOf, Timeline,
};
use crate::files::{self, FilesField, Uploads};
use crate::form::Form;
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::markdown;
use crate::session::SignedIn;
use chrono_tz::Tz;
use domain::fields;
use domain::incidents::Incident;
use domain::incidents::timeline::Entry;
use domain::people::Person;
use engine::incidents::{self, Before, timeline};
use engine::{Tx, people, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct EntryPage {
    number: i64,
    seq: i64,
}

/// What the page is made from.
#[derive(Clone)]
pub struct EntryView {
    incident: Incident,
    entry: Entry,
    before: Vec<Before>,
    everybody: Vec<Person>,
    zone: Tz,
    may_act: bool,
    may_edit: bool,
    may_redact: bool,
}

impl FormPage for EntryPage {
    type Caller = SignedIn;
    type View = EntryView;

    fn address(&self) -> String {
        format!("/incidents/{}/entries/{}", self.number, self.seq)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<EntryView> {
        let (who, seq) = (&here.who, here.page.seq);
        let incident = incidents::find(tx, here.page.number).await?;
        let entry = timeline::entry(tx, incident.id, seq).await?;
        let may_act = who.may_act();
        Ok(EntryView {
            before: incidents::texts_before(tx, incident.id, seq).await?,
            everybody: people::active(tx).await?,
            may_edit: may_act && entry.may_be_edited_by(who.person.id),
            may_redact: may_act && entry.may_be_redacted_by(&who.person),
            zone: who.zone(),
            incident,
            entry,
            may_act,
        })
    }

    fn title(view: &EntryView) -> (String, Section) {
        let title = format!("Entry {} of {}", view.entry.seq, view.incident.label());
        (title, Section::Incidents)
    }

    fn show(view: EntryView, returned: Returned) -> impl IntoView {
        markdown::name_people(&view.everybody);
        view! { <OneEntry seen=view returned /> }
    }
}

pub async fn show(here: Here<EntryPage>) -> Answered {
    here.show().await
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Text {
    text: String,
    /// What stood there when the form was drawn.
    was: Option<String>,
}

pub async fn edit(here: Here<EntryPage>, files: Uploads, Form(mut typed): Form<Text>) -> Answered {
    let EntryPage { number, seq } = here.page;
    let done = match files::put_below(&here.app, &here.who, number, files, &mut typed.text).await {
        Ok(()) => transaction!(here.by(), |tx| {
            incidents::edit(tx, number, seq, &typed.text, typed.was.as_deref()).await?
        }),
        Err(refused) => Err(refused),
    };
    here.after(done, typed).await
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Why {
    why: String,
}

pub async fn redact(here: Here<EntryPage>, Form(typed): Form<Why>) -> Answered {
    let EntryPage { number, seq } = here.page;
    let done = transaction!(here.by(), |tx| {
        incidents::redact(tx, number, seq, &typed.why).await?
    });
    here.after(done, typed).await
}

pub async fn pin(here: Here<EntryPage>) -> Answered {
    pins(here, true).await
}

pub async fn unpin(here: Here<EntryPage>) -> Answered {
    pins(here, false).await
}

async fn pins(here: Here<EntryPage>, pinned: bool) -> Answered {
    let EntryPage { number, seq } = here.page;
    let done = transaction!(here.by(), |tx| incidents::pin(tx, number, seq, pinned).await?);
    here.after_press(done).await
}

#[component]
fn OneEntry(seen: EntryView, returned: Returned) -> impl IntoView {
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
        view! { <PostButton action=to("/pin/removal")>"Unpin"</PostButton> }.into_any()
    } else {
        view! { <PostButton action=to("/pin")>"Pin it"</PostButton> }.into_any()
    };
    let over = view! { <a href=format!("/incidents/{number}")>{seen.incident.label()} " " <bdi>{seen.incident.title.clone()}</bdi></a> };
    view! {
        <div class="alone roomy">
            <PageHead title over=over.into_any() under=under.into_any() />
            <FormProblem problems=returned.of_press().above() />
            <Timeline><EntryRow number entry zone /></Timeline>
            <div class="buttons">
                <a class="button" href=format!("/incidents/{number}?from={seq}#entry-{seq}")>"Show it in the timeline"</a>
                {seen.may_act.then_some(pin)}
            </div>
            {seen.may_edit.then(|| view! { <Edit seen=seen.clone() back=returned.of() /> })}
            {seen.may_redact.then(|| view! { <Redact seen=seen.clone() back=returned.of() /> })}
            <Texts before zone />
        </div>
    }
}

#[component]
fn Edit(seen: EntryView, back: Back<Text>) -> impl IntoView {
    let (number, seq) = (seen.incident.number, seen.entry.seq);
    let stands = seen.entry.event.written_text().unwrap_or_default().to_owned();
    let open = back.is_open();
    let (typed, problem) = back.or(|| Text {
        text: stands.clone(),
        ..Text::default()
    });
    view! {
        <FormDialog label="Change the text" in_place=true open>
            <form
                class="form"
                method="post"
                action=format!("/incidents/{number}/entries/{seq}")
                enctype="multipart/form-data"
                data-files=format!("/incidents/{number}/files")
            >
                <input type="hidden" name="was" value=stands />
                <FormProblem problems=problem.above() />
                <Field of=fields::ENTRY label="Text" kind=FieldKind::Markdown(4) value=typed.text required=true error=problem.beside("text") hint="The text as it is now is kept and shown below." />
                <FilesField id="field-files" error=problem.beside("files") />
                <p class="buttons"><Submit>"Save the text"</Submit></p>
            </form>
        </FormDialog>
    }
}

#[component]
fn Redact(seen: EntryView, back: Back<Why>) -> impl IntoView {
    let (number, seq) = (seen.incident.number, seen.entry.seq);
    let open = back.is_open();
    let (typed, problem) = back.or(Why::default);
    let error = problem.beside("why").or_else(|| problem.above().whole);
    view! {
        <Ask
            label="Redact it"
            kind=ButtonKind::Plain
            question="Redact this text for good?"
            action=format!("/incidents/{number}/entries/{seq}/redaction")
            answer="Redact it"
            in_place=true
            open
        >
            <p>"For what must not be shown here, such as a password. It is gone from the page and from its history, and the timeline says that it was redacted, by whom and why. A password that was seen is changed all the same."</p>
            <Field of=fields::WHY_REDACTED label="Why?" value=typed.why required=true error placeholder="It held a password" />
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
