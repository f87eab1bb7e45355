//! Saving a section. Nothing that was typed is ever lost: a save that comes second is kept beside the first.

use super::{Refused, find};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use domain::ids::{PersonId, RevisionId};
use domain::postmortems::Section;

/// Longest section, in characters.
const MOST: usize = 100_000;

/// What became of a save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is the current text now.
    Now { revision: i64 },
    /// Somebody had saved another text since; this one is kept as a revision beside it.
    Beside { kept: RevisionId },
}

/// Saves a section, exactly as typed. `based_on` is the revision its writer had before them.
///
/// # Errors
/// [`Refused::TooLong`], [`crate::Error::NotFound`]
pub async fn save_section(
    tx: &mut Tx,
    number: i64,
    by: PersonId,
    section: Section,
    based_on: i64,
    body: &str,
) -> Result<Saved> {
    if body.chars().count() > MOST {
        return Err(Refused::TooLong.into());
    }
    // PostgreSQL keeps no U+0000; a form sends CR LF for a line end.
    let body = body.replace('\0', "\u{fffd}").replace("\r\n", "\n");
    let postmortem = find(tx, number).await?;
    let now = tx.now();
    let (current,): (String,) =
        sql("SELECT body FROM postmortem_sections WHERE postmortem_id = $1 AND section = $2")
            .bind(postmortem.id)
            .bind(section)
            .one(tx, "section")
            .await?;
    // The condition on the revision decides who was first, also when two nodes save at once.
    let became: Option<(i64,)> = sql(
        "UPDATE postmortem_sections SET body = $4, revision = revision + 1, updated_at = $5, updated_by = $6
         WHERE postmortem_id = $1 AND section = $2 AND revision = $3 RETURNING revision",
    )
    .bind(postmortem.id)
    .bind(section)
    .bind(based_on)
    .bind(&body)
    .bind(now)
    .bind(by)
    .maybe(tx)
    .await?;
    let became = became.map(|(revision,)| revision);
    if became.is_none() && current == body {
        // Two people typed the same; there is nothing to keep beside it.
        return Ok(Saved::Now { revision: based_on });
    }
    let id: RevisionId = tx.new_id();
    sql("INSERT INTO postmortem_revisions (id, postmortem_id, section, body, based_on, became, author_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(id)
        .bind(postmortem.id)
        .bind(section)
        .bind(&body)
        .bind(based_on)
        .bind(became)
        .bind(by)
        .bind(now)
        .run(tx)
        .await?;
    Ok(match became {
        Some(revision) => Saved::Now { revision },
        None => Saved::Beside { kept: id },
    })
}
