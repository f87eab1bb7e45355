//! A team's board: columns, and the cards that lie in them.

use super::edits::{Edited, record};
use super::{Refused, authorize};
use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::Result;
use crate::teams;
use chrono::{DateTime, TimeDelta, Utc};
use domain::action_items::{ActionItem, Column};
use domain::ids::{ColumnId, IncidentId, PersonId, TeamId};
use domain::people::Permission;
use domain::teams::Team;

/// An action item with the names around it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Card {
    #[sqlx(flatten)]
    pub item: ActionItem,
    pub owner: Option<String>,
    pub team: String,
    pub team_slug: String,
    pub incident_number: i64,
    pub incident_title: String,
    pub factor: Option<String>,
}

const CARDS: &str =
    "SELECT a.*, p.name AS owner, t.name AS team, t.slug AS team_slug, i.number AS incident_number,
        i.title AS incident_title, f.name AS factor
     FROM action_items a JOIN teams t ON t.id = a.team_id JOIN incidents i ON i.id = a.incident_id AND {visible i}
     LEFT JOIN people p ON p.id = a.owner_id LEFT JOIN postmortem_factors n ON n.id = a.named_factor_id
     LEFT JOIN factors f ON f.id = n.factor_id ";

#[derive(Clone, Debug)]
pub struct Board {
    pub team: Team,
    /// Each with its cards, top first.
    pub columns: Vec<(Column, Vec<Card>)>,
    /// Declined ones lie in no column.
    pub declined: Vec<Card>,
    /// How many more there are, which were kept or declined longer ago.
    pub left_out: i64,
}

/// How long a board shows what was kept or declined.
pub const SHOWN_AFTER: TimeDelta = TimeDelta::days(90);

/// Reads a team's board: all that is open, and what was kept or declined in the last 90 days.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn board(tx: &mut Tx, slug: &str) -> Result<Board> {
    let since = tx.now() - SHOWN_AFTER;
    board_since(tx, slug, since).await
}

/// Reads a team's board with all that was ever on it.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn whole_board(tx: &mut Tx, slug: &str) -> Result<Board> {
    board_since(tx, slug, DateTime::UNIX_EPOCH).await
}

async fn board_since(tx: &mut Tx, slug: &str, since: DateTime<Utc>) -> Result<Board> {
    let team = teams::find(tx, slug).await?;
    let columns: Vec<Column> =
        sql("SELECT id, team_id, name, position, card_limit FROM board_columns WHERE team_id = $1 ORDER BY position")
            .bind(team.id)
            .all(tx)
            .await?;
    let cards: Vec<Card> = sql(constcat::concat!(
        CARDS,
        "WHERE a.team_id = $1 AND (a.state NOT IN ('done', 'verified', 'declined') OR a.state_changed_at >= $2)
         ORDER BY a.position, a.number"
    ))
    .bind(team.id)
    .bind(since)
    .all(tx)
    .await?;
    let left_out = sql("SELECT COUNT(*) FROM action_items
         WHERE team_id = $1 AND state IN ('done', 'verified', 'declined') AND state_changed_at < $2")
    .bind(team.id)
    .bind(since)
    .scalar(tx)
    .await?;
    let (declined, cards): (Vec<_>, Vec<_>) = cards
        .into_iter()
        .partition(|card| card.item.state == domain::action_items::ActionState::Declined);
    let columns = columns
        .into_iter()
        .map(|column| {
            let within = cards
                .iter()
                .filter(|card| card.item.column_id == column.id)
                .cloned()
                .collect();
            (column, within)
        })
        .collect();
    Ok(Board {
        team,
        columns,
        declined,
        left_out,
    })
}

/// One action item by the number that people say.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn find(tx: &mut Tx, number: i64) -> Result<Card> {
    sql(constcat::concat!(CARDS, "WHERE a.number = $1"))
        .bind(number)
        .one(tx, "action item")
        .await
}

/// The action items of an incident.
pub async fn of_incident(tx: &mut Tx, incident: IncidentId) -> Result<Vec<Card>> {
    sql(constcat::concat!(
        CARDS,
        "WHERE a.incident_id = $1 ORDER BY a.number"
    ))
    .bind(incident)
    .all(tx)
    .await
}

/// What a person has promised and not done yet, the most pressing first.
pub async fn open_of_person(tx: &mut Tx, person: PersonId) -> Result<Vec<Card>> {
    sql(constcat::concat!(
        CARDS,
        "WHERE a.owner_id = $1 AND a.state IN ('proposed', 'accepted', 'doing', 'blocked')
         ORDER BY CASE WHEN a.due_on IS NULL THEN 1 ELSE 0 END, a.due_on, a.number"
    ))
    .bind(person)
    .all(tx)
    .await
}

/// Puts a card at the end of a column of its own board, or before another card.
///
/// # Errors
/// [`Refused::OtherBoard`]
pub async fn move_card(tx: &mut Tx, number: i64, column: ColumnId, before: Option<i64>) -> Result<()> {
    let item = find(tx, number).await?.item;
    authorize(tx, &item).await?;
    let belongs: bool = sql("SELECT EXISTS (SELECT 1 FROM board_columns WHERE id = $1 AND team_id = $2)")
        .bind(column)
        .bind(item.team_id)
        .scalar(tx)
        .await?;
    if !belongs {
        return Err(Refused::OtherBoard.into());
    }
    let others: Vec<(i64,)> = sql(
        "SELECT number FROM action_items WHERE column_id = $1 AND number <> $2 ORDER BY position, number",
    )
    .bind(column)
    .bind(number)
    .all(tx)
    .await?;
    let mut order: Vec<i64> = others.into_iter().map(|(number,)| number).collect();
    let place = before
        .and_then(|before| order.iter().position(|other| *other == before))
        .unwrap_or(order.len());
    order.insert(place, number);
    let columns = (Some(item.column_id), Some(column));
    record(tx, item.id, Edited::Column, columns, None).await?;
    for (position, number) in (1_i64..).zip(order) {
        sql("UPDATE action_items SET column_id = $2, position = $3 WHERE number = $1")
            .bind(number)
            .bind(column)
            .bind(position)
            .run(tx)
            .await?;
    }
    Ok(())
}

fn checked_column(name: &str, limit: Option<i64>) -> Result<String> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(Refused::NoColumnName.into());
    }
    if limit.is_some_and(|limit| !(1..=99).contains(&limit)) {
        return Err(Refused::BadLimit.into());
    }
    Ok(name.chars().take(60).collect())
}

/// Adds a column at the end of a board.
///
/// # Errors
/// [`Refused::NoColumnName`], [`Refused::BadLimit`]
pub async fn add_column(tx: &mut Tx, team: TeamId, name: &str, limit: Option<i64>) -> Result<()> {
    tx.authorize(Permission::ChangeTeam(team)).await?;
    let before = audit::before(tx, Subject::Team(team)).await?;
    let name = checked_column(name, limit)?;
    let id: ColumnId = tx.new_id();
    sql("INSERT INTO board_columns (id, team_id, name, position, card_limit)
         VALUES ($1, $2, $3, (SELECT COALESCE(MAX(position), 0) + 1 FROM board_columns WHERE team_id = $2), $4)")
        .bind(id)
        .bind(team)
        .bind(name)
        .bind(limit)
        .run(tx)
        .await?;
    before.told(tx).await
}

/// A column of a team's board.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn column(tx: &mut Tx, team: TeamId, id: ColumnId) -> Result<Column> {
    sql("SELECT id, team_id, name, position, card_limit FROM board_columns WHERE id = $1 AND team_id = $2")
        .bind(id)
        .bind(team)
        .one(tx, "column")
        .await
}

/// Renames a column and sets how many cards it should hold at most.
///
/// # Errors
/// [`Refused::NoColumnName`], [`Refused::BadLimit`]
pub async fn change_column(
    tx: &mut Tx,
    team: TeamId,
    column: ColumnId,
    name: &str,
    limit: Option<i64>,
) -> Result<()> {
    tx.authorize(Permission::ChangeTeam(team)).await?;
    let before = audit::before(tx, Subject::Team(team)).await?;
    let name = checked_column(name, limit)?;
    sql("UPDATE board_columns SET name = $3, card_limit = $4 WHERE id = $1 AND team_id = $2")
        .bind(column)
        .bind(team)
        .bind(name)
        .bind(limit)
        .run(tx)
        .await?;
    before.told(tx).await
}
