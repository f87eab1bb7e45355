//! A mail that waited is looked at again when it is sent: what it tells may be over, or worse.

use super::notices::{self, Notice};
use super::outbox::{Stored, one_line};
use super::record::TAKEN_BACK;
use super::{Words, lists, pages};
use crate::db::{Arg, sql, sql_of_rows};
use crate::error::Result;
use crate::paging::{self, ListNow};
use crate::people::links;
use crate::{Tx, incidents};
use chrono::TimeDelta;
use domain::ids::IncidentId;
use domain::incidents::{Incident, State};
use domain::mail::MailKind;
use std::collections::BTreeMap;

/// What was written so long ago is put into words anew, since it says for how long something is broken.
const STALE: TimeDelta = TimeDelta::minutes(1);

/// Takes those back that nobody is to get any more, and answers with the others, in the words of now.
///
/// # Errors
/// [`crate::Error::Database`]
pub(super) async fn look_again(tx: &mut Tx, mails: Vec<Stored>) -> Result<Vec<Stored>> {
    let incidents = incidents_of(tx, &mails).await?;
    let mut wanted = Vec::new();
    for mut mail in mails {
        if !links::put_in(tx, &mut mail).await? {
            take_back(tx, &mail).await?;
            continue;
        }
        let incident = mail.incident_id.and_then(|id| incidents.get(&id));
        if is_as_it_was(tx, &mail, incident) {
            wanted.push(mail);
            continue;
        }
        let mut seen = Seen::Same;
        let looking = async |tx: &mut Tx| {
            seen = look_at(tx, &mail, incident).await?;
            Ok(())
        };
        if let Err(fault) = tx.try_within_savepoint(looking).await? {
            // A fault of our own in finding words is no reason to send none.
            tracing::error!(mail = %mail.id, %fault, "a mail could not be looked at again; it goes as it was written");
        }
        match seen {
            Seen::Over => take_back(tx, &mail).await?,
            Seen::Same => wanted.push(mail),
            Seen::Changed(words) => {
                rewrite(tx, &mut mail, words).await?;
                wanted.push(mail);
            }
        }
    }
    Ok(wanted)
}

enum Seen {
    Same,
    Over,
    Changed(Words),
}

/// Most mails are sent at once, and need no look at the database.
fn is_as_it_was(tx: &Tx, mail: &Stored, incident: Option<&Incident>) -> bool {
    let is_stale = tx.now() - mail.created_at >= STALE;
    match (mail.kind, incident) {
        (MailKind::Page, Some(incident)) => {
            let is_told = one_line(&pages::subject(incident)) == mail.subject;
            is_told && !is_stale && incident.state == State::Triggered
        }
        (MailKind::PageList, _) => !is_stale && mail.attempts == 1,
        (MailKind::TeamNotice, Some(_)) => false,
        _ => true,
    }
}

async fn incidents_of(tx: &mut Tx, mails: &[Stored]) -> Result<BTreeMap<IncidentId, Incident>> {
    let asked: Vec<Vec<Arg>> = mails
        .iter()
        .filter_map(|mail| mail.incident_id.map(|id| vec![Arg::from(id)]))
        .collect();
    if asked.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found: Vec<Incident> = sql_of_rows(
        constcat!(
            "WITH asked (id) AS (VALUES ($1)) SELECT ",
            incidents::COLUMNS,
            " FROM incidents WHERE id IN (SELECT id FROM asked)"
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

async fn look_at(tx: &mut Tx, mail: &Stored, incident: Option<&Incident>) -> Result<Seen> {
    let words = match (mail.kind, incident, mail.page_id, mail.person_id) {
        (MailKind::Page, Some(incident), Some(page), _) => {
            let link = pages::link_in(&mail.text_body).unwrap_or_default().to_owned();
            paging::mail_as_it_stands(tx, incident, page, &link).await?
        }
        (MailKind::PageList, _, _, Some(person)) => {
            match paging::list_as_it_stands(tx, person, mail.id).await? {
                ListNow::Unknown => return Ok(Seen::Same),
                ListNow::Over => None,
                ListNow::Stands(list) => {
                    lists::keep_link(tx, person, &list);
                    Some(list.words)
                }
            }
        }
        (MailKind::TeamNotice, Some(incident), ..) => match Notice::of(&mail.message_id) {
            Some(notice) if notice.is_over(incident) => None,
            Some(notice) => {
                Some(notices::in_words(tx, incident, notice, pages::link_in(&mail.text_body)).await?)
            }
            None => return Ok(Seen::Same),
        },
        _ => return Ok(Seen::Same),
    };
    Ok(match words {
        None => Seen::Over,
        Some(words) if words.text == mail.text_body && one_line(&words.subject) == mail.subject => Seen::Same,
        Some(words) => Seen::Changed(words),
    })
}

async fn take_back(tx: &mut Tx, mail: &Stored) -> Result<()> {
    let now = tx.now();
    sql("UPDATE mails SET state = 'failed', settled_at = $2, server_words = $3 WHERE id = $1")
        .bind(mail.id)
        .bind(now)
        .bind(TAKEN_BACK)
        .run(tx)
        .await?;
    sql("UPDATE pages SET outcome = 'dropped', settled_at = $2 WHERE outcome IN ('waiting', 'gathered') AND (id = $3
            OR id IN (SELECT page_id FROM listed_pages WHERE mail_id = $1))")
    .bind(mail.id)
    .bind(now)
    .bind(mail.page_id)
    .run(tx)
    .await?;
    sql("DELETE FROM listed_pages WHERE mail_id = $1")
        .bind(mail.id)
        .run(tx)
        .await
        .map(drop)
}

async fn rewrite(tx: &mut Tx, mail: &mut Stored, words: Words) -> Result<()> {
    mail.subject = one_line(&words.subject);
    mail.text_body = words.text;
    mail.html_body = words.html;
    sql("UPDATE mails SET subject = $2, text_body = $3, html_body = $4 WHERE id = $1")
        .bind(mail.id)
        .bind(&mail.subject)
        .bind(&mail.text_body)
        .bind(&mail.html_body)
        .run(tx)
        .await
        .map(drop)
}
