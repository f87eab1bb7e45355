//! How long incidents took: to be detected, acknowledged, mitigated, resolved.

use super::scope::{Period, Scope, in_scope};
use super::times::monday_of;
use crate::Tx;
use crate::db::{Sql, dialect};
use crate::error::Result;
use chrono::{DateTime, NaiveDate, Utc};
use domain::Severity;
use domain::ids::{ServiceId, TeamId};
use domain::incidents::State;
use domain::learning::{By, OfTook, Spread, TimeTo};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
pub struct Measured {
    pub to: TimeTo,
    pub all: Spread,
    /// The worst severity first, the latest week; teams and services by id.
    pub groups: Vec<(Group, Spread)>,
}

/// Incidents that are told apart from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    Severity(Reverse<Severity>),
    Team(TeamId),
    Service(ServiceId),
    /// From this Monday on, UTC.
    Week(Reverse<NaiveDate>),
}

/// An incident that was opened in the period.
#[derive(sqlx::FromRow)]
pub(super) struct Took {
    pub number: i64,
    pub severity: Severity,
    team_id: TeamId,
    pub opened_at: DateTime<Utc>,
    impact_started_at: Option<DateTime<Utc>>,
    detected_at: Option<DateTime<Utc>>,
    seconds_to_acknowledge: Option<i64>,
    seconds_to_mitigate: Option<i64>,
    seconds_to_resolve: Option<i64>,
}

impl Took {
    pub fn is(&self, of: OfTook) -> bool {
        match of {
            OfTook::All => true,
            OfTook::Severity(severity) => self.severity == severity,
            OfTook::Week(monday) => monday_of(self.opened_at.date_naive()) == monday,
        }
    }

    /// `None`: it is not known, or one of the two instants is wrong.
    pub fn seconds(&self, to: TimeTo) -> Option<i64> {
        let seconds = match to {
            TimeTo::Detect => Some((self.detected_at? - self.impact_started_at?).num_seconds()),
            TimeTo::Acknowledge => self.seconds_to_acknowledge,
            TimeTo::Mitigate => self.seconds_to_mitigate,
            TimeTo::Resolve => self.seconds_to_resolve,
        };
        seconds.filter(|seconds| *seconds >= 0)
    }
}

pub(super) async fn opened(tx: &mut Tx, period: Period, scope: Scope) -> Result<Vec<Took>> {
    let what = "i.number, i.severity, i.team_id, i.opened_at, i.impact_started_at, i.detected_at, i.seconds_to_acknowledge,
        i.seconds_to_mitigate, i.seconds_to_resolve";
    ask(tx, period, scope, (what, "", "")).all(tx).await
}

/// Asks something of incidents that were opened in the period (`i`), and of what is joined to them.
fn ask(tx: &Tx, period: Period, scope: Scope, (what, joined, and): (&str, &str, &str)) -> Sql {
    let states: Vec<String> = State::ALL.iter().map(|state| format!("'{state}'")).collect();
    // By an index that begins with the state.
    let (by_index, states) = (dialect::by_index(tx, "incidents_listing"), states.join(", "));
    scope.ask_put_together(
        format!(
            "SELECT {what} FROM incidents i {by_index} {joined}
             WHERE {{visible i}} AND i.state IN ({states}) AND i.opened_at >= $3 AND i.opened_at < $4 {and} {}",
            in_scope!()
        ),
        period,
    )
}

/// One that has several services stands in the group of each.
pub(super) async fn measures(
    tx: &mut Tx,
    period: Period,
    scope: Scope,
    incidents: &[Took],
    by: By,
) -> Result<Vec<Measured>> {
    let services = match by {
        By::Service => services(tx, period, scope).await?,
        By::Severity | By::Team | By::Week => BTreeMap::new(),
    };
    let groups_of = |took: &Took| -> Vec<Group> {
        match by {
            By::Severity => vec![Group::Severity(Reverse(took.severity))],
            By::Team => vec![Group::Team(took.team_id)],
            By::Week => vec![Group::Week(Reverse(monday_of(took.opened_at.date_naive())))],
            By::Service => {
                let services = services.get(&took.number).into_iter().flatten();
                services.map(|service| Group::Service(*service)).collect()
            }
        }
    };
    let mut groups: BTreeMap<Group, Vec<&Took>> = BTreeMap::new();
    for took in incidents {
        for group in groups_of(took) {
            groups.entry(group).or_default().push(took);
        }
    }
    let measure = |to: &TimeTo| Measured {
        to: *to,
        all: Spread::of(incidents.iter().map(|took| took.seconds(*to))),
        groups: groups
            .iter()
            .map(|(group, these)| (*group, Spread::of(these.iter().map(|took| took.seconds(*to)))))
            .collect(),
    };
    Ok(TimeTo::ALL.iter().map(measure).collect())
}

/// By the number of the incident. Of one service only that one.
async fn services(tx: &mut Tx, period: Period, scope: Scope) -> Result<BTreeMap<i64, BTreeSet<ServiceId>>> {
    let mut services: BTreeMap<i64, BTreeSet<ServiceId>> = BTreeMap::new();
    // What it was about when it was resolved, or else what it is about.
    for (joined, and) in [
        (
            "CROSS JOIN resolved_services s",
            "AND s.incident_id = i.id AND ($2 IS NULL OR s.service_id = $2)",
        ),
        (
            "CROSS JOIN incident_services s",
            "AND s.incident_id = i.id AND ($2 IS NULL OR s.service_id = $2)
             AND NOT EXISTS (SELECT 1 FROM resolved_services r WHERE r.incident_id = i.id)",
        ),
    ] {
        let rows: Vec<(i64, ServiceId)> = ask(tx, period, scope, ("i.number, s.service_id", joined, and))
            .all(tx)
            .await?;
        for (number, service) in rows {
            services.entry(number).or_default().insert(service);
        }
    }
    Ok(services)
}
