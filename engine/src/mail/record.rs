//! Writing down what the mail server said.

use super::outbox::Stored;
use super::sender::Answer;
use crate::db::{Arg, Sql, sql};
use crate::error::Result;
use crate::{Tx, incidents, paging};
use chrono::{DateTime, TimeDelta, Utc};
use domain::incidents::PageOutcome;
use domain::mail::MailKind;

/// Seconds before the next try, after so many tries; the last one repeats.
const PAUSES: [i64; 7] = [5, 10, 20, 30, 60, 120, 300];
/// Pages are tried at least this often a minute: a person may be waiting to be woken.
const LONGEST_PAUSE_OF_A_PAGE: i64 = 60;
/// A mail to somebody who was refused is tried again for the sake of a later one that long after.
const REFUSED_JUST_BEFORE: TimeDelta = TimeDelta::minutes(10);
/// After this long even a patient sender gives up (RFC 5321, 4.5.4.1 asks for four to five days; a page is stale long before).
const GIVE_UP_AFTER: TimeDelta = TimeDelta::days(2);

/// What stands in the place of the server's words where a page was not wanted any more.
pub(crate) const TAKEN_BACK: &str = "Taken back: somebody had answered, or it was over, before it was sent.";

/// Records one answer. A mail that was accepted is sent, whatever became of it meanwhile; any other answer counts only while this
/// try is the last one: another node may have sent the mail since.
pub(super) async fn record(tx: &mut Tx, mail: &Stored, answer: &Answer) -> Result<()> {
    let now = tx.now();
    match answer {
        Answer::Accepted(words) => {
            is_sent(tx, mail, words, now).await?;
            settle_page(tx, mail, PageOutcome::Accepted, words).await
        }
        Answer::NotNow(words) if now - mail.created_at <= GIVE_UP_AFTER => {
            if is_unwanted(tx, mail).await? {
                fail(tx, mail, TAKEN_BACK, now).await.map(drop)
            } else {
                put_off(tx, mail, words, now).await.map(drop)
            }
        }
        Answer::Perhaps { words, before } if now - mail.created_at <= GIVE_UP_AFTER => {
            // The next contact does not wait for what the server may say later.
            if put_off(tx, mail, words, now).await? {
                settle_page(tx, mail, PageOutcome::Refused, words).await?;
            }
            try_again(tx, before, now).await
        }
        Answer::NotNow(words) | Answer::Never(words) | Answer::Perhaps { words, .. } => {
            if fail(tx, mail, words, now).await? {
                settle_page(tx, mail, PageOutcome::Refused, words).await?;
            }
            Ok(())
        }
    }
}

/// Records of an answer only what keeps the mail from being sent again at once: for where all of it meets a fault of our own.
pub(super) async fn record_mail_only(tx: &mut Tx, mail: &Stored, answer: &Answer) -> Result<()> {
    let now = tx.now();
    match answer {
        Answer::Accepted(words) => is_sent(tx, mail, words, now).await,
        Answer::NotNow(words) | Answer::Never(words) | Answer::Perhaps { words, .. } => {
            put_off(tx, mail, words, now).await.map(drop)
        }
    }
}

async fn is_sent(tx: &mut Tx, mail: &Stored, words: &str, now: DateTime<Utc>) -> Result<()> {
    sql("UPDATE mails SET state = 'sent', settled_at = $2, server_words = $3 WHERE id = $1 AND state <> 'sent'")
        .bind(mail.id)
        .bind(now)
        .bind(words)
        .later(tx)
        .await
}

/// Whether this try was the last one still.
async fn put_off(tx: &mut Tx, mail: &Stored, words: &str, now: DateTime<Utc>) -> Result<bool> {
    let change = "UPDATE mails SET state = 'waiting', next_attempt_at = $4, server_words = $5
         WHERE id = $1 AND state = 'sending' AND claimed_by = $2 AND attempts = $3";
    let changed = this_try(tx, change, mail)
        .bind(now + pause(mail))
        .bind(words)
        .run(tx)
        .await?;
    Ok(changed > 0)
}

/// Mails to an address that were refused before somebody else was, too.
async fn try_again(tx: &mut Tx, address: &str, now: DateTime<Utc>) -> Result<()> {
    sql(
        "UPDATE mails SET state = 'waiting', settled_at = NULL, next_attempt_at = $3
         WHERE state = 'failed' AND settled_at > $2 AND to_address = $1 AND server_words NOT LIKE 'Taken back%'",
    )
    .bind(address)
    .bind(now - REFUSED_JUST_BEFORE)
    .bind(now + TimeDelta::seconds(PAUSES[0]))
    .run(tx)
    .await
    .map(drop)
}

/// As [`put_off`].
async fn fail(tx: &mut Tx, mail: &Stored, words: &str, now: DateTime<Utc>) -> Result<bool> {
    let change = "UPDATE mails SET state = 'failed', settled_at = $4, server_words = $5
         WHERE id = $1 AND state = 'sending' AND claimed_by = $2 AND attempts = $3";
    let changed = this_try(tx, change, mail).bind(now).bind(words).run(tx).await?;
    Ok(changed > 0)
}

fn this_try(tx: &Tx, change: &'static str, mail: &Stored) -> Sql {
    sql(change)
        .bind(mail.id)
        .bind(Arg::Id(Some(tx.context.node)))
        .bind(mail.attempts)
}

/// Whether somebody acknowledged or resolved the incident while its page was under way.
async fn is_unwanted(tx: &mut Tx, mail: &Stored) -> Result<bool> {
    let (MailKind::Page, Some(incident), Some(page)) = (mail.kind, mail.incident_id, mail.page_id) else {
        return Ok(false);
    };
    // Whoever acknowledges takes the incident too.
    incidents::hold(tx, incident).await?;
    let outcome: Option<(PageOutcome,)> = sql("SELECT outcome FROM pages WHERE id = $1")
        .bind(page)
        .maybe(tx)
        .await?;
    Ok(outcome.is_some_and(|(outcome,)| outcome == PageOutcome::Dropped))
}

async fn settle_page(tx: &mut Tx, mail: &Stored, outcome: PageOutcome, words: &str) -> Result<()> {
    if mail.kind == MailKind::PageList {
        return match outcome {
            PageOutcome::Accepted => paging::list_is_told(tx, mail.id, Some(words)).await,
            _ => paging::list_is_refused(tx, mail.id).await,
        };
    }
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
