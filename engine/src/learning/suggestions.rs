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
const NAMINGS: i64 = 300;

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
    // CROSS JOIN, so that SQLite goes from what was named last to its incidents.
    let rows: Vec<Row> = sql(
        "SELECT f.id AS factor_id, f.name, i.number, s.id AS service_id, s.name AS service
         FROM (SELECT postmortem_id, factor_id FROM postmortem_factors WHERE removed_at IS NULL ORDER BY id DESC LIMIT $2) n
         CROSS JOIN factors o CROSS JOIN factors f CROSS JOIN postmortems m CROSS JOIN incidents i
         CROSS JOIN incident_services l CROSS JOIN services s
         WHERE o.id = n.factor_id AND f.id = COALESCE(o.merged_into, o.id) AND m.id = n.postmortem_id AND i.id = m.incident_id
            AND {visible i} AND i.id <> $1 AND l.incident_id = i.id AND s.id = l.service_id
            AND f.id NOT IN (SELECT COALESCE(x.merged_into, x.id) FROM postmortem_factors y JOIN factors x ON x.id = y.factor_id
                JOIN postmortems z ON z.id = y.postmortem_id WHERE z.incident_id = $1 AND y.removed_at IS NULL)",
    )
    .bind(incident)
    .bind(NAMINGS)
    .all(tx)
    .await?;
    let mut found: BTreeMap<FactorId, Suggestion> = BTreeMap::new();
    let mut met: BTreeSet<(FactorId, i64)> = BTreeSet::new();
    for row in rows {
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
        if met.insert((row.factor_id, row.number)) {
            one.times += 1;
        }
        one.services.insert(row.service);
    }
    let mut all: Vec<Suggestion> = found.into_values().collect();
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
