//! Taking a person out: first what names them is shown, and who takes it over is asked.

use super::forms::above;
use super::shell::{Part, Section, Shell};
use crate::App;
use crate::address::Path;
use crate::answer::{Answered, Problem, problem_of, see};
use crate::components::{
    ButtonKind, ButtonLink, Choice, Field, FieldKind, FormProblem, Section as Bar, Submit,
};
use crate::form::Form;
use crate::render;
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::PersonId;
use domain::people::{Permission, Person, Role};
use engine::deactivation::{self, Heir, Heirs, Standing};
use engine::{people, transaction};
use leptos::prelude::*;
use serde::Deserialize;

/// The answer “nobody”, which somebody has to give.
const NOBODY: &str = "nobody";

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    schedules: String,
    steps: String,
    actions: String,
    incidents: String,
}

impl Typed {
    fn heirs(&self) -> Heirs {
        let heir = |typed: &str| match typed {
            NOBODY => Some(Heir::Nobody),
            id => id.parse().ok().map(|id| Heir::Person(PersonId(id))),
        };
        Heirs {
            schedules: heir(&self.schedules),
            steps: heir(&self.steps),
            actions: heir(&self.actions),
        }
    }
}

pub async fn show(State(app): State<App>, who: SignedIn, Path(id): Path<PersonId>) -> Answered {
    answer(
        &app,
        &who,
        StatusCode::OK,
        id,
        Typed::default(),
        Problem::default(),
    )
    .await
}

pub async fn post(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<PersonId>,
    Form(typed): Form<Typed>,
) -> Answered {
    let (heirs, asked) = (typed.heirs(), typed.incidents.parse().ok().map(PersonId));
    let done = transaction!(app.by(&who), |tx| {
        deactivation::hand_over_and_ask(tx, id, heirs, asked).await?
    });
    match done {
        Ok(()) => Ok(see(&format!("/settings/people/{id}"))),
        Err(error) => {
            let problem = problem_of(error)?;
            answer(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, id, typed, problem).await
        }
    }
}

async fn answer(
    app: &App,
    who: &SignedIn,
    status: StatusCode,
    id: PersonId,
    typed: Typed,
    problem: Problem,
) -> Answered {
    let mut tx = app.by(who).read().await?;
    people::authorize(&mut tx, &who.person, Permission::Administer).await?;
    let person = people::find(&mut tx, id).await?;
    let standing = deactivation::standing(&mut tx, id).await?;
    let mut others = people::active(&mut tx).await?;
    others.retain(|other| other.id != id && other.role != Role::Observer);
    let title = format!("Deactivate {}", person.name);
    let frame = who.frame(&mut tx, title, Bar::Settings).await?;
    Ok(render::page(
        status,
        frame,
        move || view! { <Page person standing others typed problem /> },
    ))
}

#[component]
fn Page(
    person: Person,
    standing: Standing,
    others: Vec<Person>,
    typed: Typed,
    problem: Problem,
) -> impl IntoView {
    let back = format!("/settings/people/{}", person.id);
    let under = if standing.is_empty() {
        "They will not be able to log in, and will not be paged any more. Nothing names them: no schedule, no policy, no open action item, no incident."
    } else {
        "They will not be able to log in, and will not be paged any more. Who takes over what names them?"
    };
    let to = format!("{back}/deactivation");
    let schedules = standing.schedules.into_iter();
    let schedules = schedules.map(|(id, name)| (format!("/settings/schedules/{id}"), name));
    let steps = standing.steps.into_iter();
    let steps =
        steps.map(|(id, name, step)| (format!("/settings/policies/{id}"), format!("{name}, step {step}")));
    let actions = standing.actions.into_iter();
    let actions = actions.map(|(number, title)| (format!("/action-items/{number}"), title));
    let incidents = standing.incidents.into_iter();
    let incidents =
        incidents.map(|(number, title)| (format!("/incidents/{number}"), format!("INC-{number} {title}")));
    view! {
        <Shell part=Part::People title=format!("Deactivate {}", person.name) under>
            <form class="form measure" method="post" action=to>
                <FormProblem problems=above(&problem) />
                <Named title="Incidents they have" name="incidents" ask="Who is paged for them first" nobody="Nobody: the policy starts anew"
                    rows=incidents.collect() others=others.clone() typed=typed.incidents problem=problem.clone() />
                <Named title="Schedules" name="schedules" ask="Who takes over their turns" nobody="Nobody: their turns become gaps, their covers end"
                    rows=schedules.collect() others=others.clone() typed=typed.schedules problem=problem.clone() />
                <Named title="Escalation policies" name="steps" ask="Who is paged instead" nobody="Nobody: where they were the only one, the step is passed over and the team told"
                    rows=steps.collect() others=others.clone() typed=typed.steps problem=problem.clone() />
                <Named title="Open action items" name="actions" ask="Who owns them from now on" nobody="Nobody for now"
                    rows=actions.collect() others typed=typed.actions problem />
                <p class="buttons">
                    <Submit kind=ButtonKind::Danger>"Deactivate"</Submit>
                    <ButtonLink href=back kind=ButtonKind::Plain>"Back"</ButtonLink>
                </p>
            </form>
        </Shell>
    }
}

/// What of one kind names them, and who takes it over; nothing where there is none.
#[component]
fn Named(
    title: &'static str,
    name: &'static str,
    ask: &'static str,
    nobody: &'static str,
    /// Address and words.
    rows: Vec<(String, String)>,
    others: Vec<Person>,
    typed: String,
    problem: Problem,
) -> impl IntoView {
    (!rows.is_empty()).then(|| {
        let rows = rows
            .into_iter()
            .map(|(href, words)| view! { <li><a href=href>{words}</a></li> })
            .collect_view();
        let choices: Vec<_> = [Choice::new("", "Choose"), Choice::new(NOBODY, nobody)]
            .into_iter()
            .chain(others.into_iter().map(|other| Choice::new(other.id, other.name)))
            .collect();
        view! {
            <Section title>
                <ul class="rows">{rows}</ul>
                <Field name label=ask kind=FieldKind::Select(choices) value=typed error=problem.beside(name) />
            </Section>
        }
    })
}
