//! Did it help, over a period: for all teams or one, never by person.

use super::came_back::Said;
use super::look::{Look, Naming};
use super::lookalikes::{Lookalike, lookalikes};
use super::reviewed::{Met, Reviewed};
use super::scope::{Period, Scope, at_service, is_in};
use super::unnamed::without_factors;
use super::watched::watched;
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use domain::ids::{FactorId, ServiceId};
use domain::learning::{Again, Finding, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// What the page shows of a period.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    pub met: Met,
    /// Of the period of the same length before it.
    pub met_before: Met,
    /// How many of `rows` people say this of; `None`: nobody has looked at it yet.
    pub said: Vec<(Option<Verdict>, usize)>,
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
    let look = Look::load_for(tx, scope).await?;
    let names: BTreeMap<ServiceId, String> = service_names(tx).await?;
    let unnamed = without_factors(tx, period, scope).await?;
    let unnamed_before = without_factors(tx, period.before(), scope).await?;
    let now = Reviewed::find(&look, period, scope);
    let before = Reviewed::find(&look, period.before(), scope);
    let mut rows: Vec<Row> = now
        .came_back()
        .map(|(naming, findings)| row(naming, findings, &names))
        .collect();
    rows.sort_by_key(|row| (std::cmp::Reverse(row.number), row.name.clone()));
    let again = |with| Again::count(watched(&look, scope, with).map(|(_, chance)| chance), tx.now());
    Ok(Overview {
        met: now.met(unnamed.len()),
        met_before: before.met(unnamed_before.len()),
        said: said_of(&rows),
        rows,
        elsewhere: elsewhere(&look, &names, scope),
        with: again(true),
        without: again(false),
        without_factors: unnamed,
        without_owner: without_owner(tx, scope).await?,
        lookalikes: lookalikes(tx).await?,
    })
}

fn row(naming: &Naming, findings: &[Finding], names: &BTreeMap<ServiceId, String>) -> Row {
    Row {
        factor: naming.factor,
        name: naming.name.clone(),
        number: naming.met.number,
        title: naming.title.clone(),
        services: named(names, &naming.services),
        findings: findings.to_vec(),
        said: naming.said.clone(),
    }
}

fn said_of(rows: &[Row]) -> Vec<(Option<Verdict>, usize)> {
    let verdicts = Verdict::ALL.iter().copied().map(Some);
    let count = |verdict: Option<Verdict>| {
        let said = rows.iter().map(|row| row.said.as_ref().map(|said| said.verdict));
        (verdict, said.filter(|said| *said == verdict).count())
    };
    std::iter::once(None).chain(verdicts).map(count).collect()
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
    for naming in look.namings.iter().filter(|naming| !naming.is_another()) {
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
                let answers = naming.answers.iter().filter(|answer| answer.stands());
                let answers = answers.map(|answer| answer.number);
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

async fn without_owner(tx: &mut Tx, scope: Scope) -> Result<Vec<(i64, String)>> {
    sql(constcat::concat!(
        "SELECT a.number, a.title FROM action_items a JOIN incidents i ON i.id = a.incident_id AND {visible i}
         WHERE a.owner_id IS NULL AND a.state IN ('proposed', 'accepted', 'doing', 'blocked')
            AND ($1 IS NULL OR a.team_id = $1) AND ",
        at_service!("$2"),
        " ORDER BY a.number DESC"
    ))
    .bind(scope.team_arg())
    .bind(scope.service_arg())
    .all(tx)
    .await
}
