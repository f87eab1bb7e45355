//! Where a card lies. One press does one thing: moving a card gives it the state that its column stands for, and a new state moves it.

use super::columns::{column, of_team};
use super::edits::{Edited, record};
use super::{Refused, authorize, find, state};
use crate::Tx;
use crate::db::sql;
use crate::error::{Error, Result};
use domain::action_items::{ActionItem, ActionState, column_for};
use domain::ids::ColumnId;

/// Where in a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spot {
    #[default]
    Last,
    First,
    /// One higher, or lower, than it lies; where it comes from another column, at the end.
    Up,
    Down,
    /// Before another card, by its number; at the end where that one lies elsewhere.
    Before(i64),
}

impl Spot {
    /// The place among the others, where it lay before so many of them.
    fn among(self, others: &[i64], lay_at: Option<usize>) -> usize {
        let end = others.len();
        match (self, lay_at) {
            (Self::First, _) => 0,
            (Self::Up, Some(at)) => at.saturating_sub(1),
            (Self::Down, Some(at)) => (at + 1).min(end),
            (Self::Before(before), _) => others.iter().position(|other| *other == before).unwrap_or(end),
            (Self::Last | Self::Up | Self::Down, _) => end,
        }
    }
}

/// Puts a card in a column of its own board.
///
/// # Errors
/// [`Refused::OtherBoard`], [`Refused::NoSuchStep`], [`Refused::NoEvidence`]
pub async fn move_card(tx: &mut Tx, number: i64, to: ColumnId, spot: Spot) -> Result<()> {
    let item = find(tx, number).await?.item;
    authorize(tx, &item).await?;
    let column = match column(tx, item.team_id, to).await {
        Err(Error::NotFound(_)) => return Err(Refused::OtherBoard.into()),
        column => column?,
    };
    place(tx, &item, to, spot).await?;
    let becomes = column.state_for(item.state);
    if becomes == item.state {
        return Ok(());
    }
    state::set(tx, &item, becomes, "").await
}

/// Moves a card whose state has changed to the column that stands for it.
pub(super) async fn follow(tx: &mut Tx, item: &ActionItem, state: ActionState) -> Result<()> {
    let columns = of_team(tx, item.team_id).await?;
    let to = column_for(&columns, item.column_id, state);
    if to == item.column_id {
        return Ok(());
    }
    place(tx, item, to, Spot::Last).await
}

/// Puts it there, whatever it is.
pub(super) async fn place(tx: &mut Tx, item: &ActionItem, to: ColumnId, spot: Spot) -> Result<()> {
    let all: Vec<(i64,)> = sql(
        "SELECT number FROM action_items WHERE column_id = $1 AND (number = $2 OR state <> 'declined') ORDER BY position, number",
    )
    .bind(to)
    .bind(item.number)
    .all(tx)
    .await?;
    let mut order: Vec<i64> = all.into_iter().map(|(number,)| number).collect();
    let lay_at = order.iter().position(|other| *other == item.number);
    order.retain(|other| *other != item.number);
    order.insert(spot.among(&order, lay_at), item.number);
    record(
        tx,
        item.id,
        Edited::Column,
        (Some(item.column_id), Some(to)),
        None,
    )
    .await?;
    for (position, number) in (1_i64..).zip(order) {
        sql("UPDATE action_items SET column_id = $2, position = $3 WHERE number = $1")
            .bind(number)
            .bind(to)
            .bind(position)
            .run(tx)
            .await?;
    }
    Ok(())
}
