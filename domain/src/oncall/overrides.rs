//! Exceptions to what the layers say.

use super::spans::Span;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What is longer is another rotation.
pub const LONGEST: TimeDelta = TimeDelta::days(60);

/// Why a time cannot be arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanFault {
    #[error("The end must be later than the beginning.")]
    EndsTooEarly,
    #[error("That time has passed.")]
    IsOver,
    #[error("An override lasts at most 60 days. Change the rotation for longer.")]
    LastsTooLong,
}

/// What is left of a time that somebody wants arranged: what has passed stays as it was.
///
/// # Errors
/// [`SpanFault`]
pub fn still_to_come(
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
    longest: TimeDelta,
) -> Result<(DateTime<Utc>, DateTime<Utc>), SpanFault> {
    let left = (from.max(now), to);
    match () {
        () if to <= from => Err(SpanFault::EndsTooEarly),
        () if to <= now => Err(SpanFault::IsOver),
        () if left.1 - left.0 > longest => Err(SpanFault::LastsTooLong),
        () => Ok(left),
    }
}

words! {
    /// The kinds of [`Change`].
    pub enum OverrideKind {
        Cover = "cover",
        Add = "add",
        Remove = "remove",
        Replace = "replace",
        Nobody = "nobody",
    }
}

/// What becomes of the people on call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change<P> {
    /// Exactly that person.
    Cover { person: P },
    /// That person as well.
    Add { person: P },
    /// Without that person.
    Remove { person: P },
    /// Another one in the place of that person, where that person is on call.
    Replace { person: P, with: P },
    /// Nobody, whoever it would have been: a gap that is meant.
    Nobody,
}

impl<P> Change<P> {
    pub const fn kind(&self) -> OverrideKind {
        match self {
            Self::Cover { .. } => OverrideKind::Cover,
            Self::Add { .. } => OverrideKind::Add,
            Self::Remove { .. } => OverrideKind::Remove,
            Self::Replace { .. } => OverrideKind::Replace,
            Self::Nobody => OverrideKind::Nobody,
        }
    }

    /// Who comes in by it.
    pub const fn brings_in(&self) -> Option<&P> {
        match self {
            Self::Cover { person } | Self::Add { person } | Self::Replace { with: person, .. } => {
                Some(person)
            }
            Self::Remove { .. } | Self::Nobody => None,
        }
    }
}

/// From `from` to before `to`. Applied in the order in which they were made, each to what the ones before it left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Override<P> {
    #[serde(flatten)]
    pub change: Change<P>,
    /// The layer that it changes, by its place; `None` changes what comes out of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<usize>,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

impl<P: Ord> Override<P> {
    pub(super) fn span(&self) -> Option<Span> {
        Span::new(self.from, self.to)
    }

    fn apply<'a>(&'a self, people: &mut BTreeSet<&'a P>) {
        match &self.change {
            Change::Cover { person } => *people = BTreeSet::from([person]),
            Change::Add { person } => {
                people.insert(person);
            }
            Change::Remove { person } => {
                people.remove(person);
            }
            Change::Replace { person, with } => {
                if people.remove(person) {
                    people.insert(with);
                }
            }
            Change::Nobody => people.clear(),
        }
    }
}

/// Overrides, asked about at instants that only go forward.
pub(super) struct InForce<'a, P> {
    /// The next one last.
    waiting: Vec<(Span, usize, &'a Override<P>)>,
    /// By their place in the order of creation.
    now: BTreeMap<usize, (Span, &'a Override<P>)>,
}

impl<'a, P: Ord> InForce<'a, P> {
    /// Those that reach into `span`.
    pub fn new(overrides: impl IntoIterator<Item = &'a Override<P>>, span: Span) -> Self {
        let mut waiting: Vec<_> = overrides
            .into_iter()
            .enumerate()
            .filter_map(|(place, exception)| Some((exception.span()?.within(span)?, place, exception)))
            .collect();
        waiting.sort_by_key(|(span, ..)| std::cmp::Reverse(span.from));
        Self {
            waiting,
            now: BTreeMap::new(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.now.is_empty()
    }

    /// Where something begins or ends.
    pub fn borders(&self) -> impl Iterator<Item = DateTime<Utc>> {
        self.waiting.iter().flat_map(|(span, ..)| [span.from, span.to])
    }

    /// Changes the people on call at an instant.
    pub fn apply(&mut self, at: DateTime<Utc>, people: &mut BTreeSet<&'a P>) {
        while let Some((span, place, exception)) = self.waiting.pop_if(|(span, ..)| span.from <= at) {
            self.now.insert(place, (span, exception));
        }
        self.now.retain(|_, (span, _)| span.to > at);
        for (_, exception) in self.now.values() {
            exception.apply(people);
        }
    }

    /// Whether nobody is meant to be on call at the instant that was asked about last.
    pub fn leave_nobody(&self) -> bool {
        let mut now = self.now.values();
        now.any(|(_, exception)| matches!(exception.change, Change::Nobody))
    }
}
