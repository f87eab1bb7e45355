//! What becomes of a digest's pages: they wait until it was taken, and a digest that is refused is as many refused pages.

use super::Waiting;
use crate::Tx;
use crate::db::changes::PageOfDigest;
use crate::db::sql;
use crate::error::Result;
use crate::paging::settle;
use domain::ids::{IncidentId, NotificationId, PageId};
use domain::incidents::PageOutcome;

/// Remembers which pages a digest tells. Where no mail server is set, they are told by standing in the browser.
pub(super) async fn is_written(tx: &mut Tx, digest: NotificationId, pages: &[Waiting]) -> Result<()> {
    for page in pages {
        tx.changes.pages_of_digests.push(PageOfDigest {
            notification_id: digest,
            page_id: page.page_id,
            incident_id: page.incident_id,
        });
    }
    if tx.context.mail.server_set {
        return Ok(());
    }
    is_told(tx, digest, None).await
}

/// A digest was taken.
pub(crate) async fn is_told(tx: &mut Tx, digest: NotificationId, server_words: Option<&str>) -> Result<()> {
    let now = tx.now();
    sql("UPDATE pages SET outcome = 'gathered', settled_at = $2, server_words = $3
         WHERE id IN (SELECT page_id FROM digest_pages WHERE notification_id = $1) AND outcome IN ('gathered', 'refused')")
    .bind(digest)
    .bind(now)
    .bind(server_words)
    .run(tx)
    .await?;
    sql("DELETE FROM digest_pages WHERE notification_id = $1")
        .bind(digest)
        .run(tx)
        .await
        .map(drop)
}

/// A digest was refused. Its incidents go on one by one, since there may be hundreds: [`refused`].
pub(crate) async fn is_refused(tx: &mut Tx, digest: NotificationId) -> Result<()> {
    sql("UPDATE digest_pages SET refused = TRUE WHERE notification_id = $1")
        .bind(digest)
        .run(tx)
        .await
        .map(drop)
}

/// A page of a digest that was refused.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Refused {
    pub incident_id: IncidentId,
    page_id: PageId,
    notification_id: NotificationId,
    server_words: Option<String>,
}

/// Pages of refused digests whose policy is still to go on.
pub async fn refused(tx: &mut Tx, limit: i64) -> Result<Vec<Refused>> {
    sql(
        "SELECT l.incident_id, l.page_id, l.notification_id, m.server_words FROM digest_pages l CROSS JOIN notifications m
         WHERE m.id = l.notification_id AND l.refused LIMIT $1",
    )
    .bind(limit)
    .all(tx)
    .await
}

/// Settles one of them, as if its own notification had been refused.
pub async fn go_on(tx: &mut Tx, page: &Refused) -> Result<()> {
    let taken = sql("DELETE FROM digest_pages WHERE notification_id = $1 AND page_id = $2")
        .bind(page.notification_id)
        .bind(page.page_id)
        .run(tx)
        .await?;
    if taken == 0 {
        return Ok(());
    }
    let words = page.server_words.as_deref();
    settle(tx, page.incident_id, page.page_id, PageOutcome::Refused, words).await
}
