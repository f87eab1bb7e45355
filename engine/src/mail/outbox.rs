//! The outbox.

use crate::Tx;
use crate::db::{Arg, sql};
use crate::error::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{IncidentId, MailId, PageId, PersonId};
use domain::mail::{MailKind, MailState, Urgency};
use domain::people::Person;

/// A mail to be written into the outbox.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    pub kind: MailKind,
    pub urgency: Urgency,
    pub to: &'a Person,
    pub incident: Option<IncidentId>,
    pub page: Option<PageId>,
    /// The part of the Message-ID before the `@`; the same for the same mail, so that copies fold.
    pub message: String,
    /// The same for all mails of one thread.
    pub thread: Option<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// A mail as it stands in the outbox.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Stored {
    pub id: MailId,
    pub kind: MailKind,
    pub person_id: Option<PersonId>,
    pub incident_id: Option<IncidentId>,
    pub page_id: Option<PageId>,
    pub to_address: String,
    pub to_name: String,
    pub message_id: String,
    pub thread_id: Option<String>,
    pub subject: String,
    pub text_body: String,
    pub html_body: String,
    pub state: MailState,
    pub attempts: i64,
    pub created_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
    pub server_words: Option<String>,
}

pub(crate) const COLUMNS: &str = "id, kind, person_id, incident_id, page_id, to_address, to_name, message_id, thread_id, \
    subject, text_body, html_body, state, attempts, created_at, settled_at, server_words";

/// Writes a mail into the outbox: waiting, or kept where no mail server is set.
pub fn put(tx: &mut Tx, draft: Draft<'_>) -> MailId {
    let id: MailId = tx.new_id();
    let now = tx.now();
    let domain = tx.context.mail.domain().to_owned();
    let state = if tx.context.mail.server_set {
        MailState::Waiting
    } else {
        MailState::Kept
    };
    sql("INSERT INTO mails (id, kind, person_id, incident_id, page_id, to_address, to_name, message_id, thread_id, subject,
             text_body, html_body, state, next_attempt_at, created_at, urgency)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15)
         ON CONFLICT (message_id) DO NOTHING")
        .bind(id)
        .bind(draft.kind.as_str())
        .bind(draft.to.id)
        .bind(draft.incident)
        .bind(draft.page)
        .bind(&draft.to.email)
        .bind(&draft.to.name)
        .bind(format!("<{}@{domain}>", draft.message))
        .bind(draft.thread.map(|thread| format!("<{thread}@{domain}>")))
        .bind(one_line(&draft.subject))
        .bind(draft.text)
        .bind(draft.html)
        .bind(state.as_str())
        .bind(now)
        .bind(draft.urgency.number())
        .row(tx);
    tx.mail_is_due();
    id
}

/// Gives back what this node has claimed, to be sent at once by whoever looks next.
///
/// # Errors
/// [`crate::Error::Database`]
pub(super) async fn give_back(tx: &mut Tx) -> Result<()> {
    let (now, node) = (tx.now(), tx.context.node);
    sql("UPDATE mails SET state = 'waiting', next_attempt_at = $2 WHERE state = 'sending' AND claimed_by = $1")
        .bind(Arg::Id(Some(node)))
        .bind(now)
        .run(tx)
        .await
        .map(drop)
}

/// Whether the mail server took any mail that was written since then: it is well.
pub(crate) async fn was_one_taken_since(tx: &mut Tx, since: DateTime<Utc>) -> Result<bool> {
    sql("SELECT EXISTS (SELECT 1 FROM mails WHERE created_at >= $1 AND state = 'sent')")
        .bind(since)
        .scalar(tx)
        .await
}

/// Refused since `$1`.
const FAILED_LATELY: &str = "state = 'failed' AND settled_at > $1 AND server_words NOT LIKE 'Taken back%'";
/// Waiting since before `$2`, or by a clock that was fast, which wrote times after `$3`.
const LATE: &str = "state IN ('waiting', 'sending') AND (created_at < $2 OR created_at > $3)";

/// What people should see that did not go out: refused in the last day, or waiting for more than a minute.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn not_sent(tx: &mut Tx) -> Result<Vec<Stored>> {
    let now = tx.now();
    // Each half first, from its own index; in one, the order would lead through all mails there ever were.
    sql(constcat!(
        "WITH stuck AS MATERIALIZED (SELECT * FROM mails WHERE ",
        FAILED_LATELY,
        " UNION ALL SELECT * FROM mails WHERE ",
        LATE,
        ") SELECT ",
        COLUMNS,
        " FROM stuck ORDER BY created_at DESC LIMIT 50"
    ))
    .bind(now - TimeDelta::days(1))
    .bind(now - TimeDelta::minutes(1))
    .bind(now + TimeDelta::minutes(1))
    .all(tx)
    .await
}

/// Gathered pages get their list after half a minute; one that is missing for so long is late.
const LIST_IS_LATE: TimeDelta = TimeDelta::seconds(90);

/// How many of these there are, and of gathered pages whose list is late.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn count_not_sent(tx: &mut Tx) -> Result<i64> {
    let now = tx.now();
    sql(constcat!(
        "SELECT (SELECT COUNT(*) FROM mails WHERE ",
        FAILED_LATELY,
        ") + (SELECT COUNT(*) FROM mails WHERE ",
        LATE,
        ") + (SELECT COUNT(*) FROM people p CROSS JOIN gathered_pages g WHERE g.person_id = p.id AND g.created_at < $4)"
    ))
    .bind(now - TimeDelta::days(1))
    .bind(now - TimeDelta::minutes(1))
    .bind(now + TimeDelta::minutes(1))
    .bind(now - LIST_IS_LATE)
    .scalar(tx)
    .await
}

/// Mails of the last weeks, newest first: those to one person, or all.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn recent(tx: &mut Tx, person: Option<PersonId>, limit: i64) -> Result<Vec<Stored>> {
    match person {
        Some(person) => {
            sql(constcat!(
                "SELECT ",
                COLUMNS,
                " FROM mails WHERE person_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2"
            ))
            .bind(person)
            .bind(limit)
            .all(tx)
            .await
        }
        None => {
            sql(constcat!(
                "SELECT ",
                COLUMNS,
                " FROM mails ORDER BY created_at DESC, id DESC LIMIT $1"
            ))
            .bind(limit)
            .all(tx)
            .await
        }
    }
}

/// One mail.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn read(tx: &mut Tx, id: MailId) -> Result<Stored> {
    sql(constcat!("SELECT ", COLUMNS, " FROM mails WHERE id = $1"))
        .bind(id)
        .one(tx, "mail")
        .await
}

/// A header is one line, whatever an alert's title brings along.
pub(super) fn one_line(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    line.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(250)
        .collect()
}
