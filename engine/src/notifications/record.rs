//! Writing down what the other side said.

use super::method::Answer;
use super::outbox::Notification;
use crate::Tx;
use crate::db::{Arg, Sql, sql};
use crate::error::Result;
use chrono::TimeDelta;
use domain::ids::{IncidentId, NotificationId, PageId};
use domain::notifications::NotificationKind;

/// Seconds before the next try, after so many tries; the last one repeats.
const PAUSES: [i64; 7] = [5, 10, 20, 30, 60, 120, 300];
/// Pages are tried at least this often a minute: a person may be waiting to be woken.
const LONGEST_PAUSE_OF_A_PAGE: i64 = 60;
/// What somebody was refused is tried again for the sake of a later one that long after.
const REFUSED_JUST_BEFORE: TimeDelta = TimeDelta::minutes(10);
/// After this long even a patient sender gives up (RFC 5321, 4.5.4.1 asks for four to five days; a page is stale long before).
const GIVE_UP_AFTER: TimeDelta = TimeDelta::days(2);

/// What stands in the place of the other side's words where a page was not wanted any more.
pub(crate) const TAKEN_BACK: &str = "Taken back: somebody had answered, or it was over, before it was sent.";

/// What came of a notification: for whoever had it written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub notification: NotificationId,
    pub kind: NotificationKind,
    pub incident: Option<IncidentId>,
    pub page: Option<PageId>,
    /// Else it was refused.
    pub is_accepted: bool,
    /// The other side's.
    pub words: String,
}

impl Outcome {
    fn of(notification: &Notification, is_accepted: bool, words: &str) -> Self {
        Self {
            notification: notification.id,
            kind: notification.kind,
            incident: notification.incident_id,
            page: notification.page_id,
            is_accepted,
            words: words.to_owned(),
        }
    }
}

/// Whether the answer leaves it to be tried again as it is.
pub(super) fn is_put_off(tx: &Tx, notification: &Notification, answer: &Answer) -> bool {
    matches!(answer, Answer::NotNow(_)) && !is_given_up(tx, notification)
}

fn is_given_up(tx: &Tx, notification: &Notification) -> bool {
    tx.now() - notification.created_at > GIVE_UP_AFTER
}

/// Records one answer, and says what came of it where that is certain now. What was accepted is sent, whatever became of it meanwhile;
/// any other answer counts only while this try is the last one: another node may have sent it since.
pub(super) async fn record(
    tx: &mut Tx,
    notification: &Notification,
    answer: &Answer,
    is_wanted: bool,
) -> Result<Option<Outcome>> {
    let refused = |words: &str| Some(Outcome::of(notification, false, words));
    match answer {
        Answer::Accepted(words) => {
            is_sent(tx, notification, words).await?;
            Ok(Some(Outcome::of(notification, true, words)))
        }
        Answer::NotNow(_) if !is_wanted => fail(tx, notification, TAKEN_BACK).await.map(|_| None),
        Answer::NotNow(words) if !is_given_up(tx, notification) => {
            put_off(tx, notification, words).await.map(|_| None)
        }
        Answer::Perhaps { words, before } if !is_given_up(tx, notification) => {
            // The next contact does not wait for what the other side may say later.
            let is_last_try = put_off(tx, notification, words).await?;
            try_again(tx, before).await?;
            Ok(refused(words).filter(|_| is_last_try))
        }
        Answer::NotNow(words) | Answer::Never(words) | Answer::Perhaps { words, .. } => {
            let is_last_try = fail(tx, notification, words).await?;
            Ok(refused(words).filter(|_| is_last_try))
        }
    }
}

/// Records of an answer only what keeps it from being sent again at once: for where all of it meets a fault of our own.
pub(super) async fn record_alone(tx: &mut Tx, notification: &Notification, answer: &Answer) -> Result<()> {
    match answer {
        Answer::Accepted(words) => is_sent(tx, notification, words).await,
        Answer::NotNow(words) | Answer::Never(words) | Answer::Perhaps { words, .. } => {
            put_off(tx, notification, words).await.map(drop)
        }
    }
}

async fn is_sent(tx: &mut Tx, notification: &Notification, words: &str) -> Result<()> {
    let now = tx.now();
    sql("UPDATE notifications SET state = 'sent', settled_at = $2, server_words = $3 WHERE id = $1 AND state <> 'sent'")
        .bind(notification.id)
        .bind(now)
        .bind(words)
        .run(tx)
        .await
        .map(drop)
}

/// Whether this try was the last one still.
async fn put_off(tx: &mut Tx, notification: &Notification, words: &str) -> Result<bool> {
    let now = tx.now();
    let change = "UPDATE notifications SET state = 'waiting', next_attempt_at = $4, server_words = $5
         WHERE id = $1 AND state = 'sending' AND claimed_by = $2 AND attempts = $3";
    let changed = this_try(tx, change, notification)
        .bind(now + pause(notification))
        .bind(words)
        .run(tx)
        .await?;
    Ok(changed > 0)
}

/// What was refused at an address before somebody else was, too.
async fn try_again(tx: &mut Tx, address: &str) -> Result<()> {
    let now = tx.now();
    sql(
        "UPDATE notifications SET state = 'waiting', settled_at = NULL, next_attempt_at = $3
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
async fn fail(tx: &mut Tx, notification: &Notification, words: &str) -> Result<bool> {
    let now = tx.now();
    let change = "UPDATE notifications SET state = 'failed', settled_at = $4, server_words = $5
         WHERE id = $1 AND state = 'sending' AND claimed_by = $2 AND attempts = $3";
    let changed = this_try(tx, change, notification)
        .bind(now)
        .bind(words)
        .run(tx)
        .await?;
    Ok(changed > 0)
}

fn this_try(tx: &Tx, change: &'static str, notification: &Notification) -> Sql {
    sql(change)
        .bind(notification.id)
        .bind(Arg::Id(Some(tx.context.node)))
        .bind(notification.attempts)
}

fn pause(notification: &Notification) -> TimeDelta {
    let tries = usize::try_from(notification.attempts)
        .unwrap_or(0)
        .saturating_sub(1);
    let pause = PAUSES.get(tries).or(PAUSES.last()).copied().unwrap_or(60);
    let is_page = matches!(
        notification.kind,
        NotificationKind::Page | NotificationKind::Digest
    );
    TimeDelta::seconds(if is_page {
        pause.min(LONGEST_PAUSE_OF_A_PAGE)
    } else {
        pause
    })
}
