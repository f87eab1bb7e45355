//! How the teams' backlogs are, at a glance.

use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, NaiveDate, Utc};

/// A team's backlog in numbers.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Health {
    pub team: String,
    pub slug: String,
    pub open: i64,
    /// Open, and due before the day that was asked for.
    pub overdue: i64,
    /// Open ones that nobody owns.
    pub unowned: i64,
    /// Done or verified.
    pub kept: i64,
    /// When the oldest open one was promised.
    pub oldest: Option<DateTime<Utc>>,
}

/// All teams, by name.
pub async fn health(tx: &mut Tx, today: NaiveDate) -> Result<Vec<Health>> {
    sql(
        "SELECT t.name AS team, t.slug,
            COUNT(CASE WHEN a.state IN ('proposed', 'accepted', 'doing', 'blocked') THEN 1 END) AS open,
            COUNT(CASE WHEN a.state IN ('proposed', 'accepted', 'doing', 'blocked') AND a.due_on < $1 THEN 1 END) AS overdue,
            COUNT(CASE WHEN a.state IN ('proposed', 'accepted', 'doing', 'blocked') AND a.owner_id IS NULL THEN 1 END) AS unowned,
            COUNT(CASE WHEN a.state IN ('done', 'verified') THEN 1 END) AS kept,
            MIN(CASE WHEN a.state IN ('proposed', 'accepted', 'doing', 'blocked') THEN a.created_at END) AS oldest
         FROM teams t LEFT JOIN action_items a ON a.team_id = t.id
         GROUP BY t.id, t.name, t.slug ORDER BY t.name",
    )
    .bind(today)
    .all(tx)
    .await
}
