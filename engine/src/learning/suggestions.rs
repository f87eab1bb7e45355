//! Which factors an incident may share with earlier ones: offered when its document is started, and beside each name.

use crate::db::sql;
use crate::error::{Error, Result};
use crate::{Tx, incidents, postmortems};
use domain::ids::{FactorId, IncidentId, ServiceId};
use domain::people::Permission;
use std::collections::BTreeSet;

/// So many are asked about while nothing is named yet.
pub const OFFERED: usize = 8;
/// What was named longer ago than in so many places is not offered.
const NAMINGS: i64 = 600;

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
    times: i64,
}

#[derive(sqlx::FromRow)]
struct AtService {
    factor_id: FactorId,
    service_id: ServiceId,
    service: String,
    /// INC-…
    latest: i64,
}

/// The latest places where factors were named in other incidents than `$1`, as `n`, `f` and `i`.
const NAMED_BEFORE: &str = " FROM (SELECT postmortem_id, factor_id FROM postmortem_factors ORDER BY id DESC LIMIT $2) n
     JOIN factors o ON o.id = n.factor_id JOIN factors f ON f.id = COALESCE(o.merged_into, o.id)
     JOIN postmortems m ON m.id = n.postmortem_id JOIN incidents i ON i.id = m.incident_id AND {visible i} AND i.id <> $1";

/// Factors that other incidents named and this one does not: first those of its services, the latest first, then those that were met
/// most often.
pub async fn suggestions(tx: &mut Tx, incident: IncidentId) -> Result<Vec<Suggestion>> {
    let ours: Vec<(ServiceId,)> = sql("SELECT service_id FROM incident_services WHERE incident_id = $1")
        .bind(incident)
        .all(tx)
        .await?;
    let ours: BTreeSet<ServiceId> = ours.into_iter().map(|(service,)| service).collect();
    let rows: Vec<Row> = sql(constcat::concat!(
        "SELECT f.id AS factor_id, f.name, COUNT(DISTINCT i.id) AS times",
        NAMED_BEFORE,
        " WHERE f.id NOT IN (SELECT COALESCE(x.merged_into, x.id) FROM postmortem_factors y JOIN factors x ON x.id = y.factor_id
            JOIN postmortems z ON z.id = y.postmortem_id WHERE z.incident_id = $1)
          GROUP BY f.id, f.name"
    ))
    .bind(incident)
    .bind(NAMINGS)
    .all(tx)
    .await?;
    let services: Vec<AtService> = sql(constcat::concat!(
        "SELECT f.id AS factor_id, s.id AS service_id, s.name AS service, MAX(i.number) AS latest",
        NAMED_BEFORE,
        " JOIN incident_services l ON l.incident_id = i.id JOIN services s ON s.id = l.service_id
          GROUP BY f.id, s.id, s.name"
    ))
    .bind(incident)
    .bind(NAMINGS)
    .all(tx)
    .await?;
    let mut all: Vec<Suggestion> = rows.into_iter().map(|row| row.with(&ours, &services)).collect();
    all.sort_by(|one, other| (other.here, other.times, &one.name).cmp(&(one.here, one.times, &other.name)));
    Ok(all)
}

impl Row {
    fn with(self, ours: &BTreeSet<ServiceId>, services: &[AtService]) -> Suggestion {
        let of_this = || services.iter().filter(|at| at.factor_id == self.factor_id);
        let here = of_this().filter(|at| ours.contains(&at.service_id));
        Suggestion {
            here: here.map(|at| at.latest).max(),
            services: of_this().map(|at| at.service.clone()).collect(),
            factor: self.factor_id,
            name: self.name,
            times: usize::try_from(self.times).unwrap_or(0),
        }
    }
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
