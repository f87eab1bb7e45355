//! Taking, giving and leaving a role.

use super::page::after;
use super::verb::Pressed;
use crate::App;
use crate::address::Path;
use crate::answer::Answered;
use crate::form::Form;
use crate::session::SignedIn;
use axum::extract::State;
use domain::ids::PersonId;
use domain::incidents::IncidentRole;
use domain::incidents::verb::Verb;
use engine::incidents::{self, Refused};
use engine::transaction;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Typed {
    /// Whoever asks takes it, unless the form has this field. As an `Option` an empty one would be read as none.
    #[serde(default)]
    person: Vec<String>,
    #[serde(flatten)]
    pressed: Pressed,
}

impl Typed {
    fn person(&self, who: &SignedIn) -> Result<PersonId, Refused> {
        match self.person.first() {
            None => Ok(who.person.id),
            Some(id) => id.parse().map_err(|_| Refused::NobodyChosen),
        }
    }
}

pub async fn take(
    State(app): State<App>,
    who: SignedIn,
    Path((number, role)): Path<(i64, IncidentRole)>,
    Form(typed): Form<Typed>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        let person = typed.person(&who)?;
        incidents::must_fit(tx, number, Verb::TakeRole(role), typed.pressed.drawn()).await?;
        incidents::take_role(tx, number, role, person).await?
    });
    after(&app, &who, number, done, "roles", "").await
}

pub async fn leave(
    State(app): State<App>,
    who: SignedIn,
    Path((number, role)): Path<(i64, IncidentRole)>,
    Form(pressed): Form<Pressed>,
) -> Answered {
    let done = transaction!(app.by(&who), |tx| {
        incidents::must_fit(tx, number, Verb::LeaveRole(role), pressed.drawn()).await?;
        incidents::leave_role(tx, number, role).await?
    });
    after(&app, &who, number, done, "roles", "").await
}
