//! What people write into the timeline.

use super::{Refused, follow, hold_number, timeline, updates};
use crate::error::Result;
use crate::mentions::{self, Place, Written};
use crate::{Tx, files};
use chrono::TimeDelta;
use chrono_tz::Tz;
use domain::fields;
use domain::incidents::timeline::Event;
use domain::incidents::when;
use domain::people::Permission;

/// What kind of words they are. All are Markdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    Note,
    Decision,
    StatusUpdate,
}

/// What somebody writes, and when it happened where that was not now.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    pub kind: Writing,
    pub text: &'a str,
    /// Empty: just now. As people type it: [`when::read`].
    pub at: &'a str,
    pub zone: Tz,
    /// Of a status update: when the next one is due.
    pub next_in: Option<TimeDelta>,
}

/// Writes a note, a decision or a status update, of now; also after the end, when people remember more.
///
/// # Errors
/// [`domain::fields::Unfit`]
pub async fn write(tx: &mut Tx, number: i64, kind: Writing, text: &str) -> Result<()> {
    let draft = Draft {
        kind,
        text,
        at: "",
        zone: Tz::UTC,
        next_in: None,
    };
    write_draft(tx, number, &draft).await
}

/// As [`write`], at its own time.
///
/// # Errors
/// As [`write`]; [`Refused::NotATime`]
pub async fn write_draft(tx: &mut Tx, number: i64, draft: &Draft<'_>) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let text = String::from(fields::ENTRY.read(draft.text)?);
    let now = tx.now();
    let at = match draft.at.trim() {
        "" => now,
        typed => when::read(typed, now, draft.zone).map_err(Refused::NotATime)?,
    };
    let mut incident = hold_number(tx, number).await?;
    let next_due_at = draft
        .next_in
        .map(|span| now + span)
        .filter(|_| incident.state.is_open());
    let said = text.clone();
    let event = match draft.kind {
        Writing::Note => Event::Note { text },
        Writing::Decision => Event::Decision { text },
        Writing::StatusUpdate => Event::StatusUpdate { text, next_due_at },
    };
    timeline::record_at(tx, &mut incident, event, at).await?;
    files::are_named(tx, incident.id, &said, Some(incident.seq)).await?;
    let written = Written {
        text: &said,
        before: "",
        place: Place::Entry(incident.seq),
    };
    let named = mentions::tell(tx, &incident, written).await?;
    if draft.kind == Writing::StatusUpdate {
        follow::tell_of_update(tx, &incident, &said, next_due_at, &named).await?;
    }
    if draft.kind == Writing::StatusUpdate && at == now {
        updates::is_latest(tx, &incident, next_due_at).await?;
    }
    Ok(())
}
