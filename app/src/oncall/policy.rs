//! One escalation policy: steps with their delays, and how often they are gone through again.

use super::policy_form::{EVERYBODY, IN_TURN, NEVER, PAGED, PolicyForm, TARGETS, TOGETHER, word};
use super::view::may_be_on_call;
use crate::answer::{Answered, Problem};
use crate::components::{
    Ask, ButtonKind, Choice, Field, FieldKind, Fold, FormProblem, Section as Bar, Submit,
};
use crate::drawn::{DrawnFrom, merged, with_names};
use crate::form::{Form, with_the_set};
use crate::form_page::{FormPage, Here, Returned};
use crate::session::SignedIn;
use crate::settings::{Part, Section, Shell};
use domain::escalation::{Policy, Said, Target};
use domain::fields;
use domain::ids::PolicyId;
use domain::people::Permission;
use engine::oncall::policies::{self, Named};
use engine::oncall::readiness;
use engine::oncall::schedules;
use engine::{Error, Tx, oncall, people, sent, teams, transaction};
use leptos::prelude::*;
use serde::Deserialize;

/// Whom a step can page: schedules first, because people go on holiday.
pub(super) async fn targets(tx: &mut Tx) -> Result<Vec<Choice>, Error> {
    let schedules = schedules::all(tx).await?.into_iter().map(|schedule| {
        Choice::new(
            word(&Target::Schedule(schedule.id)),
            format!("On call: {}", schedule.name),
        )
    });
    let people = people::active(tx)
        .await?
        .into_iter()
        .filter(may_be_on_call)
        .map(|person| Choice::new(word(&Target::Person(person.id)), person.name));
    let teams = teams::all(tx).await?.into_iter();
    let teams = teams.map(|team| {
        Choice::new(
            word(&Target::Team(team.id)),
            format!("Everybody in {}", team.name),
        )
    });
    let administrators = Choice::new(word(&Target::Administrators), "The administrators");
    Ok(std::iter::once(Choice::new("", "Nobody"))
        .chain(schedules)
        .chain(teams)
        .chain([administrators])
        .chain(people)
        .collect())
}

#[derive(Deserialize)]
pub struct PolicyPage {
    policy: PolicyId,
}

pub struct PolicyView {
    named: Named,
    policy: Policy,
    targets: Vec<Choice>,
    may_change: bool,
    /// Sentences about steps that reach nobody at times, as is meant.
    outside_hours: Vec<String>,
}

impl FormPage for PolicyPage {
    type Caller = SignedIn;
    type View = PolicyView;

    fn address(&self) -> String {
        format!("/settings/policies/{}", self.policy)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<PolicyView> {
        let named = policies::find(tx, here.page.policy).await?;
        let policy = oncall::policy(tx, named.id).await?;
        let outside_hours = readiness::outside_hours_of(tx, &named.name, &policy).await?;
        let zone = here.who.zone().name();
        Ok(PolicyView {
            outside_hours: outside_hours.iter().map(|concern| concern.words(zone)).collect(),
            policy,
            targets: targets(tx).await?,
            may_change: here.who.may(tx, Permission::ChangeTeam(named.team_id)).await?,
            named,
        })
    }

    fn title(view: &PolicyView) -> (String, Bar) {
        (view.named.name.clone(), Bar::Settings)
    }

    fn show(view: PolicyView, returned: Returned) -> impl IntoView {
        view! { <OnePolicy view returned /> }
    }
}

pub async fn show(here: Here<PolicyPage>) -> Answered {
    here.show().await
}

pub async fn post(here: Here<PolicyPage>, Form(form): Form<PolicyForm>) -> Answered {
    let id = here.page.policy;
    let done = transaction!(here.by(), |tx| {
        sent::one_at_a_time(tx, &format!("policy {id}")).await?;
        let (named, policy) = (policies::find(tx, id).await?, policies::policy(tx, id).await?);
        let merged = merged(&form.without_empty_rows(), &PolicyForm::of(&named, &policy))?;
        policies::change(tx, id, &merged.name, &merged.policy()?).await?
    });
    here.after(done, form).await
}

pub async fn remove(here: Here<PolicyPage>) -> Answered {
    let id = here.page.policy;
    let done = transaction!(here.by(), |tx| policies::delete(tx, id).await?);
    here.lead_press(done.map(|()| "/settings/policies".to_owned()))
        .await
}

#[component]
fn OnePolicy(view: PolicyView, returned: Returned) -> impl IntoView {
    let PolicyView {
        named,
        policy,
        targets,
        may_change,
        outside_hours,
    } = view;
    let pressed = returned.of_press();
    let (typed, problem) = returned.of().or(|| PolicyForm::of(&named, &policy));
    let here = format!("/settings/policies/{}", named.id);
    let removal = format!("{here}/removal");
    let name = |target: &Target| {
        let named = targets.iter().find(|choice| choice.value == word(target));
        let label = named.map_or("somebody who is deactivated", |choice| choice.label.as_str());
        match (target, label.strip_prefix("On call: ")) {
            (_, Some(schedule)) => format!("who is on call for {schedule}"),
            (Target::Person(_), None) => label.to_owned(),
            _ => format!("{}{}", label[..1].to_lowercase(), &label[1..]),
        }
    };
    let under = Said {
        policy: &policy,
        name,
    }
    .to_string();
    let hints = outside_hours
        .into_iter()
        .map(|hint| view! { <p class="quiet measure">{hint}</p> })
        .collect_view();
    if !may_change {
        return view! { <Shell part=Part::Policies title=named.name.clone() under>{hints}</Shell> }
            .into_any();
    }
    let names = targets.iter().filter(|choice| !choice.value.is_empty());
    let names = names.map(|choice| (choice.value.clone(), &*choice.label));
    let problem = Problem {
        sentence: with_names(&problem.sentence, names),
        // Of several fields of one name none can have it.
        field: problem
            .field
            .filter(|field| !matches!(field.as_ref(), "delay" | "target" | "way" | "skip")),
    };
    let above = problem.above();
    let stands = PolicyForm::of(&named, &policy);
    view! {
        <Shell part=Part::Policies title=named.name.clone() under>
            {hints}
            <form class="form measure" method="post" action=here>
                <DrawnFrom now=stands />
                <FormProblem problems=above />
                <Steps typed targets problem />
                <p class="buttons">
                    <Submit>"Save"</Submit>
                </p>
            </form>
            <Section title="Delete">
                <FormProblem problems=pressed.above() />
                <Ask label="Delete this policy" kind=ButtonKind::Danger question="Delete it for good?" action=removal answer="Delete it" in_place=true>
                    <p>"Where a service still pages by it, it stays."</p>
                </Ask>
            </Section>
        </Shell>
    }
    .into_any()
}

/// The fields of a policy; two steps more than there are.
#[component]
pub(super) fn Steps(typed: PolicyForm, targets: Vec<Choice>, problem: Problem) -> impl IntoView {
    let count = (typed.steps() + 2).clamp(3, 20).max(typed.delay.len().min(20));
    // One to fill in is always seen; those after it are folded away.
    let seen = (typed.steps() + 1).min(count);
    let mut steps: Vec<_> = (0..count)
        .map(|step| view! { <StepFields step typed=typed.clone() targets=targets.clone() /> })
        .collect();
    let more = steps.split_off(seen);
    let more =
        (!more.is_empty()).then(|| view! { <Fold label="More steps"><div class="stack">{more}</div></Fold> });
    let wrong = problem.beside("steps").map(|sentence| {
        view! {
            <div class="form-problem" role="alert">
                <p>{sentence}</p>
            </div>
        }
    });
    view! {
        <Field
            of=fields::NAME
            label="Name"
            value=typed.name.clone()
            required=true
            placeholder="Payments, day and night"
            error=problem.beside("name")
        />
        {wrong}
        <p class="field-hint">"A step that pages nobody is left out. A step with nobody on call is passed over at once."</p>
        {steps}
        {more}
        <Field
            name="until"
            label="Go on until somebody acknowledges"
            kind=FieldKind::Check
            value=typed.until.clone()
        />
        <Field
            name="repeats"
            label="Else repeat how often"
            kind=FieldKind::Number { min: 0, max: 20 }
            value=typed.repeats.clone()
            error=problem.beside("repeats")
            class="narrow"
        />
        <Field
            name="holds"
            label="An acknowledgement holds"
            kind=FieldKind::Select(holds(&typed.holds))
            value=typed.holds.clone()
            hint="When its time is over, whoever has it is paged, and the policy begins again. They are asked by mail before, with a button to keep it."
            error=problem.beside("holds")
        />
    }
}

/// Minutes that one may choose, and those that are set.
fn holds(set: &str) -> Vec<Choice> {
    let choices = with_the_set(&[30, 60, 120, 240, 480, 1440], set)
        .into_iter()
        .map(|minutes| match (minutes / 60, minutes % 60) {
            (1, 0) => Choice::new(minutes, "for an hour"),
            (hours, 0) => Choice::new(minutes, format!("for {hours} hours")),
            _ => Choice::new(minutes, format!("for {minutes} minutes")),
        });
    std::iter::once(Choice::new("", "for good"))
        .chain(choices)
        .collect()
}

/// Whom one step pages, and how long they have.
#[component]
fn StepFields(step: usize, typed: PolicyForm, targets: Vec<Choice>) -> impl IntoView {
    let value_of = |place: usize| {
        typed
            .target
            .get(step * TARGETS + place)
            .cloned()
            .unwrap_or_default()
    };
    let whom = |place: usize| {
        let value = value_of(place);
        let mut choices = targets.clone();
        if choices.iter().all(|choice| choice.value != value) {
            choices.push(Choice::new(&value, "Somebody who is deactivated"));
        }
        let label = if place == 0 { "Page" } else { "and" };
        view! {
            <Field name="target" id=format!("step-{step}-target-{place}") label kind=FieldKind::Select(choices) value />
        }
    };
    let several = (1..TARGETS).any(|place| !value_of(place).is_empty());
    let others = (1..TARGETS).map(whom).collect_view();
    let delay = typed.delay.get(step).cloned().unwrap_or_else(|| "5".to_owned());
    let way = typed
        .way
        .get(step)
        .cloned()
        .unwrap_or_else(|| TOGETHER.to_owned());
    let skip = typed.skip.get(step).cloned().unwrap_or_else(|| NEVER.to_owned());
    let ways = vec![
        Choice::new(TOGETHER, "All of them together"),
        Choice::new(EVERYBODY, "All of them, and each has to acknowledge"),
        Choice::new(IN_TURN, "One of them, in turn"),
    ];
    let skips = vec![
        Choice::new(NEVER, "Never"),
        Choice::new(PAGED, "Where all of them were paged already"),
    ];
    view! {
        <fieldset class="field policy-step">
            <legend class="field-label">{format!("Step {}", step + 1)}</legend>
            <div class="policy-line">
                {whom(0)}
                <Field
                    name="delay"
                    id=format!("step-{step}-delay")
                    label="Minutes to answer"
                    kind=FieldKind::Number { min: 1, max: 1440 }
                    value=delay
                />
            </div>
            <Fold label="Page others as well, or in turn" open=several || way != TOGETHER || skip == PAGED>
                <div class="stack">
                    <div class="form-row">{others}</div>
                    <div class="form-row">
                        <Field name="way" id=format!("step-{step}-way") label="They are paged" kind=FieldKind::Select(ways) value=way />
                        <Field name="skip" id=format!("step-{step}-skip") label="Pass this step over" kind=FieldKind::Select(skips) value=skip />
                    </div>
                </div>
            </Fold>
        </fieldset>
    }
}
