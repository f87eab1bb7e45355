//! A task of an incident that can wait becomes an action item of its team.

use super::add::{Draft, add};
use crate::error::Result;
use crate::{Tx, incidents};
use domain::action_items::{ActionKind, Priority};
use domain::ids::TaskId;

/// Makes one of it, and says its number. Doing it twice is safe.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn from_task(tx: &mut Tx, number: i64, task: TaskId) -> Result<i64> {
    let incident = incidents::find(tx, number).await?;
    let incident = incidents::hold(tx, incident.id).await?;
    let task = incidents::task(tx, incident.id, task).await?;
    if let Some(made) = task.action_item {
        return Ok(made);
    }
    let draft = Draft {
        title: task.title,
        owner: None,
        team: incident.team_id,
        kind: ActionKind::Mitigate,
        priority: Priority::Medium,
        due_on: None,
        factor: None,
        proof: String::new(),
    };
    let made = add(tx, number, &draft).await?;
    incidents::became(tx, task.id, made).await?;
    Ok(made)
}
