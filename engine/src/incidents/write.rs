//! What people write into the timeline.

use super::{Refused, hold_number, timeline};
use crate::Tx;
use crate::error::Result;
use domain::incidents::timeline::Event;
use domain::people::Permission;

/// What kind of words they are. All are Markdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    Note,
    Decision,
    StatusUpdate,
}

/// Longest text, in characters.
const MOST: usize = 20_000;

/// Writes a note, a decision or a status update; also after the end, when people remember more.
///
/// # Errors
/// [`Refused::NoText`], [`Refused::TextTooLong`]
pub async fn write(tx: &mut Tx, number: i64, kind: Writing, text: &str) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    if text.trim().is_empty() {
        return Err(Refused::NoText.into());
    }
    if text.chars().count() > MOST {
        return Err(Refused::TextTooLong.into());
    }
    let mut incident = hold_number(tx, number).await?;
    // PostgreSQL keeps no U+0000.
    let text = text.replace('\0', "\u{fffd}").replace("\r\n", "\n");
    let event = match kind {
        Writing::Note => Event::Note { text },
        Writing::Decision => Event::Decision { text },
        Writing::StatusUpdate => Event::StatusUpdate { text },
    };
    timeline::record(tx, &mut incident, event).await
}
