//! The list: pages to one person that were too many to go out one by one.

use super::CLOCKS_DIFFER;
use crate::Tx;
use crate::db::{dialect, sql};
use crate::error::Result;
use crate::{incidents, mail, people};
use chrono::TimeDelta;
use domain::escalation::{FLOOD_SECONDS, LIST_AFTER_SECONDS};
use domain::ids::{IncidentId, PersonId};
use domain::incidents::Incident;
use std::collections::{BTreeMap, BTreeSet};

/// Incidents in one list.
const MOST_LINES: usize = 200;

/// Incidents of the pages that were gathered for a person since an instant.
const GATHERED: &str =
    "SELECT incident_id FROM pages WHERE person_id = $1 AND outcome = 'gathered' AND created_at > $2";

/// Those that this list is for, however long ago they were gathered: nobody was told of them yet.
const LISTED_NOW: &str =
    "SELECT incident_id FROM pages WHERE person_id = $1 AND outcome = 'gathered' AND listed_at = $3";

/// People with gathered pages whose list is due.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn due(tx: &mut Tx) -> Result<Vec<PersonId>> {
    let now = tx.now();
    let rows: Vec<(PersonId,)> = sql(
        "SELECT DISTINCT person_id FROM pages WHERE outcome = 'gathered' AND listed_at IS NULL
           AND (created_at <= $1 OR created_at > $2)",
    )
    .bind(now - TimeDelta::seconds(LIST_AFTER_SECONDS))
    // Gathered while the clock was fast.
    .bind(now + CLOCKS_DIFFER)
    .all(tx)
    .await?;
    Ok(rows.into_iter().map(|(person,)| person).collect())
}

/// Mails a person the list of what was gathered for them: all that is still waiting for an answer, the new ones first. While it
/// grows, the next mail in the same thread has the longer list.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn mail_list(tx: &mut Tx, person: PersonId) -> Result<()> {
    dialect::lock_people(tx, &BTreeSet::from([person])).await?;
    let now = tx.now();
    let fresh: Vec<(IncidentId,)> = sql(
        "UPDATE pages SET listed_at = $2 WHERE person_id = $1 AND outcome = 'gathered' AND listed_at IS NULL
         RETURNING incident_id",
    )
    .bind(person)
    .bind(now)
    .all(tx)
    .await?;
    let fresh: BTreeSet<IncidentId> = fresh.into_iter().map(|(id,)| id).collect();
    if fresh.is_empty() {
        return Ok(());
    }
    let since = now - TimeDelta::seconds(2 * FLOOD_SECONDS);
    let incidents: Vec<Incident> = sql(constcat!(
        "SELECT ",
        incidents::COLUMNS,
        " FROM incidents WHERE state = 'triggered' AND id IN (",
        GATHERED,
        ") OR state <> 'resolved' AND id IN (",
        LISTED_NOW,
        ") ORDER BY number DESC"
    ))
    .bind(person)
    .bind(since)
    .bind(now)
    .all(tx)
    .await?;
    if incidents.is_empty() {
        return Ok(());
    }
    let named: Vec<(IncidentId, String)> = sql(constcat!(
        "SELECT l.incident_id, s.name FROM incident_services l JOIN services s ON s.id = l.service_id WHERE l.incident_id IN (",
        GATHERED,
        " UNION ",
        LISTED_NOW,
        ") ORDER BY s.name"
    ))
    .bind(person)
    .bind(since)
    .bind(now)
    .all(tx)
    .await?;
    let mut services: BTreeMap<IncidentId, Vec<String>> = BTreeMap::new();
    for (incident, name) in named {
        services.entry(incident).or_default().push(name);
    }
    let person = people::find(tx, person).await?;
    // Nobody reads a longer one; what does not fit goes into another, and those that told nothing new are not sent again.
    for part in incidents.chunks(MOST_LINES) {
        if part.iter().any(|incident| fresh.contains(&incident.id)) {
            mail::pages::write_list(tx, &person, part, &services).await?;
        }
    }
    Ok(())
}
