//! Which factors an incident may share with earlier ones: offered when its document is started, and beside each name.

use crate::db::sql;
use crate::error::{Error, Result};
use crate::{Tx, incidents, postmortems};
use domain::ids::{FactorId, IncidentId, ServiceId};
use domain::people::Permission;
use std::collections::{BTreeMap, BTreeSet};

/// So many are asked about while nothing is named yet.
pub const OFFERED: usize = 8;
/// What was named longer ago than in so many places is not offered.
const NAMINGS: i64 = 2_000;

/// A factor that was named before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    pub factor: FactorId,
    pub name: String,
    /// The latest incident at a service of this one that names it. INC-…
    pub here: Option<i64>,
    /// Services that met it, by name.
    pub services: BTreeSet<String>,
    /// How many incidents named it.
    pub times: usize,
}

#[derive(sqlx::FromRow)]
struct Row {
    factor_id: FactorId,
    name: String,
    incident_id: IncidentId,
    number: i64,
    service_id: ServiceId,
    service: String,
}

/// Factors that other incidents named and this one does not: first those of its services, the latest first, then those that were met
/// most often.
pub async fn suggestions(tx: &mut Tx, incident: IncidentId) -> Result<Vec<Suggestion>> {
    let services: Vec<(ServiceId,)> = sql("SELECT service_id FROM incident_services WHERE incident_id = $1")
        .bind(incident)
        .all(tx)
        .await?;
    let services: BTreeSet<ServiceId> = services.into_iter().map(|(service,)| service).collect();
    let rows: Vec<Row> = sql(
        "SELECT f.id AS factor_id, f.name, i.id AS incident_id, i.number, s.id AS service_id, s.name AS service
         FROM (SELECT postmortem_id, factor_id FROM postmortem_factors ORDER BY id DESC LIMIT $1) n
         JOIN factors o ON o.id = n.factor_id JOIN factors f ON f.id = COALESCE(o.merged_into, o.id)
         JOIN postmortems m ON m.id = n.postmortem_id JOIN incidents i ON i.id = m.incident_id
         JOIN incident_services l ON l.incident_id = i.id JOIN services s ON s.id = l.service_id
         WHERE {visible i} ORDER BY i.number DESC, f.name",
    )
    .bind(NAMINGS)
    .all(tx)
    .await?;
    let mut found: BTreeMap<FactorId, Suggestion> = BTreeMap::new();
    let mut met: BTreeMap<FactorId, BTreeSet<IncidentId>> = BTreeMap::new();
    let mut named: BTreeSet<FactorId> = BTreeSet::new();
    for row in rows {
        if row.incident_id == incident {
            named.insert(row.factor_id);
            continue;
        }
        let one = found.entry(row.factor_id).or_insert_with(|| Suggestion {
            factor: row.factor_id,
            name: row.name,
            here: None,
            services: BTreeSet::new(),
            times: 0,
        });
        if services.contains(&row.service_id) {
            one.here = one.here.max(Some(row.number));
        }
        one.services.insert(row.service);
        met.entry(row.factor_id).or_default().insert(row.incident_id);
    }
    let mut all: Vec<Suggestion> = found
        .into_values()
        .filter(|one| !named.contains(&one.factor))
        .map(|one| Suggestion {
            times: met.get(&one.factor).map_or(0, BTreeSet::len),
            ..one
        })
        .collect();
    all.sort_by(|one, other| (other.here, other.times, &one.name).cmp(&(one.here, one.times, &other.name)));
    Ok(all)
}

/// Names several of them in the document of an incident. One that is named already stays as it is: a second tap, or somebody was quicker.
///
/// # Errors
/// [`Error::NotFound`] of a factor that nobody ever named
pub async fn name_suggested(tx: &mut Tx, number: i64, chosen: &[FactorId]) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    let incident = incidents::find(tx, number).await?;
    let known = suggestions(tx, incident.id).await?;
    let already = postmortems::factors_of(tx, incident.id).await?;
    for factor in chosen {
        match known.iter().find(|one| one.factor == *factor) {
            Some(one) => postmortems::name_factor(tx, number, &one.name, "").await?,
            None if already.iter().any(|one| one.factor_id == *factor) => {}
            None => return Err(Error::NotFound("factor")),
        }
    }
    Ok(())
}
