//! Private calendars of turns, for the calendars that people have: of a person, a schedule, a team. Whoever has the address reads it.

mod whole;

use super::calendar::{Of, Turn};
use super::ical::{self, Version};
use super::schedules;
use crate::Tx;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::secrets::{self, Secret};
use crate::{people, teams};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{FeedId, PersonId, ScheduleId, TeamId};
use std::collections::BTreeMap;

/// As many as anybody subscribes to.
const MOST: i64 = 50;

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Feed {
    pub id: FeedId,
    pub person_id: PersonId,
    pub schedule_id: Option<ScheduleId>,
    pub team_id: Option<TeamId>,
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}

impl Feed {
    pub fn of(&self) -> Of {
        match (self.schedule_id, self.team_id) {
            (Some(schedule), _) => Of::Schedule(schedule),
            (None, Some(team)) => Of::Team(team),
            (None, None) => Of::Person(self.person_id),
        }
    }
}

/// Makes one; its secret is shown this once.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`]
pub async fn create(tx: &mut Tx, of: Of) -> Result<Secret> {
    let me = tx.person()?;
    let (schedule, team) = match of {
        Of::Schedule(id) => (Some(schedules::find(tx, id).await?.id), None),
        Of::Team(id) => (None, Some(teams::find_by_id(tx, id).await?.id)),
        Of::All | Of::Person(_) => (None, None),
    };
    let has: i64 = sql("SELECT COUNT(*) FROM calendar_feeds WHERE person_id = $1")
        .bind(me)
        .scalar(tx)
        .await?;
    if has >= MOST {
        return Err(super::Refused::TooManyFeeds.into());
    }
    let secret = Secret::new(&tx.context);
    let (id, now): (FeedId, _) = (tx.new_id(), tx.now());
    sql("INSERT INTO calendar_feeds (id, token_hash, person_id, schedule_id, team_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(id)
        .bind(secret.hash())
        .bind(me)
        .bind(schedule)
        .bind(team)
        .bind(now)
        .run(tx)
        .await?;
    Ok(secret)
}

/// Those of whoever asks, the newest first.
pub async fn mine(tx: &mut Tx) -> Result<Vec<Feed>> {
    let me = tx.person()?;
    sql("SELECT id, person_id, schedule_id, team_id, created_at, read_at FROM calendar_feeds WHERE person_id = $1
         ORDER BY created_at DESC, id DESC")
    .bind(me)
    .all(tx)
    .await
}

/// From now on its address answers nothing any more.
pub async fn revoke(tx: &mut Tx, id: FeedId) -> Result<()> {
    let me = tx.person()?;
    sql("DELETE FROM calendar_feeds WHERE id = $1 AND person_id = $2")
        .bind(id)
        .bind(me)
        .run(tx)
        .await
        .map(drop)
}

/// The calendar at an address, as iCalendar.
///
/// # Errors
/// [`Error::NotFound`]: not known, revoked, or its owner has left.
pub async fn read(tx: &mut Tx, token: &str) -> Result<String> {
    let feed: Feed = sql("SELECT id, person_id, schedule_id, team_id, created_at, read_at FROM calendar_feeds WHERE token_hash = $1")
        .bind(secrets::hash(token))
        .one(tx, "calendar")
        .await?;
    let owner = people::find(tx, feed.person_id).await?;
    if owner.deactivated_at.is_some() {
        return Err(Error::NotFound("calendar"));
    }
    let name = match feed.of() {
        Of::Schedule(id) => schedules::find(tx, id).await?.name,
        Of::Team(id) => teams::find_by_id(tx, id).await?.name,
        Of::All | Of::Person(_) => format!("{} on call", owner.name),
    };
    let now = tx.now();
    let turns = whole::turns(tx, feed.of()).await?;
    let changes = schedules::changes(tx).await?;
    let versioned: Vec<(Turn, Version)> = turns
        .into_iter()
        .map(|turn| {
            let version = version(&turn, &changes);
            (turn, version)
        })
        .collect();
    let own = match feed.of() {
        Of::Person(person) => Some(person),
        Of::All | Of::Schedule(_) | Of::Team(_) => None,
    };
    Ok(ical::written(&tx.context, &name, &versioned, (own, now)))
}

/// What calendars order what they are told of a turn by.
fn version(turn: &Turn, changes: &BTreeMap<ScheduleId, (i64, Option<DateTime<Utc>>)>) -> Version {
    let schedule = &turn.schedule;
    let (sequence, changed_at) = changes.get(&schedule.id).copied().unwrap_or_default();
    let changed_at = changed_at.unwrap_or(schedule.created_at);
    // Another end for which nobody changed anything is newer by its time alone.
    let known_since = whole::end_is_known_since(turn);
    Version {
        sequence,
        at: known_since.map_or(changed_at, |since| since.max(changed_at)),
    }
}

/// Notes that somebody's calendar has come by, at most once an hour.
pub async fn was_read(tx: &mut Tx, token: &str) -> Result<()> {
    let now = tx.now();
    sql("UPDATE calendar_feeds SET read_at = $2 WHERE token_hash = $1 AND (read_at IS NULL OR read_at < $3)")
        .bind(secrets::hash(token))
        .bind(now)
        .bind(now - TimeDelta::hours(1))
        .run(tx)
        .await
        .map(drop)
}
