//! Taking a person out: first what names them is shown, and who takes it over is asked.

use crate::answer::Answered;
use crate::components::{
    ButtonKind, ButtonLink, Choice, Field, FieldKind, FormProblem, Problem, Section as Bar, Submit,
};
use crate::form::Form;
use crate::form_page::{FormPage, Here, Returned};
use crate::session::SignedIn;
use crate::settings::{Part, Section, Shell};
use domain::ids::PersonId;
use domain::people::{Permission, Person, Role};
use engine::deactivation::{self, Heir, Heirs, Standing};
use engine::{Tx, people, transaction};
use leptos::prelude::*;
use serde::Deserialize;

/// The answer “nobody”, which somebody has to give.
const NOBODY: &str = "nobody";

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct DeactivationForm {
    schedules: String,
    steps: String,
    actions: String,
    incidents: String,
}

impl DeactivationForm {
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

#[derive(Deserialize)]
pub struct DeactivationPage {
    person: PersonId,
}

pub struct DeactivationView {
    person: Person,
    standing: Standing,
    others: Vec<Person>,
}

impl FormPage for DeactivationPage {
    type Caller = SignedIn;
    type View = DeactivationView;

    fn address(&self) -> String {
        format!("/settings/people/{}/deactivation", self.person)
    }

    async fn load(here: &Here<Self>, tx: &mut Tx) -> engine::Result<DeactivationView> {
        people::authorize(tx, &here.who.person, Permission::Administer).await?;
        let id = here.page.person;
        let mut others = people::active(tx).await?;
        others.retain(|other| other.id != id && other.role != Role::Observer);
        Ok(DeactivationView {
            person: people::find(tx, id).await?,
            standing: deactivation::standing(tx, id).await?,
            others,
        })
    }

    fn title(view: &DeactivationView) -> (String, Bar) {
        (format!("Deactivate {}", view.person.name), Bar::Settings)
    }

    fn show(view: DeactivationView, returned: Returned) -> impl IntoView {
        view! { <Deactivation view returned /> }
    }
}

pub async fn show(here: Here<DeactivationPage>) -> Answered {
    here.show().await
}

pub async fn post(here: Here<DeactivationPage>, Form(form): Form<DeactivationForm>) -> Answered {
    let id = here.page.person;
    let (heirs, asked) = (form.heirs(), form.incidents.parse().ok().map(PersonId));
    let done = transaction!(here.by(), |tx| {
        deactivation::hand_over_and_ask(tx, id, heirs, asked).await?
    });
    here.lead(done.map(|()| format!("/settings/people/{id}")), form)
        .await
}

#[component]
fn Deactivation(view: DeactivationView, returned: Returned) -> impl IntoView {
    let DeactivationView {
        person,
        standing,
        others,
    } = view;
    let (typed, problem) = returned.of().or(DeactivationForm::default);
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
                <FormProblem problems=problem.above() />
                <Named title="Incidents they have" name="incidents" ask="Who is paged for them first" nobody="Nobody: the policy starts anew"
                    rows=incidents.collect() others=others.clone() typed=typed.incidents problem=problem.clone() />
                <Named title="Schedules" name="schedules" ask="Who takes over their turns" nobody="Nobody: their turns become gaps, their overrides end"
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
