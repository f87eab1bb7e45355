//! Deactivating a person: what names them, and who takes it over.

use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::Result;
use crate::oncall::{heir, shift_news};
use crate::people::{self, Refused, changes, named, sessions};
use crate::{Tx, action_items, incidents};
use domain::ids::{PersonId, PolicyId, ScheduleId};
use domain::people::{Permission, Role};
use std::collections::BTreeSet;

/// Schedules, policy steps and open action items that name a person, and open incidents that they have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub schedules: Vec<(ScheduleId, String)>,
    /// The policy, its name, and the step's place in it, from 1.
    pub steps: Vec<(PolicyId, String, i64)>,
    /// Number and title.
    pub actions: Vec<(i64, String)>,
    /// Number and title.
    pub incidents: Vec<(i64, String)>,
}

impl Standing {
    pub fn is_empty(&self) -> bool {
        self.schedules.is_empty()
            && self.steps.is_empty()
            && self.actions.is_empty()
            && self.incidents.is_empty()
    }
}

pub async fn standing(tx: &mut Tx, person: PersonId) -> Result<Standing> {
    Ok(Standing {
        schedules: named::schedules(tx, person).await?,
        steps: named::steps(tx, person).await?,
        actions: named::action_items(tx, person).await?,
        incidents: incidents::held_by(tx, person).await?,
    })
}

/// Who takes over what named the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heir {
    Person(PersonId),
    /// Turns become gaps, steps reach nobody, action items have no owner. Somebody said so.
    Nobody,
}

impl Heir {
    const fn person(self) -> Option<PersonId> {
        match self {
            Self::Person(person) => Some(person),
            Self::Nobody => None,
        }
    }
}

/// An answer for each of the three; `None` where none was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heirs {
    pub schedules: Option<Heir>,
    pub steps: Option<Heir>,
    pub actions: Option<Heir>,
}

/// Hands over what names the person, and takes them out, all or nothing. An open incident that they have is triggered anew.
///
/// # Errors
/// [`Refused::NobodyNamed`] where something names them and nobody was said to take it over; [`Refused::CannotBeChosen`];
/// [`Refused::LastAdministrator`]
pub async fn hand_over(tx: &mut Tx, person: PersonId, heirs: Heirs) -> Result<()> {
    hand_over_and_ask(tx, person, heirs, None).await
}

/// The same; somebody is paged first for the incidents that they have.
///
/// # Errors
/// As [`hand_over`].
pub async fn hand_over_and_ask(
    tx: &mut Tx,
    person: PersonId,
    heirs: Heirs,
    for_incidents: Option<PersonId>,
) -> Result<()> {
    tx.authorize(Permission::Administer).await?;
    let standing = standing(tx, person).await?;
    for (is_needed, heir, field) in [
        (!standing.schedules.is_empty(), heirs.schedules, "schedules"),
        (!standing.steps.is_empty(), heirs.steps, "steps"),
        (!standing.actions.is_empty(), heirs.actions, "actions"),
    ] {
        match heir {
            None if is_needed => return Err(Refused::NobodyNamed(field).into()),
            Some(Heir::Person(heir)) if heir == person => return Err(Refused::NobodyNamed(field).into()),
            Some(Heir::Person(heir)) => is_chosen(tx, heir, field).await?,
            _ => {}
        }
    }
    if let Some(asked) = for_incidents {
        is_chosen(tx, asked, "incidents").await?;
    }
    let mut handed_over = Vec::new();
    let schedules = standing.schedules.iter().map(|(id, _)| Subject::Schedule(*id));
    // Several steps may be of one policy.
    let policies: BTreeSet<PolicyId> = standing.steps.iter().map(|(id, ..)| *id).collect();
    for subject in schedules.chain(policies.into_iter().map(Subject::Policy)) {
        handed_over.push(audit::before(tx, subject).await?);
    }
    if let Some(heir) = heirs.schedules.and_then(Heir::person) {
        let mut shifts = Vec::new();
        for (schedule, _) in &standing.schedules {
            shifts.push(shift_news::before(tx, *schedule).await?);
        }
        for (schedule, _) in &standing.schedules {
            heir::hand_over(tx, *schedule, person, heir).await?;
        }
        for shifts in shifts {
            shifts.told(tx, None).await?;
        }
    }
    if let Some(heir) = heirs.steps.and_then(Heir::person) {
        sql("UPDATE policy_targets SET person_id = $2 WHERE person_id = $1")
            .bind(person)
            .bind(heir)
            .run(tx)
            .await?;
    }
    if let Some(heir) = heirs.actions {
        sql("UPDATE action_items SET owner_id = $2
             WHERE owner_id = $1 AND state IN ('proposed', 'accepted', 'doing', 'blocked')")
        .bind(person)
        .bind(heir.person())
        .run(tx)
        .await?;
        for (number, _) in &standing.actions {
            action_items::tell_owner(tx, *number).await?;
        }
    }
    for subject in handed_over {
        subject.told(tx).await?;
    }
    deactivate_for(tx, person, for_incidents).await
}

/// Takes a person out: no log-in, no pages. What they did stays theirs; an open incident that they have is triggered anew.
///
/// # Errors
/// [`Refused::LastAdministrator`]
pub async fn deactivate(tx: &mut Tx, id: PersonId) -> Result<()> {
    tx.authorize(Permission::Administer).await?;
    deactivate_for(tx, id, None).await
}

/// The same; `heir` is paged first for what they have.
async fn deactivate_for(tx: &mut Tx, id: PersonId, heir: Option<PersonId>) -> Result<()> {
    let person = people::find(tx, id).await?;
    if person.deactivated_at.is_some() {
        return Ok(());
    }
    if person.role == Role::Administrator {
        changes::another_administrator_stays(tx, id).await?;
    }
    let before = audit::before(tx, Subject::Person(id)).await?;
    sql("UPDATE people SET deactivated_at = $2 WHERE id = $1")
        .bind(id)
        .bind(tx.now())
        .run(tx)
        .await?;
    before.told(tx).await?;
    named::have_changed(tx, id).await?;
    sessions::end_all(tx, id).await?;
    changes::forget_links(tx, id).await?;
    incidents::holder_has_left(tx, id, heir).await
}

async fn is_chosen(tx: &mut Tx, heir: PersonId, field: &'static str) -> Result<()> {
    let chosen = people::choose(tx, heir).await?;
    chosen
        .map(drop)
        .map_err(|fault| Refused::CannotBeChosen(fault, field).into())
}
