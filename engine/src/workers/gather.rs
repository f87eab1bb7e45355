//! Mails the lists of pages that were too many to go out one by one, and moves policies on whose list was refused.

use crate::error::{Result, caught};
use crate::mail::notice_lists;
use crate::{Engine, paging, transaction};
use domain::ids::PersonId;
use std::time::Duration;

/// Alerts come first: after each list it rests so many times as long as that took, so that a flood's lists, which come due together,
/// take a quarter of the time at most.
const RESTS: u32 = 3;
/// Who had to wait for the database need not rest for it; and whoever stops the program waits for this worker.
const LONGEST_REST: Duration = Duration::from_millis(100);

/// Says how many lists it wrote, and policies it moved on.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn run(engine: &Engine) -> Result<usize> {
    Ok(tell_all(engine).await? + tell_notices(engine).await? + move_on(engine).await?)
}

async fn tell_all(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let due = paging::gathered_due(&mut tx, 100).await?;
    drop(tx);
    let mut written = 0;
    for person in &due {
        let begun = engine.context.running_for();
        match caught(tell(engine, *person)).await? {
            Ok(()) => written += 1,
            // Others wait for theirs; a banner tells of this one, and their policies go on.
            Err(fault) => {
                tracing::error!(%person, %fault, "a list of pages could not be written; it is tried again")
            }
        }
        let took = engine.context.running_for() - begun;
        engine.context.pause((took * RESTS).min(LONGEST_REST)).await;
    }
    Ok(written)
}

async fn tell_notices(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let due = notice_lists::due(&mut tx).await?;
    drop(tx);
    let mut written = 0;
    for person in &due {
        let writing = async { transaction!(engine, |tx| notice_lists::mail(tx, *person).await?) };
        match caught(writing).await? {
            Ok(()) => written += 1,
            Err(fault) => {
                tracing::error!(%person, %fault, "a list of notices could not be written; it is tried again")
            }
        }
    }
    Ok(written)
}

async fn move_on(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let refused = paging::refused_in_lists(&mut tx, 100).await?;
    drop(tx);
    let mut moved = 0;
    for page in &refused {
        let moving = async { transaction!(engine, |tx| paging::go_on_from_list(tx, page).await?) };
        match caught(moving).await? {
            Ok(()) => moved += 1,
            // Its step's delay moves it on in any case.
            Err(fault) => {
                tracing::error!(incident = %page.incident_id, %fault, "a refused list could not move a policy on; it is tried again")
            }
        }
    }
    Ok(moved)
}

async fn tell(engine: &Engine, person: PersonId) -> Result<()> {
    let mut tx = engine.read().await?;
    let list = paging::draw_up_list(&mut tx, person).await?;
    drop(tx);
    match list {
        Some(list) => transaction!(engine, |tx| paging::mail_list(tx, &list).await?),
        None => Ok(()),
    }
}
