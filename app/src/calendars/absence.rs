//! One's own absence: the calendars that say it, when it is, and which turns fall into it.

use super::cover::Covers;
use super::view::{AddressForm, Calendars, FileForm, Which, file_of};
use crate::address::Path;
use crate::answer::Answered;
use crate::components::{PageHead, Section};
use crate::files::Uploads;
use crate::form::Form;
use crate::form_page::{FormPage, Here, Returned};
use crate::session::SignedIn;
use crate::zoned::zone_words;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::calendars::{Span, said};
use engine::calendars::{self, Calendar, Whose};
use engine::oncall::absences::{self, Absent};
use engine::{Error, Tx, transaction};
use leptos::prelude::*;
use serde::Deserialize;

/// More than these are read by nobody.
const MOST_SHOWN: usize = 30;

#[derive(Deserialize)]
pub struct AbsencePage {}

pub struct AbsenceView {
    calendars: Vec<Calendar>,
    absences: Vec<Span>,
    absent: Vec<Absent>,
    now: DateTime<Utc>,
    zone: Tz,
}

impl FormPage for AbsencePage {
    type Caller = SignedIn;
    type View = AbsenceView;

    fn address(&self) -> String {
        "/on-call/absence".to_owned()
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<AbsenceView> {
        let me = here.who.person.id;
        Ok(AbsenceView {
            calendars: calendars::of(tx, Whose::Person(me)).await?,
            absences: calendars::absences_of(tx, me).await?,
            absent: absences::of_person(tx, me).await?,
            now: tx.now(),
            zone: here.who.zone(),
        })
    }

    fn title(_: &AbsenceView) -> (String, Section) {
        ("Your absence".to_owned(), Section::OnCall)
    }

    fn show(view: AbsenceView, returned: Returned) -> impl IntoView {
        view! { <Absence view returned /> }
    }
}

fn mine(here: &Here<AbsencePage>) -> Whose {
    Whose::Person(here.who.person.id)
}

pub async fn show(here: Here<AbsencePage>) -> Answered {
    here.show().await
}

pub async fn add_address(here: Here<AbsencePage>, Form(form): Form<AddressForm>) -> Answered {
    let whose = mine(&here);
    let done = transaction!(here.by(), |tx| calendars::add_address(tx, whose, &form.address)
        .await?);
    here.after(done, form).await
}

pub async fn add_file(here: Here<AbsencePage>, uploads: Uploads, Form(form): Form<FileForm>) -> Answered {
    let whose = mine(&here);
    let done = match file_of(uploads, here.who.zone(), here.app.engine.context.now()).await {
        Err(refused) => Err(refused),
        Ok(file) => transaction!(here.by(), |tx| calendars::add_file(tx, whose, &file).await?),
    };
    here.after(done, form).await
}

pub async fn read_soon(here: Here<AbsencePage>, Path(which): Path<Which>) -> Answered {
    let whose = mine(&here);
    let done = transaction!(here.by(), |tx| calendars::read_soon(tx, whose, which.calendar)
        .await?);
    here.after_press(done).await
}

pub async fn remove(here: Here<AbsencePage>, Path(which): Path<Which>) -> Answered {
    let whose = mine(&here);
    let done = transaction!(here.by(), |tx| calendars::remove(tx, whose, which.calendar)
        .await?);
    here.after_press(done).await
}

/// The absence that its button showed, in seconds since 1970.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CoverForm {
    from: i64,
    to: i64,
}

pub async fn ask_for_cover(here: Here<AbsencePage>, Form(form): Form<CoverForm>) -> Answered {
    let at = |seconds, field| DateTime::from_timestamp(seconds, 0).ok_or(Error::NotAChoice(field));
    let done = transaction!(here.by(), |tx| {
        let (from, to) = (at(form.from, "from")?, at(form.to, "to")?);
        absences::ask_for_cover(tx, from, to).await?
    });
    here.lead_press(done.map(|_| "/on-call/away".to_owned())).await
}

#[component]
fn Absence(view: AbsenceView, returned: Returned) -> impl IntoView {
    let zone = view.zone;
    let more = view.absences.len().saturating_sub(MOST_SHOWN);
    let times = view
        .absences
        .iter()
        .take(MOST_SHOWN)
        .map(|span| view! { <li>{said(*span, zone)}</li> })
        .collect_view();
    let has_any = !view.absences.is_empty();
    let times = has_any.then(|| {
        view! {
            <section class="stack-tight">
                <h2>"When you are away"</h2>
                <ul>{times}</ul>
                {(more > 0).then(|| view! { <p class="quiet">{format!("And {more} more.")}</p> })}
            </section>
        }
    });
    view! {
        <PageHead title="Your absence" under=view! { {format!("Read from a calendar that you have; times are in {}.", zone_words(zone.name()))} }.into_any() />
        <div class="stack-loose measure">
            <p>"Turns that fall into your absence are shown to you, and your team sees them under Readiness. Nothing of the rota changes by itself. All events of the next twelve months count, except those that are marked as free: give a calendar of your absence alone."</p>
            <Covers absent=view.absent zone />
            {times}
            <section class="stack">
                <h2>"Calendars"</h2>
                <Calendars at="/on-call/absence" calendars=view.calendars now=view.now zone may_change=true free_counts=false returned />
            </section>
        </div>
    }
}
