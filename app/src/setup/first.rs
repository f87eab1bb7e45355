//! One form: who administers, which team, which service.

use crate::answer::{Answered, redirect};
use crate::components::{Field, FieldKind, FormProblem, PageHead, Section, Submit};
use crate::form::Form;
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::session::with_session;
use crate::teams::one_time_secrets;
use crate::visitor::Visitor;
use crate::zoned::zone_choices;
use domain::fields;
use engine::people::{passwords, sessions};
use engine::secrets::{self, Secret};
use engine::setup::{self, First, Made, Refused};
use engine::{Error, Tx, transaction};
use leptos::prelude::*;
use serde::Deserialize;

/// How long the page after has to show the secrets; somebody will walk to another machine with them.
const SECONDS: i64 = 30 * 60;

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct SetUpForm {
    code: String,
    name: String,
    email: String,
    password: String,
    time_zone: String,
    team: String,
    service: String,
}

#[derive(Deserialize)]
pub struct SetUpPage {}

pub struct SetUpView {
    asks_code: bool,
}

impl FormPage for SetUpPage {
    type Caller = Visitor;
    type View = SetUpView;

    fn address(&self) -> String {
        "/setup".to_owned()
    }

    async fn load(here: &Here<Self>, _: &mut Tx) -> engine::Result<SetUpView> {
        Ok(SetUpView {
            asks_code: here.app.installation.setup_code.is_some(),
        })
    }

    fn title(_: &SetUpView) -> (String, Section) {
        ("Set-up".to_owned(), Section::Home)
    }

    fn show(view: SetUpView, returned: Returned) -> impl IntoView {
        view! { <Page asks_code=view.asks_code back=returned.of() /> }
    }
}

pub async fn show(here: Here<SetUpPage>) -> Answered {
    let mut tx = here.by().read().await?;
    if !setup::is_needed(&mut tx).await? {
        return Ok(redirect("/"));
    }
    drop(tx);
    here.show().await
}

pub async fn post(here: Here<SetUpPage>, Form(typed): Form<SetUpForm>) -> Answered {
    let over_tls = here.who.over_tls;
    match set_up(&here, &typed).await {
        Ok((made, session)) => {
            let ways = [made.json, made.alertmanager, made.pagerduty];
            let secrets: Vec<_> = ways
                .iter()
                .filter_map(|way| Some((way.integration.id, way.secret.as_ref()?)))
                .collect();
            let response = with_session(redirect("/setup/ready"), &session, over_tls);
            Ok(one_time_secrets::give(
                response, "/setup", &secrets, SECONDS, over_tls,
            ))
        }
        Err(error) => here.lead(Err(error), typed).await,
    }
}

async fn set_up(here: &Here<SetUpPage>, typed: &SetUpForm) -> Result<(Made, Secret), Error> {
    let (app, visitor) = (&here.app, &here.who);
    let mut tx = app.engine.read().await?;
    if !setup::is_needed(&mut tx).await? {
        return Err(Refused::AlreadyDone.into());
    }
    drop(tx);
    // Hashes are compared, so that the time says nothing about the code.
    let right = |code: &String| secrets::hash(code) == secrets::hash(typed.code.trim());
    if !app.installation.setup_code.as_ref().is_none_or(right) {
        return Err(Refused::WrongCode.into());
    }
    let first = First {
        name: typed.name.clone(),
        email: typed.email.clone(),
        time_zone: typed.time_zone.clone(),
        team: typed.team.clone(),
        service: typed.service.clone(),
    };
    setup::check(&first)?;
    let hashed = passwords::hash(&app.engine.context, &typed.password, &typed.email).await?;
    let address = visitor
        .address
        .map(|address| address.to_string())
        .unwrap_or_default();
    transaction!(app.engine, |tx| {
        let made = setup::first(tx, &first, &hashed).await?;
        // Somebody else was first: this is no log-in.
        if !made.is_new {
            Err(Refused::AlreadyDone)?;
        }
        let session = sessions::start(tx, made.administrator.id, &visitor.user_agent, &address).await?;
        (made, session)
    })
}

#[component]
fn Page(asks_code: bool, back: Back<SetUpForm>) -> impl IntoView {
    let is_fresh = !back.is_open();
    let (typed, problem) = back.or(|| SetUpForm {
        time_zone: "UTC".to_owned(),
        ..SetUpForm::default()
    });
    let beside = |field: &str| problem.beside(field);
    let code = asks_code.then(|| {
        view! {
            <Field
                name="code"
                label="Code"
                value=typed.code
                required=true
                autocomplete="one-time-code"
                hint="The server printed it when it started: other machines can reach this page too."
                error=beside("code")
            />
        }
    });
    view! {
        <div class="alone roomy">
            <PageHead
                title="Set-up"
                under=view! { "One form, and the first alert can come." }.into_any()
            />
            <Steps now=0 />
            <form class="form" method="post" action="/setup">
                <FormProblem problems=problem.above() />
                {code}
                <h2>"You"</h2>
                <Field
                    of=fields::PERSON_NAME
                    label="Name"
                    value=typed.name
                    required=true
                    autofocus=true
                    autocomplete="name"
                    error=beside("name")
                />
                <Field
                    of=fields::EMAIL
                    label="E-mail address"
                    kind=FieldKind::Email
                    value=typed.email
                    required=true
                    autocomplete="username"
                    hint="You log in with it, and pages go there."
                    error=beside("email")
                />
                <Field
                    name="password"
                    label="Password"
                    kind=FieldKind::Password
                    required=true
                    autocomplete="new-password"
                    hint="At least 10 characters. Three or four words that nobody would guess are good."
                    error=beside("password")
                />
                <div data-zone-of-browser=is_fresh.then_some("")>
                    <Field
                        name="time_zone"
                        label="Time zone"
                        kind=FieldKind::Select(zone_choices())
                        value=typed.time_zone
                        hint="Times are shown in it, and the pager is handed over in it."
                        error=beside("time_zone")
                    />
                </div>
                <h2>"Your first team and service"</h2>
                <Field
                    of=fields::NAME
                    name="team"
                    label="Team"
                    value=typed.team
                    required=true
                    placeholder="Payments"
                    error=beside("team")
                />
                <Field
                    of=fields::NAME
                    name="service"
                    label="Service"
                    value=typed.service
                    required=true
                    placeholder="Checkout"
                    hint="What people would say is broken. You are paged for it until others join."
                    error=beside("service")
                />
                <p class="buttons">
                    <Submit>"Set up"</Submit>
                </p>
            </form>
        </div>
    }
}

/// How far set-up has come.
#[component]
pub(super) fn Steps(now: usize) -> impl IntoView {
    let steps = ["You, team and service", "The first alert", "Mail"]
        .into_iter()
        .enumerate()
        .map(|(place, words)| {
            view! {
                <li class=(place < now).then_some("done") aria-current=(place == now).then_some("step")>
                    {words}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="steps">{steps}</ol> }
}
