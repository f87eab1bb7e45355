//! Changing what an action item says.

use super::{Draft, authorize, check_owner, find};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use domain::ids::ColumnId;

/// Changes title, owner, team, kind, priority, due date, factor and proof. Another team: it lies in the first column there.
///
/// # Errors
/// [`super::Refused::NoTitle`], [`crate::Error::NotFound`]
pub async fn change(tx: &mut Tx, number: i64, draft: &Draft) -> Result<()> {
    let (title, proof) = (draft.checked_title()?, draft.checked_proof()?);
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
        .bind(proof)
        .run(tx)
        .await?;
    if card.item.team_id != draft.team {
        let (column,): (ColumnId,) =
            sql("SELECT id FROM board_columns WHERE team_id = $1 ORDER BY position LIMIT 1")
                .bind(draft.team)
                .one(tx, "board of that team")
                .await?;
        sql("UPDATE action_items SET team_id = $2, column_id = $3 WHERE id = $1")
            .bind(card.item.id)
            .bind(draft.team)
            .bind(column)
            .run(tx)
            .await?;
    }
    Ok(())
}
