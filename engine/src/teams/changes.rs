//! Making and renaming teams.

use super::{Refused, checked_name, free_slug, members};
use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::{Arg, sql};
use crate::error::Result;
use domain::action_items::ActionState;
use domain::ids::{ColumnId, PersonId, TeamId};
use domain::people::Permission;
use domain::teams::Team;

/// The columns that a new team's board begins with, and how many cards should lie there at once.
pub const FIRST_COLUMNS: [(&str, Option<i64>, &[ActionState]); 4] = [
    ("To triage", None, &[ActionState::Proposed]),
    ("To do", None, &[ActionState::Accepted]),
    ("Doing", Some(3), &[ActionState::Doing, ActionState::Blocked]),
    ("Done", None, &[ActionState::Done, ActionState::Verified]),
];

/// Makes a team with its members and its board.
///
/// # Errors
/// [`Refused`]
pub async fn create(tx: &mut Tx, name: &str, people: &[PersonId]) -> Result<Team> {
    tx.authorize(Permission::Administer).await?;
    let name = checked_name(name)?;
    let teams = super::all(tx).await?;
    name_is_free(&teams, &name, None)?;
    let taken: Vec<String> = teams.into_iter().map(|team| team.slug).collect();
    let team = Team {
        id: tx.new_id(),
        slug: free_slug(&name, &taken),
        name,
        created_at: tx.now(),
    };
    sql("INSERT INTO teams (id, slug, name, created_at) VALUES ($1, $2, $3, $4)")
        .bind(team.id)
        .bind(&team.slug)
        .bind(&team.name)
        .bind(team.created_at)
        .run(tx)
        .await?;
    for (position, (name, limit, states)) in (0_i64..).zip(FIRST_COLUMNS) {
        let column: ColumnId = tx.new_id();
        sql(
            "INSERT INTO board_columns (id, team_id, name, position, card_limit, states) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(column)
        .bind(team.id)
        .bind(name)
        .bind(position)
        .bind(limit)
        .bind(Arg::json(&states))
        .run(tx)
        .await?;
    }
    for person in people {
        members::add(tx, team.id, *person).await?;
    }
    audit::made(tx, Subject::Team(team.id)).await?;
    Ok(team)
}

/// Gives a team another name. Its addresses stay as they are: people have them in their bookmarks.
///
/// # Errors
/// [`Refused`]
pub async fn rename(tx: &mut Tx, id: TeamId, name: &str) -> Result<()> {
    tx.authorize(Permission::ChangeTeam(id)).await?;
    let before = audit::before(tx, Subject::Team(id)).await?;
    let name = checked_name(name)?;
    let teams = super::all(tx).await?;
    name_is_free(&teams, &name, Some(id))?;
    sql("UPDATE teams SET name = $2 WHERE id = $1")
        .bind(id)
        .bind(name)
        .run(tx)
        .await?;
    before.told(tx).await
}

fn name_is_free(teams: &[Team], name: &str, except: Option<TeamId>) -> Result<()> {
    let name = name.to_lowercase();
    match teams
        .iter()
        .find(|team| Some(team.id) != except && team.name.to_lowercase() == name)
    {
        Some(team) => Err(Refused::NameTaken(team.name.clone()).into()),
        None => Ok(()),
    }
}
