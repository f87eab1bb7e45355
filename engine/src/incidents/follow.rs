//! Following an incident: its status updates are mailed to whoever asked for them.

use super::find;
use crate::db::sql;
use crate::error::Result;
use crate::{Tx, news};
use chrono::{DateTime, Utc};
use domain::ids::{IncidentId, PersonId};
use domain::incidents::Incident;
use domain::markdown::to_text;
use domain::news::{News, shortened};
use domain::people::Permission;

/// Follows an incident, or does no longer. Doing it twice is safe.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn follow(tx: &mut Tx, number: i64, follows: bool) -> Result<()> {
    tx.authorize(Permission::Read).await?;
    let incident = find(tx, number).await?;
    let who = tx.actor().person();
    let statement = if follows {
        sql("INSERT INTO followers (incident_id, person_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
    } else {
        sql("DELETE FROM followers WHERE incident_id = $1 AND person_id = $2")
    };
    statement.bind(incident.id).bind(who).run(tx).await.map(drop)
}

/// Whether they follow it.
pub async fn is_followed(tx: &mut Tx, incident: IncidentId, by: PersonId) -> Result<bool> {
    let count: i64 = sql("SELECT COUNT(*) FROM followers WHERE incident_id = $1 AND person_id = $2")
        .bind(incident)
        .bind(by)
        .scalar(tx)
        .await?;
    Ok(count > 0)
}

/// Tells those who follow of a status update that was just written, but not those whom it names, who hear of it by that.
pub(super) async fn tell_of_update(
    tx: &mut Tx,
    incident: &Incident,
    text: &str,
    next_due_at: Option<DateTime<Utc>>,
    named: &[PersonId],
) -> Result<()> {
    let followers: Vec<(PersonId,)> = sql(
        "SELECT f.person_id FROM followers f JOIN people p ON p.id = f.person_id
         WHERE f.incident_id = $1 AND p.deactivated_at IS NULL ORDER BY f.person_id",
    )
    .bind(incident.id)
    .all(tx)
    .await?;
    let update = News::StatusUpdate {
        incident: incident.into(),
        entry: incident.seq,
        words: shortened(&to_text(text)),
        next_due_at,
    };
    for (person,) in followers.into_iter().filter(|(person,)| !named.contains(person)) {
        news::tell(tx, person, Some(incident.id), &update).await?;
    }
    Ok(())
}
