//! The list of postmortems.

use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::Severity;
use domain::postmortems::PostmortemState;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Listed {
    pub number: i64,
    pub severity: Severity,
    pub title: String,
    pub team: String,
    pub state: PostmortemState,
    pub created_at: DateTime<Utc>,
    pub published_at: Option<DateTime<Utc>>,
    /// Sections with words, factors or action items in them, of how many.
    pub written: i64,
    pub sections: i64,
}

/// CROSS JOIN, so that SQLite begins with the postmortems and not with all incidents.
const LIST: &str =
    "SELECT i.number, i.severity, m.title, t.name AS team, m.state, m.created_at, m.published_at,
        (SELECT COUNT(*) FROM postmortem_sections s WHERE s.postmortem_id = m.id AND (s.body <> ''
            OR s.kind = 'contributing_factors' AND EXISTS (SELECT 1 FROM postmortem_factors f WHERE f.postmortem_id = m.id AND f.removed_at IS NULL)
            OR s.kind = 'action_items' AND EXISTS (SELECT 1 FROM action_items a WHERE a.incident_id = m.incident_id))
        ) AS written,
        (SELECT COUNT(*) FROM postmortem_sections s WHERE s.postmortem_id = m.id) AS sections
     FROM postmortems m CROSS JOIN incidents i CROSS JOIN teams t
     WHERE i.id = m.incident_id AND t.id = i.team_id AND {visible i} ";

/// Rows of one page of the list.
pub const PAGE: i64 = 100;

/// Postmortems, newest first, `after` the one of this incident where it is not the first page; with one row more than [`PAGE`] there is
/// a next page.
pub async fn list(tx: &mut Tx, after: Option<i64>) -> Result<Vec<Listed>> {
    sql(constcat::concat!(
        LIST,
        "AND (CAST($1 AS BIGINT) IS NULL OR (m.created_at, i.number) < (
             SELECT last.created_at, of.number FROM incidents of JOIN postmortems last ON last.incident_id = of.id WHERE {visible of} AND of.number = $1))
         ORDER BY m.created_at DESC, i.number DESC LIMIT $2"
    ))
    .bind(after)
    .bind(PAGE + 1)
    .all(tx)
    .await
}

/// Those that wait for readers.
pub async fn to_review(tx: &mut Tx) -> Result<Vec<Listed>> {
    sql(constcat::concat!(
        LIST,
        "AND m.state = 'in_review' ORDER BY m.created_at"
    ))
    .all(tx)
    .await
}
