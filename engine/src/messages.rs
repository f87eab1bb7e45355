//! What is told, in words: pages, digests and notices, from texts beside this module.

pub(crate) mod digest;
pub mod news;
pub mod notice_digest;
pub mod notices;
pub mod pages;
mod templates;
pub mod turn_invitations;

pub(crate) use templates::fill;

use crate::Tx;
use crate::db::{Arg, sql_of_rows};
use crate::error::Result;
use domain::ids::IncidentId;
pub(crate) use domain::words::in_zone;
use std::collections::{BTreeMap, BTreeSet};

/// The names of the services of incidents, of which there is at least one.
pub(crate) async fn service_names(
    tx: &mut Tx,
    incidents: &BTreeSet<IncidentId>,
) -> Result<BTreeMap<IncidentId, Vec<String>>> {
    // CROSS JOIN: asked about many, SQLite would begin with all incidents there are.
    let named: Vec<(IncidentId, String)> = sql_of_rows(
        "WITH asked (id) AS (VALUES {rows})
         SELECT DISTINCT l.incident_id, s.name FROM asked CROSS JOIN incident_services l
         JOIN services s ON s.id = l.service_id WHERE l.incident_id = asked.id ORDER BY s.name",
        asked(incidents),
    )
    .all(tx)
    .await?;
    let mut services: BTreeMap<IncidentId, Vec<String>> = BTreeMap::new();
    for (incident, name) in named {
        services.entry(incident).or_default().push(name);
    }
    Ok(services)
}

/// Those of one incident, in a line.
async fn services_in_a_line(tx: &mut Tx, incident: IncidentId) -> Result<String> {
    let mut services = service_names(tx, &BTreeSet::from([incident])).await?;
    Ok(services.remove(&incident).unwrap_or_default().join(", "))
}

fn asked(incidents: &BTreeSet<IncidentId>) -> Vec<Vec<Arg>> {
    incidents
        .iter()
        .map(|incident| vec![Arg::from(*incident)])
        .collect()
}
