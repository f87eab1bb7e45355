//! Taking a text out for good, such as a password that was pasted: it is gone from the page, the stream and the history. The timeline
//! says that something was redacted, by whom and why, and so does the audit log.

use super::{Refused, hold_number, timeline, updates};
use crate::audit::{self, Subject};
use crate::db::{Arg, sql};
use crate::error::Result;
use crate::messages::news::repeats;
use crate::notifications::outbox;
use crate::people;
use crate::{Tx, files, news};
use domain::audit::Change;
use domain::fields;
use domain::incidents::timeline::Event;
use domain::people::Permission;

/// Redacts a note, a decision or a status update; whoever wrote it and administrators may. Doing it twice is safe.
///
/// # Errors
/// [`Refused::MayNotRedact`], [`Refused::NotWritten`], [`domain::fields::Unfit`]
pub async fn redact(tx: &mut Tx, number: i64, seq: i64, why: &str) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let why = String::from(fields::WHY_REDACTED.read(why)?);
    let mut incident = hold_number(tx, number).await?;
    let entry = timeline::entry(tx, incident.id, seq).await?;
    let Some(what) = entry.event.wrote() else {
        return Err(Refused::NotWritten.into());
    };
    if entry.event.written_text().is_none() {
        return Ok(());
    }
    let Some(by) = tx.actor().person() else {
        return Err(Refused::MayNotRedact.into());
    };
    let person = people::find(tx, by).await?;
    if !entry.may_be_redacted_by(&person) {
        return Err(Refused::MayNotRedact.into());
    }
    let redacted = Event::TextRedacted {
        what,
        why: why.clone(),
        by: person.name,
    };
    sql("UPDATE timeline SET event = $3 WHERE incident_id = $1 AND seq = $2")
        .bind(incident.id)
        .bind(seq)
        .bind(Arg::json(&redacted))
        .run(tx)
        .await?;
    sql("DELETE FROM timeline_texts WHERE incident_id = $1 AND seq = $2")
        .bind(incident.id)
        .bind(seq)
        .run(tx)
        .await?;
    files::go_with(tx, incident.id, seq).await?;
    news::take_back(tx, incident.id, seq).await?;
    outbox::redact(tx, incident.id, &repeats(incident.id, seq), entry.recorded_at).await?;
    updates::is_redacted(tx, incident.id, seq).await?;
    audit::told(tx, Subject::Incident(incident.id), Change::Redacted).await?;
    timeline::record(tx, &mut incident, Event::Redacted { entry: seq, why }).await
}
