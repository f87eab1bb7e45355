//! The mails of a turn: before it, and when it begins.

use super::around::around;
use super::notes::note_for;
use super::{ANSWERS_WITHIN, Turn};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use crate::messages::{fill, in_zone};
use crate::notifications::{Draft, Words, outbox};
use crate::secrets::Secret;
use domain::incidents::Incident;
use domain::incidents::instants::spoken;
use domain::notifications::{NotificationKind, Urgency};
use domain::people::Person;
use domain::words::listed;
use minijinja::context;
use serde::Serialize;

/// An incident as a mail has it.
#[derive(Serialize)]
struct Line {
    severity: String,
    label: String,
    title: String,
    held_by: Option<String>,
    url: String,
}

impl Line {
    fn of(tx: &Tx, incident: &Incident, held_by: Option<String>) -> Self {
        Self {
            severity: incident.severity.to_string(),
            label: incident.label(),
            title: incident.title.clone(),
            held_by,
            url: tx.context.link(&format!("/incidents/{}", incident.number)),
        }
    }
}

/// Some hours before, as each person wants it.
pub(super) async fn ahead(tx: &mut Tx, turn: &Turn, person: &Person) -> Result<()> {
    let note = note_for(tx, turn.schedule.id, turn.from).await?;
    // To the quarter of an hour: nobody plans by seconds.
    let minutes = ((turn.from - tx.now()).num_minutes() + 7) / 15 * 15;
    let turn_url = format!(
        "/on-call/turn?schedule={}&at={}",
        turn.schedule.id,
        turn.from.timestamp()
    );
    let words = fill(
        "shift_ahead",
        context! {
            schedule => turn.schedule.name,
            in_hours => spoken(minutes.max(15) * 60),
            from => in_zone(turn.from, &person.time_zone),
            until => in_zone(turn.to, &person.time_zone),
            note => note.as_ref().map(|note| note.text.clone()),
            note_by => note.map(|note| note.person),
            turn_url => tx.context.link(&turn_url),
            url => tx.context.link("/on-call"),
            off_url => off_url(tx),
        },
    )?;
    put(tx, turn, person, "ahead", words);
    Ok(())
}

/// It begins.
pub(super) async fn begins(tx: &mut Tx, turn: &Turn, person: &Person) -> Result<()> {
    debug_assert!(ANSWERS_WITHIN.num_minutes() == 30, "the mail says half an hour");
    let secret = Secret::new(&tx.context);
    sql("UPDATE hand_offs SET token_hash = $4 WHERE schedule_id = $1 AND person_id = $2 AND from_at = $3")
        .bind(turn.schedule.id)
        .bind(turn.person)
        .bind(turn.from)
        .bind(secret.hash())
        .run(tx)
        .await?;
    let around = around(tx, turn.schedule.id, turn.from, person.id).await?;
    let url = tx
        .context
        .link(&format!("/on-call/hand-offs/{}", secret.reveal()));
    let open: Vec<Line> = around
        .open
        .iter()
        .map(|told| {
            Line::of(
                tx,
                &told.incident,
                told.held_by.as_ref().map(|(_, name)| name.clone()),
            )
        })
        .collect();
    let last: Vec<Line> = around
        .last
        .iter()
        .map(|incident| Line::of(tx, incident, None))
        .collect();
    let before: Vec<&str> = around.before.iter().map(|(_, name)| name.as_str()).collect();
    let words = fill(
        "shift_begins",
        context! {
            schedule => turn.schedule.name,
            until => in_zone(turn.to, &person.time_zone),
            reached_url => url,
            before => (!before.is_empty()).then(|| listed(&before)),
            paged_last => around.paged,
            note => around.note.as_ref().map(|note| note.text.clone()),
            note_by => around.note.as_ref().map(|note| note.person.clone()),
            open => open,
            more_open => around.more_open,
            last => last,
            url => url,
            off_url => off_url(tx),
        },
    )?;
    put(tx, turn, person, "begins", words);
    Ok(())
}

fn off_url(tx: &Tx) -> String {
    tx.context.link("/settings/profile#mails")
}

fn put(tx: &mut Tx, turn: &Turn, to: &Person, what: &str, words: Words) {
    let message = format!(
        "turn-{what}-{}-{}-{}",
        turn.schedule.id,
        to.id,
        turn.from.timestamp()
    );
    let draft = Draft {
        kind: NotificationKind::Reminder,
        urgency: Urgency::Other,
        to,
        incident: None,
        page: None,
        message,
        thread: Some(format!("turns-{}", turn.schedule.id)),
        words,
    };
    outbox::put(tx, draft);
}
