//! Changing what an action item says.

use super::columns::of_team;
use super::edits::{Edited, record};
use super::place::{Spot, place};
use super::{Draft, authorize, check_owner, find, tell_owner};
use crate::Tx;
use crate::db::sql;
use crate::error::{Error, Result};
use domain::action_items::column_for;
use domain::fields;

/// Changes title, owner, team, kind, priority, due date, factor and proof. Another team: it lies in the column there
/// that stands for its state. `why`: why
/// the day was moved, where somebody says so.
///
/// # Errors
/// [`domain::fields::Unfit`], [`crate::Error::NotFound`]
pub async fn change(tx: &mut Tx, number: i64, draft: &Draft, why: &str) -> Result<()> {
    let (title, proof) = draft.words()?;
    let why = fields::WHY_MOVED.read(why)?;
    let card = find(tx, number).await?;
    authorize(tx, &card.item).await?;
    if draft.owner != card.item.owner_id {
        check_owner(tx, draft.owner).await?;
    }
    sql("UPDATE action_items SET title = $2, owner_id = $3, kind = $4, priority = $5, due_on = $6, named_factor_id = $7, proof = $8
         WHERE id = $1")
        .bind(card.item.id)
        .bind(&title)
        .bind(draft.owner)
        .bind(draft.kind)
        .bind(draft.priority)
        .bind(draft.due_on)
        .bind(draft.factor)
        .bind(&proof)
        .run(tx)
        .await?;
    let item = &card.item;
    let why = Some(&*why).filter(|why| !why.is_empty());
    record(tx, item.id, Edited::DueOn, (item.due_on, draft.due_on), why).await?;
    record(tx, item.id, Edited::Owner, (item.owner_id, draft.owner), None).await?;
    let teams = (Some(item.team_id), Some(draft.team));
    record(tx, item.id, Edited::Team, teams, None).await?;
    let kinds = (Some(item.kind), Some(draft.kind));
    record(tx, item.id, Edited::Kind, kinds, None).await?;
    let factors = (item.named_factor_id, draft.factor);
    record(tx, item.id, Edited::Factor, factors, None).await?;
    if card.item.team_id != draft.team {
        let columns = of_team(tx, draft.team).await?;
        let first = columns.first().ok_or(Error::NotFound("board of that team"))?;
        let to = column_for(&columns, first.id, item.state);
        sql("UPDATE action_items SET team_id = $2 WHERE id = $1")
            .bind(item.id)
            .bind(draft.team)
            .run(tx)
            .await?;
        place(tx, item, to, Spot::Last).await?;
    }
    if draft.owner != card.item.owner_id {
        tell_owner(tx, number).await?;
    }
    Ok(())
}
