//! What became of a page: accepted by the mail server, refused, or taken back.

use super::could_not_go_on;
use super::let_go::arrived_late;
use super::rose::page_is_lost;
use super::walk::step_is_lost;
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::notifications::outbox;
use crate::timeline;
use chrono::{DateTime, Utc};
use domain::Severity;
use domain::escalation::Place;
use domain::ids::{IncidentId, NotificationId, PageId, PersonId};
use domain::incidents::timeline::{Event, PageReason};
use domain::incidents::{Incident, PageOutcome};

#[derive(sqlx::FromRow)]
struct Unsettled {
    person_id: PersonId,
    name: String,
    step: i64,
    round: i64,
    created_at: DateTime<Utc>,
    reason: Option<PageReason>,
    outcome: PageOutcome,
}

/// Whether somebody is to be woken by a page still that could not be told yet: nobody has acknowledged or resolved its incident
/// meanwhile.
pub(crate) async fn is_wanted(tx: &mut Tx, incident: IncidentId, page: PageId) -> Result<bool> {
    // Whoever acknowledges takes the incident too.
    timeline::hold(tx, incident).await?;
    let outcome: Option<(PageOutcome,)> = sql("SELECT outcome FROM pages WHERE id = $1")
        .bind(page)
        .maybe(tx)
        .await?;
    Ok(outcome.is_none_or(|(outcome,)| outcome != PageOutcome::Dropped))
}

/// Records what came of a page's notification. A step all of whose pages were refused does not wait for its delay.
pub(crate) async fn settle(
    tx: &mut Tx,
    incident: IncidentId,
    page: PageId,
    outcome: PageOutcome,
    server_words: Option<&str>,
) -> Result<()> {
    let mut incident = timeline::hold(tx, incident).await?;
    let found: Option<Unsettled> = sql(
        "SELECT g.person_id, p.name, g.step, g.round, g.created_at, g.reason, g.outcome FROM pages g JOIN people p ON p.id = g.person_id
         WHERE g.id = $1 AND (g.outcome IN ('waiting', 'gathered', 'dropped') OR g.outcome = 'refused' AND $2)",
    )
    .bind(page)
    // Two nodes may have asked for the same mail; that one of them got it in is what counts.
    .bind(outcome == PageOutcome::Accepted)
    .maybe(tx)
    .await?;
    let Some(found) = found else { return Ok(()) };
    let now = tx.now();
    let took = now - found.created_at;
    sql("UPDATE pages SET outcome = $2, settled_at = $3, server_words = $4, settled_after_ms = $5 WHERE id = $1")
        .bind(page)
        .bind(outcome)
        .bind(now)
        .bind(server_words)
        .bind(took.num_milliseconds().max(0))
        .run(tx)
        .await?;
    let seconds = took.num_milliseconds().max(0) as f64 / 1000.0;
    metrics::histogram!("kintsugi_page_settled_seconds", "outcome" => outcome.as_str()).record(seconds);
    let event = Event::PageSettled {
        page,
        person: found.person_id,
        name: found.name,
        outcome,
        server_words: server_words.map(str::to_owned),
        seconds: took.num_seconds().max(0),
    };
    timeline::record_as_kintsugi(tx, &mut incident, event).await?;
    if found.outcome == PageOutcome::Dropped && outcome == PageOutcome::Accepted {
        arrived_late(tx, &incident, page, found.person_id).await?;
    }
    if outcome == PageOutcome::Refused {
        let lost = Place {
            round: found.round,
            step: found.step,
        };
        go_on_from(tx, &mut incident, lost, found.reason).await?;
    }
    Ok(())
}

/// A fault of our own in going on is no reason to forget what the mail server said.
async fn go_on_from(
    tx: &mut Tx,
    incident: &mut Incident,
    lost: Place,
    reason: Option<PageReason>,
) -> Result<()> {
    let going_on = async |tx: &mut Tx| {
        if reason == Some(PageReason::SeverityRose) {
            return page_is_lost(tx, incident).await;
        }
        if may_arrive(tx, incident, lost).await? {
            return Ok(());
        }
        step_is_lost(tx, incident, lost).await
    };
    let Err(fault) = tx.try_within_savepoint(going_on).await? else {
        return Ok(());
    };
    tracing::error!(incident = %incident.id, %fault, "a policy could not go on from a refused page; it is tried again");
    could_not_go_on(tx, incident.id, &fault).await
}

async fn may_arrive(tx: &mut Tx, incident: &Incident, at: Place) -> Result<bool> {
    sql("SELECT EXISTS (SELECT 1 FROM pages WHERE incident_id = $1 AND step = $2 AND round = $3 AND outcome <> 'refused')")
        .bind(incident.id)
        .bind(at.step)
        .bind(at.round)
        .scalar(tx)
        .await
}

/// Takes back pages that were not sent yet: somebody has the incident, or it is over. A page whose mail is under way is taken back
/// too, unless the mail server accepts it.
pub(crate) async fn drop_waiting(tx: &mut Tx, incident: IncidentId) -> Result<()> {
    drop_waiting_for(tx, incident, None).await
}

/// The same, of pages for one reason only.
pub(super) async fn drop_waiting_for(
    tx: &mut Tx,
    incident: IncidentId,
    reason: Option<PageReason>,
) -> Result<()> {
    let now = tx.now();
    let reason = reason.map(PageReason::as_str);
    outbox::take_back_pages(tx, incident, reason).await?;
    sql(
        "UPDATE pages SET outcome = 'dropped', settled_at = $2 WHERE incident_id = $1 AND ($3 IS NULL OR reason = $3)
           AND (outcome = 'waiting' OR outcome = 'gathered' AND EXISTS (SELECT 1 FROM gathered_pages g
               WHERE g.person_id = pages.person_id AND g.created_at = pages.created_at AND g.page_id = pages.id))",
    )
    .bind(incident)
    .bind(now)
    .bind(reason)
    .run(tx)
    .await?;
    sql(
        "DELETE FROM gathered_pages WHERE (person_id, created_at, page_id) IN (
             SELECT person_id, created_at, id FROM pages WHERE incident_id = $1 AND ($2 IS NULL OR reason = $2))",
    )
    .bind(incident)
    .bind(reason)
    .run(tx)
    .await?;
    Ok(())
}

/// A notification was not wanted any more when it was to be sent: so are the pages that it was to tell.
pub(crate) async fn was_taken_back(
    tx: &mut Tx,
    notification: NotificationId,
    page: Option<PageId>,
) -> Result<()> {
    sql("UPDATE pages SET outcome = 'dropped', settled_at = $2 WHERE outcome IN ('waiting', 'gathered') AND (id = $3
            OR id IN (SELECT page_id FROM digest_pages WHERE notification_id = $1))")
    .bind(notification)
    .bind(tx.now())
    .bind(page)
    .run(tx)
    .await?;
    sql("DELETE FROM digest_pages WHERE notification_id = $1")
        .bind(notification)
        .run(tx)
        .await
        .map(drop)
}

/// A page goes out as bad as its incident is now.
pub(crate) async fn goes_out_as(tx: &mut Tx, page: PageId, severity: Severity) -> Result<()> {
    sql("UPDATE pages SET severity = $2 WHERE id = $1 AND severity <> $2")
        .bind(page)
        .bind(severity)
        .run(tx)
        .await
        .map(drop)
}
