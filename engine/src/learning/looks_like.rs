//! What an incident that is going on looks like, and what helped then. Looked up while somebody waits for the page, so in a few small
//! statements however many incidents there were.

use crate::Tx;
use crate::db::{Arg, sql, sql_of_rows};
use crate::error::Result;
use crate::incidents;
use chrono::{DateTime, Utc};
use domain::ids::{FactorId, IncidentId, ServiceId};
use domain::incidents::Incident;
use domain::learning::{is_alike, likeness};
use std::collections::BTreeMap;

/// So many earlier ones are shown.
const MOST: usize = 3;
/// Alerts of an incident whose earlier occurrences are looked for.
const ALERTS: i64 = 10;
/// Of each service so many of the newest incidents are looked at.
const NEWEST: i64 = 200;
/// Of so many of its services.
const SERVICES: usize = 3;

/// An earlier incident, which is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LooksLike {
    pub number: i64,
    pub title: String,
    pub opened_at: DateTime<Utc>,
    /// From its beginning to its end, or to its mitigation.
    pub seconds: i64,
    pub by: By,
    pub has_document: bool,
    /// What people decided then, the last of it; else the last status update.
    pub helped: Option<String>,
    /// Factors that its document names, by name.
    pub factors: Vec<(FactorId, String)>,
}

/// By what it is like this one, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    Title,
    /// Both documents name a factor, at the same service.
    Factor,
    /// The same alert fired then.
    Alert,
}

#[derive(sqlx::FromRow)]
struct Earlier {
    id: IncidentId,
    number: i64,
    title: String,
    opened_at: DateTime<Utc>,
    impact_started_at: Option<DateTime<Utc>>,
    mitigated_at: Option<DateTime<Utc>>,
    resolved_at: Option<DateTime<Utc>>,
    has_document: bool,
}

/// CROSS JOIN, so that SQLite begins with those that are asked for, and not with all there ever were.
const EARLIER: &str = "SELECT i.id, i.number, i.title, i.opened_at, i.impact_started_at, i.mitigated_at, i.resolved_at,
        EXISTS (SELECT 1 FROM postmortems m WHERE m.incident_id = i.id) AS has_document
     FROM (SELECT DISTINCT id FROM asked) a CROSS JOIN incidents i WHERE i.id = a.id AND {visible i} AND i.state = 'resolved'
        AND NOT EXISTS (SELECT 1 FROM incident_links k WHERE k.incident_id = i.id AND k.kind = 'duplicate_of')";

/// What is known of incidents that were like this one, while it is open; the same alert first, then the
/// same factor, then the most alike, then the newest.
pub async fn looks_like(tx: &mut Tx, incident: &Incident) -> Result<Vec<LooksLike>> {
    if !incident.state.is_open() {
        return Ok(Vec::new());
    }
    let mut candidates: BTreeMap<IncidentId, By> = BTreeMap::new();
    for service in services(tx, incident.id).await? {
        for id in newest_of(tx, service, incident.id).await? {
            candidates.insert(id, By::Title);
        }
    }
    for id in of_the_same_factors(tx, incident.id).await? {
        candidates.insert(id, By::Factor);
    }
    for id in of_the_same_alerts(tx, incident.id).await? {
        candidates.insert(id, By::Alert);
    }
    candidates.remove(&incident.id);
    let mut found = Vec::new();
    if !candidates.is_empty() {
        let ids = candidates.keys().map(|id| vec![Arg::from(*id)]).collect();
        let earlier: Vec<Earlier> = sql_of_rows(
            constcat::concat!("WITH asked (id) AS (VALUES {rows}) ", EARLIER),
            ids,
        )
        .all(tx)
        .await?;
        // The same is said of many.
        let mut likenesses: BTreeMap<String, f64> = BTreeMap::new();
        for other in earlier {
            let by = candidates[&other.id];
            let likeness = *likenesses
                .entry(other.title.clone())
                .or_insert_with(|| likeness(&incident.title, &other.title));
            if by > By::Title || is_alike(likeness) {
                found.push((by, likeness, other));
            }
        }
    }
    found.sort_by(|one, other| {
        let by_likeness = other.1.total_cmp(&one.1);
        other
            .0
            .cmp(&one.0)
            .then(by_likeness)
            .then(other.2.number.cmp(&one.2.number))
    });
    found.truncate(MOST);
    let mut factors = factors(tx, found.iter().map(|(.., other)| other.id)).await?;
    let mut helped = helped(tx, found.iter().map(|(.., other)| other.id)).await?;
    let told = found
        .into_iter()
        .map(|(by, _, other)| LooksLike {
            helped: helped.remove(&other.id),
            factors: factors.remove(&other.id).unwrap_or_default(),
            ..other.told(by)
        })
        .collect();
    Ok(told)
}

async fn services(tx: &mut Tx, incident: IncidentId) -> Result<Vec<ServiceId>> {
    let services = incidents::services_of(tx, incident).await?;
    Ok(services
        .into_iter()
        .map(|service| service.id)
        .take(SERVICES)
        .collect())
}

async fn newest_of(tx: &mut Tx, service: ServiceId, but: IncidentId) -> Result<Vec<IncidentId>> {
    let ids: Vec<(IncidentId,)> = sql(
        "SELECT incident_id FROM incident_services WHERE service_id = $1 AND incident_id <> $2
         ORDER BY incident_id DESC LIMIT $3",
    )
    .bind(service)
    .bind(but)
    .bind(NEWEST)
    .all(tx)
    .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// The last incidents in which its first alerts fired, each.
async fn of_the_same_alerts(tx: &mut Tx, incident: IncidentId) -> Result<Vec<IncidentId>> {
    let ids: Vec<(IncidentId,)> = sql(
        "SELECT DISTINCT (SELECT o.incident_id FROM alerts o WHERE o.integration_id = a.integration_id AND o.dedup_key = a.dedup_key
                AND NOT o.open AND o.incident_id <> $1 ORDER BY o.id DESC LIMIT 1) AS incident_id
         FROM (SELECT integration_id, dedup_key FROM alerts WHERE incident_id = $1 ORDER BY started_at LIMIT $2) a
         WHERE EXISTS (SELECT 1 FROM alerts o WHERE o.integration_id = a.integration_id AND o.dedup_key = a.dedup_key
                AND NOT o.open AND o.incident_id <> $1)",
    )
    .bind(incident)
    .bind(ALERTS)
    .all(tx)
    .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// Earlier incidents at a service of this one whose document names a factor that its own document names, the newest.
async fn of_the_same_factors(tx: &mut Tx, incident: IncidentId) -> Result<Vec<IncidentId>> {
    let ids: Vec<(IncidentId,)> = sql(
        "SELECT DISTINCT m.incident_id FROM postmortems ours CROSS JOIN postmortem_factors named CROSS JOIN factors o
         CROSS JOIN factors same CROSS JOIN postmortem_factors n CROSS JOIN postmortems m
         WHERE ours.incident_id = $1 AND named.postmortem_id = ours.id AND named.removed_at IS NULL AND o.id = named.factor_id
            AND COALESCE(same.merged_into, same.id) = COALESCE(o.merged_into, o.id) AND n.factor_id = same.id
            AND n.removed_at IS NULL AND m.id = n.postmortem_id AND m.incident_id <> $1
            AND EXISTS (SELECT 1 FROM incident_services l JOIN incident_services here ON here.service_id = l.service_id
                WHERE l.incident_id = m.incident_id AND here.incident_id = $1)
         ORDER BY m.incident_id DESC LIMIT $2",
    )
    .bind(incident)
    .bind(NEWEST)
    .all(tx)
    .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// What the documents of these name.
async fn factors(
    tx: &mut Tx,
    incidents: impl Iterator<Item = IncidentId>,
) -> Result<BTreeMap<IncidentId, Vec<(FactorId, String)>>> {
    let asked: Vec<_> = incidents.map(|incident| vec![Arg::from(incident)]).collect();
    if asked.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(IncidentId, FactorId, String)> = sql_of_rows(
        "WITH asked (id) AS (VALUES {rows})
         SELECT DISTINCT m.incident_id, f.id, f.name FROM asked a CROSS JOIN postmortems m CROSS JOIN postmortem_factors n
         CROSS JOIN factors o CROSS JOIN factors f
         WHERE m.incident_id = a.id AND n.postmortem_id = m.id AND n.removed_at IS NULL AND o.id = n.factor_id
            AND f.id = COALESCE(o.merged_into, o.id) ORDER BY f.name",
        asked,
    )
    .all(tx)
    .await?;
    let mut named: BTreeMap<IncidentId, Vec<(FactorId, String)>> = BTreeMap::new();
    for (incident, factor, name) in rows {
        named.entry(incident).or_default().push((factor, name));
    }
    Ok(named)
}

async fn helped(
    tx: &mut Tx,
    incidents: impl Iterator<Item = IncidentId>,
) -> Result<BTreeMap<IncidentId, String>> {
    let asked: Vec<_> = incidents.map(|incident| vec![Arg::from(incident)]).collect();
    if asked.is_empty() {
        return Ok(BTreeMap::new());
    }
    let words: Vec<(IncidentId, Option<String>)> = sql_of_rows(
        "WITH asked (id) AS (VALUES {rows})
         SELECT a.id, (SELECT t.event ->> 'text' FROM timeline t
            WHERE t.incident_id = a.id AND t.event ->> 'kind' IN ('decision', 'status_update')
            ORDER BY CASE WHEN t.event ->> 'kind' = 'decision' THEN 0 ELSE 1 END, t.seq DESC LIMIT 1)
         FROM (SELECT DISTINCT id FROM asked) a",
        asked,
    )
    .all(tx)
    .await?;
    let said = words.into_iter().filter_map(|(id, words)| Some((id, words?)));
    Ok(said.collect())
}

impl Earlier {
    fn told(self, by: By) -> LooksLike {
        let began = self.impact_started_at.unwrap_or(self.opened_at);
        let end = self.mitigated_at.or(self.resolved_at).unwrap_or(began);
        LooksLike {
            number: self.number,
            title: self.title,
            opened_at: self.opened_at,
            seconds: (end - began).num_seconds().max(0),
            by,
            has_document: self.has_document,
            helped: None,
            factors: Vec::new(),
        }
    }
}
