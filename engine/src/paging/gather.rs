//! The list: pages to one person that were too many to go out one by one.

use super::{CLOCKS_DIFFER, told};
use crate::Tx;
use crate::db::{Arg, dialect, sql, sql_of_rows};
use crate::error::Result;
use crate::mail::lists::{self, ListMail, Told};
use crate::{incidents, people};
use chrono::{DateTime, TimeDelta, Utc};
use domain::escalation::{FLOOD_SECONDS, LIST_AFTER_SECONDS};
use domain::ids::{IncidentId, MailId, PageId, PersonId};
use domain::incidents::{Incident, State};
use domain::people::Person;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Incidents that one list takes up. A longer flood needs another list, in a transaction of its own, since alerts wait for it
/// meanwhile.
const MOST_IN_A_LIST: i64 = 500;
/// Of these, how many have a line; the others are named by number. With the older ones that stays well below the 102 KB at which
/// Gmail cuts a mail off.
const MOST_LINES: usize = 50;
/// Incidents of earlier lists that still wait, in one list.
const MOST_OLDER_LINES: usize = 20;

/// People with gathered pages whose list is due, who has waited longest first.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn due(tx: &mut Tx, limit: i64) -> Result<Vec<PersonId>> {
    let now = tx.now();
    // Person by person, since a flood leaves more pages to look through than there are people.
    let rows: Vec<(PersonId,)> = sql(
        "SELECT id FROM (SELECT p.id,
             (SELECT MIN(g.created_at) FROM gathered_pages g WHERE g.person_id = p.id) AS oldest,
             (SELECT MAX(g.created_at) FROM gathered_pages g WHERE g.person_id = p.id) AS newest FROM people p) waiting
         WHERE oldest <= $1 OR newest > $2 ORDER BY oldest LIMIT $3",
    )
    .bind(now - TimeDelta::seconds(LIST_AFTER_SECONDS))
    // Gathered while the clock was fast.
    .bind(now + CLOCKS_DIFFER)
    .bind(limit)
    .all(tx)
    .await?;
    Ok(rows.into_iter().map(|(person,)| person).collect())
}

/// What waits for a list.
#[derive(sqlx::FromRow)]
pub(super) struct Waiting {
    pub page_id: PageId,
    pub created_at: DateTime<Utc>,
    pub incident_id: IncidentId,
}

/// A list to one person that is to be mailed.
pub struct List {
    person: Person,
    waiting: Vec<Waiting>,
    /// `None`: all of it is over.
    mail: Option<ListMail>,
}

/// Draws up the list of what was gathered for a person, the worst and newest first, with what earlier lists told and still waits for
/// an answer. While it grows, the next mail in the same thread has the longer list. `None`: nothing waits.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn draw_up_list(tx: &mut Tx, person: PersonId) -> Result<Option<List>> {
    let waiting: Vec<Waiting> = sql(
        "SELECT page_id, created_at, incident_id FROM gathered_pages WHERE person_id = $1 ORDER BY created_at LIMIT $2",
    )
    .bind(person)
    .bind(MOST_IN_A_LIST)
    .all(tx)
    .await?;
    let fresh: BTreeSet<IncidentId> = waiting.iter().map(|page| page.incident_id).collect();
    if fresh.is_empty() {
        return Ok(None);
    }
    let open = open_ones(tx, &fresh).await?;
    let mail = if open.is_empty() {
        None
    } else {
        Some(in_words(tx, person, &fresh, open).await?)
    };
    let person = people::find(tx, person).await?;
    Ok(Some(List {
        person,
        waiting,
        mail,
    }))
}

async fn in_words(
    tx: &mut Tx,
    person: PersonId,
    fresh: &BTreeSet<IncidentId>,
    mut incidents: Vec<Incident>,
) -> Result<ListMail> {
    let worst_first = |incident: &Incident| (incident.severity.number(), Reverse(incident.number));
    incidents.sort_unstable_by_key(worst_first);
    let mut others = incidents.split_off(incidents.len().min(MOST_LINES));
    others.sort_unstable_by_key(|incident| incident.number);
    if !lists::a_list_was_just_written(tx, person).await? {
        incidents.extend(told_before(tx, person, fresh).await?);
        incidents.sort_unstable_by_key(worst_first);
    }
    let told = Told {
        incidents: &incidents,
        services: &service_names(tx, &incidents).await?,
        others: &others,
    };
    lists::draw_up(&tx.context, tx.now(), person, &told)
}

/// Mails a list that was drawn up, unless another node has done so meanwhile.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn mail_list(tx: &mut Tx, list: &List) -> Result<()> {
    dialect::lock_people(tx, &BTreeSet::from([list.person.id])).await?;
    let taken = sql_of_rows(
        "WITH asked (person_id, created_at, page_id) AS (VALUES ($1, $2, $3))
         DELETE FROM gathered_pages WHERE (person_id, created_at, page_id) IN (SELECT person_id, created_at, page_id FROM asked)",
        list.waiting
            .iter()
            .map(|page| {
                vec![
                    Arg::from(list.person.id),
                    Arg::from(page.created_at),
                    Arg::from(page.page_id),
                ]
            })
            .collect(),
    )
    .run(tx)
    .await?;
    if let Some(mail) = list.mail.as_ref().filter(|_| taken > 0) {
        let mail = lists::put(tx, &list.person, mail);
        told::is_written(tx, mail, &list.waiting).await?;
    }
    Ok(())
}

/// What a list that waited to be sent tells now.
pub(crate) enum ListNow {
    /// It was written before it was kept what it tells.
    Unknown,
    Over,
    Stands(ListMail),
}

/// Looks at a list's incidents again.
pub(crate) async fn list_as_it_stands(tx: &mut Tx, person: PersonId, mail: MailId) -> Result<ListNow> {
    let rows: Vec<(IncidentId,)> = sql("SELECT DISTINCT incident_id FROM listed_pages WHERE mail_id = $1")
        .bind(mail)
        .all(tx)
        .await?;
    let fresh: BTreeSet<IncidentId> = rows.into_iter().map(|(incident,)| incident).collect();
    if fresh.is_empty() {
        return Ok(ListNow::Unknown);
    }
    let mut open = open_ones(tx, &fresh).await?;
    open.retain(|incident| incident.state == State::Triggered);
    if open.is_empty() {
        return Ok(ListNow::Over);
    }
    in_words(tx, person, &fresh, open).await.map(ListNow::Stands)
}

/// Those that this list is for, however long ago they were gathered: nobody was told of them yet.
async fn open_ones(tx: &mut Tx, fresh: &BTreeSet<IncidentId>) -> Result<Vec<Incident>> {
    sql_of_rows(
        constcat!(
            "WITH asked (incident) AS (VALUES ($1)) SELECT ",
            incidents::COLUMNS,
            " FROM incidents WHERE state <> 'resolved' AND id IN (SELECT incident FROM asked)"
        ),
        fresh.iter().map(|id| vec![Arg::from(*id)]).collect(),
    )
    .all(tx)
    .await
}

/// What earlier lists told of and waits for an answer still, the newest first, without what is fresh.
async fn told_before(tx: &mut Tx, person: PersonId, fresh: &BTreeSet<IncidentId>) -> Result<Vec<Incident>> {
    // CROSS JOIN: SQLite keeps this order, and would otherwise look through all that nobody has acknowledged.
    let mut told: Vec<Incident> = sql(constcat!(
        "SELECT ",
        incidents::COLUMNS,
        " FROM (SELECT p.incident_id FROM pages p WHERE p.person_id = $1 AND p.created_at > $2 AND p.outcome = 'gathered'
               AND NOT EXISTS (SELECT 1 FROM gathered_pages g
                   WHERE g.person_id = p.person_id AND g.created_at = p.created_at AND g.page_id = p.id)
             ORDER BY p.created_at DESC LIMIT $3) told
         CROSS JOIN incidents WHERE incidents.id = told.incident_id AND state = 'triggered'"
    ))
    .bind(person)
    .bind(tx.now() - TimeDelta::seconds(2 * FLOOD_SECONDS))
    .bind(2 * MOST_IN_A_LIST)
    .all(tx)
    .await?;
    told.retain(|incident| !fresh.contains(&incident.id));
    told.sort_unstable_by_key(|incident| Reverse(incident.number));
    // Two steps may have paged the same person.
    told.dedup_by_key(|incident| incident.id);
    told.truncate(MOST_OLDER_LINES);
    Ok(told)
}

async fn service_names(tx: &mut Tx, incidents: &[Incident]) -> Result<BTreeMap<IncidentId, Vec<String>>> {
    // CROSS JOIN: asked about many, SQLite would begin with all incidents there are.
    let named: Vec<(IncidentId, String)> = sql_of_rows(
        "WITH asked (id) AS (VALUES ($1))
         SELECT DISTINCT l.incident_id, s.name FROM asked CROSS JOIN incident_services l
         JOIN services s ON s.id = l.service_id WHERE l.incident_id = asked.id ORDER BY s.name",
        incidents
            .iter()
            .map(|incident| vec![Arg::from(incident.id)])
            .collect(),
    )
    .all(tx)
    .await?;
    let mut services: BTreeMap<IncidentId, Vec<String>> = BTreeMap::new();
    for (incident, name) in named {
        services.entry(incident).or_default().push(name);
    }
    Ok(services)
}
