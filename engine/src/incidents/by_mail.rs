//! What the link in a mail opens: it acknowledges without log-in, and is good while the incident is open. Those of a digest share one
//! secret, each with its incident's number behind it, and are good for what the person was told in digests. Reading a link changes
//! nothing, because mail scanners follow links.

use super::read::{AlertCount, Here, around};
use super::{Acknowledged, Handover, acknowledge, find_by_id, hand_over, handover_of, hold};
use crate::context::CLOCKS_DIFFER;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::{Tx, paging, people, secrets};
use chrono::{DateTime, Utc};
use domain::escalation::Place;
use domain::ids::{IncidentId, PersonId};
use domain::incidents::timeline::Via;
use domain::incidents::{Alert, Incident, State};
use domain::people::{Permission, Person};
use domain::teams::Service;

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

/// As [`read_link`]; whoever has the link acts in the name of whom it was sent to.
async fn take_up_link(tx: &mut Tx, token: &str) -> Result<Linked> {
    let linked = read_link(tx, token).await?;
    tx.acts_for(linked.person.clone());
    Ok(linked)
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

/// What somebody who was just woken asks: what is it, who else knows, and who is next?
#[derive(Clone, Debug)]
pub struct Around {
    pub services: Vec<Service>,
    /// At most 500, those that are not over first.
    pub alerts: Vec<Alert>,
    pub alert_count: AlertCount,
    /// Everybody who was paged, each once, in that order.
    pub paged: Vec<String>,
    /// Where the policy stands, when its next step is due and whom that pages; while nobody has it.
    pub next: Option<Next>,
    /// Whoever the link was sent to is asked to take it over.
    pub handover: Option<Handover>,
    /// It is theirs until then, unless they say that it still is.
    pub held_until: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug)]
pub struct Next {
    pub place: Place,
    pub at: Option<DateTime<Utc>>,
    /// Nobody where the policy ends.
    pub people: Vec<Person>,
}

/// Reads what stands around the incident of a link.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn around_link(tx: &mut Tx, linked: &Linked) -> Result<Around> {
    let story = around(tx, linked.incident.number).await?;
    let next = match (story.paging, paging::place(tx, linked.incident.id).await?) {
        (Here::Running { next_at }, Some(place)) => {
            let mut people = Vec::new();
            for person in &story.paged_next {
                people.push(people::find(tx, *person).await?);
            }
            Some(Next {
                place,
                at: next_at,
                people,
            })
        }
        _ => None,
    };
    let handover = handover_of(tx, linked.incident.id).await?;
    Ok(Around {
        handover: handover.filter(|handover| handover.is_asked(linked.person.id)),
        held_until: story.held_until.filter(|_| {
            let holder = story.has_it.as_ref();
            holder.is_some_and(|holder| holder.person_id == linked.person.id)
        }),
        paged: story.paged().into_iter().map(str::to_owned).collect(),
        services: story.services,
        alerts: story.alerts,
        alert_count: story.alert_count,
        next,
    })
}

/// What became of “I cannot”.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassedOn {
    Now,
    /// The policy had gone on by itself, or by this very press.
    Before,
    /// Somebody has it, or it is over.
    NotNeeded,
}

/// Pages the next people, since whom the link was sent to cannot take it. `seen`: where the policy stood when they read that.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn pass_on_by_link(tx: &mut Tx, token: &str, seen: Option<Place>) -> Result<(Linked, PassedOn)> {
    let linked = take_up_link(tx, token).await?;
    tx.authorize(Permission::ActOnIncident).await?;
    let mut incident = hold(tx, linked.incident.id).await?;
    let outcome = if incident.state != State::Triggered {
        PassedOn::NotNeeded
    } else if paging::pass_on(tx, &mut incident, seen).await? {
        PassedOn::Now
    } else {
        PassedOn::Before
    };
    Ok((Linked { incident, ..linked }, outcome))
}

/// Acknowledges in the name of the person that the link was sent to. `None`: the incident is resolved, too late.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn acknowledge_by_link(tx: &mut Tx, token: &str) -> Result<(Linked, Option<Acknowledged>)> {
    let linked = take_up_link(tx, token).await?;
    let incident = hold(tx, linked.incident.id).await?;
    if incident.state == State::Resolved {
        return Ok((Linked { incident, ..linked }, None));
    }
    let handover = handover_of(tx, incident.id).await?;
    if let Some(handover) = handover.filter(|handover| handover.is_asked(linked.person.id)) {
        tx.authorize(Permission::ActOnIncident).await?;
        let id = incident.id;
        hand_over::accept(tx, incident, linked.person.id, handover).await?;
        let incident = find_by_id(tx, id).await?;
        return Ok((Linked { incident, ..linked }, Some(Acknowledged::Now)));
    }
    let outcome = acknowledge(tx, incident.number, Via::Mail).await?;
    let incident = find_by_id(tx, incident.id).await?;
    Ok((Linked { incident, ..linked }, Some(outcome)))
}
