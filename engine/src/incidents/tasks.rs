//! What somebody is to do during an incident, with a tick. What can wait becomes an action item ([`crate::action_items::from_task`]).

use super::{Refused, hold_number, must_be_open, timeline};
use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::fields;
use domain::ids::{IncidentId, TaskId};
use domain::incidents::timeline::Event;
use domain::people::Permission;

/// Tasks of one incident.
const MOST: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Task {
    pub id: TaskId,
    pub incident_id: IncidentId,
    pub title: String,
    pub done_at: Option<DateTime<Utc>>,
    pub done_by: Option<String>,
    /// The number of the action item that it became.
    pub action_item: Option<i64>,
}

const TASKS: &str =
    "SELECT t.id, t.incident_id, t.title, t.done_at, p.name AS done_by, t.action_item FROM tasks t
    LEFT JOIN people p ON p.id = t.done_by ";

/// In the order in which they were added.
pub async fn tasks_of(tx: &mut Tx, incident: IncidentId) -> Result<Vec<Task>> {
    sql(constcat::concat!(
        TASKS,
        "WHERE t.incident_id = $1 ORDER BY t.added_at, t.id"
    ))
    .bind(incident)
    .all(tx)
    .await
}

/// Adds one.
///
/// # Errors
/// [`domain::fields::Unfit`], [`Refused::TooManyTasks`], [`Refused::Resolved`]
pub async fn add_task(tx: &mut Tx, number: i64, title: &str) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let title = String::from(fields::TASK.read(title)?);
    let mut incident = hold_number(tx, number).await?;
    must_be_open(&incident)?;
    if tasks_of(tx, incident.id).await?.len() >= MOST {
        return Err(Refused::TooManyTasks.into());
    }
    let (id, now): (TaskId, _) = (tx.new_id(), tx.now());
    sql("INSERT INTO tasks (id, incident_id, title, added_at) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(incident.id)
        .bind(&title)
        .bind(now)
        .run(tx)
        .await?;
    timeline::record(tx, &mut incident, Event::TaskAdded { title }).await
}

/// One task of an incident.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub(crate) async fn task(tx: &mut Tx, incident: IncidentId, id: TaskId) -> Result<Task> {
    sql(constcat::concat!(TASKS, "WHERE t.incident_id = $1 AND t.id = $2"))
        .bind(incident)
        .bind(id)
        .one(tx, "task")
        .await
}

/// Ticks it, or takes the tick out. Doing it twice is safe.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn tick(tx: &mut Tx, number: i64, id: TaskId, done: bool) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let mut incident = hold_number(tx, number).await?;
    let task = task(tx, incident.id, id).await?;
    if task.done_at.is_some() == done || task.action_item.is_some() {
        return Ok(());
    }
    let (by, now) = (tx.actor().person(), tx.now());
    sql("UPDATE tasks SET done_at = $2, done_by = $3 WHERE id = $1")
        .bind(id)
        .bind(done.then_some(now))
        .bind(by.filter(|_| done))
        .run(tx)
        .await?;
    let title = task.title;
    let event = if done {
        Event::TaskDone { title }
    } else {
        Event::TaskOpenAgain { title }
    };
    timeline::record(tx, &mut incident, event).await
}

/// It is an action item from now on.
pub(crate) async fn became(tx: &mut Tx, id: TaskId, action_item: i64) -> Result<()> {
    sql("UPDATE tasks SET action_item = $2 WHERE id = $1")
        .bind(id)
        .bind(action_item)
        .run(tx)
        .await
        .map(drop)
}
