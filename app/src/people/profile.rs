//! What everybody sets of themselves: name, time zone, mails, password, sessions.

use super::mails::{MailsForm, NewsForm};
use super::password::PasswordFields;
use super::view::ProfilePage;
use crate::App;
use crate::answer::{Answered, redirect};
use crate::components::{
    Ask, Cell, DataTable, Field, FieldKind, FormProblem, Row, Section as Bar, Submit, ThemeSwitch, TimeOf,
};
use crate::drawn::{Drawn, DrawnFrom, merged};
use crate::form::Form;
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::session::{SignedIn, without_session};
use crate::settings::{Part, Section, Shell};
use crate::visitor::Visitor;
use crate::zoned::zone_choices;
use axum::extract::State;
use chrono_tz::Tz;
use domain::fields;
use domain::people::{Person, browser};
use engine::people::changes;
use engine::people::sessions::{self, Session};
use engine::{Tx, people, sent, transaction};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ProfileForm {
    name: String,
    time_zone: String,
    drawn: String,
}

impl Drawn for ProfileForm {
    const FIELDS: &'static [&'static str] = &["name", "time_zone"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl ProfileForm {
    fn of(person: &Person) -> Self {
        Self {
            name: person.name.clone(),
            time_zone: person.time_zone.clone(),
            drawn: String::new(),
        }
    }
}

pub struct ProfileView {
    who: SignedIn,
    sessions: Vec<Session>,
    wanted: NewsForm,
}

impl FormPage for ProfilePage {
    type Caller = SignedIn;
    type View = ProfileView;

    fn address(&self) -> String {
        "/settings/profile".to_owned()
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<ProfileView> {
        let id = here.who.person.id;
        Ok(ProfileView {
            who: here.who.clone(),
            sessions: sessions::of_person(tx, id).await?,
            wanted: NewsForm::of(tx, id).await?,
        })
    }

    fn title(_: &ProfileView) -> (String, Bar) {
        ("You".to_owned(), Bar::Settings)
    }

    fn show(view: ProfileView, returned: Returned) -> impl IntoView {
        view! { <Profile view returned /> }
    }
}

pub async fn show(here: Here<ProfilePage>) -> Answered {
    here.show().await
}

pub async fn post(here: Here<ProfilePage>, Form(form): Form<ProfileForm>) -> Answered {
    let id = here.who.person.id;
    let done = transaction!(here.by(), |tx| {
        sent::one_at_a_time(tx, &format!("person {id}")).await?;
        let form = merged(&form, &ProfileForm::of(&people::find(tx, id).await?))?;
        changes::change_profile(tx, id, &form.name, &form.time_zone).await?
    });
    here.after_at("profile", done, form).await
}

pub async fn log_out_everywhere(State(app): State<App>, who: SignedIn, visitor: Visitor) -> Answered {
    transaction!(app.by(&who), |tx| sessions::log_out_everywhere(tx, who.person.id)
        .await?)?;
    Ok(without_session(redirect("/login"), visitor.over_tls))
}

#[component]
fn Profile(view: ProfileView, returned: Returned) -> impl IntoView {
    let ProfileView {
        who,
        sessions,
        wanted,
    } = view;
    let under = format!("{}, {}", who.person.email, who.person.role);
    let zone = who.zone();
    let (profile, mails, password) = (returned.of(), returned.of(), returned.of());
    view! {
        <Shell part=Part::Profile title=who.person.name.clone() under>
            <Section title="Name and time zone" id="profile">
                <NameAndZone person=who.person.clone() back=profile />
            </Section>
            <Section title="Mails" id="mails">
                <MailsForm now=wanted back=mails />
            </Section>
            <Section title="Theme" id="theme">
                <p class="quiet">"Light, dark, or as the system says. Kept in this browser."</p>
                <ThemeSwitch />
            </Section>
            <Section title="Password" id="password">
                <PasswordFields back=password />
            </Section>
            <Section title="Where you are logged in" id="sessions">
                <div class="stack">
                    <Sessions sessions this=who.token_hash zone />
                    <Ask label="Log out everywhere" question="Log out in every browser?" action="/settings/sessions/removal" answer="Log out everywhere" in_place=true>
                        <p>"In this one too."</p>
                    </Ask>
                </div>
            </Section>
        </Shell>
    }
}

#[component]
fn NameAndZone(person: Person, back: Back<ProfileForm>) -> impl IntoView {
    let now = ProfileForm::of(&person);
    let (typed, problem) = back.or(|| now.clone());
    view! {
        <form class="form measure" method="post" action="/settings/profile">
            <DrawnFrom now />
            <FormProblem problems=problem.above() />
            <Field
                of=fields::PERSON_NAME
                label="Name"
                value=typed.name
                required=true
                autocomplete="name"
                error=problem.beside("name")
            />
            <Field
                name="time_zone"
                label="Time zone"
                kind=FieldKind::Select(zone_choices())
                value=typed.time_zone
                hint="All times are shown in it, with UTC one tap away."
                error=problem.beside("time_zone")
            />
            <p class="buttons">
                <Submit>"Save"</Submit>
            </p>
        </form>
    }
}

/// `this`: the session of whoever reads.
#[component]
fn Sessions(sessions: Vec<Session>, this: Vec<u8>, zone: Tz) -> impl IntoView {
    let rows = sessions
        .into_iter()
        .map(|session| {
            let here = session.token_hash == this;
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
        <DataTable caption="Sessions" headers=vec!["Browser", "Address", "Since", "Last used"]>
            {rows}
        </DataTable>
    }
}
