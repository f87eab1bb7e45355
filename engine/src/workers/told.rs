//! What the program makes of its notifications: each is looked at again when it is sent, since what it tells may be over, or worse;
//! and what came of it goes back to whoever had it written.

use crate::db::{Arg, sql_of_rows};
use crate::error::Result;
use crate::messages::digest;
use crate::messages::news;
use crate::messages::notices::{self, Notice};
use crate::messages::pages::{self, Page};
use crate::notifications::outbox::{self, one_line};
use crate::notifications::{Notification, Outcome, Telling, Words, links};
use crate::paging::{self, DigestNow};
use crate::{Tx, mailed_links, timeline};
use chrono::TimeDelta;
use domain::ids::{IncidentId, PageId};
use domain::incidents::{Incident, PageOutcome, State};
use domain::notifications::NotificationKind;
use std::collections::BTreeMap;

/// Pages, digests, notices, mailed links.
pub struct Told;

impl Telling for Told {
    async fn look_again(tx: &mut Tx, claimed: Vec<Notification>) -> Result<Vec<Notification>> {
        look_again(tx, claimed).await
    }

    async fn is_wanted(tx: &mut Tx, notification: &Notification) -> Result<bool> {
        match (notification.kind, notification.incident_id, notification.page_id) {
            (NotificationKind::Page, Some(incident), Some(page)) => {
                paging::is_wanted(tx, incident, page).await
            }
            _ => Ok(true),
        }
    }

    async fn settle(tx: &mut Tx, outcome: Outcome) -> Result<()> {
        let words = Some(outcome.words.as_str());
        match (outcome.kind, outcome.incident, outcome.page) {
            (NotificationKind::Digest, ..) if outcome.is_accepted => {
                paging::digest_is_told(tx, outcome.notification, words).await
            }
            (NotificationKind::Digest, ..) => paging::digest_is_refused(tx, outcome.notification).await,
            (_, Some(incident), Some(page)) if outcome.is_accepted => {
                paging::settle(tx, incident, page, PageOutcome::Accepted, words).await
            }
            (_, Some(incident), Some(page)) => {
                paging::settle(tx, incident, page, PageOutcome::Refused, words).await
            }
            _ => Ok(()),
        }
    }
}

/// What was written so long ago is put into words anew, since it says for how long something is broken.
const STALE: TimeDelta = TimeDelta::minutes(1);

async fn look_again(tx: &mut Tx, claimed: Vec<Notification>) -> Result<Vec<Notification>> {
    let incidents = incidents_of(tx, &claimed).await?;
    let mut pages = pages_in_words(tx, &claimed, &incidents).await?;
    let mut wanted = Vec::new();
    for mut notification in claimed {
        if !mailed_links::put_in(tx, &mut notification).await? {
            take_back(tx, &notification).await?;
            continue;
        }
        let incident = notification.incident_id.and_then(|id| incidents.get(&id));
        let found = notification.page_id.and_then(|page| pages.remove(&page));
        let seen = match found {
            Some(words) => seen_of(&notification, words),
            None if is_as_it_was(tx, &notification, incident) => Seen::Same,
            None => look_carefully(tx, &notification, incident).await?,
        };
        match seen {
            Seen::Over => take_back(tx, &notification).await?,
            Seen::Same => wanted.push(notification),
            Seen::Changed(words) => {
                outbox::rewrite(tx, &mut notification, words).await?;
                wanted.push(notification);
            }
        }
    }
    Ok(wanted)
}

/// A fault of our own in finding words is no reason to send none.
async fn look_carefully(
    tx: &mut Tx,
    notification: &Notification,
    incident: Option<&Incident>,
) -> Result<Seen> {
    let mut seen = Seen::Same;
    let looking = async |tx: &mut Tx| {
        seen = look_at(tx, notification, incident).await?;
        Ok(())
    };
    if let Err(fault) = tx.try_within_savepoint(looking).await? {
        tracing::error!(notification = %notification.id, %fault, "it could not be looked at again; it goes as it was written");
    }
    Ok(seen)
}

/// Those of pages, found for all of them at once; where that fails, what stands for them goes out.
async fn pages_in_words(
    tx: &mut Tx,
    claimed: &[Notification],
    incidents: &BTreeMap<IncidentId, Incident>,
) -> Result<Found> {
    let mut asked = Vec::new();
    for notification in claimed {
        let incident = notification.incident_id.and_then(|id| incidents.get(&id));
        if let (NotificationKind::Page, Some(incident), Some(page)) =
            (notification.kind, incident, notification.page_id)
            && !is_as_it_was(tx, notification, Some(incident))
        {
            asked.push(Page {
                page,
                incident,
                text: &notification.text_body,
            });
        }
    }
    if asked.is_empty() {
        return Ok(BTreeMap::new());
    }
    if let Ok(found) = words_of(tx, &asked).await? {
        return Ok(found);
    }
    // One of them meets a fault of our own, which must not be the others'.
    let mut found = BTreeMap::new();
    for page in &asked {
        match words_of(tx, std::slice::from_ref(page)).await? {
            Ok(words) => found.extend(words),
            Err(fault) => {
                tracing::error!(page = %page.page, %fault, "the words of a page could not be found; it goes out in short");
            }
        }
    }
    Ok(found)
}

type Found = BTreeMap<PageId, Option<Words>>;

async fn words_of(tx: &mut Tx, asked: &[Page<'_>]) -> Result<Result<Found, String>> {
    let mut found = Found::new();
    let finding = async |tx: &mut Tx| {
        for page in asked {
            paging::goes_out_as(tx, page.page, page.incident.severity).await?;
        }
        found = pages::in_words(tx, asked).await?;
        Ok(())
    };
    let done = tx.try_within_savepoint(finding).await?;
    Ok(done.map(|()| found))
}

enum Seen {
    Same,
    Over,
    Changed(Words),
}

fn seen_of(notification: &Notification, words: Option<Words>) -> Seen {
    match words {
        None => Seen::Over,
        Some(words)
            if words.text == notification.text_body && one_line(&words.subject) == notification.subject =>
        {
            Seen::Same
        }
        Some(words) => Seen::Changed(words),
    }
}

/// Most were written a moment ago, and need no look at the database.
fn is_as_it_was(tx: &Tx, notification: &Notification, incident: Option<&Incident>) -> bool {
    let is_stale = tx.now() - notification.created_at >= STALE;
    match (notification.kind, incident) {
        (NotificationKind::Page, Some(incident)) => {
            let has_words = !notification.html_body.is_empty();
            let is_told = one_line(&pages::subject(incident)) == notification.subject;
            has_words && is_told && !is_stale && incident.state == State::Triggered
        }
        (NotificationKind::Digest, _) => !is_stale && notification.attempts == 1,
        (NotificationKind::TeamNotice | NotificationKind::LetGo, Some(_)) => false,
        _ => true,
    }
}

async fn incidents_of(tx: &mut Tx, claimed: &[Notification]) -> Result<BTreeMap<IncidentId, Incident>> {
    let asked: Vec<Vec<Arg>> = claimed
        .iter()
        .filter_map(|notification| notification.incident_id.map(|id| vec![Arg::from(id)]))
        .collect();
    if asked.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found: Vec<Incident> = sql_of_rows(
        constcat::concat!(
            "WITH asked (id) AS (VALUES {rows}) SELECT ",
            timeline::COLUMNS,
            " FROM incidents WHERE {any incidents} AND id IN (SELECT id FROM asked)"
        ),
        asked,
    )
    .all(tx)
    .await?;
    Ok(found
        .into_iter()
        .map(|incident| (incident.id, incident))
        .collect())
}

async fn look_at(tx: &mut Tx, notification: &Notification, incident: Option<&Incident>) -> Result<Seen> {
    let words = match (notification.kind, incident, notification.person_id) {
        (NotificationKind::Digest, _, Some(person)) => {
            match paging::digest_as_it_stands(tx, person, notification.id).await? {
                DigestNow::Unknown => return Ok(Seen::Same),
                DigestNow::Over => None,
                DigestNow::Stands(digest) => {
                    digest::keep_link(tx, person, &digest);
                    Some(digest.words)
                }
            }
        }
        (NotificationKind::LetGo, Some(incident), _) if news::let_go_is_over(incident.state) => None,
        (NotificationKind::TeamNotice, Some(incident), _) => match Notice::of(&notification.message_id) {
            Some(notice) if notice.is_over(incident) => None,
            Some(notice) => {
                let link = links::secret_in(&notification.text_body);
                Some(notices::in_words(tx, incident, notice, link).await?)
            }
            None => return Ok(Seen::Same),
        },
        _ => return Ok(Seen::Same),
    };
    Ok(seen_of(notification, words))
}

async fn take_back(tx: &mut Tx, notification: &Notification) -> Result<()> {
    outbox::take_back(tx, notification.id).await?;
    paging::was_taken_back(tx, notification.id, notification.page_id).await
}
