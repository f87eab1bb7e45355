//! Routing rules of a service: for some severities and hours it pages by another policy.

use super::routing_form::{RoutingForm, RuleRow};
use crate::address::encoded;
use crate::answer::{Answered, Problem};
use crate::components::{
    Choice, Field, FieldKind, Fold, FormProblem, Notice, Section as Bar, Submit, Tone, severity_choices,
};
use crate::drawn::{DrawnFrom, merged, with_names};
use crate::form::Form;
use crate::form_page::{Back, FormPage, Here, Returned};
use crate::session::SignedIn;
use crate::settings::{Part, Shell};
use crate::zoned::zone_choices;
use domain::escalation::{Routing, When};
use domain::oncall::{Weekday, days_in_words};
use domain::people::Permission;
use domain::teams::Service;
use engine::oncall::{policies, routing};
use engine::{Tx, sent, teams, transaction};
use leptos::prelude::*;
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Deserialize)]
pub struct RoutingPage {
    slug: String,
}

pub struct RoutingView {
    service: Service,
    routing: Routing,
    policies: Vec<Choice>,
    time_zone: String,
    may_change: bool,
}

impl FormPage for RoutingPage {
    type Caller = SignedIn;
    type View = RoutingView;

    fn address(&self) -> String {
        encoded(&format!("/settings/services/{}/routing", self.slug))
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<RoutingView> {
        let service = teams::find_service_by_slug(tx, &here.page.slug).await?;
        let routing = routing::of_service(tx, service.id).await?;
        let all = policies::all(tx).await?.into_iter();
        let ours = all.filter(|policy| policy.team_id == service.team_id);
        Ok(RoutingView {
            policies: ours.map(|policy| Choice::new(policy.id, policy.name)).collect(),
            may_change: here.who.may(tx, Permission::ChangeTeam(service.team_id)).await?,
            time_zone: here.who.zone().name().to_owned(),
            service,
            routing,
        })
    }

    fn title(view: &RoutingView) -> (String, Bar) {
        (format!("Routing rules of {}", view.service.name), Bar::Settings)
    }

    fn show(view: RoutingView, returned: Returned) -> impl IntoView {
        view! { <Rules view back=returned.of() /> }
    }
}

pub async fn show(here: Here<RoutingPage>) -> Answered {
    here.show().await
}

pub async fn post(here: Here<RoutingPage>, Form(form): Form<RoutingForm>) -> Answered {
    let slug = &here.page.slug;
    let done = transaction!(here.by(), |tx| {
        let service = teams::find_service_by_slug(tx, slug).await?;
        sent::one_at_a_time(tx, &format!("routing {}", service.id)).await?;
        let stands = RoutingForm::of(&routing::of_service(tx, service.id).await?, &form.time_zone);
        let rules = merged(&form.without_empty_rows(), &stands)?.rules()?;
        routing::set(tx, service.id, &rules).await?
    });
    here.after(done, form).await
}

#[component]
fn Rules(view: RoutingView, back: Back<RoutingForm>) -> impl IntoView {
    let service = encoded(&format!("/settings/services/{}", view.service.slug));
    let under = "The first rule that holds decides which policy an incident pages by. Where none does, it is the service's own.";
    let has_policy = view.routing.policy.is_some();
    let first = (!has_policy).then(|| {
        view! {
            <Notice tone=Tone::Broken lead="The service has no escalation policy.">
                "Choose one on its page first: it holds where no rule does."
            </Notice>
        }
    });
    let form = (view.may_change && has_policy).then(|| {
        let action = encoded(&format!("/settings/services/{}/routing", view.service.slug));
        view! { <RulesForm action routing=view.routing.clone() policies=view.policies.clone() time_zone=view.time_zone back /> }
    });
    let own = name_of(
        &view.policies,
        view.routing.policy.map(|policy| policy.to_string()),
    );
    view! {
        <Shell part=Part::Teams title=format!("Routing rules of {}", view.service.name) under>
            <div class="stack">
                <ol>
                    <RulesInWords routing=view.routing policies=view.policies />
                    <li>"Otherwise: " <strong>{own}</strong></li>
                </ol>
                {first}
                {form}
                <p><a href=service>{format!("Back to {}", view.service.name)}</a></p>
            </div>
        </Shell>
    }
}

#[component]
fn RulesInWords(routing: Routing, policies: Vec<Choice>) -> impl IntoView {
    routing
        .rules
        .into_iter()
        .map(|rule| {
            let policy = name_of(&policies, Some(rule.policy.to_string()));
            view! { <li>{rule.in_words()} ": " <strong>{policy}</strong></li> }
        })
        .collect_view()
}

fn name_of(policies: &[Choice], id: Option<String>) -> String {
    let found = policies.iter().find(|policy| Some(&policy.value) == id.as_ref());
    found.map_or_else(|| "nobody is paged".to_owned(), |policy| policy.label.to_string())
}

#[component]
fn RulesForm(
    action: String,
    routing: Routing,
    policies: Vec<Choice>,
    time_zone: String,
    back: Back<RoutingForm>,
) -> impl IntoView {
    let stands = RoutingForm::of(&routing, &time_zone);
    let (typed, problem) = back.or(|| stands.clone());
    let names = policies
        .iter()
        .map(|choice| (choice.value.clone(), &*choice.label));
    let problem = Problem {
        sentence: with_names(&problem.sentence, names),
        // Of several fields of one name none can have it.
        field: problem.field.filter(|field| field == "time_zone"),
    };
    let mut rows = typed.rows();
    let blanks = if rows.len() < routing::MOST_RULES { 1 } else { 0 };
    rows.resize(rows.len() + blanks, RuleRow::default());
    let fields = (0..)
        .zip(rows)
        .map(|(place, row)| view! { <RuleFields place row policies=policies.clone() /> })
        .collect_view();
    view! {
        <form class="form measure" method="post" action=action>
            <DrawnFrom now=stands />
            <FormProblem problems=problem.above() />
            {fields}
            <Field
                name="time_zone"
                label="Time zone of the hours"
                kind=FieldKind::Select(zone_choices())
                value=typed.time_zone
                error=problem.beside("time_zone")
            />
            <p class="field-hint">"A rule without a policy is left out. Hours count as of when an incident begins to page; where it becomes worse, it goes by the policy for that from then on."</p>
            <p class="buttons"><Submit>"Save"</Submit></p>
        </form>
    }
}

#[component]
fn RuleFields(place: usize, row: RuleRow, policies: Vec<Choice>) -> impl IntoView {
    let none = if row.policy.is_empty() {
        "No further rule"
    } else {
        "No policy: remove this rule"
    };
    let policies: Vec<Choice> = std::iter::once(Choice::new("", none)).chain(policies).collect();
    let severities: Vec<Choice> = std::iter::once(Choice::new("", "Any severity"))
        .chain(severity_choices().into_iter().map(and_worse))
        .collect();
    let when = vec![
        Choice::new(When::Always, "At all hours"),
        Choice::new(When::Within, "Within these hours"),
        Choice::new(When::Outside, "Outside of these hours"),
    ];
    let id = move |field: &str| format!("rule-{place}-{field}");
    let has_hours = row.when != When::Always.as_str() && !row.when.is_empty();
    let days = days_choices(&row.days);
    view! {
        <fieldset class="field policy-step">
            <legend class="field-label">{format!("Rule {}", place + 1)}</legend>
            <div class="form-row">
                <Field name="severity" id=id("severity") label="For" kind=FieldKind::Select(severities) value=row.severity />
                <Field name="policy" id=id("policy") label="Page by" kind=FieldKind::Select(policies) value=row.policy />
            </div>
            <Fold label="Only at some hours" open=has_hours>
                <div class="stack">
                    <div class="form-row">
                        <Field name="when" id=id("when") label="When" kind=FieldKind::Select(when) value=row.when />
                        <Field name="days" id=id("days") label="On" kind=FieldKind::Select(days) value=row.days />
                    </div>
                    <div class="form-row">
                        <Field name="from" id=id("from") label="From" kind=FieldKind::Clock value=row.from />
                        <Field name="to" id=id("to") label="To" kind=FieldKind::Clock value=row.to />
                    </div>
                </div>
            </Fold>
        </fieldset>
    }
}

fn and_worse(choice: Choice) -> Choice {
    match choice.value.as_str() {
        "SEV1" => choice,
        _ => Choice::new(&choice.value, format!("{} and worse", choice.value)),
    }
}

/// Days that are chosen most, and those that are set.
fn days_choices(set: &str) -> Vec<Choice> {
    let mut choices = vec![
        Choice::new("", "every day"),
        Choice::new("mon,tue,wed,thu,fri", "Monday to Friday"),
        Choice::new("sat,sun", "Saturday and Sunday"),
    ];
    if choices.iter().all(|choice| choice.value != set) {
        let days: BTreeSet<Weekday> = set.split(',').filter_map(|day| day.parse().ok()).collect();
        choices.push(Choice::new(set, days_in_words(&days)));
    }
    choices
}
