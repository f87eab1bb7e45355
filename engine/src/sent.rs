//! Forms that were sent. One that makes something carries a key, so that it makes one thing however often it comes.

use crate::Tx;
use crate::db::{dialect, sql};
use crate::error::Result;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

/// Where a program that worked on a form is gone, the form is worked on anew after so long.
const GIVEN_UP_AFTER: TimeDelta = TimeDelta::seconds(30);

/// What is known of a form that comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing: whoever asked works on it now.
    New,
    /// It came before, and led its sender there.
    Done(String),
    /// It came before and was done; the program was gone before it could say where that led.
    DoneUnseen,
    /// It came before, and somebody works on it.
    UnderWay,
}

/// What a form is known by: its address, and all that was sent, its key among it. Other words from the same page are another form.
pub fn hash_of(path: &str, sent: &[u8]) -> Vec<u8> {
    let hash = Sha256::new()
        .chain_update(path)
        .chain_update([0])
        .chain_update(sent);
    hash.finalize().to_vec()
}

/// Takes a form to work on it, unless somebody did before.
pub async fn take(tx: &mut Tx, hash: &[u8]) -> Result<Standing> {
    let now = tx.now();
    let is_new = sql("INSERT INTO sent_forms (hash, sent_at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(hash)
        .bind(now)
        .run(tx)
        .await?;
    if is_new > 0 {
        return Ok(Standing::New);
    }
    let before: Option<(Option<String>, DateTime<Utc>, bool)> =
        sql("SELECT led_to, sent_at, done FROM sent_forms WHERE hash = $1")
            .bind(hash)
            .maybe(tx)
            .await?;
    match before {
        Some((Some(led_to), ..)) => Ok(Standing::Done(led_to)),
        Some((None, sent_at, true)) if now - sent_at > GIVEN_UP_AFTER => Ok(Standing::DoneUnseen),
        Some((None, sent_at, false)) if now - sent_at > GIVEN_UP_AFTER => {
            let taken =
                sql("UPDATE sent_forms SET sent_at = $2 WHERE hash = $1 AND sent_at = $3 AND led_to IS NULL")
                    .bind(hash)
                    .bind(now)
                    .bind(sent_at)
                    .run(tx)
                    .await?;
            Ok(if taken > 0 {
                Standing::New
            } else {
                Standing::UnderWay
            })
        }
        // Where it is gone again, it was refused just now, and the next look takes it.
        Some((None, ..)) | None => Ok(Standing::UnderWay),
    }
}

/// Takes a word for this transaction, so that of two who save the same form the later one sees what the first one wrote.
pub async fn one_at_a_time(tx: &mut Tx, word: &str) -> Result<()> {
    dialect::lock_word(tx, word).await
}

/// It was worked on, and led there.
pub async fn done(tx: &mut Tx, hash: &[u8], led_to: &str) -> Result<()> {
    sql("UPDATE sent_forms SET led_to = $2 WHERE hash = $1")
        .bind(hash)
        .bind(led_to)
        .run(tx)
        .await?;
    Ok(())
}

/// It made nothing; the same may be sent again.
pub async fn refused(tx: &mut Tx, hash: &[u8]) -> Result<()> {
    sql("DELETE FROM sent_forms WHERE hash = $1")
        .bind(hash)
        .run(tx)
        .await?;
    Ok(())
}
