//! What the calendars say, for those who ask: when people are away, which days are holidays of a team.

use crate::Tx;
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, NaiveDate, Utc};
use domain::calendars::Span;
use domain::ids::{PersonId, TeamId};
use std::collections::BTreeMap;

/// When a person is away from now on, by all their calendars, by the beginning. Where two overlap, both are told as one.
pub async fn absences_of(tx: &mut Tx, person: PersonId) -> Result<Vec<Span>> {
    let mut all = all_absences(tx).await?;
    Ok(all.remove(&person).unwrap_or_default())
}

/// The same of everybody who is away at all.
pub async fn all_absences(tx: &mut Tx) -> Result<BTreeMap<PersonId, Vec<Span>>> {
    let now = tx.now();
    let rows: Vec<(PersonId, DateTime<Utc>, DateTime<Utc>)> = sql(
        "SELECT c.person_id, a.from_at, a.to_at FROM absences a JOIN read_calendars c ON c.id = a.calendar_id
         WHERE a.to_at > $1 AND c.person_id IS NOT NULL ORDER BY c.person_id, a.from_at, a.to_at",
    )
    .bind(now)
    .all(tx)
    .await?;
    let mut found: BTreeMap<PersonId, Vec<Span>> = BTreeMap::new();
    for (person, from, to) in rows {
        found.entry(person).or_default().push((from, to));
    }
    for spans in found.values_mut() {
        *spans = domain::calendars::joined(std::mem::take(spans));
    }
    Ok(found)
}

/// The holidays of a team from a day until before another, with their names.
pub async fn holidays_of(
    tx: &mut Tx,
    team: TeamId,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<BTreeMap<NaiveDate, String>> {
    let rows: Vec<(NaiveDate, String)> = sql(
        "SELECT h.day, h.name FROM holidays h JOIN read_calendars c ON c.id = h.calendar_id
         WHERE c.team_id = $1 AND h.day >= $2 AND h.day < $3 ORDER BY h.day, c.created_at, c.id",
    )
    .bind(team)
    .bind(from)
    .bind(to)
    .all(tx)
    .await?;
    let mut found: BTreeMap<NaiveDate, String> = BTreeMap::new();
    for (day, name) in rows {
        let names = found.entry(day).or_default();
        if names.is_empty() {
            *names = name;
        } else if !names.contains(&name) {
            *names = format!("{names}, {name}");
        }
    }
    Ok(found)
}
