//! News in words: one mail each, and a list of what is more than a few in some minutes.

mod words;

use super::fill;
use super::pages::thread;
use crate::context::CLOCKS_DIFFER;
use crate::db::{dialect, sql};
use crate::error::Result;
use crate::news::{self, Waiting};
use crate::notifications::{Draft, Words, outbox};
use crate::oncall::untaken;
use crate::{Tx, people};
use chrono::TimeDelta;
use domain::escalation::{DIGEST_AFTER_SECONDS, FLOOD_SECONDS, news_waits_for_a_list};
use domain::ids::{IncidentId, PersonId};
use domain::incidents::State;
use domain::news::{News, NewsKind};
use domain::notifications::{NotificationKind, Urgency};
use domain::people::Person;
use minijinja::context;
use serde::Serialize;
use std::collections::BTreeSet;
use words::{in_words, off_url, path};

/// Lines of a list.
const MOST_LINES: usize = 50;

/// Mails a person what waits for them. Says whether it wrote anything.
pub async fn mail(tx: &mut Tx, person: PersonId) -> Result<bool> {
    dialect::lock_people(tx, &BTreeSet::from([person])).await?;
    let waiting = news::waiting_for(tx, person).await?;
    let to = people::find(tx, person).await?;
    let (mut told, mut wanted) = (Vec::new(), Vec::new());
    for one in waiting {
        if to.deactivated_at.is_none() && is_true(tx, &one).await? {
            wanted.push(one);
        } else {
            told.push(one);
        }
    }
    let mut mails = told_lately(tx, person).await?;
    let mut wrote = false;
    let mut rest = wanted.into_iter().peekable();
    while !news_waits_for_a_list(mails)
        && let Some(one) = rest.next()
    {
        write(tx, &to, &one).await?;
        told.push(one);
        (mails, wrote) = (mails + 1, true);
    }
    let now = tx.now();
    let is_due = |one: &Waiting| {
        let since = now - one.created_at;
        // Put aside while the clock was fast, it is due too.
        since >= TimeDelta::seconds(DIGEST_AFTER_SECONDS) || since < -CLOCKS_DIFFER
    };
    if rest.peek().is_some_and(is_due) {
        let list: Vec<Waiting> = rest.collect();
        write_list(tx, &to, &list)?;
        told.extend(list);
        wrote = true;
    }
    news::forget(tx, &told).await?;
    Ok(wrote)
}

async fn told_lately(tx: &mut Tx, person: PersonId) -> Result<i64> {
    let now = tx.now();
    sql("SELECT COUNT(*) FROM notifications WHERE person_id = $1 AND created_at > $2 AND created_at <= $3 AND kind IN ('news', 'let_go')")
        .bind(person)
        .bind(now - TimeDelta::seconds(FLOOD_SECONDS))
        .bind(now + CLOCKS_DIFFER)
        .scalar(tx)
        .await
}

/// Nobody sleeps on what has begun again, or looks for somebody for a turn that was taken meanwhile.
async fn is_true(tx: &mut Tx, one: &Waiting) -> Result<bool> {
    match (&one.news, one.incident_id) {
        (News::LetGo { .. }, Some(incident)) => {
            let (state,): (State,) = sql("SELECT state FROM incidents WHERE {any incidents} AND id = $1")
                .bind(incident)
                .one(tx, "incident")
                .await?;
            Ok(!let_go_is_over(state))
        }
        (News::TurnUntaken { request, .. }, _) => untaken::stands(tx, *request).await,
        _ => Ok(true),
    }
}

/// Whether what said “you can sleep” is not so any more.
pub(crate) const fn let_go_is_over(state: State) -> bool {
    matches!(state, State::Triggered)
}

async fn write(tx: &mut Tx, to: &Person, one: &Waiting) -> Result<()> {
    let words = in_words(tx, to, one)?;
    let kind = match one.news.kind() {
        NewsKind::LetGo => NotificationKind::LetGo,
        _ => NotificationKind::News,
    };
    // What repeats an entry's words is found by its name when they are redacted.
    let message = match (one.news.repeats(), one.incident_id) {
        (Some(entry), Some(incident)) => format!("{}{}", repeats(incident, entry), one.id),
        _ => format!("news-{}", one.id),
    };
    put(tx, to, kind, one.incident_id, message, words);
    Ok(())
}

/// How the names of mails begin that repeat the words of an entry.
pub(crate) fn repeats(incident: IncidentId, entry: i64) -> String {
    format!("entry-{incident}-{entry}-")
}

#[derive(Serialize)]
struct Line {
    subject: String,
    url: String,
}

fn write_list(tx: &mut Tx, to: &Person, list: &[Waiting]) -> Result<()> {
    let mut lines = Vec::new();
    for one in list.iter().take(MOST_LINES) {
        lines.push(Line {
            subject: in_words(tx, to, one)?.subject,
            url: tx.context.link(&path(&one.news)),
        });
    }
    let words = fill(
        "news_list",
        context! {
            count => list.len(),
            more => list.len() - lines.len(),
            lines => lines,
            off_url => off_url(tx),
        },
    )?;
    let message = format!("news-{}-{}", to.id, tx.now().timestamp_micros());
    put(tx, to, NotificationKind::News, None, message, words);
    Ok(())
}

fn put(
    tx: &mut Tx,
    to: &Person,
    kind: NotificationKind,
    incident: Option<IncidentId>,
    message: String,
    words: Words,
) {
    let draft = Draft {
        kind,
        urgency: Urgency::Other,
        to,
        incident,
        page: None,
        message,
        thread: incident.map(thread),
        words,
    };
    outbox::put(tx, draft);
}
