//! Exceptions to what the layers say.

use super::spans::Span;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

words! {
    /// What becomes of the people on call.
    pub enum OverrideKind {
        /// Exactly that person.
        Cover = "cover",
        /// That person as well.
        Add = "add",
        /// Without that person.
        Remove = "remove",
        /// Another one in the place of that person, where that person is on call.
        Replace = "replace",
    }
}

/// From `from` to before `to`. Applied in the order in which they were made, each to what the ones before it left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override<P> {
    pub kind: OverrideKind,
    pub person: P,
    /// Who stands in; only [`OverrideKind::Replace`] has one.
    pub with: Option<P>,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

impl<P: Clone + Ord> Override<P> {
    /// Who comes in by it.
    pub(super) fn brings_in(&self) -> Option<&P> {
        match self.kind {
            OverrideKind::Cover | OverrideKind::Add => Some(&self.person),
            OverrideKind::Remove => None,
            OverrideKind::Replace => self.with.as_ref(),
        }
    }

    pub(super) fn span(&self) -> Option<Span> {
        Span::new(self.from, self.to)
    }

    pub(super) fn apply(&self, people: &mut BTreeSet<P>) {
        match self.kind {
            OverrideKind::Cover => *people = BTreeSet::from([self.person.clone()]),
            OverrideKind::Add => {
                people.insert(self.person.clone());
            }
            OverrideKind::Remove => {
                people.remove(&self.person);
            }
            OverrideKind::Replace => {
                if let Some(with) = self.with.as_ref().filter(|_| people.contains(&self.person)) {
                    people.remove(&self.person);
                    people.insert(with.clone());
                }
            }
        }
    }
}
