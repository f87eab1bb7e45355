//! What the pages of absence and of holidays share: the calendars that are read, and the forms that give another one.

use crate::components::{
    Ask, ButtonKind, Field, FormProblem, Notice, PostButton, Submit, TimeForm, TimeOf, Tone,
};
use crate::files::Uploads;
use crate::form_page::{Back, Returned};
use crate::sent::FormKey;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::fields;
use domain::ids::CalendarId;
use engine::calendars::{self, Calendar, File};
use leptos::prelude::*;
use serde::Deserialize;

/// The address never goes back into a page, but to whoever typed it just now.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AddressForm {
    pub address: String,
}

/// Its file comes beside it.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct FileForm {}

/// Which of the calendars.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Which {
    pub calendar: CalendarId,
}

/// Reads the file that came with a form.
pub async fn file_of(uploads: Uploads, zone: Tz, now: DateTime<Utc>) -> engine::Result<File> {
    let upload = uploads.0.into_iter().next();
    let (name, content) = upload
        .map(|upload| (upload.name, upload.content))
        .unwrap_or_default();
    calendars::file(&name, content, zone, now).await
}

/// `at`: the address that the forms of the page begin with.
#[component]
pub fn Calendars(
    #[prop(into)] at: String,
    calendars: Vec<Calendar>,
    now: DateTime<Utc>,
    zone: Tz,
    may_change: bool,
    /// Events that are marked as free count.
    free_counts: bool,
    returned: Returned,
) -> impl IntoView {
    let pressed = returned.of_press();
    let rows = calendars
        .into_iter()
        .map(|calendar| view! { <CalendarRow at=at.clone() calendar now zone may_change free_counts /> })
        .collect_view();
    let forms = may_change.then(|| {
        view! {
            <ByAddress at=format!("{at}/addresses") back=returned.of() />
            <ByFile at=format!("{at}/files") back=returned.of() />
        }
    });
    view! {
        <FormProblem problems=pressed.above() />
        <ul class="member-rows">{rows}</ul>
        {forms}
    }
}

#[component]
fn CalendarRow(
    at: String,
    calendar: Calendar,
    now: DateTime<Utc>,
    zone: Tz,
    may_change: bool,
    free_counts: bool,
) -> impl IntoView {
    let label = calendar.label().to_owned();
    let is_waiting = calendar.read_at.is_none() && calendar.problem.is_none();
    let read = match calendar.read_at {
        Some(read_at) => view! { ", read " <TimeOf at=read_at zone form=TimeForm::Short /> }.into_any(),
        None if is_waiting => view! { ", is read in a moment" }.into_any(),
        None => view! { ", not read yet" }.into_any(),
    };
    let counted = |count: i64, one: &str, more: &str| match count {
        0 => None,
        1 => Some(format!("1 event {one}. ")),
        count => Some(format!("{count} events {more}. ")),
    };
    let free = counted(
        calendar.free,
        "is marked as free and is left out",
        "are marked as free and are left out",
    );
    let free = free.filter(|_| !free_counts);
    let skipped = counted(
        calendar.skipped,
        "has a time that cannot be read",
        "have times that cannot be read",
    );
    let problem = calendar.failing_since.zip(calendar.problem.clone()).map(|(since, why)| {
        view! {
            <Notice tone=Tone::Broken lead="It cannot be read.">
                "Since " <TimeOf at=since zone form=TimeForm::Short /> ": " {why} " What it said the last time stays."
            </Notice>
        }
    });
    let works_again = calendar.works_again(now).map(|at| {
        view! { <p class="quiet small">"It works again since " <TimeOf at zone form=TimeForm::Short /> "."</p> }
    });
    let to = format!("{at}/calendars/{}", calendar.id);
    let buttons = may_change.then(|| {
        let again = (!calendar.is_file()).then(|| {
            view! { <PostButton action=format!("{to}/reading") kind=ButtonKind::Small label=format!("Read {label} now")>"Read now"</PostButton> }
        });
        view! {
            {again}
            <Ask label="Remove" about=label.clone() kind=ButtonKind::Small question="Remove this calendar?" action=format!("{to}/removal") answer="Remove it">
                <p>"What it says goes with it."</p>
            </Ask>
        }
    });
    view! {
        <li>
            <div class="stack-tight">
                <span><strong dir="auto">{label.clone()}</strong> {read}</span>
                {(free.is_some() || skipped.is_some()).then(|| view! { <p class="quiet small">{free} {skipped}</p> })}
                {problem}
                {works_again}
            </div>
            <span class="buttons">{buttons}</span>
        </li>
    }
}

#[component]
fn ByAddress(at: String, back: Back<AddressForm>) -> impl IntoView {
    let (typed, problem) = back.or(AddressForm::default);
    view! {
        <form class="form" method="post" action=at>
            <FormKey />
            <FormProblem problems=problem.above() />
            <Field
                of=fields::CALENDAR_ADDRESS
                label="The address of a calendar"
                value=typed.address
                required=true
                autocomplete="off"
                placeholder="https://calendar.example.com/….ics"
                hint="It is read each hour. It is kept encrypted and never shown again, only its server is."
                error=problem.beside("address")
            />
            <p class="buttons"><Submit>"Read it from there"</Submit></p>
        </form>
    }
}

#[component]
fn ByFile(at: String, back: Back<FileForm>) -> impl IntoView {
    let problem = back.problem;
    let error = problem.beside("files");
    let invalid = error.is_some().then_some("true");
    let described = if error.is_some() {
        "calendar-file-hint calendar-file-error"
    } else {
        "calendar-file-hint"
    };
    view! {
        <form class="form" method="post" action=at enctype="multipart/form-data">
            <FormKey />
            <FormProblem problems=problem.above() />
            <div class="field files-field">
                <label for="calendar-file">"A file of a calendar"</label>
                <input
                    type="file"
                    id="calendar-file"
                    name="files"
                    required
                    accept=".ics,text/calendar"
                    aria-invalid=invalid
                    aria-describedby=described
                />
                <p class="field-hint" id="calendar-file-hint">"As calendars export it (.ics), up to 5 MiB. Of it only times are kept."</p>
                {error.map(|sentence| view! { <p class="field-error" id="calendar-file-error">{sentence}</p> })}
            </div>
            <p class="buttons"><Submit kind=ButtonKind::Normal>"Read the file"</Submit></p>
        </form>
    }
}
