//! One escalation policy: steps with their delays, and how often they are gone through again.

use super::schedules::may_be_on_call;
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Problem, problem_of, redirect};
use crate::components::{
    Ask, ButtonKind, Choice, Field, FieldKind, Fold, FormProblem, Section as Bar, Submit,
};
use crate::drawn::{Drawn, DrawnFrom, merged, with_names};
use crate::form::Form;
use crate::render;
use crate::session::SignedIn;
use crate::settings::{Part, Section, Shell};
use axum::extract::State;
use axum::http::StatusCode;
use domain::escalation::{Policy, Said, Step, Target};
use domain::ids::PolicyId;
use domain::people::Permission;
use engine::oncall::policies::{self, Named};
use engine::oncall::schedules;
use engine::{Error, Tx, oncall, people, sent, teams, transaction};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Fields for targets that a step has in the form.
const TARGETS: usize = 3;

/// A form with the same fields for each step, in order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    pub team: String,
    pub name: String,
    pub repeats: String,
    /// Minutes, one a step.
    pub delay: Vec<String>,
    /// [`TARGETS`] a step: `schedule:ID`, `person:ID`, `team:ID`, `administrators` or nothing.
    pub target: Vec<String>,
    /// One a step: `together` or `in_turn`, and `never` or `paged` for when it is passed over.
    pub way: Vec<String>,
    pub skip: Vec<String>,
    /// `on`: until somebody acknowledges.
    pub until: String,
    pub drawn: String,
}

impl Drawn for Typed {
    const FIELDS: &'static [&'static str] = &["name", "repeats", "until", "delay", "target", "way", "skip"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl Typed {
    fn of(named: &Named, policy: &Policy) -> Self {
        let mut typed = Self {
            name: named.name.clone(),
            repeats: policy.repeats.to_string(),
            until: if policy.until_acknowledged { "on" } else { "" }.to_owned(),
            ..Self::default()
        };
        for step in &policy.steps {
            typed.delay.push(((step.delay_seconds + 59) / 60).to_string());
            let mut row: Vec<String> = step.targets.iter().map(word).collect();
            row.resize(TARGETS, String::new());
            typed.target.append(&mut row);
            typed
                .way
                .push(if step.in_turn { IN_TURN } else { TOGETHER }.to_owned());
            typed
                .skip
                .push(if step.skips_paged { PAGED } else { NEVER }.to_owned());
        }
        typed
    }

    /// Steps without a target are left out.
    ///
    /// # Errors
    /// [`Error::NotAChoice`]
    pub fn policy(&self) -> Result<Policy, Error> {
        let steps = (0..).zip(self.target.chunks(TARGETS));
        let of = |all: &[String], step: usize| all.get(step).cloned().unwrap_or_default();
        let mut policy = Policy {
            steps: Vec::new(),
            // What is no number is refused like one that is out of bounds.
            repeats: self.repeats.trim().parse().unwrap_or(-1),
            until_acknowledged: self.until == "on",
        };
        for (step, row) in steps.filter(|(_, row)| row.iter().any(|word| !word.is_empty())) {
            let targets = row.iter().filter(|word| !word.is_empty());
            let targets = targets.map(|word| target(word).ok_or(Error::NotAChoice("target")));
            policy.steps.push(Step {
                delay_seconds: of(&self.delay, step)
                    .trim()
                    .parse::<i64>()
                    .map_or(0, |minutes| minutes.saturating_mul(60)),
                targets: targets.collect::<Result<_, _>>()?,
                in_turn: chosen("way", &of(&self.way, step), (TOGETHER, IN_TURN))?,
                skips_paged: chosen("skip", &of(&self.skip, step), (NEVER, PAGED))?,
                last: None,
            });
        }
        Ok(policy)
    }

    /// Without the rows in which nothing was chosen.
    fn without_empty_rows(&self) -> Self {
        let of = |all: &[String], step: usize, word: &str| {
            all.get(step).map_or_else(|| word.to_owned(), Clone::clone)
        };
        let rows = (0..).zip(self.target.chunks(TARGETS));
        let mut trimmed = Self {
            delay: Vec::new(),
            target: Vec::new(),
            way: Vec::new(),
            skip: Vec::new(),
            ..self.clone()
        };
        for (step, row) in rows.filter(|(_, row)| row.iter().any(|word| !word.is_empty())) {
            trimmed.delay.push(of(&self.delay, step, ""));
            trimmed.way.push(of(&self.way, step, TOGETHER));
            trimmed.skip.push(of(&self.skip, step, NEVER));
            trimmed.target.extend_from_slice(row);
        }
        trimmed
    }

    fn steps(&self) -> usize {
        self.target
            .chunks(TARGETS)
            .filter(|row| row.iter().any(|word| !word.is_empty()))
            .count()
    }
}

const ADMINISTRATORS: &str = "administrators";
const TOGETHER: &str = "together";
const IN_TURN: &str = "in_turn";
const NEVER: &str = "never";
const PAGED: &str = "paged";

/// Which of two words; nothing is the first one.
fn chosen(field: &'static str, typed: &str, (no, yes): (&str, &str)) -> Result<bool, Error> {
    match typed {
        typed if typed == yes => Ok(true),
        typed if typed == no || typed.is_empty() => Ok(false),
        _ => Err(Error::NotAChoice(field)),
    }
}

fn word(target: &Target) -> String {
    match target {
        Target::Person(id) => format!("person:{id}"),
        Target::Schedule(id) => format!("schedule:{id}"),
        Target::Team(id) => format!("team:{id}"),
        Target::Administrators => ADMINISTRATORS.to_owned(),
    }
}

fn target(word: &str) -> Option<Target> {
    if word == ADMINISTRATORS {
        return Some(Target::Administrators);
    }
    match word.split_once(':')? {
        ("person", id) => Some(Target::Person(id.parse().ok()?)),
        ("schedule", id) => Some(Target::Schedule(id.parse().ok()?)),
        ("team", id) => Some(Target::Team(id.parse().ok()?)),
        _ => None,
    }
}

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

pub async fn show(State(app): State<App>, who: SignedIn, Path(id): Path<PolicyId>) -> Answered {
    answer(&app, &who, StatusCode::OK, id, None, Problem::default()).await
}

pub async fn post(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<PolicyId>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        sent::one_at_a_time(tx, &format!("policy {id}")).await?;
        let (named, policy) = (policies::find(tx, id).await?, policies::policy(tx, id).await?);
        let typed = merged(&typed.without_empty_rows(), &Typed::of(&named, &policy))?;
        policies::change(tx, id, &typed.name, &typed.policy()?).await?
    });
    match done {
        Ok(()) => Ok(redirect(&format!("/settings/policies/{id}"))),
        Err(error) => {
            let problem = problem_of(error)?;
            answer(
                &app,
                &who,
                StatusCode::UNPROCESSABLE_ENTITY,
                id,
                Some(typed),
                problem,
            )
            .await
        }
    }
}

pub async fn remove(State(app): State<App>, who: SignedIn, Path(id): Path<PolicyId>) -> Answered {
    let done = transaction!(app.by(&who), |tx| policies::delete(tx, id).await?);
    match done {
        Ok(()) => Ok(redirect("/settings/policies")),
        Err(error) => {
            let problem = problem_of(error)?;
            answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, id, None, problem).await
        }
    }
}

async fn answer(
    app: &App,
    who: &SignedIn,
    status: StatusCode,
    id: PolicyId,
    typed: Option<Typed>,
    problem: Problem,
) -> Answered {
    let mut tx = app.by(who).read().await?;
    let named = policies::find(&mut tx, id).await?;
    let policy = oncall::policy(&mut tx, id).await?;
    let targets = targets(&mut tx).await?;
    let may_change = who.may(&mut tx, Permission::ChangeTeam(named.team_id)).await?;
    let frame = who.frame(&mut tx, named.name.clone(), Bar::Settings).await?;
    let typed = typed.unwrap_or_else(|| Typed::of(&named, &policy));
    Ok(render::page(status, frame, move || {
        view! { <Page named policy typed targets problem may_change /> }
    }))
}

#[component]
fn Page(
    named: Named,
    policy: Policy,
    typed: Typed,
    targets: Vec<Choice>,
    problem: Problem,
    may_change: bool,
) -> impl IntoView {
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
    if !may_change {
        return view! { <Shell part=Part::Policies title=named.name.clone() under>""</Shell> }.into_any();
    }
    let names = targets.iter().filter(|choice| !choice.value.is_empty());
    let names = names.map(|choice| (choice.value.clone(), &*choice.label));
    let problem = Problem {
        sentence: with_names(&problem.sentence, names),
        // Of several fields of one name none can have it.
        field: problem
            .field
            .filter(|field| !matches!(*field, "delay" | "target" | "way" | "skip")),
    };
    let above = problem.above();
    let stands = Typed::of(&named, &policy);
    view! {
        <Shell part=Part::Policies title=named.name.clone() under>
            <form class="form measure" method="post" action=here>
                <DrawnFrom now=stands />
                <FormProblem problems=above />
                <Steps typed targets problem />
                <p class="buttons">
                    <Submit>"Save"</Submit>
                </p>
            </form>
            <Section title="Delete">
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
pub(super) fn Steps(typed: Typed, targets: Vec<Choice>, problem: Problem) -> impl IntoView {
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
            name="name"
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
    }
}

/// Whom one step pages, and how long they have.
#[component]
fn StepFields(step: usize, typed: Typed, targets: Vec<Choice>) -> impl IntoView {
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
            <Fold label="Page others as well, or in turn" open=several || way == IN_TURN || skip == PAGED>
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::{PersonId, ScheduleId};

    #[test]
    fn the_form_says_the_policy_and_empty_steps_are_left_out() {
        let person = PersonId(uuid::Uuid::from_u128(1));
        let schedule = ScheduleId(uuid::Uuid::from_u128(2));
        let none = String::new;
        let typed = Typed {
            name: "Day".to_owned(),
            repeats: "2".to_owned(),
            delay: vec!["5".to_owned(), "5".to_owned(), "10".to_owned()],
            target: vec![
                word(&Target::Schedule(schedule)),
                none(),
                none(),
                none(),
                none(),
                none(),
                none(),
                word(&Target::Person(person)),
                none(),
            ],
            ..Typed::default()
        };
        let mut nonsense = typed.clone();
        nonsense.target[8] = "nonsense".to_owned();
        assert!(matches!(nonsense.policy(), Err(Error::NotAChoice("target"))));
        let policy = typed.policy().unwrap();
        assert_eq!(policy.repeats, 2);
        assert_eq!(
            policy.steps,
            [
                Step {
                    delay_seconds: 300,
                    targets: vec![Target::Schedule(schedule)],
                    ..Step::default()
                },
                Step {
                    delay_seconds: 600,
                    targets: vec![Target::Person(person)],
                    ..Step::default()
                },
            ]
        );
    }
}
