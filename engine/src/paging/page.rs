//! One page: a person, a reason, a mail in the outbox, a line in the timeline.

use super::CLOCKS_DIFFER;
use crate::Tx;
use crate::db::{dialect, sql};
use crate::error::Result;
use crate::incidents::timeline;
use crate::mail::{self, pages::PageMail};
use chrono::TimeDelta;
use domain::escalation::{FLOOD_SECONDS, MOST_PAGES_AT_ONCE, Place};
use domain::ids::{PageId, PersonId};
use domain::incidents::timeline::{Event, PageReason};
use domain::incidents::{Incident, PageOutcome};
use domain::mail::Urgency;
use domain::people::Person;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Escalation(PageReason),
    SeverityRose,
}

/// Pages people of one step; `people` says for each whether a schedule named them.
pub(crate) async fn page_people(
    tx: &mut Tx,
    incident: &mut Incident,
    place: Place,
    people: &[(Person, PageReason)],
    reason: Reason,
) -> Result<()> {
    let before: Vec<(PersonId, String)> = sql(
        "SELECT DISTINCT p.id, p.name FROM pages g JOIN people p ON p.id = g.person_id WHERE g.incident_id = $1",
    )
    .bind(incident.id)
    .all(tx)
    .await?;
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
    let gathered = recent >= MOST_PAGES_AT_ONCE;
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
    .later(tx)
    .await?;
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
    dialect::lock_person(tx, person).await?;
    let now = tx.now();
    // Those of a clock that was fast would make a flood for as long as it was.
    sql("SELECT COUNT(*) FROM pages WHERE person_id = $1 AND created_at > $2 AND created_at <= $3")
        .bind(person)
        .bind(now - TimeDelta::seconds(FLOOD_SECONDS))
        .bind(now + CLOCKS_DIFFER)
        .scalar(tx)
        .await
}
