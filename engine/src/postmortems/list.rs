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
    /// Sections with words, factors or action items in them.
    pub written: i64,
}

/// CROSS JOIN, so that SQLite begins with the postmortems and not with all incidents.
const LIST: &str =
    "SELECT i.number, i.severity, m.title, t.name AS team, m.state, m.created_at, m.published_at,
        (SELECT COUNT(*) FROM postmortem_sections s WHERE s.postmortem_id = m.id AND (s.body <> ''
            OR s.section = 'contributing_factors' AND EXISTS (SELECT 1 FROM postmortem_factors f WHERE f.postmortem_id = m.id)
            OR s.section = 'action_items' AND EXISTS (SELECT 1 FROM action_items a WHERE a.incident_id = m.incident_id))
        ) AS written
     FROM postmortems m CROSS JOIN incidents i JOIN teams t ON t.id = i.team_id
     WHERE i.id = m.incident_id AND i.visibility = 'everybody' ";

/// All postmortems, newest first.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn list(tx: &mut Tx) -> Result<Vec<Listed>> {
    sql(constcat!(LIST, "ORDER BY m.created_at DESC LIMIT 500"))
        .all(tx)
        .await
}

/// Those that wait for readers.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn to_review(tx: &mut Tx) -> Result<Vec<Listed>> {
    sql(constcat!(LIST, "AND m.state = 'in_review' ORDER BY m.created_at"))
        .all(tx)
        .await
}
