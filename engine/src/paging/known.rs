//! What paging has to know before it decides: policies, whom their steps reach, and what these people were paged lately. It is looked
//! up for one incident, or for all that a batch of alerts is about to open.

use crate::Tx;
use crate::context::CLOCKS_DIFFER;
use crate::db::{Arg, dialect, sql_of_rows};
use crate::error::Result;
use crate::oncall::{OnCall, policies, routing};
use chrono::{DateTime, TimeDelta, Utc};
use domain::Severity;
use domain::escalation::{FLOOD_SECONDS, Policy, Routing, Step};
use domain::ids::{PersonId, PolicyId, ServiceId};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(crate) struct Known {
    routing: BTreeMap<ServiceId, Routing>,
    policies: BTreeMap<PolicyId, Policy>,
    pub(super) on_call: OnCall,
    recent: BTreeMap<PersonId, Recent>,
}

/// What a person was paged in the minutes that make a flood.
#[derive(Clone, Copy, Default, sqlx::FromRow)]
pub(super) struct Recent {
    pub pages: i64,
    pub worst: Option<Severity>,
    /// They said that they are awake.
    pub awake_until: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct RecentOf {
    person_id: PersonId,
    #[sqlx(flatten)]
    recent: Recent,
}

impl Known {
    /// Looks up what is not known yet of whom the first steps of the services' policies page.
    pub async fn learn(&mut self, tx: &mut Tx, services: &BTreeSet<ServiceId>) -> Result<()> {
        let new: BTreeSet<ServiceId> = services
            .iter()
            .filter(|service| !self.routing.contains_key(service))
            .copied()
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        let routing = routing::of_services(tx, &new).await?;
        let named = routing.values().flat_map(Routing::policies).collect();
        self.policies.extend(policies::these(tx, &named).await?);
        // Most go where no rule holds; whom another policy pages is looked up where it is needed.
        let usual = routing.values().filter_map(|routing| routing.policy);
        let first_steps: Vec<Step> = usual
            .collect::<BTreeSet<_>>()
            .iter()
            .filter_map(|policy| self.policies.get(policy)?.steps.first().cloned())
            .collect();
        self.routing.extend(routing);
        self.on_call.learn(tx, &first_steps).await?;
        let people = self.on_call.people();
        self.learn_recent(tx, &people).await
    }

    /// Whether an incident of the service pages anybody.
    pub fn has_policy(&self, service: ServiceId) -> bool {
        self.routing
            .get(&service)
            .is_some_and(|routing| routing.policy.is_some())
    }

    /// The policy of what begins to page then.
    pub fn policy_for(
        &self,
        service: ServiceId,
        severity: Severity,
        at: DateTime<Utc>,
    ) -> Option<(PolicyId, Policy)> {
        let id = self.routing.get(&service)?.policy_for(severity, at)?;
        Some((id, self.policies.get(&id)?.clone()))
    }

    /// Takes the people, so that pages to them are counted one after the other, and counts what they got.
    pub(super) async fn learn_recent(&mut self, tx: &mut Tx, people: &BTreeSet<PersonId>) -> Result<()> {
        let new: BTreeSet<PersonId> = people
            .iter()
            .filter(|person| !self.recent.contains_key(person))
            .copied()
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        dialect::lock_people(tx, &new).await?;
        let (since, until) = flood(tx.now());
        let counts: Vec<RecentOf> = sql_of_rows(
            "WITH asked (person_id, since, until) AS (VALUES {rows})
             SELECT asked.person_id, COUNT(g.created_at) AS pages, MIN(g.severity) AS worst,
                (SELECT p.awake_until FROM people p WHERE p.id = asked.person_id) AS awake_until FROM asked LEFT JOIN pages g
                ON g.person_id = asked.person_id AND g.created_at > asked.since AND g.created_at <= asked.until
             GROUP BY asked.person_id",
            new.iter()
                .map(|person| vec![Arg::from(*person), Arg::from(since), Arg::from(until)])
                .collect(),
        )
        .all(tx)
        .await?;
        self.recent
            .extend(counts.into_iter().map(|of| (of.person_id, of.recent)));
        Ok(())
    }

    /// Pages were written past this: what people were paged is counted anew when it is asked for.
    pub fn forget_pages(&mut self) {
        self.recent.clear();
    }

    pub(super) fn recent(&self, person: PersonId) -> Recent {
        self.recent.get(&person).copied().unwrap_or_default()
    }

    /// The next one counts this one, too.
    pub(super) fn is_paged(&mut self, person: PersonId, severity: Severity) {
        let recent = self.recent.entry(person).or_default();
        recent.pages += 1;
        recent.worst = recent.worst.max(Some(severity));
    }
}

/// The minutes in which pages make a flood. Those of a clock that was fast would make one for as long as it was.
fn flood(now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    (now - TimeDelta::seconds(FLOOD_SECONDS), now + CLOCKS_DIFFER)
}
