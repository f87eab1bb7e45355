//! Private calendars of turns, for the calendars that people have: of a person, a schedule, a team. Whoever has the address reads it.

use super::calendar::{self, Of};
use super::{ical, schedules};
use crate::Tx;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::secrets::{self, Secret};
use crate::{people, teams};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{FeedId, PersonId, ScheduleId, TeamId};
use std::collections::BTreeMap;

/// What a calendar shows around now.
const BACK: TimeDelta = TimeDelta::days(30);
const AHEAD: TimeDelta = TimeDelta::days(180);
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
    let turns = calendar::turns(tx, feed.of(), (now - BACK, now + AHEAD)).await?;
    let turns: Vec<_> = turns.into_iter().filter(|turn| !turn.people.is_empty()).collect();
    let changes = changes(tx).await?;
    let is_own = matches!(feed.of(), Of::Person(_));
    Ok(ical::written(&tx.context, &name, &turns, &changes, (is_own, now)))
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

/// How often each schedule was changed, and when the last time: what calendars order versions by.
async fn changes(tx: &mut Tx) -> Result<BTreeMap<ScheduleId, (i64, DateTime<Utc>)>> {
    let rows: Vec<(ScheduleId, i64, DateTime<Utc>)> = sql(
        "SELECT subject_id, COUNT(*), MAX(at) FROM audit_log WHERE subject = 'schedule' GROUP BY subject_id",
    )
    .all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, count, at)| (id, (count, at)))
        .collect())
}
