//! The digest: pages to one person that were too many to go out one by one.

pub(super) mod told;

use crate::Tx;
use crate::context::CLOCKS_DIFFER;
use crate::db::{Arg, dialect, sql, sql_of_rows};
use crate::error::Result;
use crate::messages::digest::{self, Digest};
use crate::messages::service_names;
use crate::paging::page::send_now;
use crate::{people, timeline};
use chrono::{DateTime, TimeDelta, Utc};
use domain::escalation::{DIGEST_AFTER_SECONDS, FLOOD_SECONDS};
use domain::ids::{IncidentId, NotificationId, PageId, PersonId};
use domain::incidents::{Incident, State};
use domain::notifications::Urgency;
use domain::people::Person;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Incidents that one digest takes up. A longer flood needs another, in a transaction of its own, since alerts wait for it
/// meanwhile.
const MOST_IN_A_DIGEST: i64 = 500;
/// Of these, how many have a line; the others are named by number. With the older ones that stays well below the 102 KB at which
/// Gmail cuts a mail off.
const MOST_LINES: usize = 50;
/// Incidents of earlier digests that still wait, in one digest.
const MOST_OLDER_LINES: usize = 20;

/// People with gathered pages whose digest is due, who has waited longest first.
pub async fn due(tx: &mut Tx, limit: i64) -> Result<Vec<PersonId>> {
    let now = tx.now();
    // Person by person, since a flood leaves more pages to look through than there are people.
    let rows: Vec<(PersonId,)> = sql(
        "SELECT id FROM (SELECT p.id,
             (SELECT MIN(g.created_at) FROM gathered_pages g WHERE g.person_id = p.id) AS oldest,
             (SELECT MAX(g.created_at) FROM gathered_pages g WHERE g.person_id = p.id) AS newest FROM people p) waiting
         WHERE oldest <= $1 OR newest > $2 ORDER BY oldest LIMIT $3",
    )
    .bind(now - TimeDelta::seconds(DIGEST_AFTER_SECONDS))
    // Gathered while the clock was fast.
    .bind(now + CLOCKS_DIFFER)
    .bind(limit)
    .all(tx)
    .await?;
    Ok(rows.into_iter().map(|(person,)| person).collect())
}

/// What waits for a digest.
#[derive(sqlx::FromRow)]
pub(super) struct Waiting {
    pub page_id: PageId,
    pub created_at: DateTime<Utc>,
    pub incident_id: IncidentId,
}

/// A digest to one person that was drawn up.
pub struct Drawn {
    person: Person,
    waiting: Vec<Waiting>,
    told: Told,
}

/// What is left to tell.
enum Told {
    /// All of it is over.
    Nothing,
    /// One incident: a page like any other.
    One(IncidentId),
    Several(Digest),
}

/// Draws up the digest of what was gathered for a person, the worst and newest first, with what earlier digests told and still waits for
/// an answer. While it grows, the next mail in the same thread is the longer one. `None`: nothing waits.
pub async fn draw_up(tx: &mut Tx, person: PersonId) -> Result<Option<Drawn>> {
    let waiting: Vec<Waiting> = sql(
        "SELECT page_id, created_at, incident_id FROM gathered_pages WHERE person_id = $1 ORDER BY created_at LIMIT $2",
    )
    .bind(person)
    .bind(MOST_IN_A_DIGEST)
    .all(tx)
    .await?;
    let fresh: BTreeSet<IncidentId> = waiting.iter().map(|page| page.incident_id).collect();
    if fresh.is_empty() {
        return Ok(None);
    }
    let open = open_ones(tx, &fresh).await?;
    let told = if open.is_empty() {
        Told::Nothing
    } else {
        let (incidents, others) = chosen(tx, person, &fresh, open).await?;
        match incidents.as_slice() {
            [one] if others.is_empty() && one.state == State::Triggered => Told::One(one.id),
            _ => Told::Several(in_words(tx, person, &incidents, &others).await?),
        }
    };
    let person = people::find(tx, person).await?;
    Ok(Some(Drawn {
        person,
        waiting,
        told,
    }))
}

/// Those that have a line, and those that are named by their numbers.
async fn chosen(
    tx: &mut Tx,
    person: PersonId,
    fresh: &BTreeSet<IncidentId>,
    mut incidents: Vec<Incident>,
) -> Result<(Vec<Incident>, Vec<Incident>)> {
    let worst_first = |incident: &Incident| (incident.severity.number(), Reverse(incident.number));
    incidents.sort_unstable_by_key(worst_first);
    let mut others = incidents.split_off(incidents.len().min(MOST_LINES));
    others.sort_unstable_by_key(|incident| incident.number);
    if !digest::was_just_written(tx, person).await? {
        incidents.extend(told_before(tx, person, fresh).await?);
        incidents.sort_unstable_by_key(worst_first);
    }
    Ok((incidents, others))
}

async fn in_words(
    tx: &mut Tx,
    person: PersonId,
    incidents: &[Incident],
    others: &[Incident],
) -> Result<Digest> {
    let told = digest::Told {
        incidents,
        services: &service_names(tx, &incidents.iter().map(|incident| incident.id).collect()).await?,
        others,
    };
    digest::draw_up(&tx.context, tx.now(), person, &told)
}

/// Sends a digest that was drawn up, unless another node has done so meanwhile.
pub async fn send(tx: &mut Tx, drawn: &Drawn) -> Result<()> {
    if let Told::One(incident) = drawn.told {
        // Before the person, as whoever pages takes them.
        timeline::hold(tx, incident).await?;
    }
    dialect::lock_people(tx, &BTreeSet::from([drawn.person.id])).await?;
    let taken = sql_of_rows(
        "WITH asked (person_id, created_at, page_id) AS (VALUES {rows})
         DELETE FROM gathered_pages WHERE (person_id, created_at, page_id) IN (SELECT person_id, created_at, page_id FROM asked)",
        drawn
            .waiting
            .iter()
            .map(|page| {
                vec![
                    Arg::from(drawn.person.id),
                    Arg::from(page.created_at),
                    Arg::from(page.page_id),
                ]
            })
            .collect(),
    )
    .run(tx)
    .await?;
    match &drawn.told {
        Told::Several(digest) if taken > 0 => {
            let written = digest::put(tx, &drawn.person, digest);
            told::is_written(tx, written, &drawn.waiting).await
        }
        Told::One(incident) if taken > 0 => send_as_page(tx, drawn, *incident).await,
        _ => Ok(()),
    }
}

/// One is left: it goes out as a page, and what else was gathered is over.
async fn send_as_page(tx: &mut Tx, drawn: &Drawn, incident: IncidentId) -> Result<()> {
    let incident = timeline::find_by_id(tx, incident).await?;
    let mut pages = drawn.waiting.iter();
    let page = pages.find(|page| page.incident_id == incident.id);
    for other in drawn
        .waiting
        .iter()
        .filter(|other| page.is_none_or(|page| page.page_id != other.page_id))
    {
        sql("UPDATE pages SET outcome = 'dropped', settled_at = $2 WHERE id = $1 AND outcome = 'gathered'")
            .bind(other.page_id)
            .bind(tx.now())
            .run(tx)
            .await?;
    }
    match page {
        // Whoever acknowledged meanwhile has taken it back.
        Some(page) if incident.state == State::Triggered => {
            send_now(tx, &incident, (page.page_id, drawn.person.id), Urgency::Page).await
        }
        _ => Ok(()),
    }
}

/// What a digest that waited to be sent tells now.
pub(crate) enum Standing {
    /// It was written before it was kept what it tells.
    Unknown,
    Over,
    Stands(Digest),
}

/// Looks at its incidents again.
pub(crate) async fn as_it_stands(tx: &mut Tx, person: PersonId, digest: NotificationId) -> Result<Standing> {
    let rows: Vec<(IncidentId,)> =
        sql("SELECT DISTINCT incident_id FROM digest_pages WHERE notification_id = $1")
            .bind(digest)
            .all(tx)
            .await?;
    let fresh: BTreeSet<IncidentId> = rows.into_iter().map(|(incident,)| incident).collect();
    if fresh.is_empty() {
        return Ok(Standing::Unknown);
    }
    let mut open = open_ones(tx, &fresh).await?;
    open.retain(|incident| incident.state == State::Triggered);
    if open.is_empty() {
        return Ok(Standing::Over);
    }
    let (incidents, others) = chosen(tx, person, &fresh, open).await?;
    in_words(tx, person, &incidents, &others)
        .await
        .map(Standing::Stands)
}

/// Those that this digest is for, however long ago they were gathered: nobody was told of them yet.
async fn open_ones(tx: &mut Tx, fresh: &BTreeSet<IncidentId>) -> Result<Vec<Incident>> {
    sql_of_rows(
        constcat::concat!(
            "WITH asked (incident) AS (VALUES {rows}) SELECT ",
            timeline::COLUMNS,
            " FROM incidents WHERE {any incidents} AND state <> 'resolved' AND id IN (SELECT incident FROM asked)"
        ),
        fresh.iter().map(|id| vec![Arg::from(*id)]).collect(),
    )
    .all(tx)
    .await
}

/// What earlier digests told of and waits for an answer still, the newest first, without what is fresh.
async fn told_before(tx: &mut Tx, person: PersonId, fresh: &BTreeSet<IncidentId>) -> Result<Vec<Incident>> {
    // CROSS JOIN: SQLite keeps this order, and would otherwise look through all that nobody has acknowledged.
    let mut told: Vec<Incident> = sql(constcat::concat!(
        "SELECT ",
        timeline::COLUMNS,
        " FROM (SELECT p.incident_id FROM pages p WHERE p.person_id = $1 AND p.created_at > $2 AND p.outcome = 'gathered'
               AND NOT EXISTS (SELECT 1 FROM gathered_pages g
                   WHERE g.person_id = p.person_id AND g.created_at = p.created_at AND g.page_id = p.id)
             ORDER BY p.created_at DESC LIMIT $3) told
         CROSS JOIN incidents WHERE {any incidents} AND incidents.id = told.incident_id AND state = 'triggered'"
    ))
    .bind(person)
    .bind(tx.now() - TimeDelta::seconds(2 * FLOOD_SECONDS))
    .bind(2 * MOST_IN_A_DIGEST)
    .all(tx)
    .await?;
    told.retain(|incident| !fresh.contains(&incident.id));
    told.sort_unstable_by_key(|incident| Reverse(incident.number));
    // Two steps may have paged the same person.
    told.dedup_by_key(|incident| incident.id);
    told.truncate(MOST_OLDER_LINES);
    Ok(told)
}
