//! Did it help, over a period: for all teams or one, never by person.

use super::came_back::{Said, verdicts};
use super::look::{Look, Naming, Which};
use super::lookalikes::{Lookalike, lookalikes};
use super::scope::{Period, Scope, in_scope};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::action_items::ActionState;
use domain::ids::{FactorId, IncidentId, ServiceId};
use domain::learning::{Again, Chance, Finding};
use std::collections::{BTreeMap, BTreeSet};

/// What the page shows of a period.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    pub met: Met,
    /// Of the period of the same length before it.
    pub met_before: Met,
    /// The latest incident first.
    pub rows: Vec<Row>,
    pub elsewhere: Vec<Elsewhere>,
    /// Of factors with something done about them, and of those without, over all time.
    pub with: Again,
    pub without: Again,
    /// Incidents whose document was published in the period and names no factor, by number.
    pub without_factors: Vec<(i64, String)>,
    /// Open action items that nobody owns, by number.
    pub without_owner: Vec<(i64, String)>,
    /// Factors whose names look like one, of all teams.
    pub lookalikes: Vec<Lookalike>,
}

/// How many incidents were reviewed, which is that their document was published; and of those with factors, whether these were met
/// before. One that came back at the same service and elsewhere counts for the same service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Met {
    pub reviewed: usize,
    pub new: usize,
    pub same_service: usize,
    pub elsewhere: usize,
}

/// A factor that came back with an incident.
#[derive(Clone, Debug)]
pub struct Row {
    pub factor: FactorId,
    pub name: String,
    pub number: i64,
    pub title: String,
    pub services: Vec<String>,
    pub findings: Vec<Finding>,
    pub said: Option<Said>,
}

/// A factor that several services met.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    pub factor: FactorId,
    pub name: String,
    /// Services with an action item that answers it, by name, and these items by number.
    pub answered: Vec<(String, Vec<i64>)>,
    /// Services that met it and have none.
    pub missing: Vec<String>,
}

/// Reads what came back among the incidents that were reviewed in a period: those of a team, of a service, or all.
pub async fn overview(tx: &mut Tx, period: Period, scope: impl Into<Scope>) -> Result<Overview> {
    let scope = scope.into();
    let look = Look::load(tx, Which::All).await?;
    let said = verdicts(tx).await?;
    let names: BTreeMap<ServiceId, String> = service_names(tx).await?;
    let now = reviewed(&look, period, scope);
    let before = reviewed(&look, period.before(), scope);
    let without_factors = without_factors(tx, period, scope).await?;
    let without_before = self::without_factors(tx, period.before(), scope).await?;
    let came_back = now.iter().filter(|(_, findings)| !findings.is_empty());
    let mut rows: Vec<Row> = came_back
        .map(|(naming, findings)| Row {
            factor: naming.factor,
            name: naming.name.clone(),
            number: naming.met.number,
            title: naming.title.clone(),
            services: named(&names, &naming.services),
            findings: findings.clone(),
            said: said.get(&(naming.incident, naming.factor)).cloned(),
        })
        .collect();
    let (with, without) = chances(&look, scope);
    rows.sort_by_key(|row| (std::cmp::Reverse(row.number), row.name.clone()));
    Ok(Overview {
        met: met(&now, without_factors.len()),
        met_before: met(&before, without_before.len()),
        rows,
        elsewhere: elsewhere(&look, &names, scope),
        with: Again::count(with, tx.now()),
        without: Again::count(without, tx.now()),
        without_factors,
        without_owner: without_owner(tx, scope).await?,
        lookalikes: lookalikes(tx).await?,
    })
}

/// Where a factor was named in what was reviewed, and what looking back from there finds.
type Reviewed<'a> = Vec<(&'a Naming, Vec<Finding>)>;

fn reviewed(look: &Look, period: Period, scope: Scope) -> Reviewed<'_> {
    let is_reviewed =
        |naming: &&Naming| naming.published_at.is_some_and(|at| period.has(at)) && is_in(naming, scope);
    let namings = look.namings.iter().filter(is_reviewed);
    namings.map(|naming| (naming, look.findings(naming, 0))).collect()
}

fn is_in(naming: &Naming, scope: Scope) -> bool {
    scope.team.is_none_or(|team| naming.team == team)
        && scope
            .service
            .is_none_or(|service| naming.services.contains(&service))
}

/// Each time that a factor was met: with something done about it there, from then on; without, from that incident on.
fn chances(look: &Look, scope: Scope) -> (Vec<Chance>, Vec<Chance>) {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    let mut of_factor: BTreeMap<FactorId, Vec<&Naming>> = BTreeMap::new();
    for naming in &look.namings {
        of_factor.entry(naming.factor).or_default().push(naming);
    }
    for naming in look.namings.iter().filter(|naming| is_in(naming, scope)) {
        let states = naming.answers.iter().flat_map(|answer| &answer.states);
        let done = states
            .filter(|(_, state)| *state == ActionState::Done)
            .map(|(at, _)| *at);
        let first_done: Option<DateTime<Utc>> = done.min();
        let from = first_done.unwrap_or(naming.met.began_at);
        let is_again = |other: &&&Naming| {
            other.incident != naming.incident
                && other.met.began_at > from
                && !other.services.is_disjoint(&naming.services)
        };
        let others = of_factor.get(&naming.factor).into_iter().flatten();
        let next = others.filter(is_again).map(|other| other.met.began_at).min();
        let kind = if first_done.is_some() {
            &mut with
        } else {
            &mut without
        };
        kind.push(Chance { from, next });
    }
    (with, without)
}

fn met(reviewed: &Reviewed<'_>, without_factors: usize) -> Met {
    let mut of_incident: BTreeMap<IncidentId, Vec<&Finding>> = BTreeMap::new();
    for (naming, findings) in reviewed {
        of_incident.entry(naming.incident).or_default().extend(findings);
    }
    let mut met = Met {
        reviewed: of_incident.len() + without_factors,
        ..Met::default()
    };
    for findings in of_incident.values() {
        if findings.iter().any(|finding| finding.is_same_service()) {
            met.same_service += 1;
        } else if findings.is_empty() {
            met.new += 1;
        } else {
            met.elsewhere += 1;
        }
    }
    met
}

async fn service_names(tx: &mut Tx) -> Result<BTreeMap<ServiceId, String>> {
    let rows: Vec<(ServiceId, String)> = sql("SELECT id, name FROM services").all(tx).await?;
    Ok(rows.into_iter().collect())
}

fn named(names: &BTreeMap<ServiceId, String>, services: &BTreeSet<ServiceId>) -> Vec<String> {
    let mut named: Vec<String> = services.iter().filter_map(|id| names.get(id).cloned()).collect();
    named.sort();
    named
}

/// Factors that two services or more met, where one of them has an answer that another lacks.
fn elsewhere(look: &Look, names: &BTreeMap<ServiceId, String>, scope: Scope) -> Vec<Elsewhere> {
    let mut factors: BTreeMap<FactorId, Vec<&Naming>> = BTreeMap::new();
    for naming in &look.namings {
        factors.entry(naming.factor).or_default().push(naming);
    }
    let mut all: Vec<Elsewhere> = Vec::new();
    for (factor, namings) in factors {
        if namings.iter().all(|naming| !is_in(naming, scope)) {
            continue;
        }
        let mut items: BTreeMap<ServiceId, BTreeSet<i64>> = BTreeMap::new();
        for naming in &namings {
            for service in &naming.services {
                let answers = naming.answers.iter().map(|answer| answer.number);
                items.entry(*service).or_default().extend(answers);
            }
        }
        let is_answered = |(service, items): (&ServiceId, &BTreeSet<i64>)| {
            let name = names.get(service)?.clone();
            (!items.is_empty()).then(|| (name, items.iter().copied().collect()))
        };
        let answered: Vec<(String, Vec<i64>)> = items.iter().filter_map(is_answered).collect();
        let missing: BTreeSet<ServiceId> = items
            .iter()
            .filter(|(_, items)| items.is_empty())
            .map(|(service, _)| *service)
            .collect();
        if answered.is_empty() || missing.is_empty() {
            continue;
        }
        all.push(Elsewhere {
            factor,
            name: namings
                .first()
                .map(|naming| naming.name.clone())
                .unwrap_or_default(),
            answered,
            missing: named(names, &missing),
        });
    }
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

async fn without_factors(tx: &mut Tx, period: Period, scope: Scope) -> Result<Vec<(i64, String)>> {
    scope
        .ask(
            constcat::concat!(
                "SELECT i.number, i.title FROM postmortems m CROSS JOIN incidents i
         WHERE i.id = m.incident_id AND {visible i} AND m.state = 'published' AND m.published_at >= $3 AND m.published_at < $4
            AND NOT EXISTS (SELECT 1 FROM postmortem_factors n WHERE n.postmortem_id = m.id)",
                in_scope!(),
                " ORDER BY i.number DESC"
            ),
            period,
        )
        .all(tx)
        .await
}

async fn without_owner(tx: &mut Tx, scope: Scope) -> Result<Vec<(i64, String)>> {
    sql("SELECT a.number, a.title FROM action_items a JOIN incidents i ON i.id = a.incident_id AND {visible i}
         WHERE a.owner_id IS NULL AND a.state IN ('proposed', 'accepted', 'doing', 'blocked')
            AND ($1 IS NULL OR a.team_id = $1)
            AND ($2 IS NULL OR EXISTS (SELECT 1 FROM incident_services l WHERE l.incident_id = i.id AND l.service_id = $2))
         ORDER BY a.number DESC")
    .bind(scope.team_arg())
    .bind(scope.service_arg())
    .all(tx)
    .await
}
