//! Columns of a team's board, and what they stand for.

use super::Refused;
use super::place::{Spot, place};
use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::{Arg, sql};
use crate::error::Result;
use domain::action_items::{ActionItem, ActionState, Column, column_for};
use domain::fields::{self, Words};
use domain::ids::{ColumnId, TeamId};
use domain::people::Permission;

/// What a person says about a column.
#[derive(Clone, Debug, Default)]
pub struct ColumnDraft {
    pub name: String,
    /// Cards at most, 1 to 99; more are shown as over the limit.
    pub limit: Option<i64>,
    /// See [`Column::states`].
    pub states: Vec<ActionState>,
}

impl ColumnDraft {
    /// One without a limit, which stands for nothing.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// The name as it is stored.
    fn checked_name(&self) -> Result<Words> {
        let name = fields::COLUMN_NAME.read(&self.name)?;
        if self.limit.is_some_and(|limit| !(1..=99).contains(&limit)) {
            return Err(Refused::BadLimit.into());
        }
        Ok(name)
    }
}

/// The columns of a team's board, from the left.
pub async fn of_team(tx: &mut Tx, team: TeamId) -> Result<Vec<Column>> {
    sql("SELECT id, team_id, name, position, card_limit, states FROM board_columns WHERE team_id = $1 ORDER BY position")
        .bind(team)
        .all(tx)
        .await
}

/// A column of a team's board.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn column(tx: &mut Tx, team: TeamId, id: ColumnId) -> Result<Column> {
    let columns = of_team(tx, team).await?;
    let column = columns.into_iter().find(|column| column.id == id);
    column.ok_or(crate::Error::NotFound("column"))
}

/// Adds a column at the end of a board.
///
/// # Errors
/// [`domain::fields::Unfit`], [`Refused::BadLimit`]
pub async fn add_column(tx: &mut Tx, team: TeamId, draft: &ColumnDraft) -> Result<()> {
    tx.authorize(Permission::ChangeTeam(team)).await?;
    let before = audit::before(tx, Subject::Team(team)).await?;
    let name = draft.checked_name()?;
    let id: ColumnId = tx.new_id();
    sql("INSERT INTO board_columns (id, team_id, name, position, card_limit, states)
         VALUES ($1, $2, $3, (SELECT COALESCE(MAX(position), 0) + 1 FROM board_columns WHERE team_id = $2), $4, $5)")
        .bind(id)
        .bind(team)
        .bind(&name)
        .bind(draft.limit)
        .bind(Arg::json(&draft.states))
        .run(tx)
        .await?;
    before.told(tx).await
}

/// Renames a column, sets how many cards it should hold at most and what it stands for. Cards that lie there keep their states.
///
/// # Errors
/// [`domain::fields::Unfit`], [`Refused::BadLimit`]
pub async fn change_column(tx: &mut Tx, team: TeamId, column: ColumnId, draft: &ColumnDraft) -> Result<()> {
    tx.authorize(Permission::ChangeTeam(team)).await?;
    let before = audit::before(tx, Subject::Team(team)).await?;
    let name = draft.checked_name()?;
    sql("UPDATE board_columns SET name = $3, card_limit = $4, states = $5 WHERE id = $1 AND team_id = $2")
        .bind(column)
        .bind(team)
        .bind(&name)
        .bind(draft.limit)
        .bind(Arg::json(&draft.states))
        .run(tx)
        .await?;
    before.told(tx).await
}

/// Puts a column where it is the n-th from the left, counted from 0; at the right end where there are fewer.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn move_column(tx: &mut Tx, team: TeamId, id: ColumnId, to: usize) -> Result<()> {
    tx.authorize(Permission::ChangeTeam(team)).await?;
    let before = audit::before(tx, Subject::Team(team)).await?;
    column(tx, team, id).await?;
    let columns = of_team(tx, team).await?;
    let mut order: Vec<ColumnId> = columns.into_iter().map(|column| column.id).collect();
    order.retain(|other| *other != id);
    order.insert(to.min(order.len()), id);
    for (position, column) in (1_i64..).zip(order) {
        sql("UPDATE board_columns SET position = $2 WHERE id = $1")
            .bind(column)
            .bind(position)
            .run(tx)
            .await?;
    }
    before.told(tx).await
}

/// Deletes a column. Its cards keep their states, and lie where these have a column, else in the first.
///
/// # Errors
/// [`Refused::LastColumn`], [`crate::Error::NotFound`]
pub async fn delete_column(tx: &mut Tx, team: TeamId, id: ColumnId) -> Result<()> {
    tx.authorize(Permission::ChangeTeam(team)).await?;
    let before = audit::before(tx, Subject::Team(team)).await?;
    column(tx, team, id).await?;
    let mut others = of_team(tx, team).await?;
    others.retain(|column| column.id != id);
    let first = others.first().ok_or(Refused::LastColumn)?.id;
    let cards: Vec<ActionItem> =
        sql("SELECT * FROM action_items WHERE column_id = $1 ORDER BY position, number")
            .bind(id)
            .all(tx)
            .await?;
    for card in cards {
        let to = column_for(&others, first, card.state);
        place(tx, &card, to, Spot::Last).await?;
    }
    sql("DELETE FROM board_columns WHERE id = $1")
        .bind(id)
        .run(tx)
        .await?;
    before.told(tx).await
}
