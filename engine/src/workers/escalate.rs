//! Moves policies on whose delay is over, or that were changed while they page, and starts those of incidents that nobody took over or
//! whose acknowledgement is over.

use crate::error::{Result, caught};
use crate::{Engine, incidents, paging, transaction};
use domain::ids::IncidentId;

/// Says how many policies it moved on.
pub async fn run(engine: &Engine) -> Result<usize> {
    let mut tx = engine.read().await?;
    let changed = paging::with_changed_policy(&mut tx, 100).await?;
    let due = paging::due(&mut tx, 100).await?;
    let not_taken = incidents::handovers_due(&mut tx, 100).await?;
    let to_ask = paging::holders_to_ask(&mut tx, 100).await?;
    let over = paging::holds_over(&mut tx, 100).await?;
    drop(tx);
    let mut moved = 0;
    for incident in &changed {
        let looking = async { transaction!(engine, |tx| paging::policy_has_changed(tx, *incident).await?) };
        moved += moves_on(engine, *incident, looking).await?;
    }
    for incident in &due {
        let moving = async { transaction!(engine, |tx| paging::advance(tx, *incident).await?) };
        moved += moves_on(engine, *incident, moving).await?;
    }
    for incident in &not_taken {
        let starting = async { transaction!(engine, |tx| incidents::handover_is_over(tx, *incident).await?) };
        moved += moves_on(engine, *incident, starting).await?;
    }
    for incident in &to_ask {
        let asking = async { transaction!(engine, |tx| paging::ask_holder(tx, *incident).await?) };
        moved += moves_on(engine, *incident, asking).await?;
    }
    for incident in &over {
        let paging = async { transaction!(engine, |tx| paging::hold_is_over(tx, *incident).await?) };
        moved += moves_on(engine, *incident, paging).await?;
    }
    Ok(moved)
}

async fn moves_on(
    engine: &Engine,
    incident: IncidentId,
    moving: impl Future<Output = Result<()>>,
) -> Result<usize> {
    match caught(moving).await? {
        Ok(()) => Ok(1),
        // The others are due as well.
        Err(fault) => {
            is_stuck(engine, incident, &fault).await?;
            Ok(0)
        }
    }
}

async fn is_stuck(engine: &Engine, incident: IncidentId, fault: &str) -> Result<()> {
    tracing::error!(%incident, %fault, "a policy could not go on; it is tried again");
    let telling = async { transaction!(engine, |tx| paging::could_not_go_on(tx, incident, fault).await?) };
    if let Err(fault) = caught(telling).await? {
        tracing::error!(%incident, %fault, "nor could its team be told");
    }
    Ok(())
}

/// Brings steps near that lie further ahead than their delay: they were set while the clock was fast, and nobody shall wait
/// for it to come round again.
pub async fn bring_near(engine: &Engine) -> Result<()> {
    let mut tx = engine.read().await?;
    let far = paging::too_far_ahead(&mut tx, 100).await?;
    drop(tx);
    for incident in &far {
        let bringing = async { transaction!(engine, |tx| paging::bring_near(tx, *incident).await?) };
        if let Err(fault) = caught(bringing).await? {
            tracing::error!(%incident, %fault, "a step that a wrong clock had put off could not be brought near");
        }
    }
    Ok(())
}
