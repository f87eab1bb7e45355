//! Changing what one wrote. What stood there before is kept and shown.

use super::{Refused, hold_number, timeline};
use crate::db::{Arg, sql};
use crate::error::Result;
use crate::mentions::{self, Place, Written};
use crate::{Tx, files};
use chrono::{DateTime, Utc};
use domain::fields;
use domain::ids::IncidentId;
use domain::incidents::timeline::Event;
use domain::people::Permission;

/// Changes the text of a note, a decision or a status update; whoever wrote it may. `was`: the text that the form was drawn from.
///
/// # Errors
/// [`Refused::NotTheWriter`], [`Refused::NotWritten`], [`Refused::EditedMeanwhile`], and those of a text.
pub async fn edit(tx: &mut Tx, number: i64, seq: i64, text: &str, was: Option<&str>) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let text = String::from(fields::ENTRY.read(text)?);
    let mut incident = hold_number(tx, number).await?;
    let entry = timeline::entry(tx, incident.id, seq).await?;
    let Some(before) = entry.event.written_text().map(str::to_owned) else {
        return Err(Refused::NotWritten.into());
    };
    let by = tx.actor().person();
    if !by.is_some_and(|by| entry.may_be_edited_by(by)) {
        return Err(Refused::NotTheWriter.into());
    }
    if before == text {
        return Ok(());
    }
    // Browsers send line ends of their own.
    if was.is_some_and(|was| was.replace("\r\n", "\n") != before) {
        return Err(Refused::EditedMeanwhile.into());
    }
    let now = tx.now();
    sql(
        "INSERT INTO timeline_texts (incident_id, seq, version, text, replaced_at)
         SELECT $1, $2, COUNT(*) + 1, $3, $4 FROM timeline_texts WHERE incident_id = $1 AND seq = $2",
    )
    .bind(incident.id)
    .bind(seq)
    .bind(&before)
    .bind(now)
    .run(tx)
    .await?;
    sql("UPDATE timeline SET event = $3, edited_at = $4 WHERE incident_id = $1 AND seq = $2")
        .bind(incident.id)
        .bind(seq)
        .bind(Arg::json(&entry.event.with_text(text.clone())))
        .bind(now)
        .run(tx)
        .await?;
    files::are_named(tx, incident.id, &text, Some(seq)).await?;
    let written = Written {
        text: &text,
        before: &before,
        place: Place::Entry(seq),
    };
    mentions::tell(tx, &incident, written).await?;
    timeline::record(tx, &mut incident, Event::Edited { entry: seq }).await
}

/// A text that stood there before.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Before {
    pub text: String,
    pub replaced_at: DateTime<Utc>,
}

/// The texts of an entry before it was changed, oldest first.
pub async fn texts_before(tx: &mut Tx, incident: IncidentId, seq: i64) -> Result<Vec<Before>> {
    sql("SELECT text, replaced_at FROM timeline_texts WHERE incident_id = $1 AND seq = $2 ORDER BY version")
        .bind(incident)
        .bind(seq)
        .all(tx)
        .await
}
