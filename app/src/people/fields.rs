//! What is asked about a person, whether they are invited or changed.

use crate::answer::Problem;
use crate::components::{Choice, Field, FieldKind};
use crate::drawn::Drawn;
use crate::zoned::zone_choices;
use domain::fields;
use domain::people::{Person, Role};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonForm {
    pub name: String,
    pub email: String,
    pub role: String,
    pub time_zone: String,
    pub drawn: String,
}

impl Drawn for PersonForm {
    const FIELDS: &'static [&'static str] = &["name", "email", "role", "time_zone"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl PersonForm {
    pub fn of(person: &Person) -> Self {
        Self {
            name: person.name.clone(),
            email: person.email.clone(),
            role: person.role.to_string(),
            time_zone: person.time_zone.clone(),
            drawn: String::new(),
        }
    }
}

/// What a role is for.
pub(super) fn roles() -> Vec<Choice> {
    vec![
        Choice::new(
            Role::Administrator,
            "Administrator: people, teams, mail, everything",
        ),
        Choice::new(
            Role::Responder,
            "Responder: works on incidents, changes their own teams",
        ),
        Choice::new(Role::Observer, "Observer: reads along"),
    ]
}

#[component]
pub(super) fn PersonFields(typed: PersonForm, problem: Problem, email_hint: &'static str) -> impl IntoView {
    view! {
        <Field of=fields::PERSON_NAME label="Name" value=typed.name required=true error=problem.beside("name") />
        <Field
            of=fields::EMAIL
            label="E-mail address"
            kind=FieldKind::Email
            value=typed.email
            required=true
            error=problem.beside("email")
            hint=email_hint
        />
        <Field
            name="role"
            label="Role"
            kind=FieldKind::Select(roles())
            value=typed.role
            error=problem.beside("role")
        />
        <Field
            name="time_zone"
            label="Time zone"
            kind=FieldKind::Select(zone_choices())
            value=typed.time_zone
            error=problem.beside("time_zone")
        />
    }
}
