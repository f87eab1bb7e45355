//! One service: what it pages for and whom, and the ways in for alerts.

use super::change_events::{self, ChangeEvents};
use super::integrations::Integrations;
use super::one_time_secrets;
use super::view::{IntegrationsView, ServicePage};
use crate::address::encoded;
use crate::answer::{Answered, Problem};
use crate::components::{
    Choice, Fact, Facts, FactsForm, Field, FieldKind, FormProblem, Notice, Section as Bar, Submit, Tone,
    severity_choices,
};
use crate::drawn::{Drawn, DrawnFrom, merged, with_names};
use crate::form::{Form, is_on, with_the_set, word, word_or_none};
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::session::SignedIn;
use crate::settings::{Part, Section, Shell};
use crate::visitor::Visitor;
use axum::http::HeaderMap;
use chrono_tz::Tz;
use domain::fields;
use domain::people::Permission;
use domain::teams::{Service, Team};
use engine::alerts::change_events::Change;
use engine::oncall::{policies, routing};
use engine::teams::{self, integrations, services};
use engine::{Error, Tx, alerts, sent, transaction};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceForm {
    name: String,
    policy: String,
    default_severity: String,
    page_from: String,
    resolves_with_alerts: String,
    remind_after_hours: String,
    drawn: String,
}

impl Drawn for ServiceForm {
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

impl ServiceForm {
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
            resolves_with_alerts: is_on("resolves_with_alerts", &self.resolves_with_alerts)?,
            // What is no number is refused like one that is out of bounds.
            remind_after_seconds: self
                .remind_after_hours
                .parse()
                .map_or(-1, |hours: i64| hours.saturating_mul(3600)),
        })
    }
}

pub struct ServiceView {
    service: Service,
    team: Team,
    policies: Vec<Choice>,
    integrations: IntegrationsView,
    changes: Vec<Change>,
    /// How many routing rules it has.
    rules: usize,
    zone: Tz,
    may_change: bool,
}

impl FormPage for ServicePage {
    type Caller = SignedIn;
    type View = ServiceView;

    fn address(&self) -> String {
        encoded(&format!("/settings/services/{}", self.slug))
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<ServiceView> {
        let service = teams::find_service_by_slug(tx, &here.page.slug).await?;
        let team = teams::find_by_id(tx, service.team_id).await?;
        let mut policies = policies::all(tx).await?;
        policies.retain(|policy| policy.team_id == team.id);
        let policies = policies
            .into_iter()
            .map(|policy| Choice::new(policy.id, policy.name));
        let may_change = here.who.may(tx, Permission::ChangeTeam(team.id)).await?;
        let zone = here.who.zone();
        let integrations = IntegrationsView {
            at: format!("{}/integrations", here.page.address()),
            shown: integrations::of_service(tx, service.id).await?,
            secrets: here.page.secrets.clone(),
            base_url: here.app.engine.context.base_url.clone(),
            is_loopback: here.app.installation.base_url_is_loopback,
            zone,
            may_change,
        };
        Ok(ServiceView {
            policies: std::iter::once(Choice::new("", "None: nobody is paged"))
                .chain(policies)
                .collect(),
            integrations,
            rules: routing::of_service(tx, service.id).await?.rules.len(),
            changes: alerts::change_events::of_service(tx, service.id, change_events::SHOWN).await?,
            zone,
            may_change,
            service,
            team,
        })
    }

    fn title(view: &ServiceView) -> (String, Bar) {
        (view.service.name.clone(), Bar::Settings)
    }

    fn show(view: ServiceView, returned: Returned) -> impl IntoView {
        view! { <OneService view returned /> }
    }
}

pub async fn show(mut here: Here<ServicePage>, visitor: Visitor, headers: HeaderMap) -> Answered {
    here.page.secrets = one_time_secrets::take(&headers);
    let page = here.show().await?;
    Ok(if here.page.secrets.is_empty() {
        page
    } else {
        one_time_secrets::forget(page, &here.page.address(), visitor.over_tls)
    })
}

pub async fn post(here: Here<ServicePage>, Form(form): Form<ServiceForm>) -> Answered {
    let slug = &here.page.slug;
    let done = transaction!(here.by(), |tx| {
        let _service = teams::find_service_by_slug(tx, slug).await?;
        sent::one_at_a_time(tx, &format!("service {slug}")).await?;
        let service = teams::find_service_by_slug(tx, slug).await?;
        let draft = merged(&form, &ServiceForm::of(&service))?.draft()?;
        services::change(tx, service.id, &draft).await?
    });
    here.after_at("rules", done, form).await
}

#[component]
fn OneService(view: ServiceView, returned: Returned) -> impl IntoView {
    let under = format!("A service of {}.", view.team.name);
    let without_policy = view.service.policy_id.is_none().then(|| {
        view! {
            <Notice tone=Tone::Broken lead="Nobody is paged for this service.">
                "Choose an escalation policy below, or make one."
            </Notice>
        }
    });
    let dry_run = encoded(&format!("/settings/services/{}/dry-run", view.service.slug));
    let routing = encoded(&format!("/settings/services/{}/routing", view.service.slug));
    let rules = match view.rules {
        0 => "Routing rules: other policies for some severities and hours".to_owned(),
        1 => "Routing rules (1)".to_owned(),
        rules => format!("Routing rules ({rules})"),
    };
    let rules_link = view! { <a href=routing>{rules}</a> };
    let back = returned.of();
    let rules = if view.may_change {
        view! { <Rules service=view.service.clone() team=view.team policies=view.policies back /> }.into_any()
    } else {
        view! { <RulesRead service=view.service.clone() policies=view.policies /> }.into_any()
    };
    view! {
        <Shell part=Part::Teams title=view.service.name under>
            {without_policy}
            <p><a href=dry_run>"Dry run: who would be paged"</a> " · " {rules_link}</p>
            <Integrations view=view.integrations returned />
            <ChangeEvents changes=view.changes zone=view.zone />
            {rules}
        </Shell>
    }
}

/// For those who may not change them.
#[component]
fn RulesRead(service: Service, policies: Vec<Choice>) -> impl IntoView {
    let stands = ServiceForm::of(&service);
    let policy = policies.into_iter().find(|choice| choice.value == stands.policy);
    view! {
        <Section title="What it pages for">
            <Facts form=FactsForm::Listed>
                <Fact label="Pages from">{stands.page_from} " up"</Fact>
                <Fact label="Severity when the alert has none">{stands.default_severity}</Fact>
                <Fact label="Escalation policy">{policy.map(|policy| policy.label)}</Fact>
            </Facts>
        </Section>
    }
}

#[component]
fn Rules(service: Service, team: Team, policies: Vec<Choice>, back: Back<ServiceForm>) -> impl IntoView {
    let stands = ServiceForm::of(&service);
    let (typed, problem) = back.or(|| stands.clone());
    let names = policies.iter().filter(|choice| !choice.value.is_empty());
    let names = names.map(|choice| (choice.value.clone(), &*choice.label));
    let problem = Problem {
        sentence: with_names(&problem.sentence, names),
        ..problem
    };
    let new_policy = encoded(&format!("/settings/policies/new?team={}", team.slug));
    view! {
        <Section title="What it pages for" id="rules">
            <form class="form measure" method="post" action=encoded(&format!("/settings/services/{}", service.slug))>
                <DrawnFrom now=stands />
                <FormProblem problems=problem.above() />
                <Field of=fields::NAME label="Name" value=typed.name required=true error=problem.beside("name") />
                <div class="form-row">
                <Field
                    name="page_from"
                    label="Page from this severity up"
                    kind=FieldKind::Select(severity_choices())
                    value=typed.page_from
                    hint="What is less is recorded and shown, and wakes nobody."
                    error=problem.beside("page_from")
                />
                <Field
                    name="default_severity"
                    label="Severity when the alert has none"
                    kind=FieldKind::Select(severity_choices())
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
                    hint="Not while somebody holds a role in it: then it says that all alerts are resolved, and waits."
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
}

/// Hours that one may choose, and those that are set.
fn remind_after(set: &str) -> Vec<Choice> {
    let hours = with_the_set(&[1, 2, 4, 8, 12, 24, 48], set);
    let choices = hours.into_iter().map(|hours| match hours {
        1 => Choice::new("1", "after an hour"),
        hours => Choice::new(hours.to_string(), format!("after {hours} hours")),
    });
    choices.chain([Choice::new("0", "never")]).collect()
}
