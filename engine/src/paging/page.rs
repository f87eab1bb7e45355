//! One page: a person, a reason, a mail in the outbox, a line in the timeline.

use super::known::{Known, Recent};
use crate::db::changes::{GatheredPage, NewPage};
use crate::db::sql;
use crate::error::Result;
use crate::messages::pages;
use crate::{Tx, people, timeline};
use chrono::{DateTime, Utc};
use domain::Severity;
use domain::escalation::awake::stands_on_the_list;
use domain::escalation::{Place, goes_out_as, waits_for_a_digest};
use domain::ids::{IncidentId, PageId, PersonId};
use domain::incidents::timeline::{Event, PageReason};
use domain::incidents::{Incident, PageOutcome};
use domain::notifications::Urgency;
use domain::people::Person;

/// Of a page `g`: it went to somebody, and may have woken them. What is refused, taken back, waits still or is on the list of somebody
/// who is awake did not; what no mail server is set for is read in the browser.
pub(crate) const WENT_OUT: &str =
    "(g.outcome IN ('accepted', 'kept') OR g.outcome = 'gathered' AND g.settled_at IS NOT NULL)";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Escalation(PageReason),
    SeverityRose,
}

/// What a page is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub place: Place,
    pub reason: Reason,
    /// The incident was just opened, so nobody was paged about it.
    pub is_new: bool,
}

/// Pages people of one step; `people` says for each whether a schedule named them.
pub(crate) async fn page_people(
    tx: &mut Tx,
    incident: &mut Incident,
    call: Call,
    people: &[(Person, PageReason)],
) -> Result<()> {
    page_knowing(tx, &mut Known::default(), incident, call, people).await
}

/// As [`page_people`], with what was looked up before.
pub(super) async fn page_knowing(
    tx: &mut Tx,
    known: &mut Known,
    incident: &mut Incident,
    call: Call,
    people: &[(Person, PageReason)],
) -> Result<()> {
    let is_first = match call.is_new {
        true => true,
        false => !was_paged(tx, incident.id).await?,
    };
    let ids = people.iter().map(|(person, _)| person.id).collect();
    known.learn_recent(tx, &ids).await?;
    for (person, how) in people {
        let reason = match call.reason {
            Reason::SeverityRose => PageReason::SeverityRose,
            Reason::Escalation(asked @ (PageReason::ByHand | PageReason::PassedOn)) => asked,
            Reason::Escalation(_) => *how,
        };
        let about = About {
            place: call.place,
            reason,
            is_first,
        };
        page(tx, known, incident, about, person).await?;
    }
    Ok(())
}

/// What one page is for.
#[derive(Clone, Copy)]
struct About {
    place: Place,
    reason: PageReason,
    /// Nobody was paged about the incident before.
    is_first: bool,
}

async fn page(
    tx: &mut Tx,
    known: &mut Known,
    incident: &mut Incident,
    About {
        place,
        reason,
        is_first,
    }: About,
    person: &Person,
) -> Result<()> {
    let id: PageId = tx.new_id();
    let now = tx.now();
    let recent = known.recent(person.id);
    let on_list = stands_on_the_list(recent.awake_until, now, incident.severity, reason);
    // That it became worse is for whoever has it, and waits for no digest.
    let gathered = !on_list
        && reason != PageReason::SeverityRose
        && waits_for_a_digest(recent.pages, recent.worst, incident.severity);
    let outcome = goes_out_as(on_list, gathered, tx.context.mail.server_set);
    tx.changes.pages.push(NewPage {
        id,
        incident_id: incident.id,
        person_id: person.id,
        place,
        outcome,
        created_at: now,
        settled_at: matches!(outcome, PageOutcome::Kept | PageOutcome::OnList).then_some(now),
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
    // What is not sent is no part of a flood.
    if !on_list {
        known.is_paged(person.id, incident.severity);
    }
    let event = Event::Paged {
        page: id,
        person: person.id,
        name: person.name.clone(),
        reason,
    };
    timeline::record_as_kintsugi(tx, incident, event).await?;
    if !gathered && !on_list {
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
    let mut known = Known::default();
    let people = waiting.iter().map(|page| page.person_id).collect();
    known.learn_recent(tx, &people).await?;
    for page in waiting {
        let recent = known.recent(page.person_id);
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

/// It became as bad as can be: whoever is awake and has it on their list is paged after all. The caller holds the incident.
pub(crate) async fn send_those_on_lists(tx: &mut Tx, incident: &Incident) -> Result<()> {
    if incident.severity != Severity::Sev1 {
        return Ok(());
    }
    let on_lists: Vec<(PageId, PersonId)> =
        sql("SELECT id, person_id FROM pages WHERE incident_id = $1 AND outcome = 'on_list'")
            .bind(incident.id)
            .all(tx)
            .await?;
    for page in on_lists {
        send_now(tx, incident, page, Urgency::FirstPage).await?;
    }
    Ok(())
}

pub(super) async fn send_now(
    tx: &mut Tx,
    incident: &Incident,
    (page, person): (PageId, PersonId),
    urgency: Urgency,
) -> Result<()> {
    let outcome = goes_out_as(false, false, tx.context.mail.server_set);
    sql("UPDATE pages SET outcome = $2, severity = $3 WHERE id = $1")
        .bind(page)
        .bind(outcome)
        .bind(incident.severity)
        .run(tx)
        .await?;
    let person = people::find(tx, person).await?;
    pages::write(tx, incident, page, &person, urgency).await
}

async fn was_paged(tx: &mut Tx, incident: IncidentId) -> Result<bool> {
    sql("SELECT EXISTS (SELECT 1 FROM pages WHERE incident_id = $1)")
        .bind(incident)
        .scalar(tx)
        .await
}
