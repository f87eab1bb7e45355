//! What becomes of a list's pages: they wait until the mail server has taken it, and a list that is refused is as many refused pages.

use super::gather::Waiting;
use super::settle;
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use domain::ids::{IncidentId, MailId, PageId};
use domain::incidents::PageOutcome;

/// Remembers which pages a list tells. Where no mail server is set, they are told by standing in the browser.
pub(super) async fn is_written(tx: &mut Tx, mail: MailId, pages: &[Waiting]) -> Result<()> {
    for page in pages {
        sql("INSERT INTO listed_pages (mail_id, page_id, incident_id) VALUES ($1, $2, $3)")
            .bind(mail)
            .bind(page.page_id)
            .bind(page.incident_id)
            .row(tx);
    }
    if tx.context.mail.server_set {
        return Ok(());
    }
    is_told(tx, mail, None).await
}

/// The mail server has taken a list.
pub(crate) async fn is_told(tx: &mut Tx, mail: MailId, server_words: Option<&str>) -> Result<()> {
    let now = tx.now();
    sql("UPDATE pages SET outcome = 'gathered', settled_at = $2, server_words = $3
         WHERE id IN (SELECT page_id FROM listed_pages WHERE mail_id = $1) AND outcome IN ('gathered', 'refused')")
    .bind(mail)
    .bind(now)
    .bind(server_words)
    .run(tx)
    .await?;
    sql("DELETE FROM listed_pages WHERE mail_id = $1")
        .bind(mail)
        .run(tx)
        .await
        .map(drop)
}

/// The mail server has refused a list. Its incidents go on one by one, since there may be hundreds: [`refused`].
pub(crate) async fn is_refused(tx: &mut Tx, mail: MailId) -> Result<()> {
    sql("UPDATE listed_pages SET refused = TRUE WHERE mail_id = $1")
        .bind(mail)
        .run(tx)
        .await
        .map(drop)
}

/// A page of a list that was refused.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Refused {
    pub incident_id: IncidentId,
    page_id: PageId,
    mail_id: MailId,
    server_words: Option<String>,
}

/// Pages of refused lists whose policy is still to go on.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn refused(tx: &mut Tx, limit: i64) -> Result<Vec<Refused>> {
    sql(
        "SELECT l.incident_id, l.page_id, l.mail_id, m.server_words FROM listed_pages l CROSS JOIN mails m
         WHERE m.id = l.mail_id AND l.refused LIMIT $1",
    )
    .bind(limit)
    .all(tx)
    .await
}

/// Settles one of them, as if its own mail had been refused.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn go_on(tx: &mut Tx, page: &Refused) -> Result<()> {
    let taken = sql("DELETE FROM listed_pages WHERE mail_id = $1 AND page_id = $2")
        .bind(page.mail_id)
        .bind(page.page_id)
        .run(tx)
        .await?;
    if taken == 0 {
        return Ok(());
    }
    let words = page.server_words.as_deref();
    settle(tx, page.incident_id, page.page_id, PageOutcome::Refused, words).await
}
