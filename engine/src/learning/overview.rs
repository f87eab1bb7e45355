//! Did it help, over a period: for all teams or one, never by person.

use super::came_back::{Said, verdicts};
use super::look::{Look, Naming, Which};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::ids::{FactorId, IncidentId, ServiceId, TeamId};
use domain::learning::Finding;
use std::collections::{BTreeMap, BTreeSet};

/// From an instant until before another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Period {
    fn has(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.until
    }

    /// The period of the same length that ends where this one begins.
    fn before(&self) -> Self {
        Self {
            from: self.from - (self.until - self.from),
            until: self.from,
        }
    }
}

/// What the page shows of a period.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    pub met: Met,
    /// Of the period of the same length before it.
    pub met_before: Met,
    /// The latest incident first.
    pub rows: Vec<Row>,
    pub elsewhere: Vec<Elsewhere>,
    /// Incidents whose document was published in the period and names no factor, by number.
    pub without_factors: Vec<(i64, String)>,
    /// Open action items that nobody owns, by number.
    pub without_owner: Vec<(i64, String)>,
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

/// Reads what came back among the incidents that were reviewed in a period: those of a team, or all.
pub async fn overview(tx: &mut Tx, period: Period, team: Option<TeamId>) -> Result<Overview> {
    let look = Look::load(tx, Which::All).await?;
    let said = verdicts(tx).await?;
    let names: BTreeMap<ServiceId, String> = service_names(tx).await?;
    let now = reviewed(&look, period, team);
    let before = reviewed(&look, period.before(), team);
    let without_factors = without_factors(tx, period, team).await?;
    let without_before = self::without_factors(tx, period.before(), team).await?;
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
    rows.sort_by_key(|row| (std::cmp::Reverse(row.number), row.name.clone()));
    Ok(Overview {
        met: met(&now, without_factors.len()),
        met_before: met(&before, without_before.len()),
        rows,
        elsewhere: elsewhere(&look, &names, team),
        without_factors,
        without_owner: without_owner(tx, team).await?,
    })
}

/// Where a factor was named in what was reviewed, and what looking back from there finds.
type Reviewed<'a> = Vec<(&'a Naming, Vec<Finding>)>;

fn reviewed(look: &Look, period: Period, team: Option<TeamId>) -> Reviewed<'_> {
    let is_reviewed = |naming: &&Naming| {
        naming.published_at.is_some_and(|at| period.has(at)) && team.is_none_or(|team| naming.team == team)
    };
    let namings = look.namings.iter().filter(is_reviewed);
    namings.map(|naming| (naming, look.findings(naming))).collect()
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
fn elsewhere(look: &Look, names: &BTreeMap<ServiceId, String>, team: Option<TeamId>) -> Vec<Elsewhere> {
    let mut factors: BTreeMap<FactorId, Vec<&Naming>> = BTreeMap::new();
    for naming in &look.namings {
        factors.entry(naming.factor).or_default().push(naming);
    }
    let mut all: Vec<Elsewhere> = Vec::new();
    for (factor, namings) in factors {
        if team.is_some_and(|team| namings.iter().all(|naming| naming.team != team)) {
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

async fn without_factors(tx: &mut Tx, period: Period, team: Option<TeamId>) -> Result<Vec<(i64, String)>> {
    let rows: Vec<(i64, String, TeamId)> = sql(
        "SELECT i.number, i.title, i.team_id FROM postmortems m JOIN incidents i ON i.id = m.incident_id
         WHERE {visible i} AND m.state = 'published' AND m.published_at >= $1 AND m.published_at < $2
            AND NOT EXISTS (SELECT 1 FROM postmortem_factors n WHERE n.postmortem_id = m.id) ORDER BY i.number DESC",
    )
    .bind(period.from)
    .bind(period.until)
    .all(tx)
    .await?;
    Ok(of_team(rows, team))
}

async fn without_owner(tx: &mut Tx, team: Option<TeamId>) -> Result<Vec<(i64, String)>> {
    let rows: Vec<(i64, String, TeamId)> = sql(
        "SELECT number, title, team_id FROM action_items
         WHERE owner_id IS NULL AND state IN ('proposed', 'accepted', 'doing', 'blocked') ORDER BY number DESC",
    )
    .all(tx)
    .await?;
    Ok(of_team(rows, team))
}

fn of_team(rows: Vec<(i64, String, TeamId)>, team: Option<TeamId>) -> Vec<(i64, String)> {
    rows.into_iter()
        .filter(|(_, _, of)| team.is_none_or(|team| *of == team))
        .map(|(number, title, _)| (number, title))
        .collect()
}
