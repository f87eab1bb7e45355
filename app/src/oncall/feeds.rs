//! Private calendars: their addresses, made and revoked, and what they answer.

use super::invitations::Invitations;
use super::view::FeedsPage;
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, error_page};
use crate::components::{
    Ask, ButtonKind, Choice, Field, FieldKind, FormProblem, Notice, PageHead, Paste, Section, Submit,
    TimeForm, TimeOf, Tone,
};
use crate::form::{Form, word};
use crate::form_page::{FormPage, Here, Returned};
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use chrono_tz::Tz;
use domain::ids::FeedId;
use engine::oncall::calendar::Of;
use engine::oncall::feeds::{self, Feed};
use engine::oncall::{invitations, schedules};
use engine::{Error, Tx, teams, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct FeedForm {
    /// `me`, `schedule:ID` or `team:ID`.
    of: String,
}

pub struct FeedsView {
    mine: Vec<Feed>,
    choices: Vec<Choice>,
    made: Option<String>,
    /// Whether they are mailed their turns as invitations.
    are_invited: bool,
    zone: Tz,
}

impl FormPage for FeedsPage {
    type Caller = SignedIn;
    type View = FeedsView;

    fn address(&self) -> String {
        "/on-call/calendars".to_owned()
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<FeedsView> {
        let mut choices = vec![Choice::new("me", "My turns, of all schedules")];
        let schedules = schedules::all(tx).await?.into_iter();
        choices.extend(schedules.map(|named| {
            Choice::new(
                format!("schedule:{}", named.id),
                format!("The schedule {}", named.name),
            )
        }));
        let teams = teams::all(tx).await?.into_iter();
        choices.extend(teams.map(|team| {
            Choice::new(
                format!("team:{}", team.id),
                format!("All schedules of {}", team.name),
            )
        }));
        Ok(FeedsView {
            mine: feeds::mine(tx).await?,
            choices,
            made: here.page.made.clone(),
            are_invited: invitations::wanted(tx, here.who.person.id).await?,
            zone: here.who.zone(),
        })
    }

    fn title(_: &FeedsView) -> (String, Section) {
        ("Calendars to subscribe to".to_owned(), Section::OnCall)
    }

    fn show(view: FeedsView, returned: Returned) -> impl IntoView {
        view! { <Feeds view returned /> }
    }
}

fn of(typed: &str) -> Result<Of, Error> {
    match typed.split_once(':') {
        None if typed == "me" => Ok(Of::All),
        Some(("schedule", id)) => Ok(Of::Schedule(word("of", id)?)),
        Some(("team", id)) => Ok(Of::Team(word("of", id)?)),
        _ => Err(Error::NotAChoice("of")),
    }
}

pub async fn show(here: Here<FeedsPage>) -> Answered {
    here.show().await
}

/// The address stands on the answer itself and nowhere else.
pub async fn create(mut here: Here<FeedsPage>, Form(form): Form<FeedForm>) -> Answered {
    let done = transaction!(here.by(), |tx| feeds::create(tx, of(&form.of)?).await?);
    match done {
        Ok(secret) => {
            let path = format!("/calendars/{}.ics", secret.reveal());
            here.page.made = Some(here.app.engine.context.link(&path));
            here.show().await
        }
        Err(error) => here.after::<()>(Err(error), form).await,
    }
}

/// Which calendar.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Which {
    feed: FeedId,
}

pub async fn revoke(here: Here<FeedsPage>, Path(which): Path<Which>) -> Answered {
    let done = transaction!(here.by(), |tx| feeds::revoke(tx, which.feed).await?);
    here.after_press(done).await
}

/// What a calendar program asks for: `TOKEN.ics`.
pub async fn read(State(app): State<App>, Path(file): Path<String>) -> Answered {
    let token = file.strip_suffix(".ics").unwrap_or(&file).to_owned();
    let mut tx = app.engine.read().await?;
    let text = match feeds::read(&mut tx, &token).await {
        Err(Error::NotFound(_)) => {
            return Ok(error_page(
                StatusCode::NOT_FOUND,
                "This calendar is not known here",
                "It was revoked, or its address was cut on its way. Make another one under On call.",
            ));
        }
        text => text?,
    };
    drop(tx);
    transaction!(app.engine, |tx| feeds::was_read(tx, &token).await?)?;
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"on-call.ics\""),
        (header::CACHE_CONTROL, "private, no-cache"),
    ];
    Ok((headers, text).into_response())
}

#[component]
fn Feeds(view: FeedsView, returned: Returned) -> impl IntoView {
    let FeedsView {
        mine,
        choices,
        made,
        are_invited,
        zone,
    } = view;
    let pressed = returned.of_press();
    let (typed, problem) = returned.of().or(FeedForm::default);
    let rows = mine
        .into_iter()
        .map(|feed| view! { <FeedRow name=name_of(&feed, &choices) feed zone /> })
        .collect_view();
    view! {
        <PageHead title="Calendars to subscribe to" under=view! { "Turns in the calendar that you have, and on your phone." }.into_any() />
        <div class="stack measure">
            {made.map(|address| view! { <Made address /> })}
            <form class="form" method="post" action="/on-call/calendars">
                <FormProblem problems=problem.above() />
                <Field name="of" label="A calendar of" kind=FieldKind::Select(choices) value=typed.of error=problem.beside("of")
                    hint="Whoever has its address can read it, without logging in. Revoke it when it got about." />
                <p class="buttons"><Submit>"Make the address"</Submit></p>
            </form>
            <FormProblem problems=pressed.above() />
            <ul class="member-rows">{rows}</ul>
            <Invitations is_on=are_invited />
        </div>
    }
}

fn name_of(feed: &Feed, choices: &[Choice]) -> String {
    let value = match feed.of() {
        Of::Schedule(id) => format!("schedule:{id}"),
        Of::Team(id) => format!("team:{id}"),
        Of::All | Of::Person(_) => "me".to_owned(),
    };
    let choice = choices.iter().find(|choice| choice.value == value);
    choice.map(|choice| choice.label.clone()).unwrap_or_default()
}

/// Shown this once.
#[component]
fn Made(address: String) -> impl IntoView {
    let web = address
        .replacen("https://", "webcal://", 1)
        .replacen("http://", "webcal://", 1);
    view! {
        <div class="stack-tight">
            <Notice tone=Tone::Worked lead="Here is the address. It is shown this once.">
                <a href=web>"Subscribe in your calendar"</a>
            </Notice>
            <Paste text=address />
        </div>
    }
}

#[component]
fn FeedRow(name: String, feed: Feed, zone: Tz) -> impl IntoView {
    let read = match feed.read_at {
        Some(at) => view! { ", last read " <TimeOf at zone form=TimeForm::Short /> }.into_any(),
        None => view! { ", never read" }.into_any(),
    };
    view! {
        <li>
            <span><strong>{name.clone()}</strong> ", made " <TimeOf at=feed.created_at zone form=TimeForm::Short /> {read}</span>
            <Ask label="Revoke" about=name kind=ButtonKind::Small question="Revoke this calendar?" action=format!("/on-call/calendars/{}/revocation", feed.id) answer="Revoke it">
                <p>"Its address answers nothing any more."</p>
            </Ask>
        </li>
    }
}
