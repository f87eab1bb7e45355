//! The outbox.

use super::TAKEN_BACK;
use crate::Tx;
use crate::db::changes::NewNotification;
use crate::db::{Arg, Sql, sql};
use crate::error::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{IncidentId, NotificationId, PageId, PersonId};
use domain::notifications::{MethodKind, NotificationKind, NotificationState, Urgency};
use domain::people::Person;

/// A subject, and a text in both of its forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub subject: String,
    pub text: String,
    /// Empty: they are found when it is sent, from what is true then. Till then, and where they cannot be found, the text stands for
    /// them.
    pub html: String,
    /// iCalendar that goes with it, for a calendar program to read.
    pub calendar: Option<String>,
}

/// A notification to be written into the outbox.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    pub kind: NotificationKind,
    pub urgency: Urgency,
    pub to: &'a Person,
    pub incident: Option<IncidentId>,
    pub page: Option<PageId>,
    /// The part of its name before the `@`; the same for the same notification, so that copies fold.
    pub message: String,
    /// The same for all of one thread.
    pub thread: Option<String>,
    pub words: Words,
}

/// A notification as it stands in the outbox.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Notification {
    pub id: NotificationId,
    pub method: MethodKind,
    pub kind: NotificationKind,
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
    pub calendar: Option<String>,
    pub state: NotificationState,
    pub attempts: i64,
    pub created_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
    pub server_words: Option<String>,
}

pub(crate) const COLUMNS: &str = "id, method, kind, person_id, incident_id, page_id, to_address, to_name, message_id, thread_id, \
    subject, text_body, html_body, calendar, state, attempts, created_at, settled_at, server_words";

/// Writes a notification into the outbox: waiting, or kept where no mail server is set.
pub fn put(tx: &mut Tx, draft: Draft<'_>) -> NotificationId {
    let id: NotificationId = tx.new_id();
    let now = tx.now();
    let domain = tx.context.mail.domain().to_owned();
    let state = if tx.context.mail.server_set {
        NotificationState::Waiting
    } else {
        NotificationState::Kept
    };
    tx.changes.notifications.push(NewNotification {
        id,
        method: MethodKind::OF_EVERYBODY,
        kind: draft.kind,
        person_id: draft.to.id,
        incident_id: draft.incident,
        page_id: draft.page,
        to_address: draft.to.email.clone(),
        to_name: draft.to.name.clone(),
        message_id: format!("<{}@{domain}>", draft.message),
        thread_id: draft.thread.map(|thread| format!("<{thread}@{domain}>")),
        subject: one_line(&draft.words.subject),
        text_body: draft.words.text,
        html_body: draft.words.html,
        calendar: draft.words.calendar,
        state,
        created_at: now,
        urgency: draft.urgency,
    });
    tx.mail_is_due();
    id
}

/// Takes the words out of those of an incident whose names begin so, and were written since.
pub(crate) async fn redact(
    tx: &mut Tx,
    incident: IncidentId,
    beginning: &str,
    since: DateTime<Utc>,
) -> Result<()> {
    let redacted = "What was written here was redacted.";
    sql("UPDATE notifications SET text_body = $4, html_body = $5
         WHERE created_at >= $2 AND incident_id = $1 AND SUBSTR(message_id, 1, LENGTH($3)) = $3")
    .bind(incident)
    .bind(since)
    .bind(format!("<{beginning}"))
    .bind(redacted)
    .bind(format!("<p>{redacted}</p>"))
    .run(tx)
    .await
    .map(drop)
}

/// Keeps other words than it was written with.
pub(crate) async fn rewrite(tx: &mut Tx, notification: &mut Notification, words: Words) -> Result<()> {
    notification.subject = one_line(&words.subject);
    notification.text_body = words.text;
    notification.html_body = words.html;
    notification.calendar = words.calendar;
    sql("UPDATE notifications SET subject = $2, text_body = $3, html_body = $4, calendar = $5 WHERE id = $1")
        .bind(notification.id)
        .bind(&notification.subject)
        .bind(&notification.text_body)
        .bind(&notification.html_body)
        .bind(notification.calendar.clone())
        .run(tx)
        .await
        .map(drop)
}

/// What is not wanted any more has failed, and says why.
const TAKE_BACK: &str =
    "UPDATE notifications SET state = 'failed', settled_at = $2, server_words = $3 WHERE ";

/// Nobody is to get it any more.
pub(crate) async fn take_back(tx: &mut Tx, notification: NotificationId) -> Result<()> {
    let which = sql(constcat::concat!(TAKE_BACK, "id = $1")).bind(notification);
    taken_back(tx, which).await
}

/// Nobody is to be woken by pages of the incident that wait; by those for one reason, where it is named.
pub(crate) async fn take_back_pages(
    tx: &mut Tx,
    incident: IncidentId,
    reason: Option<&'static str>,
) -> Result<()> {
    let which = sql(constcat::concat!(
        TAKE_BACK,
        "page_id IN (SELECT id FROM pages WHERE incident_id = $1 AND ($4 IS NULL OR reason = $4)) AND kind = 'page'
            AND state = 'waiting'"
    ));
    let now = tx.now();
    which
        .bind(incident)
        .bind(now)
        .bind(TAKEN_BACK)
        .bind(reason)
        .run(tx)
        .await
        .map(drop)
}

/// An invitation of the person that waits would make another link.
pub(crate) async fn take_back_invitations(tx: &mut Tx, person: PersonId) -> Result<()> {
    let which = sql(constcat::concat!(
        TAKE_BACK,
        "person_id = $1 AND kind = 'invitation' AND state = 'waiting'"
    ));
    taken_back(tx, which.bind(person)).await
}

async fn taken_back(tx: &mut Tx, which: Sql) -> Result<()> {
    let now = tx.now();
    which.bind(now).bind(TAKEN_BACK).run(tx).await.map(drop)
}

/// Gives back what this node has claimed, to be sent at once by whoever looks next.
pub(super) async fn give_back(tx: &mut Tx) -> Result<()> {
    let (now, node) = (tx.now(), tx.context.node);
    sql("UPDATE notifications SET state = 'waiting', next_attempt_at = $2 WHERE state = 'sending' AND claimed_by = $1")
        .bind(Arg::Id(Some(node)))
        .bind(now)
        .run(tx)
        .await
        .map(drop)
}

/// Whether the mail server took any mail that was written since then: it is well.
pub(crate) async fn was_one_taken_since(tx: &mut Tx, since: DateTime<Utc>) -> Result<bool> {
    sql("SELECT EXISTS (SELECT 1 FROM notifications WHERE created_at >= $1 AND state = 'sent')")
        .bind(since)
        .scalar(tx)
        .await
}

/// Refused since `$1`.
const FAILED_LATELY: &str = "state = 'failed' AND settled_at > $1 AND server_words NOT LIKE 'Taken back%'";
/// Waiting since before `$2`, or by a clock that was fast, which wrote times after `$3`.
const LATE: &str = "state IN ('waiting', 'sending') AND (created_at < $2 OR created_at > $3)";

/// What people should see that did not go out: refused in the last day, or waiting for more than a minute.
pub async fn not_sent(tx: &mut Tx) -> Result<Vec<Notification>> {
    let now = tx.now();
    // Each half first, from its own index; in one, the order would lead through all mails there ever were.
    sql(constcat::concat!(
        "WITH stuck AS MATERIALIZED (SELECT * FROM notifications WHERE ",
        FAILED_LATELY,
        " UNION ALL SELECT * FROM notifications WHERE ",
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
pub async fn count_not_sent(tx: &mut Tx) -> Result<i64> {
    let now = tx.now();
    sql(constcat::concat!(
        "SELECT (SELECT COUNT(*) FROM notifications WHERE ",
        FAILED_LATELY,
        ") + (SELECT COUNT(*) FROM notifications WHERE ",
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
pub async fn recent(tx: &mut Tx, person: Option<PersonId>, limit: i64) -> Result<Vec<Notification>> {
    match person {
        Some(person) => {
            sql(constcat::concat!(
                "SELECT ",
                COLUMNS,
                " FROM notifications WHERE person_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2"
            ))
            .bind(person)
            .bind(limit)
            .all(tx)
            .await
        }
        None => {
            sql(constcat::concat!(
                "SELECT ",
                COLUMNS,
                " FROM notifications ORDER BY created_at DESC, id DESC LIMIT $1"
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
pub async fn read(tx: &mut Tx, id: NotificationId) -> Result<Notification> {
    sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        " FROM notifications WHERE id = $1"
    ))
    .bind(id)
    .one(tx, "mail")
    .await
}

/// A header is one line, whatever an alert's title brings along.
pub(crate) fn one_line(text: &str) -> String {
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
