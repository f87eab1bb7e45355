//! What state an action item is in.

use super::{Refused, authorize, find, place};
use crate::Tx;
use crate::db::{Arg, sql};
use crate::error::Result;
use domain::action_items::{ActionItem, ActionState};
use domain::fields;

/// Changes the state, and moves the card to the column that stands for it; declining needs a reason. Doing it twice changes nothing. That
/// it worked is said by [`super::verify`], with what shows it.
///
/// # Errors
/// [`Refused::NoReason`], [`Refused::NoSuchStep`], [`Refused::NoEvidence`]
pub async fn change_state(tx: &mut Tx, number: i64, to: ActionState, reason: &str) -> Result<()> {
    let item = find(tx, number).await?.item;
    authorize(tx, &item).await?;
    if item.state == to {
        return Ok(());
    }
    set(tx, &item, to, reason).await?;
    place::follow(tx, &item, to).await
}

/// Sets the state, wherever the card lies, but for what only [`super::verify`] says.
pub(super) async fn set(tx: &mut Tx, item: &ActionItem, to: ActionState, reason: &str) -> Result<()> {
    if to == ActionState::Verified && item.state.may_become(to) {
        return Err(Refused::NoEvidence.into());
    }
    write(tx, item, to, reason).await
}

pub(super) async fn write(tx: &mut Tx, item: &ActionItem, to: ActionState, reason: &str) -> Result<()> {
    if !item.state.may_become(to) {
        return Err(Refused::NoSuchStep { from: item.state, to }.into());
    }
    let reason = &*fields::WHY_DECLINED.read(reason)?;
    if to == ActionState::Declined && reason.is_empty() {
        return Err(Refused::NoReason.into());
    }
    let now = tx.now();
    let changed = sql("UPDATE action_items SET state = $2, state_changed_at = $3, declined_reason = $4 WHERE id = $1 AND state = $5")
        .bind(item.id)
        .bind(to)
        .bind(now)
        .bind((to == ActionState::Declined).then_some(reason))
        .bind(item.state)
        .run(tx)
        .await?;
    if changed == 0 {
        return Ok(());
    }
    let id = tx.context.new_id();
    sql(
        "INSERT INTO action_item_changes (id, action_item_id, at, actor_id, from_state, to_state, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(Arg::Id(Some(id)))
    .bind(item.id)
    .bind(now)
    .bind(tx.actor().person())
    .bind(item.state)
    .bind(to)
    .bind(Some(reason).filter(|reason| !reason.is_empty()))
    .run(tx)
    .await
    .map(drop)
}
