//! Opening an incident by hand.

use crate::App;
use crate::address::Query;
use crate::answer::{Answered, Problem, problem_of, see};
use crate::components::{
    ButtonKind, ButtonLink, Choice, Field, FieldKind, FormProblem, PageHead, Problems, Section, Submit,
};
use crate::form::{Form, word};
use crate::render;
use crate::sent::FormKey;
use crate::session::SignedIn;
use crate::zoned::{Moment, MomentField};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::Severity;
use domain::people::Permission;
use domain::teams::Service;
use engine::incidents::{self, ByHand};
use engine::{people, teams, transaction};
use leptos::prelude::*;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    title: String,
    severity: String,
    services: Vec<String>,
    noticed_by: String,
    impact_started_at: String,
    impact_started_at_zone: String,
    impact_started_at_which: String,
}

impl Typed {
    fn moment(&self) -> Moment {
        Moment {
            at: self.impact_started_at.clone(),
            zone: self.impact_started_at_zone.clone(),
            which: self.impact_started_at_which.clone(),
            ..Moment::default()
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    title: String,
}

pub async fn show(State(app): State<App>, who: SignedIn, Query(asked): Query<Asked>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    people::authorize(&mut tx, &who.person, Permission::ActOnIncident).await?;
    drop(tx);
    let typed = Typed {
        title: asked.title,
        severity: Severity::Sev3.to_string(),
        noticed_by: "staff".to_owned(),
        impact_started_at_zone: who.zone().name().to_owned(),
        ..Typed::default()
    };
    answer(&app, &who, StatusCode::OK, typed, Problem::default()).await
}

pub async fn post(State(app): State<App>, who: SignedIn, Form(typed): Form<Typed>) -> Answered {
    let impact_started_at = match typed.moment().read(who.zone()) {
        Ok(at) => at,
        Err(sentence) => {
            let problem = Problem {
                field: Some("at"),
                sentence: sentence.to_string(),
            };
            return answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, typed, problem).await;
        }
    };
    let opened = async {
        let services = typed.services.iter().map(|id| word("services", id));
        let form = ByHand {
            title: typed.title.clone(),
            severity: word("severity", &typed.severity)?,
            services: services.collect::<Result<_, _>>()?,
            noticed_by: word("noticed_by", &typed.noticed_by)?,
            impact_started_at,
        };
        transaction!(app.by(&who), |tx| incidents::open_by_hand(tx, &form).await?)
    };
    match opened.await {
        Ok(incident) => Ok(see(&format!("/incidents/{}", incident.number))),
        Err(error) => {
            answer(
                &app,
                &who,
                StatusCode::UNPROCESSABLE_ENTITY,
                typed,
                problem_of(error)?,
            )
            .await
        }
    }
}

async fn answer(
    app: &App,
    who: &SignedIn,
    status: StatusCode,
    typed: Typed,
    problem: Problem,
) -> Result<Response, crate::answer::Failure> {
    let mut tx = app.by(who).read().await?;
    let services = teams::services(&mut tx).await?;
    let frame = who.frame(&mut tx, "Open an incident", Section::Incidents).await?;
    Ok(render::page(
        status,
        frame,
        move || view! { <OpenForm typed problem services /> },
    ))
}

#[component]
fn OpenForm(typed: Typed, problem: Problem, services: Vec<Service>) -> impl IntoView {
    let severities = Severity::ALL
        .map(|s| Choice::new(s, format!("{s} {}", s.word())))
        .to_vec();
    let noticed = vec![
        Choice::new("staff", "One of us"),
        Choice::new("customer", "A customer"),
        Choice::new("alert", "An alert that is not connected here"),
    ];
    let moment = typed.moment();
    view! {
        <div class="alone roomy">
            <PageHead title="Open an incident" under=view! { "Better one too many than one too late. Who is on call for the first service is paged." }.into_any() />
            <form class="form" method="post" action="/incidents">
                <FormKey />
                <FormProblem problems=if problem.sentence.is_empty() { Problems::default() } else { Problems::whole(&problem.sentence) } />
                <Field name="title" label="What is broken?" value=typed.title required=true autofocus=true error=problem.beside("title") placeholder="Checkout: payments fail in Lisbon" />
                <Field name="severity" label="Severity" kind=FieldKind::Select(severities) value=typed.severity error=problem.beside("severity") />
                <ServiceChecks services chosen=typed.services error=problem.beside("services") />
                <Field name="noticed_by" label="Who noticed it first?" kind=FieldKind::Radio(noticed) value=typed.noticed_by error=problem.beside("noticed_by") />
                <MomentField name="impact_started_at" label="Since when, if you know" moment error=problem.beside("at") hint="In your time zone. It can be corrected later." />
                <div class="buttons">
                    <Submit>"Open and page"</Submit>
                    <ButtonLink href="/incidents" kind=ButtonKind::Plain>"Back"</ButtonLink>
                </div>
            </form>
        </div>
    }
}

/// The services that an incident is about, as checks.
#[component]
pub fn ServiceChecks(
    services: Vec<Service>,
    chosen: Vec<String>,
    #[prop(default = None)] error: Option<String>,
) -> impl IntoView {
    let described = error.as_ref().map(|_| "services-error");
    let only_one = services.len() == 1;
    let checks = services
        .into_iter()
        .map(|service| {
            let value = service.id.to_string();
            let checked = only_one || chosen.contains(&value);
            view! {
                <label class="check">
                    <input type="checkbox" name="services" value=value checked=checked />
                    " "
                    {service.name}
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="field" aria-describedby=described>
            <legend class="field-label">"Services"</legend>
            <div class="checks">{checks}</div>
            {error.map(|error| view! { <p class="field-error" id="services-error">{error}</p> })}
        </fieldset>
    }
}
