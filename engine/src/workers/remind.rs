//! Reminds owners of what is due and asks them about what came back, members of the week of their team, and whoever speaks of a status
//! update that is due.

use crate::action_items::remind;
use crate::error::{Result, caught};
use crate::incidents::updates;
use crate::learning::{ask, monday};
use crate::{Engine, transaction};

/// Says how many people it reminded.
pub async fn run(engine: &Engine) -> Result<usize> {
    Ok(of_action_items(engine).await?
        + of_teams(engine).await?
        + about_what_came_back(engine).await?
        + of_updates(engine).await?)
}

async fn of_teams(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let due = monday::due(&mut tx).await?;
    drop(tx);
    let mut told = 0;
    for (person, day) in &due {
        let writing = async { transaction!(engine, |tx| monday::mail(tx, *person, *day).await?) };
        match caught(writing).await? {
            Ok(()) => told += 1,
            Err(fault) => {
                tracing::error!(%person, %fault, "a team's week could not be written; it is tried again")
            }
        }
    }
    Ok(told)
}

async fn about_what_came_back(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let due = ask::due(&mut tx).await?;
    drop(tx);
    let mut asked = 0;
    for incident in &due {
        let asking = async { transaction!(engine, |tx| ask::owners(tx, *incident).await?) };
        match caught(asking).await? {
            Ok(owners) => asked += owners,
            Err(fault) => {
                tracing::error!(%incident, %fault, "nobody could be asked how a factor came back; it is tried again")
            }
        }
    }
    Ok(asked)
}

async fn of_updates(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let due = updates::due(&mut tx).await?;
    drop(tx);
    let mut reminded = 0;
    for incident in &due {
        let writing = async { transaction!(engine, |tx| updates::remind(tx, *incident).await?) };
        match caught(writing).await? {
            Ok(()) => reminded += 1,
            Err(fault) => {
                tracing::error!(%incident, %fault, "nobody could be reminded of a status update; it is tried again")
            }
        }
    }
    Ok(reminded)
}

async fn of_action_items(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let due = remind::due(&mut tx).await?;
    drop(tx);
    let mut reminded = 0;
    for (person, day) in &due {
        let writing = async { transaction!(engine, |tx| remind::mail(tx, *person, *day).await?) };
        match caught(writing).await? {
            Ok(()) => reminded += 1,
            Err(fault) => {
                tracing::error!(%person, %fault, "a reminder could not be written; it is tried again")
            }
        }
    }
    Ok(reminded)
}
