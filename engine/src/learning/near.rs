//! Of all incidents that named a factor, those that looking back from one incident needs: the earlier ones at its services, and a few
//! elsewhere. A factor that is met often would else bring all there ever was with each page.

use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::ids::{FactorId, IncidentId, NamedFactorId};
use domain::learning::MOST_ELSEWHERE;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(super) struct Near {
    /// With those of the incident itself.
    pub namings: BTreeSet<NamedFactorId>,
    /// How many earlier ones at other services are not among them.
    pub left_out: BTreeMap<FactorId, usize>,
}

#[derive(sqlx::FromRow)]
struct Row {
    naming: NamedFactorId,
    factor: FactorId,
    is_here: bool,
    /// Among those here or elsewhere: those with an answer first, then the latest.
    place: i64,
    of_all: i64,
}

/// Places where the factors of an incident are named: its own, all earlier ones at a service of it, and elsewhere as many as
/// [`MOST_ELSEWHERE`] says, those with an answer first, then the latest. A drill counts in a drill only.
pub(super) async fn near(tx: &mut Tx, incident: IncidentId) -> Result<Near> {
    let own: Vec<(NamedFactorId, DateTime<Utc>, bool)> = sql(
        "SELECT n.id, COALESCE(i.impact_started_at, i.detected_at, i.opened_at), i.is_drill FROM postmortem_factors n
         JOIN postmortems m ON m.id = n.postmortem_id JOIN incidents i ON i.id = m.incident_id AND {visible i}
         WHERE m.incident_id = $1 AND n.removed_at IS NULL",
    )
    .bind(incident)
    .all(tx)
    .await?;
    let Some((_, began_at, is_drill)) = own.first().copied() else {
        return Ok(Near::default());
    };
    let rows: Vec<Row> = sql(
        "WITH ours (service_id) AS (SELECT service_id FROM incident_services WHERE incident_id = $1
              UNION SELECT service_id FROM resolved_services WHERE incident_id = $1),
            named (factor) AS (SELECT DISTINCT COALESCE(f.merged_into, f.id) FROM postmortem_factors n
              JOIN factors f ON f.id = n.factor_id JOIN postmortems m ON m.id = n.postmortem_id WHERE m.incident_id = $1
                AND n.removed_at IS NULL),
            met (naming, factor, began_at, number, is_here, is_answered) AS MATERIALIZED (
              SELECT n.id, COALESCE(o.merged_into, o.id), COALESCE(i.impact_started_at, i.detected_at, i.opened_at), i.number,
                EXISTS (SELECT 1 FROM incident_services l WHERE l.incident_id = i.id AND l.service_id IN (SELECT service_id FROM ours))
                  OR EXISTS (SELECT 1 FROM resolved_services l WHERE l.incident_id = i.id AND l.service_id IN (SELECT service_id FROM ours)),
                EXISTS (SELECT 1 FROM action_items a WHERE a.incident_id = i.id AND a.named_factor_id = n.id AND a.state <> 'declined')
              FROM factors o CROSS JOIN postmortem_factors n CROSS JOIN postmortems m CROSS JOIN incidents i
              WHERE COALESCE(o.merged_into, o.id) IN (SELECT factor FROM named) AND n.factor_id = o.id AND n.removed_at IS NULL
                AND m.id = n.postmortem_id AND i.id = m.incident_id AND ($4 OR NOT i.is_drill) AND {visible i})
         SELECT naming, factor, is_here, place, of_all FROM (
              SELECT naming, factor, is_here,
                ROW_NUMBER() OVER (PARTITION BY factor, is_here ORDER BY is_answered DESC, began_at DESC, number DESC) AS place,
                COUNT(*) OVER (PARTITION BY factor, is_here) AS of_all
              FROM met WHERE began_at < $2) counted
         WHERE is_here OR place <= $3",
    )
    .bind(incident)
    .bind(began_at)
    .bind(i64::try_from(MOST_ELSEWHERE).unwrap_or(i64::MAX))
    .bind(is_drill)
    .all(tx)
    .await?;
    let mut near = Near::default();
    near.namings.extend(own.into_iter().map(|(naming, ..)| naming));
    for row in rows {
        if !row.is_here && row.place == 1 {
            let more = usize::try_from(row.of_all)
                .unwrap_or(0)
                .saturating_sub(MOST_ELSEWHERE);
            near.left_out.insert(row.factor, more);
        }
        near.namings.insert(row.naming);
    }
    Ok(near)
}
