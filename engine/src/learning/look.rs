//! Where factors were named, and what was promised about them: all that looking back needs, in four statements.

use super::came_back::{Said, verdicts};
use super::scope::{FIRST_PUBLISHED, Scope};
use crate::Tx;
use crate::db::{Arg, Sql, sql, sql_of_rows};
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::action_items::{ActionKind, ActionState};
use domain::ids::{ActionItemId, FactorId, IncidentId, NamedFactorId, ServiceId, TeamId};
use domain::learning::{Answer, Earlier, Finding, Met, Verdict, look_back};
use std::collections::{BTreeMap, BTreeSet};

/// A factor that was named in the document of an incident.
#[derive(Clone, Debug)]
pub(super) struct Naming {
    /// What it was merged into, else itself.
    pub factor: FactorId,
    pub name: String,
    pub incident: IncidentId,
    pub title: String,
    pub team: TeamId,
    pub is_drill: bool,
    /// When its document was published first; it still is.
    pub published_at: Option<DateTime<Utc>>,
    pub met: Met,
    pub services: BTreeSet<ServiceId>,
    pub answers: Vec<Answer>,
    /// Filled in by [`Look::load_heard`]. `None`: nobody has looked at it yet.
    pub said: Option<Said>,
}

impl Naming {
    /// A person says that it only has the same name: it counts as met for the first time.
    pub fn is_another(&self) -> bool {
        self.said
            .as_ref()
            .is_some_and(|said| said.verdict == Verdict::NotTheSame)
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    /// By factor and incident, one of each.
    pub namings: Vec<Naming>,
    /// Drills count in what really happened, too.
    with_drills: bool,
}

#[derive(sqlx::FromRow)]
struct NamingRow {
    factor_id: FactorId,
    name: String,
    named_factor_id: NamedFactorId,
    incident_id: IncidentId,
    number: i64,
    title: String,
    team_id: TeamId,
    is_drill: bool,
    opened_at: DateTime<Utc>,
    impact_started_at: Option<DateTime<Utc>>,
    detected_at: Option<DateTime<Utc>>,
    mitigated_at: Option<DateTime<Utc>>,
    published_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct AnswerRow {
    id: ActionItemId,
    number: i64,
    named_factor_id: NamedFactorId,
    kind: ActionKind,
    created_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct ChangeRow {
    action_item_id: ActionItemId,
    at: DateTime<Utc>,
    to_state: ActionState,
    reason: Option<String>,
}

/// The services of each incident, with their names.
type Services = BTreeMap<IncidentId, BTreeMap<ServiceId, String>>;

/// CROSS JOIN, so that SQLite goes from what was named to its incidents, and not through all there ever were.
const NAMINGS: &str = constcat::concat!("SELECT f.id AS factor_id, f.name, n.id AS named_factor_id, i.id AS incident_id, i.number, i.title, i.team_id,
        i.is_drill, i.opened_at, i.impact_started_at, i.detected_at, i.mitigated_at,
        CASE WHEN m.state = 'published' THEN ", FIRST_PUBLISHED, " END AS published_at
     FROM postmortem_factors n CROSS JOIN factors o CROSS JOIN factors f CROSS JOIN postmortems m CROSS JOIN incidents i
     WHERE o.id = n.factor_id AND n.removed_at IS NULL AND f.id = COALESCE(o.merged_into, o.id) AND m.id = n.postmortem_id AND i.id = m.incident_id
        AND {visible i}");
const ANSWERS: &str = "SELECT a.id, a.number, a.named_factor_id, a.kind, a.created_at
     FROM action_items a JOIN postmortem_factors n ON n.id = a.named_factor_id JOIN factors o ON o.id = n.factor_id";
const CHANGES: &str = "SELECT c.action_item_id, c.at, c.to_state, c.reason FROM action_item_changes c JOIN action_items a ON a.id = c.action_item_id
     JOIN postmortem_factors n ON n.id = a.named_factor_id JOIN factors o ON o.id = n.factor_id";
const SERVICES: &str = "SELECT l.incident_id, l.service_id, s.name FROM incident_services l JOIN services s ON s.id = l.service_id WHERE l.incident_id IN (
        SELECT m.incident_id FROM postmortems m JOIN postmortem_factors n ON n.postmortem_id = m.id JOIN factors o ON o.id = n.factor_id";
const RESOLVED_SERVICES: &str = "SELECT l.incident_id, l.service_id, s.name FROM resolved_services l JOIN services s ON s.id = l.service_id WHERE l.incident_id IN (
        SELECT m.incident_id FROM postmortems m JOIN postmortem_factors n ON n.postmortem_id = m.id JOIN factors o ON o.id = n.factor_id";

/// What is looked at.
#[derive(Clone, Copy)]
pub(super) enum Which<'a> {
    All,
    Factor(FactorId),
    /// Places where factors are named.
    These(&'a BTreeSet<NamedFactorId>),
}

macro_rules! of_these {
    ($which:expr, $text:expr, $and:literal, $end:expr) => {
        match $which {
            Which::All => sql(constcat::concat!($text, $end)),
            Which::Factor(factor) => sql(constcat::concat!(
                $text,
                " ",
                $and,
                " COALESCE(o.merged_into, o.id) = $1",
                $end
            ))
            .bind(factor),
            Which::These(namings) => sql_of_rows(
                constcat::concat!(
                    "WITH asked (id) AS (VALUES {rows}) ",
                    $text,
                    " ",
                    $and,
                    " n.id IN (SELECT id FROM asked)",
                    $end
                ),
                namings.iter().map(|naming| vec![Arg::from(*naming)]).collect(),
            ),
        }
    };
}

impl Look {
    /// All that figures of this scope look at, with what people say of it. Of the scope only drills matter: what is met at one service
    /// may be known at another.
    pub async fn load_for(tx: &mut Tx, scope: Scope) -> Result<Self> {
        let mut look = Self::load_heard(tx, Which::All).await?;
        look.namings
            .retain(|naming| scope.with_drills || !naming.is_drill);
        look.with_drills = scope.with_drills;
        Ok(look)
    }

    /// With what people say of it.
    pub async fn load_heard(tx: &mut Tx, which: Which<'_>) -> Result<Self> {
        let mut look = Self::load(tx, which).await?;
        let said = verdicts(tx).await?;
        for naming in &mut look.namings {
            naming.said = said.get(&(naming.incident, naming.factor)).cloned();
        }
        Ok(look)
    }

    pub async fn load(tx: &mut Tx, which: Which<'_>) -> Result<Self> {
        if matches!(which, Which::These(namings) if namings.is_empty()) {
            return Ok(Self::default());
        }
        let rows: Vec<NamingRow> = of_these!(which, NAMINGS, "AND", "").all(tx).await?;
        let mut services = services(tx, of_these!(which, SERVICES, "WHERE", ")")).await?;
        // What it was about when it was resolved, whatever it says since.
        services.extend(self::services(tx, of_these!(which, RESOLVED_SERVICES, "WHERE", ")")).await?);
        let answers: Vec<AnswerRow> = of_these!(which, ANSWERS, "WHERE", " ORDER BY a.number")
            .all(tx)
            .await?;
        let changes: Vec<ChangeRow> = of_these!(which, CHANGES, "WHERE", " ORDER BY c.at, c.id")
            .all(tx)
            .await?;
        let mut of_item: BTreeMap<ActionItemId, Vec<ChangeRow>> = BTreeMap::new();
        for change in changes {
            of_item.entry(change.action_item_id).or_default().push(change);
        }
        let mut of_naming: BTreeMap<NamedFactorId, Vec<Answer>> = BTreeMap::new();
        for row in answers {
            let changes = of_item.remove(&row.id).unwrap_or_default();
            of_naming.entry(row.named_factor_id).or_default().push(Answer {
                number: row.number,
                kind: row.kind,
                made_at: row.created_at,
                states: changes
                    .iter()
                    .map(|change| (change.at, change.to_state))
                    .collect(),
                declined: changes
                    .into_iter()
                    .filter_map(|change| Some((change.at, change.reason?)))
                    .collect(),
            });
        }
        let none = BTreeMap::new();
        let namings = rows.into_iter().map(|row| Naming {
            answers: of_naming.remove(&row.named_factor_id).unwrap_or_default(),
            services: services
                .get(&row.incident_id)
                .unwrap_or(&none)
                .keys()
                .copied()
                .collect(),
            met: row.met(services.get(&row.incident_id).unwrap_or(&none)),
            factor: row.factor_id,
            name: row.name,
            incident: row.incident_id,
            title: row.title,
            team: row.team_id,
            is_drill: row.is_drill,
            published_at: row.published_at,
            said: None,
        });
        let mut namings: Vec<Naming> = namings.collect();
        namings.sort_by_key(|naming| (naming.factor, naming.incident));
        // Two that were named in one document and are one factor since were met once.
        namings.dedup_by(|again, naming| {
            let is_same = (again.factor, again.incident) == (naming.factor, naming.incident);
            if is_same {
                naming.answers.append(&mut again.answers);
                naming.answers.sort_by_key(|answer| answer.number);
            }
            is_same
        });
        Ok(Self {
            namings,
            with_drills: false,
        })
    }

    /// What looking back from a naming finds, where so many earlier ones at other services were left out.
    pub fn findings(&self, from: &Naming, left_out: usize) -> Vec<Finding> {
        self.findings_at(from, &from.services, left_out)
    }

    /// The same, where only these services of it count.
    pub fn findings_at(&self, from: &Naming, at: &BTreeSet<ServiceId>, left_out: usize) -> Vec<Finding> {
        let others = self.others(from);
        let earlier: Vec<Earlier<'_>> = others
            .map(|other| Earlier {
                met: &other.met,
                is_same_service: !other.services.is_disjoint(at),
                answers: &other.answers,
            })
            .collect();
        look_back(&from.met, &earlier, left_out)
    }

    /// Where the factor was met before, at a service of this one.
    pub fn earlier_here<'a>(&'a self, from: &'a Naming) -> impl Iterator<Item = &'a Naming> {
        self.others(from).filter(move |other| {
            other.met.began_at < from.met.began_at && !other.services.is_disjoint(&from.services)
        })
    }

    /// Where else its factor was met. A drill counts in a drill only, unless it was asked for.
    fn others<'a>(&'a self, from: &'a Naming) -> impl Iterator<Item = &'a Naming> {
        let counts = move |other: &&Naming| !other.is_drill || from.is_drill || self.with_drills;
        let others = self.of_factor(from.factor).filter(counts);
        others.filter(move |other| other.incident != from.incident)
    }

    fn of_factor(&self, factor: FactorId) -> impl Iterator<Item = &Naming> {
        let first = self.namings.partition_point(|naming| naming.factor < factor);
        let rest = self.namings[first..].iter();
        rest.take_while(move |naming| naming.factor == factor)
    }
}

impl NamingRow {
    fn met(&self, services: &BTreeMap<ServiceId, String>) -> Met {
        let since_impact = |at: Option<DateTime<Utc>>| {
            let seconds = (at? - self.impact_started_at?).num_seconds();
            (seconds >= 0).then_some(seconds)
        };
        Met {
            number: self.number,
            began_at: self
                .impact_started_at
                .or(self.detected_at)
                .unwrap_or(self.opened_at),
            seconds_to_detect: since_impact(self.detected_at),
            seconds_to_mitigate: since_impact(self.mitigated_at),
            services: services.values().cloned().collect(),
        }
    }
}

async fn services(tx: &mut Tx, which: Sql) -> Result<Services> {
    let rows: Vec<(IncidentId, ServiceId, String)> = which.all(tx).await?;
    let mut services = Services::new();
    for (incident, service, name) in rows {
        services.entry(incident).or_default().insert(service, name);
    }
    Ok(services)
}
