//! Incidents that were reviewed in a period, which is that their document was published: which of them came back.

use super::look::{Look, Naming};
use super::scope::{Period, Scope, at, is_in};
use domain::learning::{Finding, OfReviewed};
use std::collections::BTreeMap;

/// How many incidents were reviewed; and of those with factors, whether these were met before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Met {
    pub reviewed: usize,
    pub new: usize,
    pub same_service: usize,
    pub elsewhere: usize,
    /// Of those that came back: nobody has said yet of all of their factors how that came about.
    pub not_looked_at: usize,
}

/// Where a factor was named in what was reviewed, and what looking back from there finds.
pub(super) struct Reviewed<'a>(Vec<(&'a Naming, Vec<Finding>)>);

/// An incident that was reviewed and names factors.
#[derive(Clone, Copy, Debug)]
pub(super) struct OneReviewed<'a> {
    pub title: &'a str,
    /// Never `All` or `NotLookedAt`.
    found: OfReviewed,
    is_looked_at: bool,
}

impl OneReviewed<'_> {
    pub fn is(&self, of: OfReviewed) -> bool {
        match of {
            OfReviewed::All => true,
            OfReviewed::NotLookedAt => !self.is_looked_at,
            found => self.found == found,
        }
    }
}

impl<'a> Reviewed<'a> {
    pub fn find(look: &'a Look, period: Period, scope: Scope) -> Self {
        let is_reviewed =
            |naming: &&Naming| naming.published_at.is_some_and(|at| period.has(at)) && is_in(naming, scope);
        let namings = look.namings.iter().filter(is_reviewed);
        let found = |naming: &'a Naming| (naming, look.findings_at(naming, &at(naming, scope), 0));
        Self(namings.map(found).collect())
    }

    /// Factors that were met before, those that are another one after all, too.
    pub fn came_back(&self) -> impl Iterator<Item = (&'a Naming, &[Finding])> {
        let all = self.0.iter().filter(|(_, findings)| !findings.is_empty());
        all.map(|(naming, findings)| (*naming, &findings[..]))
    }

    /// By number.
    pub fn incidents(&self) -> BTreeMap<i64, OneReviewed<'a>> {
        let mut incidents: BTreeMap<i64, Vec<&(&'a Naming, Vec<Finding>)>> = BTreeMap::new();
        for one in &self.0 {
            incidents.entry(one.0.met.number).or_default().push(one);
        }
        let one = |(number, named): (i64, Vec<&(&'a Naming, Vec<Finding>)>)| {
            let title = &named.first()?.0.title;
            let counts =
                |(naming, findings): &&&(&Naming, Vec<Finding>)| !naming.is_another() && !findings.is_empty();
            let counting: Vec<_> = named.iter().filter(counts).collect();
            let mut findings = counting.iter().flat_map(|(_, findings)| findings);
            let found = match counting.is_empty() {
                true => OfReviewed::New,
                false if findings.any(Finding::is_same_service) => OfReviewed::SameService,
                false => OfReviewed::Elsewhere,
            };
            let is_looked_at = counting.iter().all(|(naming, _)| naming.said.is_some());
            Some((
                number,
                OneReviewed {
                    title,
                    found,
                    is_looked_at,
                },
            ))
        };
        incidents.into_iter().filter_map(one).collect()
    }

    /// With so many more that name no factor.
    pub fn met(&self, without_factors: usize) -> Met {
        let incidents = self.incidents();
        let count = |of| incidents.values().filter(|incident| incident.is(of)).count();
        Met {
            reviewed: count(OfReviewed::All) + without_factors,
            new: count(OfReviewed::New),
            same_service: count(OfReviewed::SameService),
            elsewhere: count(OfReviewed::Elsewhere),
            not_looked_at: count(OfReviewed::NotLookedAt),
        }
    }
}
