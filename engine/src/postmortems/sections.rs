//! Saving a section. Nothing that was typed is ever lost: a save that comes second is kept beside the first.

use super::find;
use crate::db::sql;
use crate::error::Result;
use crate::mentions::{self, Place, Written};
use crate::{Tx, files, incidents};
use chrono::{DateTime, Utc};
use domain::fields;
use domain::ids::{PersonId, PostmortemId, RevisionId};
use domain::people::Permission;

/// What became of a save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is the current text now.
    Now { revision: i64 },
    /// Somebody had saved another text since; this one is kept as a revision beside it.
    Beside { kept: RevisionId },
}

/// Saves the section of this name, exactly as typed. `based_on` is the revision its writer had before them.
///
/// # Errors
/// [`domain::fields::Unfit`], [`crate::Error::NotFound`]
pub async fn save_section(
    tx: &mut Tx,
    number: i64,
    section: &str,
    based_on: i64,
    body: &str,
) -> Result<Saved> {
    tx.authorize(Permission::WritePostmortem).await?;
    let body = fields::SECTION.read(body)?;
    let postmortem = find(tx, number).await?;
    files::are_named(tx, postmortem.incident_id, &body, None).await?;
    let stood = current_body(tx, postmortem.id, section).await?;
    let now = tx.now();
    // The condition on the revision decides who was first, also when two nodes save at once.
    let became: Option<(i64,)> = sql(
        "UPDATE postmortem_sections SET body = $4, revision = revision + 1, updated_at = $5, updated_by = $6
         WHERE postmortem_id = $1 AND name = $2 AND revision = $3 RETURNING revision",
    )
    .bind(postmortem.id)
    .bind(section)
    .bind(based_on)
    .bind(&body)
    .bind(now)
    .bind(tx.actor().person())
    .maybe(tx)
    .await?;
    let became = became.map(|(revision,)| revision);
    if became.is_none() && current_body(tx, postmortem.id, section).await? == *body {
        // Two people typed the same; there is nothing to keep beside it.
        return Ok(Saved::Now { revision: based_on });
    }
    let id: RevisionId = tx.new_id();
    sql("INSERT INTO postmortem_revisions (id, postmortem_id, section, body, based_on, became, author_id, created_at, waits_since)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(id)
        .bind(postmortem.id)
        .bind(section)
        .bind(&body)
        .bind(based_on)
        .bind(became)
        .bind(tx.actor().person())
        .bind(now)
        .bind(became.is_none().then_some(now))
        .run(tx)
        .await?;
    let incident = incidents::find_by_id(tx, postmortem.incident_id).await?;
    let written = Written {
        text: &body,
        before: &stood,
        place: Place::Postmortem,
    };
    mentions::tell(tx, &incident, written).await?;
    if became.is_some() {
        put_away_what_is_in(tx, postmortem.id, section, &body).await?;
    }
    Ok(match became {
        Some(revision) => Saved::Now { revision },
        None => Saved::Beside { kept: id },
    })
}

/// What was saved first, once it is known that something was.
async fn current_body(tx: &mut Tx, postmortem: PostmortemId, section: &str) -> Result<String> {
    let (body,): (String,) =
        sql("SELECT body FROM postmortem_sections WHERE postmortem_id = $1 AND name = $2")
            .bind(postmortem)
            .bind(section)
            .one(tx, "section")
            .await?;
    Ok(body)
}

/// Saves what somebody made of the two texts that they were shown: their own, which waits as `kept`, and the one that was saved first.
/// Their own is put away with it. The other one waits from now on, unless it is in the new text, so that whoever wrote it finds it.
///
/// # Errors
/// As those of [`save_section`].
pub async fn save_over(
    tx: &mut Tx,
    number: i64,
    section: &str,
    (based_on, kept): (i64, RevisionId),
    body: &str,
) -> Result<Saved> {
    tx.authorize(Permission::WritePostmortem).await?;
    let postmortem = find(tx, number).await?;
    let (theirs, author, written): (String, Option<PersonId>, DateTime<Utc>) = sql(
        "SELECT body, updated_by, updated_at FROM postmortem_sections WHERE postmortem_id = $1 AND name = $2",
    )
    .bind(postmortem.id)
    .bind(section)
    .one(tx, "section")
    .await?;
    let saved = save_section(tx, number, section, based_on, body).await?;
    let Saved::Now { revision } = saved else {
        return Ok(saved);
    };
    put_away(tx, number, kept).await?;
    if revision == based_on || is_in(&theirs, body) {
        return Ok(saved);
    }
    let now = tx.now();
    let told = sql(
        "UPDATE postmortem_revisions SET waits_since = $4, put_away_at = NULL
         WHERE postmortem_id = $1 AND section = $2 AND became = $3",
    )
    .bind(postmortem.id)
    .bind(section)
    .bind(based_on)
    .bind(now)
    .run(tx)
    .await?;
    if told == 0 {
        // It was there from the start.
        let id: RevisionId = tx.new_id();
        sql("INSERT INTO postmortem_revisions (id, postmortem_id, section, body, based_on, became, author_id, created_at, waits_since)
             VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8)")
            .bind(id)
            .bind(postmortem.id)
            .bind(section)
            .bind(&theirs)
            .bind(based_on)
            .bind(author)
            .bind(written)
            .bind(now)
            .run(tx)
            .await?;
    }
    Ok(saved)
}

/// Whether nothing of a text is lost where another one stands.
fn is_in(text: &str, other: &str) -> bool {
    let plain = |text: &str| {
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase()
    };
    plain(other).contains(&plain(text))
}

/// Texts that are whole in the one that was just saved wait no longer.
async fn put_away_what_is_in(tx: &mut Tx, postmortem: PostmortemId, section: &str, body: &str) -> Result<()> {
    let waiting: Vec<(RevisionId, String)> = sql("SELECT id, body FROM postmortem_revisions
         WHERE postmortem_id = $1 AND section = $2 AND waits_since IS NOT NULL AND put_away_at IS NULL")
    .bind(postmortem)
    .bind(section)
    .all(tx)
    .await?;
    let now = tx.now();
    for (id, _) in waiting.iter().filter(|(_, text)| is_in(text, body)) {
        sql("UPDATE postmortem_revisions SET put_away_at = $2 WHERE id = $1")
            .bind(*id)
            .bind(now)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Puts a waiting text away: what is in it was brought together with the current one, or is not needed. It can be brought back.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn put_away(tx: &mut Tx, number: i64, text: RevisionId) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    let now = Some(tx.now());
    set_put_away(tx, number, text, now).await
}

/// Brings a text back that was put away.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn bring_back(tx: &mut Tx, number: i64, text: RevisionId) -> Result<()> {
    tx.authorize(Permission::WritePostmortem).await?;
    set_put_away(tx, number, text, None).await
}

async fn set_put_away(tx: &mut Tx, number: i64, text: RevisionId, at: Option<DateTime<Utc>>) -> Result<()> {
    let postmortem = find(tx, number).await?;
    sql("UPDATE postmortem_revisions SET put_away_at = $3 WHERE id = $1 AND postmortem_id = $2")
        .bind(text)
        .bind(postmortem.id)
        .bind(at)
        .run(tx)
        .await?;
    Ok(())
}
