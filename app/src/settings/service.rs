//! One service: what it pages for and whom, and the ways in for alerts.

use super::changes::{self, Changes};
use super::forms::{above, address, severities};
use super::integrations::Integrations;
use super::once;
use super::shell::{Part, Section, Shell};
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Problem, problem_of, see};
use crate::components::{
    Choice, Fact, Facts, FactsForm, Field, FieldKind, FormProblem, Notice, Section as Bar, Submit, Tone,
};
use crate::drawn::{Drawn, DrawnFrom, merged, with_names};
use crate::form::{Form, word, word_or_none};
use crate::render;
use crate::session::SignedIn;
use crate::visitor::Visitor;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use domain::ids::IntegrationId;
use domain::people::Permission;
use domain::teams::{Service, Team};
use engine::alerts::change_events;
use engine::oncall::policies;
use engine::teams::{self, integrations, services};
use engine::{Error, sent, transaction};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    name: String,
    policy: String,
    default_severity: String,
    page_from: String,
    resolves_with_alerts: String,
    remind_after_hours: String,
    drawn: String,
}

impl Drawn for Typed {
    const FIELDS: &'static [&'static str] = &[
        "name",
        "policy",
        "default_severity",
        "page_from",
        "resolves_with_alerts",
        "remind_after_hours",
    ];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl Typed {
    fn of(service: &Service) -> Self {
        Self {
            name: service.name.clone(),
            policy: service
                .policy_id
                .map(|policy| policy.to_string())
                .unwrap_or_default(),
            default_severity: service.default_severity.to_string(),
            page_from: service.page_from.to_string(),
            resolves_with_alerts: if service.resolves_with_alerts { "on" } else { "" }.to_owned(),
            remind_after_hours: (service.remind_after_seconds / 3600).to_string(),
            drawn: String::new(),
        }
    }

    fn draft(&self) -> Result<services::Draft, Error> {
        Ok(services::Draft {
            name: self.name.clone(),
            policy: word_or_none("policy", &self.policy)?,
            default_severity: word("default_severity", &self.default_severity)?,
            page_from: word("page_from", &self.page_from)?,
            resolves_with_alerts: self.resolves_with_alerts == "on",
            // What is no number is refused like one that is out of bounds.
            remind_after_seconds: self
                .remind_after_hours
                .parse()
                .map_or(-1, |hours: i64| hours.saturating_mul(3600)),
        })
    }
}

/// What came back with a problem.
#[derive(Clone, Debug, Default)]
pub(super) struct Back {
    pub typed: Option<Typed>,
    pub service: Problem,
    pub integration_name: String,
    pub integration: Problem,
    pub signing: Option<(IntegrationId, Problem)>,
}

pub async fn show(
    State(app): State<App>,
    who: SignedIn,
    visitor: Visitor,
    headers: HeaderMap,
    Path(slug): Path<String>,
) -> Answered {
    let secrets = once::take(&headers);
    let shown = !secrets.is_empty();
    let page = answer(&app, &who, StatusCode::OK, &slug, Back::default(), secrets).await?;
    let path = address(&format!("/settings/services/{slug}"));
    Ok(if shown {
        once::forget(page, &path, visitor.over_tls)
    } else {
        page
    })
}

/// The page again, with what was refused.
pub(super) async fn came_back(app: &App, who: &SignedIn, slug: &str, back: Back) -> Answered {
    answer(app, who, StatusCode::UNPROCESSABLE_ENTITY, slug, back, Vec::new()).await
}

pub async fn post(
    State(app): State<App>,
    who: SignedIn,
    Path(slug): Path<String>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        let _service = teams::find_service_by_slug(tx, &slug).await?;
        sent::one_at_a_time(tx, &format!("service {slug}")).await?;
        let service = teams::find_service_by_slug(tx, &slug).await?;
        let draft = merged(&typed, &Typed::of(&service))?.draft()?;
        services::change(tx, service.id, &draft).await?
    });
    match done {
        Ok(()) => Ok(see(&address(&format!("/settings/services/{slug}#rules")))),
        Err(error) => {
            let back = Back {
                service: problem_of(error)?,
                typed: Some(typed),
                ..Back::default()
            };
            came_back(&app, &who, &slug, back).await
        }
    }
}

async fn answer(
    app: &App,
    who: &SignedIn,
    status: StatusCode,
    slug: &str,
    back: Back,
    secrets: Vec<once::Shown>,
) -> Answered {
    let mut tx = app.by(who).read().await?;
    let service = teams::find_service_by_slug(&mut tx, slug).await?;
    let team = teams::find_by_id(&mut tx, service.team_id).await?;
    let policies: Vec<Choice> = std::iter::once(Choice::new("", "None: nobody is paged"))
        .chain(
            policies::all(&mut tx)
                .await?
                .into_iter()
                .filter(|policy| policy.team_id == team.id)
                .map(|policy| Choice::new(policy.id, policy.name)),
        )
        .collect();
    let shown = integrations::of_service(&mut tx, service.id).await?;
    let changes = change_events::of_service(&mut tx, service.id, changes::SHOWN).await?;
    let may_change = who.may(&mut tx, Permission::ChangeTeam(team.id)).await?;
    let frame = who.frame(&mut tx, service.name.clone(), Bar::Settings).await?;
    let base_url = app.engine.context.base_url.clone();
    let (zone, is_loopback) = (who.zone(), app.house.base_url_is_loopback);
    Ok(render::page(status, frame, move || {
        let slug = service.slug.clone();
        let under = format!("A service of {}.", team.name);
        let without_policy = service.policy_id.is_none().then(|| {
            view! {
                <Notice tone=Tone::Broken lead="Nobody is paged for this service.">
                    "Choose an escalation policy below, or make one."
                </Notice>
            }
        });
        let (integration_name, integration) = (back.integration_name.clone(), back.integration.clone());
        view! {
            <Shell part=Part::Teams title=service.name.clone() under>
                {without_policy}
                <Integrations
                    slug
                    shown
                    secrets
                    base_url
                    is_loopback
                    zone
                    may_change
                    name=integration_name
                    problem=integration
                    signing=back.signing.clone()
                />
                <Changes changes=changes.clone() zone />
                <Rules service team policies back may_change />
            </Shell>
        }
    }))
}

#[component]
fn Rules(service: Service, team: Team, policies: Vec<Choice>, back: Back, may_change: bool) -> impl IntoView {
    let stands = Typed::of(&service);
    let typed = back.typed.unwrap_or_else(|| stands.clone());
    let names = policies.iter().filter(|choice| !choice.value.is_empty());
    let names = names.map(|choice| (choice.value.clone(), &*choice.label));
    let problem = Problem {
        sentence: with_names(&back.service.sentence, names),
        ..back.service
    };
    if !may_change {
        let policy = policies.into_iter().find(|choice| choice.value == typed.policy);
        return view! {
            <Section title="What it pages for">
                <Facts form=FactsForm::Listed>
                    <Fact label="Pages from">{typed.page_from} " up"</Fact>
                    <Fact label="Severity when the alert has none">{typed.default_severity}</Fact>
                    <Fact label="Escalation policy">{policy.map(|policy| policy.label)}</Fact>
                </Facts>
            </Section>
        }
        .into_any();
    }
    let new_policy = address(&format!("/settings/policies/new?team={}", team.slug));
    view! {
        <Section title="What it pages for" id="rules">
            <form class="form measure" method="post" action=address(&format!("/settings/services/{}", service.slug))>
                <DrawnFrom now=stands />
                <FormProblem problems=above(&problem) />
                <Field name="name" label="Name" value=typed.name required=true error=problem.beside("name") />
                <div class="form-row">
                <Field
                    name="page_from"
                    label="Page from this severity up"
                    kind=FieldKind::Select(severities())
                    value=typed.page_from
                    hint="What is less is recorded and shown, and wakes nobody."
                    error=problem.beside("page_from")
                />
                <Field
                    name="default_severity"
                    label="Severity when the alert has none"
                    kind=FieldKind::Select(severities())
                    value=typed.default_severity
                    error=problem.beside("default_severity")
                />
                </div>
                <Field
                    name="policy"
                    label="Escalation policy"
                    kind=FieldKind::Select(policies)
                    value=typed.policy
                    error=problem.beside("policy")
                />
                <p>
                    <a href=new_policy>"Make a new policy"</a>
                </p>
                <Field
                    name="resolves_with_alerts"
                    label="Resolve an incident when its last alert is resolved"
                    kind=FieldKind::Check
                    value=typed.resolves_with_alerts
                    hint="Not while somebody holds a role in it: then it says that all is quiet, and waits."
                />
                <Field
                    name="remind_after_hours"
                    label="Remind whoever has an incident that still fires"
                    kind=FieldKind::Select(remind_after(&typed.remind_after_hours))
                    value=typed.remind_after_hours
                    error=problem.beside("remind_after_hours")
                    hint="When its alert is told again so long after it was acknowledged: first them, then the policy."
                />
                <p class="buttons">
                    <Submit>"Save"</Submit>
                </p>
            </form>
        </Section>
    }
    .into_any()
}

/// Hours that one may choose, and those that are set.
fn remind_after(set: &str) -> Vec<Choice> {
    let mut hours: Vec<i64> = vec![1, 2, 4, 8, 12, 24, 48];
    if let Some(set) = set.parse().ok().filter(|set| *set > 0 && !hours.contains(set)) {
        hours.push(set);
        hours.sort_unstable();
    }
    let choices = hours.into_iter().map(|hours| match hours {
        1 => Choice::new("1", "after an hour"),
        hours => Choice::new(hours.to_string(), format!("after {hours} hours")),
    });
    choices.chain([Choice::new("0", "never")]).collect()
}
