//! Columns of a team's board, and what they stand for.

use super::Refused;
use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::{Arg, sql};
use crate::error::Result;
use domain::action_items::{ActionState, Column};
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
    fn checked_name(&self) -> Result<String> {
        let name = self.name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return Err(Refused::NoColumnName.into());
        }
        if self.limit.is_some_and(|limit| !(1..=99).contains(&limit)) {
            return Err(Refused::BadLimit.into());
        }
        Ok(name.chars().take(60).collect())
    }
}

/// The columns of a team's board, from the left.
pub(super) async fn of_team(tx: &mut Tx, team: TeamId) -> Result<Vec<Column>> {
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
/// [`Refused::NoColumnName`], [`Refused::BadLimit`]
pub async fn add_column(tx: &mut Tx, team: TeamId, draft: &ColumnDraft) -> Result<()> {
    tx.authorize(Permission::ChangeTeam(team)).await?;
    let before = audit::before(tx, Subject::Team(team)).await?;
    let name = draft.checked_name()?;
    let id: ColumnId = tx.new_id();
    sql("INSERT INTO board_columns (id, team_id, name, position, card_limit, states)
         VALUES ($1, $2, $3, (SELECT COALESCE(MAX(position), 0) + 1 FROM board_columns WHERE team_id = $2), $4, $5)")
        .bind(id)
        .bind(team)
        .bind(name)
        .bind(draft.limit)
        .bind(Arg::json(&draft.states))
        .run(tx)
        .await?;
    before.told(tx).await
}

/// Renames a column, sets how many cards it should hold at most and what it stands for. Cards that lie there keep their states.
///
/// # Errors
/// [`Refused::NoColumnName`], [`Refused::BadLimit`]
pub async fn change_column(tx: &mut Tx, team: TeamId, column: ColumnId, draft: &ColumnDraft) -> Result<()> {
    tx.authorize(Permission::ChangeTeam(team)).await?;
    let before = audit::before(tx, Subject::Team(team)).await?;
    let name = draft.checked_name()?;
    sql("UPDATE board_columns SET name = $3, card_limit = $4, states = $5 WHERE id = $1 AND team_id = $2")
        .bind(column)
        .bind(team)
        .bind(name)
        .bind(draft.limit)
        .bind(Arg::json(&draft.states))
        .run(tx)
        .await?;
    before.told(tx).await
}
