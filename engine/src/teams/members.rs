//! Who is in a team.

use super::Refused;
use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::Result;
use crate::people;
use domain::ids::{PersonId, TeamId};
use domain::people::Permission;
use domain::people::{Person, Role};

/// The active members of a team, by name.
pub async fn of_team(tx: &mut Tx, team: TeamId) -> Result<Vec<Person>> {
    sql(constcat::concat!(
        "SELECT ",
        people::COLUMNS,
        " FROM people WHERE deactivated_at IS NULL AND id IN (SELECT person_id FROM team_members WHERE team_id = $1)
          ORDER BY name, email"
    ))
    .bind(team)
    .all(tx)
    .await
}

/// Those of them who act: observers read along.
pub async fn who_act(tx: &mut Tx, team: TeamId) -> Result<Vec<Person>> {
    let mut members = of_team(tx, team).await?;
    members.retain(|member| member.role != Role::Observer);
    Ok(members)
}

/// Every membership: team and person.
pub async fn all(tx: &mut Tx) -> Result<Vec<(TeamId, PersonId)>> {
    sql(
        "SELECT m.team_id, m.person_id FROM team_members m JOIN people p ON p.id = m.person_id
         WHERE p.deactivated_at IS NULL",
    )
    .all(tx)
    .await
}

/// Adds a person; one who is in already stays in.
///
/// # Errors
/// [`Refused::MemberGone`], [`crate::Error::NotFound`] for a person who is not here
pub async fn add(tx: &mut Tx, team: TeamId, person: PersonId) -> Result<()> {
    tx.authorize(Permission::ChangeTeam(team)).await?;
    let before = audit::before(tx, Subject::Team(team)).await?;
    let person = people::find(tx, person).await?;
    if person.deactivated_at.is_some() {
        return Err(Refused::MemberGone(person.name).into());
    }
    sql("INSERT INTO team_members (team_id, person_id) VALUES ($1, $2) ON CONFLICT (team_id, person_id) DO NOTHING")
        .bind(team)
        .bind(person.id)
        .run(tx)
        .await?;
    before.told(tx).await
}

/// Takes a person out of the team. Schedules and policies still name them until they are changed.
pub async fn remove(tx: &mut Tx, team: TeamId, person: PersonId) -> Result<()> {
    tx.authorize(Permission::ChangeTeam(team)).await?;
    let before = audit::before(tx, Subject::Team(team)).await?;
    sql("DELETE FROM team_members WHERE team_id = $1 AND person_id = $2")
        .bind(team)
        .bind(person)
        .run(tx)
        .await?;
    before.told(tx).await
}
