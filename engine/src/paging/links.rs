//! The link in a page's mail that acknowledges without log-in: random, bound to a person and an incident, good while the
//! incident is open. Those of a list share one secret, each with its incident's number behind it, and are good for what the person
//! was told in lists. Reading a link changes nothing, because mail scanners follow links.

use super::CLOCKS_DIFFER;
use crate::Tx;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::incidents::{self, Acknowledged};
use crate::people;
use crate::secrets::{self, Secret};
use chrono::{DateTime, Utc};
use domain::ids::{IncidentId, PersonId};
use domain::incidents::timeline::Via;
use domain::incidents::{Incident, State};
use domain::people::Person;

/// Makes a link's secret; only its hash is kept.
pub(crate) fn new_link(tx: &mut Tx, incident: IncidentId, person: PersonId) -> Secret {
    let secret = Secret::new(&tx.context);
    let now = tx.now();
    sql("INSERT INTO acknowledgement_links (token_hash, incident_id, person_id, created_at) VALUES ($1, $2, $3, $4)")
        .bind(secret.hash())
        .bind(incident)
        .bind(person)
        .bind(now)
        .row(tx);
    secret
}

/// Keeps the hash of the secret that a list's links share.
pub(crate) fn keep_list_link(tx: &mut Tx, person: PersonId, secret: &Secret) {
    let now = tx.now();
    sql("INSERT INTO list_links (token_hash, person_id, created_at) VALUES ($1, $2, $3)")
        .bind(secret.hash())
        .bind(person)
        .bind(now)
        .row(tx);
}

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
        Some((secret, number)) => of_list(tx, secret, number).await?,
        None => of_page(tx, token).await?,
    };
    Ok(Linked {
        incident: incidents::find_by_id(tx, incident).await?,
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

async fn of_list(tx: &mut Tx, secret: &str, number: &str) -> Result<(IncidentId, PersonId)> {
    let (person, made_at): (PersonId, DateTime<Utc>) = sql(
        "SELECT l.person_id, l.created_at FROM list_links l JOIN people p ON p.id = l.person_id
             WHERE l.token_hash = $1 AND p.deactivated_at IS NULL",
    )
    .bind(secrets::hash(secret))
    .one(tx, "link")
    .await?;
    let number: i64 = number.parse().map_err(|_| Error::NotFound("link"))?;
    let (incident,): (IncidentId,) = sql(
        "SELECT i.id FROM incidents i WHERE i.number = $1 AND (EXISTS (SELECT 1 FROM pages g
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
    let incident = incidents::hold(tx, linked.incident.id).await?;
    if incident.state == State::Resolved {
        return Ok((Linked { incident, ..linked }, None));
    }
    let outcome = incidents::acknowledge(tx, incident.number, linked.person.id, Via::Mail).await?;
    let incident = incidents::find_by_id(tx, incident.id).await?;
    Ok((Linked { incident, ..linked }, Some(outcome)))
}
