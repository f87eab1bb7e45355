//! Everybody's tint, looked up for all pages of a moment at once.

use crate::db::sql;
use crate::error::Result;
use crate::{Engine, Tx};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{PersonId, TeamId};
use domain::people::tints;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// By person.
pub type Tints = BTreeMap<PersonId, usize>;

/// What another node changed is seen so soon.
const GOOD_FOR: TimeDelta = TimeDelta::seconds(2);

/// The tints of a moment ago.
#[derive(Default)]
pub struct Kept(Mutex<Option<(DateTime<Utc>, Arc<Tints>)>>);

impl Kept {
    /// After a change on this node.
    pub fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn since(&self, moment: DateTime<Utc>) -> Option<Arc<Tints>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref()
            .filter(|(at, _)| *at > moment)
            .map(|(_, tints)| Arc::clone(tints))
    }
}

/// Everybody's tint.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn now(engine: &Engine) -> Result<Arc<Tints>> {
    let now = engine.context.now();
    if let Some(kept) = engine.tints.since(now - GOOD_FOR) {
        return Ok(kept);
    }
    let looked_up = Arc::new(look_up(&mut engine.read().await?).await?);
    let mut kept = engine.tints.0.lock().unwrap_or_else(PoisonError::into_inner);
    *kept = Some((now, Arc::clone(&looked_up)));
    Ok(looked_up)
}

async fn look_up(tx: &mut Tx) -> Result<Tints> {
    let rows: Vec<(PersonId, Option<TeamId>)> = sql(
        "SELECT p.id, m.team_id FROM people p LEFT JOIN team_members m ON m.person_id = p.id
         ORDER BY p.created_at, p.id",
    )
    .all(tx)
    .await?;
    let mut people: Vec<(PersonId, Vec<TeamId>)> = Vec::new();
    for (person, team) in rows {
        match people.last_mut() {
            Some((last, teams)) if *last == person => teams.extend(team),
            _ => people.push((person, team.into_iter().collect())),
        }
    }
    Ok(tints::tints(&people))
}
