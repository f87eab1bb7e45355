//! One page: a person, a reason, a mail in the outbox, a line in the timeline.

use crate::context::CLOCKS_DIFFER;
use crate::db::changes::{GatheredPage, NewPage};
use crate::db::{Arg, Question, dialect, sql, sql_of_rows};
use crate::error::Result;
use crate::messages::pages;
use crate::{Tx, people, timeline};
use chrono::{DateTime, TimeDelta, Utc};
use domain::Severity;
use domain::escalation::{FLOOD_SECONDS, Place, waits_for_a_digest};
use domain::ids::{IncidentId, PageId, PersonId};
use domain::incidents::timeline::{Event, PageReason};
use domain::incidents::{Incident, PageOutcome};
use domain::notifications::Urgency;
use domain::people::Person;
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Escalation(PageReason),
    SeverityRose,
}

/// What the person was paged in the minutes that make a flood, once that person is taken.
#[derive(PartialEq, Eq, Hash)]
struct RecentPages(PersonId);

#[derive(Clone, Copy, Default, sqlx::FromRow)]
struct Recent {
    pages: i64,
    worst: Option<Severity>,
}

impl Question for RecentPages {
    type Answer = Recent;
}

/// Whether an incident was paged to anybody before.
#[derive(PartialEq, Eq, Hash)]
struct WasPaged(IncidentId);

impl Question for WasPaged {
    type Answer = bool;
}

#[derive(sqlx::FromRow)]
struct RecentOf {
    person_id: PersonId,
    #[sqlx(flatten)]
    recent: Recent,
}

/// Takes the people who are about to be paged, and counts the pages that they got.
pub(crate) async fn look_ahead(tx: &mut Tx, people: &BTreeSet<PersonId>) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    dialect::lock_people(tx, people).await?;
    let (since, until) = flood(tx);
    let counts: Vec<RecentOf> = sql_of_rows(
        "WITH asked (person_id, since, until) AS (VALUES {rows})
         SELECT asked.person_id, COUNT(g.created_at) AS pages, MIN(g.severity) AS worst FROM asked LEFT JOIN pages g
            ON g.person_id = asked.person_id AND g.created_at > asked.since AND g.created_at <= asked.until
         GROUP BY asked.person_id",
        people
            .iter()
            .map(|person| vec![Arg::from(*person), Arg::from(since), Arg::from(until)])
            .collect(),
    )
    .all(tx)
    .await?;
    for of in counts {
        tx.ahead.put(RecentPages(of.person_id), of.recent);
    }
    Ok(())
}

/// Says that an incident was just opened.
pub(crate) fn knows_nobody_was_paged(tx: &mut Tx, incident: IncidentId) {
    tx.ahead.put(WasPaged(incident), false);
}

/// What a page is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub place: Place,
    pub reason: Reason,
}

/// Pages people of one step; `people` says for each whether a schedule named them.
pub(crate) async fn page_people(
    tx: &mut Tx,
    incident: &mut Incident,
    call: Call,
    people: &[(Person, PageReason)],
) -> Result<()> {
    let is_first = !was_paged(tx, incident.id).await?;
    for (person, how) in people {
        let reason = match call.reason {
            Reason::SeverityRose => PageReason::SeverityRose,
            Reason::Escalation(PageReason::ByHand) => PageReason::ByHand,
            Reason::Escalation(_) => *how,
        };
        page(tx, incident, call.place, is_first, (person, reason)).await?;
    }
    Ok(())
}

async fn page(
    tx: &mut Tx,
    incident: &mut Incident,
    place: Place,
    is_first: bool,
    (person, reason): (&Person, PageReason),
) -> Result<()> {
    let id: PageId = tx.new_id();
    let now = tx.now();
    let recent = recent_pages(tx, person.id).await?;
    // That it became worse is for whoever has it, and waits for no digest.
    let gathered = reason != PageReason::SeverityRose
        && waits_for_a_digest(recent.pages, recent.worst, incident.severity);
    let outcome = match () {
        () if gathered => PageOutcome::Gathered,
        () if tx.context.mail.server_set => PageOutcome::Waiting,
        () => PageOutcome::Kept,
    };
    tx.changes.pages.push(NewPage {
        id,
        incident_id: incident.id,
        person_id: person.id,
        place,
        outcome,
        created_at: now,
        settled_at: (outcome == PageOutcome::Kept).then_some(now),
        is_first,
        severity: incident.severity,
        reason,
    });
    if gathered {
        tx.changes.gathered_pages.push(GatheredPage {
            page_id: id,
            person_id: person.id,
            created_at: now,
            incident_id: incident.id,
        });
    }
    // The next one counts this one, too.
    let told = Recent {
        pages: recent.pages + 1,
        worst: recent.worst.max(Some(incident.severity)),
    };
    tx.ahead.put(RecentPages(person.id), told);
    let event = Event::Paged {
        page: id,
        person: person.id,
        name: person.name.clone(),
        reason,
    };
    timeline::record_as_kintsugi(tx, incident, event).await?;
    if !gathered {
        pages::write(tx, incident, id, person, urgency(recent, incident.severity)).await?;
    }
    Ok(())
}

/// Whom nobody has woken yet comes before the third mail to somebody who is up, unless that one is as bad as can be.
fn urgency(recent: Recent, severity: Severity) -> Urgency {
    if recent.pages == 0 || severity == Severity::Sev1 {
        Urgency::FirstPage
    } else {
        Urgency::Page
    }
}

#[derive(sqlx::FromRow)]
struct Gathered {
    page_id: PageId,
    created_at: DateTime<Utc>,
    person_id: PersonId,
}

/// An incident rose while pages about it wait for a digest: what is worse than all that was told there waits no longer. The caller
/// holds the incident.
pub(crate) async fn take_out_of_digests(tx: &mut Tx, incident: &Incident) -> Result<()> {
    let waiting: Vec<Gathered> = sql(
        "SELECT g.page_id, g.created_at, g.person_id FROM pages p JOIN gathered_pages g
            ON g.person_id = p.person_id AND g.created_at = p.created_at AND g.page_id = p.id
         WHERE p.incident_id = $1 AND p.outcome = 'gathered'",
    )
    .bind(incident.id)
    .all(tx)
    .await?;
    for page in waiting {
        let recent = recent_pages(tx, page.person_id).await?;
        if waits_for_a_digest(recent.pages, recent.worst, incident.severity) {
            continue;
        }
        // A digest may have taken it meanwhile.
        let taken =
            sql("DELETE FROM gathered_pages WHERE person_id = $1 AND created_at = $2 AND page_id = $3")
                .bind(page.person_id)
                .bind(page.created_at)
                .bind(page.page_id)
                .run(tx)
                .await?;
        if taken > 0 {
            let urgency = urgency(recent, incident.severity);
            send_now(tx, incident, (page.page_id, page.person_id), urgency).await?;
        }
    }
    Ok(())
}

async fn send_now(
    tx: &mut Tx,
    incident: &Incident,
    (page, person): (PageId, PersonId),
    urgency: Urgency,
) -> Result<()> {
    let outcome = if tx.context.mail.server_set {
        PageOutcome::Waiting
    } else {
        PageOutcome::Kept
    };
    sql("UPDATE pages SET outcome = $2, severity = $3 WHERE id = $1")
        .bind(page)
        .bind(outcome)
        .bind(incident.severity)
        .run(tx)
        .await?;
    let person = people::find(tx, person).await?;
    pages::write(tx, incident, page, &person, urgency).await
}

/// Pages to the person in the minutes that make a flood.
async fn recent_pages(tx: &mut Tx, person: PersonId) -> Result<Recent> {
    if let Some(recent) = tx.ahead.take(&RecentPages(person)) {
        return Ok(recent);
    }
    dialect::lock_people(tx, &BTreeSet::from([person])).await?;
    let (since, until) = flood(tx);
    sql("SELECT COUNT(*) AS pages, MIN(severity) AS worst FROM pages
         WHERE person_id = $1 AND created_at > $2 AND created_at <= $3")
    .bind(person)
    .bind(since)
    .bind(until)
    .one(tx, "count")
    .await
}

/// The minutes in which pages make a flood. Those of a clock that was fast would make one for as long as it was.
fn flood(tx: &Tx) -> (DateTime<Utc>, DateTime<Utc>) {
    let now = tx.now();
    (now - TimeDelta::seconds(FLOOD_SECONDS), now + CLOCKS_DIFFER)
}

async fn was_paged(tx: &mut Tx, incident: IncidentId) -> Result<bool> {
    if let Some(known) = tx.ahead.take(&WasPaged(incident)) {
        return Ok(known);
    }
    sql("SELECT EXISTS (SELECT 1 FROM pages WHERE incident_id = $1)")
        .bind(incident)
        .scalar(tx)
        .await
}
