//! What incidents have to do with each other: related, caused by another, a duplicate of another.

use super::{Refused, hold_number, timeline};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use domain::ids::IncidentId;
use domain::incidents::timeline::Event;
use domain::incidents::{Incident, LinkKind, Relation, State};
use domain::people::Permission;

/// An incident that another has to do with.
#[derive(Clone, Debug)]
pub struct LinkedTo {
    pub relation: Relation,
    pub number: i64,
    pub title: String,
    pub state: State,
}

/// Links two incidents. Doing it twice changes nothing.
///
/// # Errors
/// [`Refused::LinkedToItself`], [`crate::Error::NotFound`]
pub async fn link(tx: &mut Tx, number: i64, other: i64, kind: LinkKind) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let (mut one, mut other) = hold_both(tx, number, other).await?;
    if write(tx, one.id, other.id, kind).await? {
        tell(tx, &mut one, &other, Relation::from(kind), true).await?;
        tell(
            tx,
            &mut other,
            &one,
            Relation::from(kind).seen_from_the_other(),
            true,
        )
        .await?;
    }
    Ok(())
}

/// Takes a link away, in whichever direction it was made.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn unlink(tx: &mut Tx, number: i64, other: i64, relation: Relation) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let (mut one, mut other) = hold_both(tx, number, other).await?;
    let (kind, forwards) = relation.kind();
    let (from, to) = if forwards {
        (one.id, other.id)
    } else {
        (other.id, one.id)
    };
    let gone = sql(
        "DELETE FROM incident_links WHERE kind = $3 AND (incident_id = $1 AND other_id = $2
             OR $4 AND incident_id = $2 AND other_id = $1)",
    )
    .bind(from)
    .bind(to)
    .bind(kind)
    // Being related has no direction.
    .bind(kind == LinkKind::Related)
    .run(tx)
    .await?;
    if gone > 0 {
        tell(tx, &mut one, &other, relation, false).await?;
        tell(tx, &mut other, &one, relation.seen_from_the_other(), false).await?;
    }
    Ok(())
}

/// Takes two incidents, always in one order, so that two who link them do not wait for each other.
pub(super) async fn hold_both(tx: &mut Tx, number: i64, other: i64) -> Result<(Incident, Incident)> {
    if number == other {
        return Err(Refused::LinkedToItself.into());
    }
    if number < other {
        let one = hold_number(tx, number).await?;
        Ok((one, hold_number(tx, other).await?))
    } else {
        let other = hold_number(tx, other).await?;
        Ok((hold_number(tx, number).await?, other))
    }
}

/// Says whether it is new.
pub(super) async fn write(tx: &mut Tx, one: IncidentId, other: IncidentId, kind: LinkKind) -> Result<bool> {
    let exists: bool = sql(
        "SELECT EXISTS (SELECT 1 FROM incident_links WHERE kind = $3 AND (incident_id = $1 AND other_id = $2
             OR $4 AND incident_id = $2 AND other_id = $1))",
    )
    .bind(one)
    .bind(other)
    .bind(kind)
    .bind(kind == LinkKind::Related)
    .scalar(tx)
    .await?;
    if exists {
        return Ok(false);
    }
    sql("INSERT INTO incident_links (incident_id, other_id, kind, created_at) VALUES ($1, $2, $3, $4)")
        .bind(one)
        .bind(other)
        .bind(kind)
        .bind(tx.now())
        .run(tx)
        .await?;
    Ok(true)
}

async fn tell(
    tx: &mut Tx,
    incident: &mut Incident,
    other: &Incident,
    how: Relation,
    made: bool,
) -> Result<()> {
    let (number, title) = (other.number, other.title.clone());
    let event = if made {
        Event::Linked { how, number, title }
    } else {
        Event::Unlinked { how, number, title }
    };
    timeline::record(tx, incident, event).await
}

/// What an incident has to do with others, by number.
pub(super) async fn linked_to(tx: &mut Tx, incident: IncidentId) -> Result<Vec<LinkedTo>> {
    let rows: Vec<(LinkKind, bool, i64, String, State)> = sql(
        "SELECT l.kind, l.incident_id = $1 AS forwards, i.number, i.title, i.state FROM incident_links l
         CROSS JOIN incidents i WHERE {visible i} AND l.incident_id = $1 AND i.id = l.other_id
         UNION ALL
         SELECT l.kind, l.incident_id = $1 AS forwards, o.number, o.title, o.state FROM incident_links l
         CROSS JOIN incidents o WHERE {visible o} AND l.other_id = $1 AND o.id = l.incident_id",
    )
    .bind(incident)
    .all(tx)
    .await?;
    let mut linked: Vec<LinkedTo> = rows
        .into_iter()
        .map(|(kind, forwards, number, title, state)| {
            let relation = Relation::from(kind);
            LinkedTo {
                relation: if forwards {
                    relation
                } else {
                    relation.seen_from_the_other()
                },
                number,
                title,
                state,
            }
        })
        .collect();
    linked.sort_by_key(|linked| (linked.relation, linked.number));
    Ok(linked)
}
