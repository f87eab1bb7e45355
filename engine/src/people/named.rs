//! What names a person: somebody else has to take it over before they leave.

use crate::Tx;
use crate::audit::schedule_changed;
use crate::db::sql;
use crate::error::Result;
use chrono::TimeDelta;
use domain::ids::{PersonId, PolicyId, ScheduleId};

/// Schedules, by name: their rotations, and overrides that are not over.
pub(crate) async fn schedules(tx: &mut Tx, person: PersonId) -> Result<Vec<(ScheduleId, String)>> {
    let now = tx.now();
    sql("SELECT DISTINCT s.id, s.name FROM schedules s
         LEFT JOIN schedule_layers l ON l.schedule_id = s.id AND (l.over_at IS NULL OR l.over_at > $3)
         LEFT JOIN layer_turns t ON t.layer_id = l.id AND t.person_id = $1
         LEFT JOIN schedule_overrides o ON o.schedule_id = s.id AND o.to_at > $2
            AND (o.person_id = $1 OR o.with_person_id = $1)
         WHERE t.person_id IS NOT NULL OR o.id IS NOT NULL ORDER BY s.name")
    .bind(person)
    .bind(now)
    // A change that begins now begins with the next full minute.
    .bind(now + TimeDelta::minutes(1))
    .all(tx)
    .await
}

/// Their turns become gaps, or theirs again: calendars are to read of it, though nothing of the schedules themselves changes.
pub(crate) async fn have_changed(tx: &mut Tx, person: PersonId) -> Result<()> {
    for (schedule, _) in schedules(tx, person).await? {
        schedule_changed(tx, schedule).await?;
    }
    Ok(())
}

/// Steps of escalation policies: the policy, its name, and the step's place in it, from 1.
pub(crate) async fn steps(tx: &mut Tx, person: PersonId) -> Result<Vec<(PolicyId, String, i64)>> {
    sql(
        "SELECT p.id, p.name, s.position + 1 FROM policy_targets t JOIN policy_steps s ON s.id = t.step_id
         JOIN escalation_policies p ON p.id = s.policy_id WHERE t.person_id = $1 ORDER BY p.name, s.position",
    )
    .bind(person)
    .all(tx)
    .await
}

/// Open action items that they own: number and title.
pub(crate) async fn action_items(tx: &mut Tx, person: PersonId) -> Result<Vec<(i64, String)>> {
    sql("SELECT number, title FROM action_items
         WHERE owner_id = $1 AND state IN ('proposed', 'accepted', 'doing', 'blocked') ORDER BY number")
    .bind(person)
    .all(tx)
    .await
}
