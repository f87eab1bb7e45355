//! A factor came back after what was to prevent it was done: its owner is asked how that came about, once the document is out of its
//! draft. A question, not a verdict.

use super::came_back::of_incident;
use crate::db::sql;
use crate::error::Result;
use crate::{Tx, action_items, incidents, news};
use chrono::TimeDelta;
use domain::ids::IncidentId;
use domain::learning::Finding;
use domain::news::News;

/// Documents that left their draft longer ago ask nobody any more.
const ASKS_FOR: TimeDelta = TimeDelta::days(2);

/// Incidents whose document left its draft, or names something more since.
pub async fn due(tx: &mut Tx) -> Result<Vec<IncidentId>> {
    let rows: Vec<(IncidentId,)> = sql("SELECT incident_id FROM owners_to_ask").all(tx).await?;
    Ok(rows.into_iter().map(|(incident,)| incident).collect())
}

/// Asks the owners that were not asked yet. Says how many.
pub async fn owners(tx: &mut Tx, incident: IncidentId) -> Result<usize> {
    let incident = incidents::find_by_id(tx, incident).await?;
    let now = tx.now();
    let lately = sql("DELETE FROM owners_to_ask WHERE incident_id = $1 AND since >= $2")
        .bind(incident.id)
        .bind(now - ASKS_FOR)
        .run(tx)
        .await?;
    // What was rehearsed is nobody's to answer for.
    if lately == 0 || incident.is_drill {
        sql("DELETE FROM owners_to_ask WHERE incident_id = $1")
            .bind(incident.id)
            .run(tx)
            .await?;
        return Ok(0);
    }
    let mut asked = 0;
    for one in of_incident(tx, incident.id).await? {
        for finding in &one.findings {
            let Finding::AfterDone { item, .. } = finding else {
                continue;
            };
            let item = action_items::find(tx, *item).await?.item;
            let first = sql(
                "INSERT INTO came_back_asked (incident_id, action_item_id, asked_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            )
            .bind(incident.id)
            .bind(item.id)
            .bind(now)
            .run(tx)
            .await?;
            let Some(owner) = item.owner_id.filter(|_| first > 0 && one.said.is_none()) else {
                continue;
            };
            let news = News::CameBack {
                item: (&item).into(),
                factor: one.name.clone(),
                incident: (&incident).into(),
            };
            news::tell(tx, owner, Some(incident.id), &news).await?;
            asked += 1;
        }
    }
    Ok(asked)
}
