//! Emptying the outbox: claim, send, record what the server said. At least once, with a stable Message-ID.

use super::outbox::{self, Stored};
use super::sender::{Answer, Sender};
use crate::db::sql;
use crate::error::Result;
use crate::{Engine, Tx, paging, transaction};
use chrono::{DateTime, TimeDelta, Utc};
use domain::incidents::PageOutcome;
use domain::mail::MailKind;
use futures::stream::{self, StreamExt};

/// How long a claimed mail is left to its worker; longer than the slowest SMTP exchange we wait for.
const LEASE: TimeDelta = TimeDelta::seconds(120);
const AT_ONCE: i64 = 16;

/// Seconds before the next try, after so many tries; the last one repeats.
const PAUSES: [i64; 7] = [5, 10, 20, 30, 60, 120, 300];
/// Pages are tried at least this often a minute: a person may be waiting to be woken.
const LONGEST_PAUSE_OF_A_PAGE: i64 = 60;
/// After this long even a patient sender gives up (RFC 5321, 4.5.4.1 asks for four to five days; a page is stale long before).
const GIVE_UP_AFTER: TimeDelta = TimeDelta::days(2);

/// Sends what is due. Says how many mails it took, so that the caller asks again while there are more.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn deliver_due(engine: &Engine, sender: &Sender) -> Result<usize> {
    if !engine.context.mail.server_set {
        return Ok(0);
    }
    let lease_until = engine.context.now() + LEASE;
    let claimed = transaction!(engine, |tx| outbox::claim(tx, lease_until, AT_ONCE).await?)?;
    let taken = claimed.len();
    let outcomes: Vec<Result<()>> = stream::iter(claimed)
        .map(|mail| async move {
            let asked = engine.context.running_for();
            let answer = sender.send(&mail).await;
            let took = engine.context.running_for() - asked;
            metrics::histogram!("kintsugi_mail_exchange_seconds", "outcome" => answer.word()).record(took);
            transaction!(engine, |tx| record(tx, &mail, &answer).await?)
        })
        // All at once: a server that is slow with one holds none of the others up.
        .buffer_unordered(usize::try_from(AT_ONCE).unwrap_or(1))
        .collect()
        .await;
    outcomes.into_iter().collect::<Result<Vec<()>>>()?;
    Ok(taken)
}

async fn record(tx: &mut Tx, mail: &Stored, answer: &Answer) -> Result<()> {
    let now = tx.now();
    let answer = match answer {
        Answer::NotNow(words) if now - mail.created_at > GIVE_UP_AFTER => &Answer::Never(words.clone()),
        answer => answer,
    };
    match answer {
        Answer::Accepted(words) => {
            close(tx, mail, "sent", words, now).await?;
            settle_page(tx, mail, PageOutcome::Accepted, words).await
        }
        Answer::Never(words) => {
            close(tx, mail, "failed", words, now).await?;
            settle_page(tx, mail, PageOutcome::Refused, words).await
        }
        Answer::NotNow(words) => {
            sql("UPDATE mails SET state = 'waiting', next_attempt_at = $2, server_words = $3 WHERE id = $1")
                .bind(mail.id)
                .bind(now + pause(mail))
                .bind(words)
                .run(tx)
                .await?;
            Ok(())
        }
    }
}

async fn close(
    tx: &mut Tx,
    mail: &Stored,
    state: &'static str,
    words: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    sql("UPDATE mails SET state = $2, settled_at = $3, server_words = $4 WHERE id = $1")
        .bind(mail.id)
        .bind(state)
        .bind(now)
        .bind(words)
        .run(tx)
        .await?;
    Ok(())
}

async fn settle_page(tx: &mut Tx, mail: &Stored, outcome: PageOutcome, words: &str) -> Result<()> {
    match (mail.incident_id, mail.page_id) {
        (Some(incident), Some(page)) => paging::settle(tx, incident, page, outcome, Some(words)).await,
        _ => Ok(()),
    }
}

fn pause(mail: &Stored) -> TimeDelta {
    let tries = usize::try_from(mail.attempts).unwrap_or(0).saturating_sub(1);
    let pause = PAUSES.get(tries).or(PAUSES.last()).copied().unwrap_or(60);
    let is_page = matches!(mail.kind, MailKind::Page | MailKind::PageList);
    TimeDelta::seconds(if is_page {
        pause.min(LONGEST_PAUSE_OF_A_PAGE)
    } else {
        pause
    })
}
