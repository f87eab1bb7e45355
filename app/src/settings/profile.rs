//! What everybody sets of themselves: name, time zone, mails, password, sessions.

use super::forms::above;
use super::news::{MailsForm, Wanted};
use super::shell::{Part, Section, Shell};
use super::zones;
use crate::App;
use crate::answer::{Answered, Problem, problem_of, see};
use crate::components::{
    Ask, ButtonKind, Cell, DataTable, Field, FieldKind, FormProblem, Row, Section as Bar, Submit,
    ThemeSwitch, TimeOf,
};
use crate::drawn::{Drawn, DrawnFrom, merged};
use crate::form::Form;
use crate::render;
use crate::session::{SignedIn, without_session};
use crate::visitor::Visitor;
use axum::extract::State;
use axum::http::StatusCode;
use chrono_tz::Tz;
use domain::people::{Person, browser};
use engine::people::changes;
use engine::people::sessions::{self, Session};
use engine::{news, people, sent, transaction};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    name: String,
    time_zone: String,
    drawn: String,
}

impl Drawn for Typed {
    const FIELDS: &'static [&'static str] = &["name", "time_zone"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl Typed {
    fn of(person: &Person) -> Self {
        Self {
            name: person.name.clone(),
            time_zone: person.time_zone.clone(),
            drawn: String::new(),
        }
    }
}

/// What of the page came back with a problem.
#[derive(Clone, Debug, Default)]
pub(super) struct Back {
    pub typed: Option<Typed>,
    pub profile: Problem,
    pub password: Problem,
    pub wanted: Option<Wanted>,
    pub mails: Problem,
}

pub async fn show(State(app): State<App>, who: SignedIn) -> Answered {
    answer(&app, &who, StatusCode::OK, Back::default()).await
}

pub async fn post(State(app): State<App>, who: SignedIn, Form(typed): Form<Typed>) -> Answered {
    let id = who.person.id;
    let done = transaction!(app.by(&who), |tx| {
        sent::one_at_a_time(tx, &format!("person {id}")).await?;
        let typed = merged(&typed, &Typed::of(&people::find(tx, id).await?))?;
        changes::change_profile(tx, id, &typed.name, &typed.time_zone).await?
    });
    match done {
        Ok(()) => Ok(see("/settings/profile#profile")),
        Err(error) => {
            let back = Back {
                profile: problem_of(error)?,
                typed: Some(typed),
                ..Back::default()
            };
            answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, back).await
        }
    }
}

pub async fn log_out_everywhere(State(app): State<App>, who: SignedIn, visitor: Visitor) -> Answered {
    transaction!(app.by(&who), |tx| sessions::log_out_everywhere(tx, who.person.id)
        .await?)?;
    Ok(without_session(see("/login"), visitor.over_tls))
}

pub(super) async fn answer(app: &App, who: &SignedIn, status: StatusCode, back: Back) -> Answered {
    let mut tx = app.by(who).read().await?;
    let sessions = sessions::of_person(&mut tx, who.person.id).await?;
    let wanted = Wanted::without(&news::turned_off(&mut tx, who.person.id).await?);
    let frame = who.frame(&mut tx, "You", Bar::Settings).await?;
    let (who, zone) = (who.clone(), who.zone());
    Ok(render::page(
        status,
        frame,
        move || view! { <Page who zone sessions wanted back /> },
    ))
}

#[component]
fn Page(who: SignedIn, zone: Tz, sessions: Vec<Session>, wanted: Wanted, back: Back) -> impl IntoView {
    let now = Typed::of(&who.person);
    let typed = back.typed.unwrap_or_else(|| now.clone());
    let under = format!("{}, {}", who.person.email, who.person.role);
    let (profile, password) = (back.profile, back.password);
    let rows = sessions
        .into_iter()
        .map(|session| {
            let here = session.token_hash == who.token_hash;
            let browser = browser(&session.user_agent);
            view! {
                <Row>
                    <Cell>
                        <span title=session.user_agent>{browser}</span>
                        {here.then(|| view! { " " <strong>"this one"</strong> })}
                    </Cell>
                    <Cell label="Address">{session.address}</Cell>
                    <Cell label="Since">
                        <TimeOf at=session.created_at zone />
                    </Cell>
                    <Cell label="Last used">
                        <TimeOf at=session.last_seen_at zone />
                    </Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Shell part=Part::Profile title=who.person.name under>
            <Section title="Name and time zone" id="profile">
                <form class="form measure" method="post" action="/settings/profile">
                    <DrawnFrom now />
                    <FormProblem problems=above(&profile) />
                    <Field
                        name="name"
                        label="Name"
                        value=typed.name
                        required=true
                        autocomplete="name"
                        error=profile.beside("name")
                    />
                    <Field
                        name="time_zone"
                        label="Time zone"
                        kind=FieldKind::Select(zones::choices())
                        value=typed.time_zone
                        hint="All times are shown in it, with UTC one tap away."
                        error=profile.beside("time_zone")
                    />
                    <p class="buttons">
                        <Submit>"Save"</Submit>
                    </p>
                </form>
            </Section>
            <Section title="Mails" id="mails">
                <MailsForm now=wanted typed=back.wanted problem=back.mails />
            </Section>
            <Section title="Theme" id="theme">
                <p class="quiet">"Light, dark, or as the system says. Kept in this browser."</p>
                <ThemeSwitch />
            </Section>
            <Section title="Password" id="password">
                <form class="form measure" method="post" action="/settings/password">
                    <FormProblem problems=above(&password) />
                    <Field
                        name="current"
                        label="The password you have now"
                        kind=FieldKind::Password
                        required=true
                        autocomplete="current-password"
                        error=password.beside("current")
                    />
                    <Field
                        name="password"
                        label="The new password"
                        kind=FieldKind::Password
                        required=true
                        autocomplete="new-password"
                        hint="At least 10 characters. Your other sessions end."
                        error=password.beside("password")
                    />
                    <p class="buttons">
                        <Submit kind=ButtonKind::Normal>"Change the password"</Submit>
                    </p>
                </form>
            </Section>
            <Section title="Where you are logged in" id="sessions">
                <div class="stack">
                    <DataTable caption="Sessions" headers=vec!["Browser", "Address", "Since", "Last used"]>
                        {rows}
                    </DataTable>
                    <Ask label="Log out everywhere" question="Log out in every browser?" action="/settings/sessions/removal" answer="Log out everywhere" in_place=true>
                        <p>"In this one too."</p>
                    </Ask>
                </div>
            </Section>
        </Shell>
    }
}
