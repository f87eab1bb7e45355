//! What whoever goes off call leaves for whoever comes on, and whether a schedule tells them at all.

use super::LONGEST;
use crate::Tx;
use crate::audit::{self, Subject};
use crate::db::sql;
use crate::error::Result;
use crate::oncall::{self, schedules};
use chrono::{DateTime, Utc};
use domain::fields;
use domain::ids::{PersonId, ScheduleId};
use domain::people::Permission;
use std::collections::BTreeSet;

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Note {
    pub person_id: PersonId,
    pub person: String,
    pub text: String,
    pub written_at: DateTime<Utc>,
}

/// The latest note of a schedule.
pub async fn note_of(tx: &mut Tx, schedule: ScheduleId) -> Result<Option<Note>> {
    sql("SELECT n.person_id, p.name AS person, n.text, n.written_at FROM hand_off_notes n JOIN people p ON p.id = n.person_id
         WHERE n.schedule_id = $1")
    .bind(schedule)
    .maybe(tx)
    .await
}

/// The note for whoever comes on at that instant: one that was left since the turn before began. What was for an earlier one is said.
pub(super) async fn note_for(tx: &mut Tx, schedule: ScheduleId, from: DateTime<Utc>) -> Result<Option<Note>> {
    let Some(note) = note_of(tx, schedule).await? else {
        return Ok(None);
    };
    let (_, _, rotation) = schedules::load_as_written(tx, schedule).await?;
    let shifts = rotation.shifts(from - LONGEST, from);
    let began = shifts.last().filter(|last| last.to == from).map(|last| last.from);
    Ok(Some(note).filter(|note| began.is_none_or(|began| note.written_at >= began)))
}

/// Leaves a note in the place of the one before; an empty one takes it away. It is for whoever has the pager, and for their team.
///
/// # Errors
/// [`domain::fields::Unfit`], [`crate::Error::NotAllowed`]
pub async fn leave_note(tx: &mut Tx, schedule: ScheduleId, text: &str) -> Result<()> {
    tx.authorize(Permission::ActOnIncident).await?;
    let me = tx.person()?;
    let named = schedules::find(tx, schedule).await?;
    let (_, on_call) = oncall::on_call_now(tx, schedule).await?;
    if !on_call.contains(&me) {
        tx.authorize(Permission::ChangeTeam(named.team_id)).await?;
    }
    let text = fields::HAND_OFF_NOTE.read(text)?;
    if text.is_empty() {
        return sql("DELETE FROM hand_off_notes WHERE schedule_id = $1")
            .bind(schedule)
            .run(tx)
            .await
            .map(drop);
    }
    sql(
        "INSERT INTO hand_off_notes (schedule_id, person_id, text, written_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (schedule_id) DO UPDATE SET person_id = excluded.person_id, text = excluded.text,
            written_at = excluded.written_at",
    )
    .bind(schedule)
    .bind(me)
    .bind(&text)
    .bind(tx.now())
    .run(tx)
    .await
    .map(drop)
}

/// Whether whoever comes on is told.
pub async fn tells_hand_offs(tx: &mut Tx, schedule: ScheduleId) -> Result<bool> {
    sql("SELECT tells_hand_offs FROM schedules WHERE id = $1")
        .bind(schedule)
        .scalar(tx)
        .await
}

/// Sets whether whoever comes on is told.
///
/// # Errors
/// [`crate::Error::NotAllowed`], [`crate::Error::NotFound`]
pub async fn tell_hand_offs(tx: &mut Tx, schedule: ScheduleId, tells: bool) -> Result<()> {
    let named = schedules::find(tx, schedule).await?;
    tx.authorize(Permission::ChangeTeam(named.team_id)).await?;
    let before = audit::before(tx, Subject::Schedule(schedule)).await?;
    sql("UPDATE schedules SET tells_hand_offs = $2 WHERE id = $1")
        .bind(schedule)
        .bind(tells)
        .run(tx)
        .await?;
    before.told(tx).await
}

/// Schedules that tell whoever comes on.
pub(super) async fn those_that_tell(tx: &mut Tx) -> Result<BTreeSet<ScheduleId>> {
    let rows: Vec<(ScheduleId,)> = sql("SELECT id FROM schedules WHERE tells_hand_offs")
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
