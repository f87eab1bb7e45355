//! Making an action item, in the postmortem or during the incident.

use super::{check_owner, tell_owner};
use crate::Tx;
use crate::db::{Arg, sql};
use crate::error::Result;
use crate::incidents::{self, timeline};
use chrono::NaiveDate;
use domain::action_items::{ActionKind, Priority};
use domain::fields::{self, Unfit, Words};
use domain::ids::{ActionItemId, ColumnId, NamedFactorId, PersonId, TeamId};
use domain::incidents::timeline::Event;
use domain::people::Permission;
use uuid::Uuid;

/// What a person says about an action item.
#[derive(Clone, Debug)]
pub struct Draft {
    pub title: String,
    pub owner: Option<PersonId>,
    pub team: TeamId,
    pub kind: ActionKind,
    pub priority: Priority,
    pub due_on: Option<NaiveDate>,
    pub factor: Option<NamedFactorId>,
    /// How will we know it worked?
    pub proof: String,
}

impl Draft {
    /// Title and proof as they are stored.
    pub(super) fn words(&self) -> Result<(Words, Words), Unfit> {
        Ok((
            fields::ACTION_TITLE.read(&self.title)?,
            fields::PROOF.read(&self.proof)?,
        ))
    }
}

/// Adds an action item to an incident; it lies in the first column of its team's board, proposed.
///
/// # Errors
/// [`Unfit`]
pub async fn add(tx: &mut Tx, incident: i64, draft: &Draft) -> Result<i64> {
    tx.authorize(Permission::ActOnIncident).await?;
    let (title, proof) = draft.words()?;
    check_owner(tx, draft.owner).await?;
    let found = incidents::find(tx, incident).await?;
    let mut incident = incidents::hold(tx, found.id).await?;
    let postmortem: Option<(Uuid,)> = sql("SELECT id FROM postmortems WHERE incident_id = $1")
        .bind(incident.id)
        .maybe(tx)
        .await?;
    let (column,): (ColumnId,) =
        sql("SELECT id FROM board_columns WHERE team_id = $1 ORDER BY position LIMIT 1")
            .bind(draft.team)
            .one(tx, "board of that team")
            .await?;
    let number: i64 = sql("UPDATE counters SET value = value + 1 WHERE name = 'action_item' RETURNING value")
        .scalar(tx)
        .await?;
    let id: ActionItemId = tx.new_id();
    let now = tx.now();
    sql("INSERT INTO action_items (id, number, title, owner_id, team_id, incident_id, postmortem_id, named_factor_id, kind,
             priority, due_on, proof, state, column_id, position, created_at, created_by, state_changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'proposed', $13,
             (SELECT COALESCE(MAX(position), 0) + 1 FROM action_items WHERE column_id = $13), $14, $15, $14)")
        .bind(id)
        .bind(number)
        .bind(&title)
        .bind(draft.owner)
        .bind(draft.team)
        .bind(incident.id)
        .bind(Arg::Id(postmortem.map(|(id,)| id)))
        .bind(draft.factor)
        .bind(draft.kind)
        .bind(draft.priority)
        .bind(draft.due_on)
        .bind(&proof)
        .bind(column)
        .bind(now)
        .bind(tx.actor().person())
        .run(tx)
        .await?;
    let change = tx.context.new_id();
    sql("INSERT INTO action_item_changes (id, action_item_id, at, actor_id, to_state) VALUES ($1, $2, $3, $4, 'proposed')")
        .bind(Arg::Id(Some(change)))
        .bind(id)
        .bind(now)
        .bind(tx.actor().person())
        .run(tx)
        .await?;
    timeline::record(
        tx,
        &mut incident,
        Event::ActionItemAdded {
            number,
            title: title.into(),
        },
    )
    .await?;
    tell_owner(tx, number).await?;
    Ok(number)
}
