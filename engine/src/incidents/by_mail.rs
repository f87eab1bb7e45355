//! What the link in a mail opens: it acknowledges without log-in, and is good while the incident is open. Those of a digest share one
//! secret, each with its incident's number behind it, and are good for what the person was told in digests. Reading a link changes
//! nothing, because mail scanners follow links.

use super::{Acknowledged, acknowledge, find_by_id, hold};
use crate::context::CLOCKS_DIFFER;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::{Tx, people, secrets};
use chrono::{DateTime, Utc};
use domain::ids::{IncidentId, PersonId};
use domain::incidents::timeline::Via;
use domain::incidents::{Incident, State};
use domain::people::Person;

/// Whose link it is, and to what.
#[derive(Clone, Debug)]
pub struct Linked {
    pub incident: Incident,
    pub person: Person,
}

/// Reads what a link stands for, and changes nothing.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn read_link(tx: &mut Tx, token: &str) -> Result<Linked> {
    let (incident, person) = match token.rsplit_once('.') {
        Some((secret, number)) => of_digest(tx, secret, number).await?,
        None => of_page(tx, token).await?,
    };
    Ok(Linked {
        incident: find_by_id(tx, incident).await?,
        person: people::find(tx, person).await?,
    })
}

async fn of_page(tx: &mut Tx, secret: &str) -> Result<(IncidentId, PersonId)> {
    sql(
        "SELECT l.incident_id, l.person_id FROM acknowledgement_links l JOIN people p ON p.id = l.person_id
             WHERE l.token_hash = $1 AND p.deactivated_at IS NULL",
    )
    .bind(secrets::hash(secret))
    .one(tx, "link")
    .await
}

async fn of_digest(tx: &mut Tx, secret: &str, number: &str) -> Result<(IncidentId, PersonId)> {
    let (person, made_at): (PersonId, DateTime<Utc>) = sql(
        "SELECT l.person_id, l.created_at FROM digest_links l JOIN people p ON p.id = l.person_id
             WHERE l.token_hash = $1 AND p.deactivated_at IS NULL",
    )
    .bind(secrets::hash(secret))
    .one(tx, "link")
    .await?;
    let number: i64 = number.parse().map_err(|_| Error::NotFound("link"))?;
    let (incident,): (IncidentId,) = sql(
        "SELECT i.id FROM incidents i WHERE {visible i} AND i.number = $1 AND (EXISTS (SELECT 1 FROM pages g
             WHERE g.incident_id = i.id AND g.person_id = $2 AND g.outcome = 'gathered' AND g.created_at <= $3)
           OR EXISTS (SELECT 1 FROM gathered_notices n
             WHERE n.incident_id = i.id AND n.person_id = $2 AND n.listed_at IS NOT NULL AND n.created_at <= $3))",
    )
    .bind(number)
    .bind(person)
    .bind(made_at + CLOCKS_DIFFER)
    .one(tx, "link")
    .await?;
    Ok((incident, person))
}

/// Acknowledges in the name of the person that the link was sent to. `None`: the incident is resolved, too late.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn acknowledge_by_link(tx: &mut Tx, token: &str) -> Result<(Linked, Option<Acknowledged>)> {
    let linked = read_link(tx, token).await?;
    let incident = hold(tx, linked.incident.id).await?;
    if incident.state == State::Resolved {
        return Ok((Linked { incident, ..linked }, None));
    }
    let outcome = acknowledge(tx, incident.number, Via::Mail).await?;
    let incident = find_by_id(tx, incident.id).await?;
    Ok((Linked { incident, ..linked }, Some(outcome)))
}
