//! Mails digests: pages that were too many to go out one by one; and news, which are never in a hurry. Moves policies on whose digest was refused.

use crate::error::{Result, caught};
use crate::messages::{self, notice_digest};
use crate::oncall::shadows;
use crate::{Engine, news, paging, transaction};
use domain::ids::PersonId;
use std::time::Duration;

/// Alerts come first: after each digest it rests so many times as long as that took, so that a flood's digests, which come due together,
/// take a quarter of the time at most.
const RESTS: u32 = 3;
/// Who had to wait for the database need not rest for it; and whoever stops the program waits for this worker.
const LONGEST_REST: Duration = Duration::from_millis(100);

/// Says how many digests it wrote, and policies it moved on.
pub async fn run(engine: &Engine) -> Result<usize> {
    Ok(tell_all(engine).await?
        + tell_notices(engine).await?
        + move_on(engine).await?
        + tell_news(engine).await?)
}

async fn tell_all(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let due = paging::digests_due(&mut tx, 100).await?;
    drop(tx);
    let mut written = 0;
    for person in &due {
        let begun = engine.context.running_for();
        match caught(tell(engine, *person)).await? {
            Ok(()) => written += 1,
            // Others wait for theirs; a banner tells of this one, and their policies go on.
            Err(fault) => {
                tracing::error!(%person, %fault, "a digest could not be written; it is tried again")
            }
        }
        let took = engine.context.running_for() - begun;
        engine.context.pause((took * RESTS).min(LONGEST_REST)).await;
    }
    Ok(written)
}

async fn tell_notices(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let due = notice_digest::due(&mut tx).await?;
    drop(tx);
    let mut written = 0;
    for person in &due {
        let writing = async { transaction!(engine, |tx| notice_digest::mail(tx, *person).await?) };
        match caught(writing).await? {
            Ok(()) => written += 1,
            Err(fault) => {
                tracing::error!(%person, %fault, "a digest of notices could not be written; it is tried again")
            }
        }
    }
    Ok(written)
}

async fn tell_news(engine: &Engine) -> Result<usize> {
    tell_shadows(engine).await?;
    let mut tx = engine.read().await?;
    let waited_for = news::people_waited_for(&mut tx).await?;
    drop(tx);
    let mut written = 0;
    for person in &waited_for {
        let writing = async { transaction!(engine, |tx| messages::news::mail(tx, *person).await?) };
        match caught(writing).await? {
            Ok(wrote) => written += usize::from(wrote),
            Err(fault) => {
                tracing::error!(%person, %fault, "news could not be written; it is tried again")
            }
        }
    }
    Ok(written)
}

/// Whoever goes along with a schedule hears of its pages as news.
async fn tell_shadows(engine: &Engine) -> Result<()> {
    let mut tx = engine.read().await?;
    let wait = shadows::wait(&mut tx).await?;
    drop(tx);
    if !wait {
        return Ok(());
    }
    let telling = async { transaction!(engine, |tx| shadows::tell(tx).await?) };
    if let Err(fault) = caught(telling).await? {
        tracing::error!(%fault, "shadows could not be told of a page; it is tried again");
    }
    Ok(())
}

async fn move_on(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let refused = paging::refused_in_digests(&mut tx, 100).await?;
    drop(tx);
    let mut moved = 0;
    for page in &refused {
        let moving = async { transaction!(engine, |tx| paging::go_on_from_digest(tx, page).await?) };
        match caught(moving).await? {
            Ok(()) => moved += 1,
            // Its step's delay moves it on in any case.
            Err(fault) => {
                tracing::error!(incident = %page.incident_id, %fault, "a refused digest could not move a policy on; it is tried again")
            }
        }
    }
    Ok(moved)
}

async fn tell(engine: &Engine, person: PersonId) -> Result<()> {
    let mut tx = engine.read().await?;
    let drawn = paging::draw_up_digest(&mut tx, person).await?;
    drop(tx);
    match drawn {
        Some(drawn) => transaction!(engine, |tx| paging::send_digest(tx, &drawn).await?),
        None => Ok(()),
    }
}
