//! Which cards of a board are looked for.

use super::Card;
use chrono::NaiveDate;
use domain::action_items::{ActionKind, Priority};
use domain::ids::{PersonId, ServiceId};
use std::collections::BTreeSet;

/// Everything that is said has to fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub owner: Option<Owner>,
    pub kind: Option<ActionKind>,
    pub priority: Option<Priority>,
    /// Past its day.
    pub late: bool,
    /// By its name.
    pub factor: Option<String>,
    pub incident: Option<i64>,
    pub service: Option<ServiceId>,
    /// Each has to stand in its title, description, owner, factor or incident, in any case, or be its number or that of its incident.
    pub words: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Nobody,
    Person(PersonId),
}

impl Filter {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// `services`: of the incident that it comes from.
    pub fn fits(&self, card: &Card, services: Option<&BTreeSet<ServiceId>>, today: NaiveDate) -> bool {
        let item = &card.item;
        let is_owner = |owner: Owner| match owner {
            Owner::Nobody => item.owner_id.is_none(),
            Owner::Person(person) => item.owner_id == Some(person),
        };
        let labels = [
            format!("act-{}", item.number),
            format!("inc-{}", card.incident_number),
        ];
        let has = |word: &String| {
            let word = word.to_lowercase();
            let texts = [&item.title, &item.description, &item.proof, &card.incident_title];
            let names = [&card.owner, &card.factor];
            let mut all = texts.into_iter().chain(names.into_iter().flatten());
            labels.contains(&word) || all.any(|text| text.to_lowercase().contains(&word))
        };
        self.owner.is_none_or(is_owner)
            && self.kind.is_none_or(|kind| item.kind == kind)
            && self.priority.is_none_or(|priority| item.priority == priority)
            && (!self.late || item.is_overdue(today))
            && (self.factor.as_ref()).is_none_or(|factor| card.factor.as_ref() == Some(factor))
            && self.incident.is_none_or(|number| card.incident_number == number)
            && (self.service).is_none_or(|service| services.is_some_and(|all| all.contains(&service)))
            && self.words.iter().all(has)
    }
}
