//! One page: a person, a reason, a mail in the outbox, a line in the timeline.

use super::{CLOCKS_DIFFER, walk};
use crate::db::{Arg, Question, dialect, sql, sql_of_rows};
use crate::error::Result;
use crate::incidents::timeline;
use crate::mail::Words;
use crate::mail::pages::{self, PageMail, Unanswered};
use crate::{Tx, people};
use chrono::{DateTime, TimeDelta, Utc};
use domain::Severity;
use domain::escalation::{FLOOD_SECONDS, Place, waits_for_a_list};
use domain::ids::{IncidentId, PageId, PersonId};
use domain::incidents::timeline::{Event, PageReason};
use domain::incidents::{Incident, PageOutcome, State};
use domain::mail::Urgency;
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

/// Whom an incident was paged to before.
#[derive(PartialEq, Eq, Hash)]
struct PagedBefore(IncidentId);

impl Question for PagedBefore {
    type Answer = Vec<(PersonId, String)>;
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
        "WITH asked (person_id, since, until) AS (VALUES ($1, $2, $3))
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
    tx.ahead.put(PagedBefore(incident), Vec::new());
}

/// What a page is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub place: Place,
    pub reason: Reason,
    pub unanswered: Unanswered,
}

/// Pages people of one step; `people` says for each whether a schedule named them.
pub(crate) async fn page_people(
    tx: &mut Tx,
    incident: &mut Incident,
    call: Call,
    people: &[(Person, PageReason)],
) -> Result<()> {
    let before = paged_before(tx, incident.id).await?;
    let is_first = before.is_empty();
    let mut all = before;
    all.extend(people.iter().map(|(person, _)| (person.id, person.name.clone())));
    for (person, how) in people {
        let reason = match call.reason {
            Reason::SeverityRose => PageReason::SeverityRose,
            Reason::Escalation(PageReason::ByHand) => PageReason::ByHand,
            Reason::Escalation(_) => *how,
        };
        let others = names_but(&all, person.id);
        let mail = PageMail {
            page: tx.new_id(),
            person,
            reason,
            unanswered: call.unanswered,
            others: &others,
        };
        page(tx, incident, call.place, is_first, &mail).await?;
    }
    Ok(())
}

/// Who else, by name.
pub(super) fn names_but(people: &[(PersonId, String)], but: PersonId) -> Vec<String> {
    let others = people.iter().filter(|(other, _)| *other != but);
    let names: BTreeSet<&String> = others.map(|(_, name)| name).collect();
    names.into_iter().cloned().collect()
}

async fn page(
    tx: &mut Tx,
    incident: &mut Incident,
    place: Place,
    is_first: bool,
    mail: &PageMail<'_>,
) -> Result<()> {
    let PageMail {
        page: id,
        person,
        reason,
        ..
    } = *mail;
    let now = tx.now();
    let recent = recent_pages(tx, person.id).await?;
    // That it became worse is for whoever has it, and waits for no list.
    let gathered =
        reason != PageReason::SeverityRose && waits_for_a_list(recent.pages, recent.worst, incident.severity);
    let outcome = match () {
        () if gathered => PageOutcome::Gathered,
        () if tx.context.mail.server_set => PageOutcome::Waiting,
        () => PageOutcome::Kept,
    };
    sql(
        "INSERT INTO pages (id, incident_id, person_id, step, round, outcome, created_at, settled_at, is_first, severity, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
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
    .bind(incident.severity)
    .bind(reason.as_str())
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
    timeline::record(tx, incident, None, event).await?;
    if !gathered {
        pages::write(tx, incident, mail, urgency(recent, incident.severity)).await?;
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

/// An incident rose while pages about it wait for a list: what is worse than all that was told there waits no longer. The caller
/// holds the incident.
pub(crate) async fn take_out_of_lists(tx: &mut Tx, incident: &Incident) -> Result<()> {
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
        if waits_for_a_list(recent.pages, recent.worst, incident.severity) {
            continue;
        }
        // A list may have taken it meanwhile.
        let taken =
            sql("DELETE FROM gathered_pages WHERE person_id = $1 AND created_at = $2 AND page_id = $3")
                .bind(page.person_id)
                .bind(page.created_at)
                .bind(page.page_id)
                .run(tx)
                .await?;
        if taken > 0 {
            send_now(tx, incident, page.page_id, urgency(recent, incident.severity)).await?;
        }
    }
    Ok(())
}

async fn send_now(tx: &mut Tx, incident: &Incident, page: PageId, urgency: Urgency) -> Result<()> {
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
    let known = Known::of(tx, incident, page).await?;
    pages::write(tx, incident, &known.mail(), urgency).await
}

/// A page's mail as the incident stands now; `None` where nobody is to be woken for it any more.
pub(crate) async fn mail_as_it_stands(
    tx: &mut Tx,
    incident: &Incident,
    page: PageId,
    link: &str,
) -> Result<Option<Words>> {
    let known = Known::of(tx, incident, page).await?;
    // Whoever acknowledges takes back what waits. What is written after that is for whoever has it.
    let is_wanted = incident.state == State::Triggered
        || incident.state.is_open() && known.outcome == PageOutcome::Waiting;
    if !is_wanted {
        return Ok(None);
    }
    sql("UPDATE pages SET severity = $2 WHERE id = $1")
        .bind(page)
        .bind(incident.severity)
        .later(tx)
        .await?;
    pages::in_words(tx, incident, &known.mail(), link).await.map(Some)
}

/// What is known of a page that was written before.
struct Known {
    page: PageId,
    person: Person,
    reason: PageReason,
    outcome: PageOutcome,
    unanswered: Unanswered,
    others: Vec<String>,
}

impl Known {
    async fn of(tx: &mut Tx, incident: &Incident, page: PageId) -> Result<Self> {
        let (person, reason, outcome): (PersonId, Option<PageReason>, PageOutcome) =
            sql("SELECT person_id, reason, outcome FROM pages WHERE id = $1")
                .bind(page)
                .one(tx, "page")
                .await?;
        let others = names_but(&paged_before(tx, incident.id).await?, person);
        Ok(Self {
            page,
            person: people::find(tx, person).await?,
            reason: reason.unwrap_or(PageReason::OnCall),
            outcome,
            unanswered: walk::unanswered(tx, incident).await?,
            others,
        })
    }

    fn mail(&self) -> PageMail<'_> {
        PageMail {
            page: self.page,
            person: &self.person,
            reason: self.reason,
            unanswered: self.unanswered,
            others: &self.others,
        }
    }
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

async fn paged_before(tx: &mut Tx, incident: IncidentId) -> Result<Vec<(PersonId, String)>> {
    if let Some(known) = tx.ahead.take(&PagedBefore(incident)) {
        return Ok(known);
    }
    sql("SELECT DISTINCT p.id, p.name FROM pages g JOIN people p ON p.id = g.person_id WHERE g.incident_id = $1")
        .bind(incident)
        .all(tx)
        .await
}
