//! Opening an incident by hand.

use crate::address::Query;
use crate::answer::{Answered, Problem};
use crate::components::{
    ButtonKind, ButtonLink, Checks, Choice, Field, FieldKind, Fold, FormProblem, PageHead, Section, Submit,
    severity_choices,
};
use crate::form::{Form, is_on, word};
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::sent::FormKey;
use crate::session::SignedIn;
use crate::zoned::{Moment, MomentField};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::Severity;
use domain::fields;
use domain::incidents::Incident;
use domain::people::Permission;
use domain::teams::Service;
use engine::incidents::{self, ByHand, Past};
use engine::{Tx, people, teams, transaction};
use leptos::prelude::*;
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct OpenForm {
    title: String,
    severity: String,
    services: Vec<String>,
    noticed_by: String,
    impact_started_at: String,
    impact_started_at_zone: String,
    impact_started_at_which: String,
    /// `on`: it is a drill or a test.
    drill: String,
    /// `on`: it is over already.
    over: String,
    mitigated_at: String,
    mitigated_at_zone: String,
    mitigated_at_which: String,
    resolved_at: String,
    resolved_at_zone: String,
    resolved_at_which: String,
}

impl OpenForm {
    fn began(&self) -> Moment {
        moment(
            &self.impact_started_at,
            &self.impact_started_at_zone,
            &self.impact_started_at_which,
        )
    }

    fn mitigated(&self) -> Moment {
        moment(
            &self.mitigated_at,
            &self.mitigated_at_zone,
            &self.mitigated_at_which,
        )
    }

    fn resolved(&self) -> Moment {
        moment(&self.resolved_at, &self.resolved_at_zone, &self.resolved_at_which)
    }

    fn is_over(&self) -> bool {
        self.over == "on"
    }
}

fn moment(at: &str, zone: &str, which: &str) -> Moment {
    Moment {
        at: at.to_owned(),
        zone: zone.to_owned(),
        which: which.to_owned(),
        ..Moment::default()
    }
}

/// The times of the form, or which of them cannot be read.
fn times(typed: &OpenForm, zone: Tz) -> Result<[Option<DateTime<Utc>>; 3], Problem> {
    let read = |moment: Moment, field: &'static str| {
        moment.read(zone).map_err(|sentence| Problem {
            field: Some(Cow::Borrowed(field)),
            sentence: sentence.to_string(),
        })
    };
    Ok([
        read(typed.began(), "at")?,
        read(typed.mitigated(), "mitigated_at")?,
        read(typed.resolved(), "resolved_at")?,
    ])
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    title: String,
}

#[derive(Deserialize)]
pub struct OpenPage {
    /// What it begins with.
    #[serde(skip)]
    title: String,
}

pub struct OpenView {
    services: Vec<Service>,
    blank: OpenForm,
}

impl FormPage for OpenPage {
    type Caller = SignedIn;
    type View = OpenView;

    fn address(&self) -> String {
        "/incidents/new".to_owned()
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<OpenView> {
        people::authorize(tx, &here.who.person, Permission::ActOnIncident).await?;
        let zone = here.who.zone().name().to_owned();
        Ok(OpenView {
            services: teams::services(tx).await?,
            blank: OpenForm {
                title: here.page.title.clone(),
                severity: Severity::Sev3.to_string(),
                noticed_by: "staff".to_owned(),
                impact_started_at_zone: zone.clone(),
                mitigated_at_zone: zone.clone(),
                resolved_at_zone: zone,
                ..OpenForm::default()
            },
        })
    }

    fn title(_: &OpenView) -> (String, Section) {
        ("Open an incident".to_owned(), Section::Incidents)
    }

    fn show(view: OpenView, returned: Returned) -> impl IntoView {
        view! { <Open view back=returned.of() /> }
    }
}

pub async fn show(mut here: Here<OpenPage>, Query(asked): Query<Asked>) -> Answered {
    here.page.title = asked.title;
    here.show().await
}

pub async fn post(here: Here<OpenPage>, Form(typed): Form<OpenForm>) -> Answered {
    let times = match times(&typed, here.who.zone()) {
        Ok(times) => times,
        Err(problem) => return here.again(StatusCode::UNPROCESSABLE_ENTITY, typed, problem).await,
    };
    let opened = open(&here, &typed, times).await;
    here.lead(
        opened.map(|incident| format!("/incidents/{}", incident.number)),
        typed,
    )
    .await
}

async fn open(
    here: &Here<OpenPage>,
    typed: &OpenForm,
    [began_at, mitigated_at, resolved_at]: [Option<DateTime<Utc>>; 3],
) -> engine::Result<Incident> {
    let services = typed.services.iter().map(|id| word("services", id));
    let (title, services) = (typed.title.clone(), services.collect::<Result<_, _>>()?);
    let severity = word("severity", &typed.severity)?;
    let noticed_by = word("noticed_by", &typed.noticed_by)?;
    let is_drill = is_on("drill", &typed.drill)?;
    if is_on("over", &typed.over)? {
        let past = Past {
            title,
            severity,
            services,
            noticed_by,
            began_at,
            mitigated_at,
            resolved_at,
        };
        return transaction!(here.by(), |tx| {
            let incident = incidents::enter_past(tx, &past).await?;
            incidents::say_drill(tx, incident.number, is_drill).await?;
            incident
        });
    }
    let form = ByHand {
        title,
        severity,
        services,
        noticed_by,
        impact_started_at: began_at,
    };
    transaction!(here.by(), |tx| {
        let incident = incidents::open_by_hand(tx, &form).await?;
        incidents::say_drill(tx, incident.number, is_drill).await?;
        incident
    })
}

#[component]
fn Open(view: OpenView, back: Back<OpenForm>) -> impl IntoView {
    let services = view.services;
    let (typed, problem) = back.or(|| view.blank);
    let severities = severity_choices();
    let noticed = vec![
        Choice::new("staff", "One of us"),
        Choice::new("customer", "A customer"),
        Choice::new("alert", "An alert that is not connected here"),
    ];
    let (began, mitigated, resolved) = (typed.began(), typed.mitigated(), typed.resolved());
    let over = typed.is_over();
    view! {
        <div class="alone roomy">
            <PageHead title="Open an incident" under=view! { "Better one too many than one too late. Who is on call for the first service is paged." }.into_any() />
            <form class="form" method="post" action="/incidents">
                <FormKey />
                <FormProblem problems=problem.of_all() />
                <Field of=fields::INCIDENT_TITLE label="What is broken?" value=typed.title required=true autofocus=true error=problem.beside("title") placeholder="Checkout: payments fail in Lisbon" />
                <Field name="severity" label="Severity" kind=FieldKind::Select(severities) value=typed.severity error=problem.beside("severity") />
                <ServiceChecks services chosen=typed.services error=problem.beside("services") />
                <Field name="noticed_by" label="Who noticed it first?" kind=FieldKind::Radio(noticed) value=typed.noticed_by error=problem.beside("noticed_by") />
                <MomentField name="impact_started_at" label="Since when, if you know" moment=began error=problem.beside("at") hint="In your time zone. It can be corrected later." />
                <Field name="drill" label="It is a drill or a test" kind=FieldKind::Check value=typed.drill hint="People are paged as ever, and no figure counts it." />
                <div class="buttons">
                    <Submit>"Open and page"</Submit>
                    <ButtonLink href="/incidents" kind=ButtonKind::Plain>"Back"</ButtonLink>
                </div>
                <Fold label="It is over already" open=over>
                    <div class="form">
                        <p>"Say above since when, and here until when. It is entered with its times, and nobody is paged."</p>
                        <MomentField name="mitigated_at" label="Mitigated, if you know" moment=mitigated error=problem.beside("mitigated_at") />
                        <MomentField name="resolved_at" label="Resolved" moment=resolved error=problem.beside("resolved_at") />
                        <p class="buttons"><Submit kind=ButtonKind::Normal name="over" value="on">"Enter it, page nobody"</Submit></p>
                    </div>
                </Fold>
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
    let ids: Vec<String> = services.iter().map(|service| service.id.to_string()).collect();
    // Of one service there is nothing to choose.
    let chosen = if ids.len() == 1 { ids } else { chosen };
    let choices = services
        .into_iter()
        .map(|service| Choice::new(service.id, service.name));
    view! { <Checks name="services" label="Services" choices=choices.collect() chosen error /> }
}
