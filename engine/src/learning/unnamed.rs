//! Incidents whose document names no factor: what was learned there, no figure can count.

use super::scope::{FIRST_PUBLISHED, Period, Scope, in_scope};
use crate::Tx;
use crate::db::{Arg, sql_of_rows};
use crate::error::Result;
use domain::news::shortened_to;
use std::collections::BTreeMap;

/// So much of a summary says what it was about.
const MOST_OF_SUMMARY: usize = 300;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unnamed {
    /// INC-…
    pub number: i64,
    pub title: String,
    /// The beginning of what the document says in short.
    pub summary: String,
}

/// Documents that were published in the period, by number, the latest first.
pub(super) async fn without_factors(tx: &mut Tx, period: Period, scope: Scope) -> Result<Vec<(i64, String)>> {
    scope
        .ask(
            constcat::concat!(
                "SELECT i.number, i.title FROM postmortems m CROSS JOIN incidents i
         WHERE i.id = m.incident_id AND {visible i} AND m.state = 'published' AND m.published_at >= $3 AND ",
                FIRST_PUBLISHED,
                " >= $3 AND ",
                FIRST_PUBLISHED,
                " < $4
            AND NOT EXISTS (SELECT 1 FROM postmortem_factors n WHERE n.postmortem_id = m.id AND n.removed_at IS NULL)",
                in_scope!(),
                " ORDER BY i.number DESC"
            ),
            period,
        )
        .all(tx)
        .await
}

/// So many of them, the latest first, with what they were about; and how many there are.
pub async fn unnamed(
    tx: &mut Tx,
    period: Period,
    scope: Scope,
    most: usize,
) -> Result<(Vec<Unnamed>, usize)> {
    let mut all = without_factors(tx, period, scope).await?;
    let count = all.len();
    all.truncate(most);
    if all.is_empty() {
        return Ok((Vec::new(), count));
    }
    let asked = all.iter().map(|(number, _)| vec![Arg::from(*number)]).collect();
    let bodies: Vec<(i64, String)> = sql_of_rows(
        "WITH asked (number) AS (VALUES {rows}) SELECT i.number, s.body FROM asked a
         JOIN incidents i ON i.number = a.number AND {visible i} JOIN postmortems m ON m.incident_id = i.id
         JOIN postmortem_sections s ON s.postmortem_id = m.id AND s.kind = 'summary'",
        asked,
    )
    .all(tx)
    .await?;
    let mut bodies: BTreeMap<i64, String> = bodies.into_iter().collect();
    let shown = all.into_iter().map(|(number, title)| Unnamed {
        summary: shortened_to(MOST_OF_SUMMARY, &bodies.remove(&number).unwrap_or_default()),
        number,
        title,
    });
    Ok((shown.collect(), count))
}
