//! Taking, giving and leaving a role.

use super::verb::Pressed;
use super::view::{IncidentPage, after};
use crate::address::Path;
use crate::answer::Answered;
use crate::form::Form;
use crate::form_page::Here;
use crate::session::SignedIn;
use domain::ids::PersonId;
use domain::incidents::IncidentRole;
use domain::incidents::verb::Verb;
use engine::incidents::{self, Refused};
use engine::transaction;
use serde::Deserialize;

/// Which role.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Which {
    role: IncidentRole,
}

#[derive(Debug, Deserialize)]
pub struct RoleForm {
    /// Whoever asks takes it, unless the form has this field. As an `Option` an empty one would be read as none.
    #[serde(default)]
    person: Vec<String>,
    #[serde(flatten)]
    pressed: Pressed,
}

impl RoleForm {
    fn person(&self, who: &SignedIn) -> Result<PersonId, Refused> {
        match self.person.first() {
            None => Ok(who.person.id),
            Some(id) => id.parse().map_err(|_| Refused::NobodyChosen),
        }
    }
}

pub async fn take(
    here: Here<IncidentPage>,
    Path(Which { role }): Path<Which>,
    Form(typed): Form<RoleForm>,
) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        let person = typed.person(&here.who)?;
        incidents::must_fit(tx, number, Verb::TakeRole(role), typed.pressed.drawn()).await?;
        incidents::give_role(tx, number, role, person).await?
    });
    after(&here, done, "roles", "").await
}

pub async fn leave(
    here: Here<IncidentPage>,
    Path(Which { role }): Path<Which>,
    Form(pressed): Form<Pressed>,
) -> Answered {
    let number = here.page.number;
    let done = transaction!(here.by(), |tx| {
        incidents::must_fit(tx, number, Verb::LeaveRole(role), pressed.drawn()).await?;
        incidents::leave_role(tx, number, role).await?
    });
    after(&here, done, "roles", "").await
}
