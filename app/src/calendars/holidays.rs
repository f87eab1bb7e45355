//! The holidays of a team: the calendars that say them, and which days they are.

use super::view::{AddressForm, Calendars, FileForm, Which, file_of};
use crate::address::{Path, encoded};
use crate::answer::Answered;
use crate::components::Section as Bar;
use crate::files::Uploads;
use crate::form::Form;
use crate::form_page::{FormPage, Here, Returned};
use crate::session::SignedIn;
use crate::settings::{Part, Section, Shell};
use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::ids::CalendarId;
use domain::oncall::wall;
use domain::people::Permission;
use domain::teams::Team;
use engine::calendars::{self, Calendar, Whose};
use engine::{Tx, teams, transaction};
use leptos::prelude::*;
use serde::Deserialize;

/// Days that are shown ahead.
const AHEAD: u64 = 366;

#[derive(Deserialize)]
pub struct HolidaysPage {
    slug: String,
}

pub struct HolidaysView {
    team: Team,
    calendars: Vec<Calendar>,
    days: Vec<(NaiveDate, String)>,
    may_change: bool,
    now: DateTime<Utc>,
    zone: Tz,
}

impl HolidaysPage {
    /// Of the team in the address.
    async fn whose(&self, tx: &mut Tx) -> engine::Result<Whose> {
        Ok(Whose::Team(teams::find(tx, &self.slug).await?.id))
    }
}

impl FormPage for HolidaysPage {
    type Caller = SignedIn;
    type View = HolidaysView;

    fn address(&self) -> String {
        encoded(&format!("/settings/teams/{}/holidays", self.slug))
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<HolidaysView> {
        let team = teams::find(tx, &here.page.slug).await?;
        let (now, zone) = (tx.now(), here.who.zone());
        let today = wall::reading(zone, now).date();
        let days = calendars::holidays_of(tx, team.id, (today, today + Days::new(AHEAD))).await?;
        Ok(HolidaysView {
            calendars: calendars::of(tx, Whose::Team(team.id)).await?,
            days: days.into_iter().collect(),
            may_change: here.who.may(tx, Permission::ChangeTeam(team.id)).await?,
            now,
            zone,
            team,
        })
    }

    fn title(view: &HolidaysView) -> (String, Bar) {
        (format!("Holidays of {}", view.team.name), Bar::Settings)
    }

    fn show(view: HolidaysView, returned: Returned) -> impl IntoView {
        view! { <Holidays view returned /> }
    }
}

pub async fn show(here: Here<HolidaysPage>) -> Answered {
    here.show().await
}

pub async fn add_address(here: Here<HolidaysPage>, Form(form): Form<AddressForm>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        let whose = here.page.whose(tx).await?;
        calendars::add_address(tx, whose, &form.address).await?
    });
    here.after(done, form).await
}

pub async fn add_file(here: Here<HolidaysPage>, uploads: Uploads, Form(form): Form<FileForm>) -> Answered {
    let done = add_file_of(&here, uploads).await;
    here.after(done, form).await
}

/// Nobody's file is read who may not give one.
async fn add_file_of(here: &Here<HolidaysPage>, uploads: Uploads) -> engine::Result<CalendarId> {
    let mut tx = here.by().read().await?;
    let whose = here.page.whose(&mut tx).await?;
    calendars::authorize(&mut tx, whose).await?;
    drop(tx);
    // Days are days, on whichever clock.
    let file = file_of(uploads, Tz::UTC, here.app.engine.context.now()).await?;
    transaction!(here.by(), |tx| calendars::add_file(tx, whose, &file).await?)
}

pub async fn read_soon(here: Here<HolidaysPage>, Path(which): Path<Which>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        let whose = here.page.whose(tx).await?;
        calendars::read_soon(tx, whose, which.calendar).await?
    });
    here.after_press(done).await
}

pub async fn remove(here: Here<HolidaysPage>, Path(which): Path<Which>) -> Answered {
    let done = transaction!(here.by(), |tx| {
        let whose = here.page.whose(tx).await?;
        calendars::remove(tx, whose, which.calendar).await?
    });
    here.after_press(done).await
}

#[component]
fn Holidays(view: HolidaysView, returned: Returned) -> impl IntoView {
    let at = encoded(&format!("/settings/teams/{}/holidays", view.team.slug));
    let rows = view
        .days
        .iter()
        .map(|(day, name)| {
            view! { <li>{day.format("%a %-d %B %Y").to_string()} ": " <span dir="auto">{name.clone()}</span></li> }
        })
        .collect_view();
    let days = if view.days.is_empty() {
        view! { <p class="quiet">"No day of the next twelve months is known as a holiday."</p> }.into_any()
    } else {
        view! { <ul>{rows}</ul> }.into_any()
    };
    view! {
        <Shell part=Part::Teams title=format!("Holidays of {}", view.team.name) under="They are counted apart where on call is shared out, and appear in the calendar of on call.">
            <Section title="Calendars">
                <div class="stack measure">
                    <p>"Each event of whole days is a holiday, also where it is marked as free. Give a calendar of public holidays alone; what only commemorates would count, too."</p>
                    <Calendars at calendars=view.calendars now=view.now zone=view.zone may_change=view.may_change free_counts=true returned />
                </div>
            </Section>
            <Section title="In the next twelve months">{days}</Section>
        </Shell>
    }
}
