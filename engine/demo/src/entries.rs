//! What becomes of an entry once it is written: pinned, changed, redacted. It is the one that whoever does it wrote last.

use crate::NoDemo;
use domain::ids::PersonId;
use engine::{Tx, incidents};

pub async fn pin(tx: &mut Tx, number: i64, by: PersonId) -> Result<(), NoDemo> {
    let seq = last_of(tx, number, by).await?;
    Ok(incidents::pin(tx, number, seq, true).await?)
}

pub async fn change(tx: &mut Tx, number: i64, by: PersonId, text: &str) -> Result<(), NoDemo> {
    let seq = last_of(tx, number, by).await?;
    Ok(incidents::edit(tx, number, seq, text, None).await?)
}

pub async fn redact(tx: &mut Tx, number: i64, by: PersonId, why: &str) -> Result<(), NoDemo> {
    let seq = last_of(tx, number, by).await?;
    Ok(incidents::redact(tx, number, seq, why).await?)
}

async fn last_of(tx: &mut Tx, number: i64, by: PersonId) -> Result<i64, NoDemo> {
    let story = incidents::read(tx, number).await?;
    let mut written = story.timeline.iter().rev();
    let last = written.find(|entry| entry.actor_id == Some(by) && entry.event.written_text().is_some());
    last.map(|entry| entry.seq)
        .ok_or_else(|| NoDemo::Unknown("something that somebody wrote before".to_owned()))
}
