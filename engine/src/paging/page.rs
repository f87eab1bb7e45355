//! One page: a person, a reason, a mail in the outbox, a line in the timeline.

use super::CLOCKS_DIFFER;
use crate::Tx;
use crate::db::{Arg, Question, dialect, sql, sql_of_rows};
use crate::error::Result;
use crate::incidents::timeline;
use crate::mail::{self, pages::PageMail};
use chrono::{DateTime, TimeDelta, Utc};
use domain::escalation::{FLOOD_SECONDS, MOST_PAGES_AT_ONCE, Place};
use domain::ids::{IncidentId, PageId, PersonId};
use domain::incidents::timeline::{Event, PageReason};
use domain::incidents::{Incident, PageOutcome};
use domain::mail::Urgency;
use domain::people::Person;
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Escalation(PageReason),
    SeverityRose,
}

/// How many pages the person got in the minutes that make a flood, once that person is taken.
#[derive(PartialEq, Eq, Hash)]
struct RecentPages(PersonId);

impl Question for RecentPages {
    type Answer = i64;
}

/// Whom an incident was paged to before.
#[derive(PartialEq, Eq, Hash)]
struct PagedBefore(IncidentId);

impl Question for PagedBefore {
    type Answer = Vec<(PersonId, String)>;
}

/// Takes the people who are about to be paged, and counts the pages that they got.
pub(crate) async fn look_ahead(tx: &mut Tx, people: &BTreeSet<PersonId>) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    dialect::lock_people(tx, people).await?;
    let (since, until) = flood(tx);
    let counts: Vec<(PersonId, i64)> = sql_of_rows(
        "WITH asked (person_id, since, until) AS (VALUES ($1, $2, $3))
         SELECT asked.person_id, (SELECT COUNT(*) FROM pages g
            WHERE g.person_id = asked.person_id AND g.created_at > asked.since AND g.created_at <= asked.until)
         FROM asked",
        people
            .iter()
            .map(|person| vec![Arg::from(*person), Arg::from(since), Arg::from(until)])
            .collect(),
    )
    .all(tx)
    .await?;
    for (person, recent) in counts {
        tx.ahead.put(RecentPages(person), recent);
    }
    Ok(())
}

/// Says that an incident was just opened.
pub(crate) fn knows_nobody_was_paged(tx: &mut Tx, incident: IncidentId) {
    tx.ahead.put(PagedBefore(incident), Vec::new());
}

/// Pages people of one step; `people` says for each whether a schedule named them.
pub(crate) async fn page_people(
    tx: &mut Tx,
    incident: &mut Incident,
    place: Place,
    people: &[(Person, PageReason)],
    reason: Reason,
) -> Result<()> {
    let before = paged_before(tx, incident.id).await?;
    let is_first = before.is_empty();
    let mut all = before;
    all.extend(people.iter().map(|(person, _)| (person.id, person.name.clone())));
    for (person, how) in people {
        let reason = match reason {
            Reason::SeverityRose => PageReason::SeverityRose,
            Reason::Escalation(PageReason::ByHand) => PageReason::ByHand,
            Reason::Escalation(_) => *how,
        };
        let mut others: Vec<String> = all
            .iter()
            .filter(|(other, _)| *other != person.id)
            .map(|(_, name)| name.clone())
            .collect();
        others.sort_unstable();
        others.dedup();
        page(tx, incident, place, person, reason, is_first, &others).await?;
    }
    Ok(())
}

async fn page(
    tx: &mut Tx,
    incident: &mut Incident,
    place: Place,
    person: &Person,
    reason: PageReason,
    is_first: bool,
    others: &[String],
) -> Result<()> {
    let id: PageId = tx.new_id();
    let now = tx.now();
    let recent = recent_pages(tx, person.id).await?;
    // That it became worse is for whoever has it, and waits for no list.
    let gathered = recent >= MOST_PAGES_AT_ONCE && reason != PageReason::SeverityRose;
    // Whom nobody has woken yet comes before the third mail to somebody who is up.
    let urgency = if recent == 0 {
        Urgency::FirstPage
    } else {
        Urgency::Page
    };
    let outcome = match () {
        () if gathered => PageOutcome::Gathered,
        () if tx.context.mail.server_set => PageOutcome::Waiting,
        () => PageOutcome::Kept,
    };
    sql(
        "INSERT INTO pages (id, incident_id, person_id, step, round, outcome, created_at, settled_at, is_first)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id)
    .bind(incident.id)
    .bind(person.id)
    .bind(place.step)
    .bind(place.round)
    .bind(outcome)
    .bind(now)
    .bind((outcome == PageOutcome::Kept).then_some(now))
    .bind(is_first)
    .row(tx);
    if gathered {
        sql("INSERT INTO gathered_pages (page_id, person_id, created_at, incident_id) VALUES ($1, $2, $3, $4)")
            .bind(id)
            .bind(person.id)
            .bind(now)
            .bind(incident.id)
            .row(tx);
    }
    // The next one counts this one, too.
    tx.ahead.put(RecentPages(person.id), recent + 1);
    let event = Event::Paged {
        page: id,
        person: person.id,
        name: person.name.clone(),
        reason,
    };
    timeline::record(tx, incident, None, event).await?;
    if !gathered {
        mail::pages::write(
            tx,
            &PageMail {
                page: id,
                incident,
                person,
                reason,
                urgency,
                others,
            },
        )
        .await?;
    }
    Ok(())
}

/// Pages to the person in the minutes that make a flood.
async fn recent_pages(tx: &mut Tx, person: PersonId) -> Result<i64> {
    if let Some(recent) = tx.ahead.take(&RecentPages(person)) {
        return Ok(recent);
    }
    dialect::lock_people(tx, &BTreeSet::from([person])).await?;
    let (since, until) = flood(tx);
    sql("SELECT COUNT(*) FROM pages WHERE person_id = $1 AND created_at > $2 AND created_at <= $3")
        .bind(person)
        .bind(since)
        .bind(until)
        .scalar(tx)
        .await
}

/// The minutes in which pages make a flood. Those of a clock that was fast would make one for as long as it was.
fn flood(tx: &Tx) -> (DateTime<Utc>, DateTime<Utc>) {
    let now = tx.now();
    (now - TimeDelta::seconds(FLOOD_SECONDS), now + CLOCKS_DIFFER)
}

async fn paged_before(tx: &mut Tx, incident: IncidentId) -> Result<Vec<(PersonId, String)>> {
    if let Some(known) = tx.ahead.take(&PagedBefore(incident)) {
        return Ok(known);
    }
    sql("SELECT DISTINCT p.id, p.name FROM pages g JOIN people p ON p.id = g.person_id WHERE g.incident_id = $1")
        .bind(incident)
        .all(tx)
        .await
}
