//! Each time that a factor was met, watched for whether it comes back: with something done about it, and without.

use super::look::{Look, Naming};
use super::scope::{Scope, at, is_in};
use chrono::{DateTime, Utc};
use domain::action_items::ActionState;
use domain::ids::{FactorId, ServiceId};
use domain::learning::Chance;
use std::collections::{BTreeMap, BTreeSet};

/// With something done about it there, from then on; without, from that incident on.
pub(super) fn watched(look: &Look, scope: Scope, with: bool) -> impl Iterator<Item = (&Naming, Chance)> {
    let mut of_factor: BTreeMap<FactorId, Vec<&Naming>> = BTreeMap::new();
    for naming in look.namings.iter().filter(|naming| !naming.is_another()) {
        of_factor.entry(naming.factor).or_default().push(naming);
    }
    let namings = look.namings.iter().filter(move |naming| is_in(naming, scope));
    namings.filter_map(move |naming| {
        let done = first_done(naming);
        (done.is_some() == with).then(|| {
            let from = done.unwrap_or(naming.met.began_at);
            (
                naming,
                chance(naming, &at(naming, scope), from, of_factor.get(&naming.factor)),
            )
        })
    })
}

fn first_done(naming: &Naming) -> Option<DateTime<Utc>> {
    let states = naming.answers.iter().flat_map(|answer| &answer.states);
    let done = states.filter(|(_, state)| *state == ActionState::Done);
    done.map(|(at, _)| *at).min()
}

fn chance(
    naming: &Naming,
    services: &BTreeSet<ServiceId>,
    from: DateTime<Utc>,
    others: Option<&Vec<&Naming>>,
) -> Chance {
    let is_again = |other: &&&Naming| {
        other.incident != naming.incident
            && other.met.began_at > from
            && !other.services.is_disjoint(services)
    };
    let again = others.into_iter().flatten().filter(is_again);
    let next = again.min_by_key(|other| other.met.began_at);
    Chance {
        from,
        next: next.map(|other| other.met.began_at),
        is_next_unseen: next.is_some_and(|other| other.said.is_none()),
    }
}
