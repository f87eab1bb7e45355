//! What was read of a calendar is written down, or why it could not be.

use super::{COLUMNS, Calendar, Whose};
use crate::db::{Arg, sql, sql_of_rows};
use crate::error::{Error, Result};
use crate::{Tx, news, people, teams};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::calendars::{Read, absences, holidays, window};
use domain::ids::CalendarId;
use domain::news::News;

/// An address is asked about each hour.
const EVERY: TimeDelta = TimeDelta::minutes(55);
/// Some minutes more or less, by chance, so that not all of them ask at once.
const JITTER_SECONDS: u16 = 600;
/// What recurs in a file goes on.
pub(super) const FILES_EVERY: TimeDelta = TimeDelta::days(1);
/// What failed once may be a moment's trouble; it is asked again soon, and told then.
const AGAIN: TimeDelta = TimeDelta::minutes(10);
const TOLD_AFTER: i64 = 2;
/// As many as anybody has in a year.
const MOST_ABSENCES: usize = 1_000;
const LONGEST_PROBLEM: usize = 300;

/// What becomes of days that have passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Past {
    IsNew,
    /// Many calendars let go of what is over; who served on it is counted all the same.
    Stays,
}

/// Work that takes its time, beside what else goes on.
pub(super) async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Error::NotLookedUp("what a calendar says"))
}

/// When an address is asked the next time.
pub(super) fn next(tx: &Tx) -> DateTime<Utc> {
    let chance = u16::from_be_bytes(tx.context.random_bytes()) % JITTER_SECONDS;
    tx.now() + EVERY + TimeDelta::seconds(i64::from(chance))
}

/// Puts what a calendar says now in the place of what it said before.
pub(super) async fn keep(tx: &mut Tx, id: CalendarId, whose: Whose, read: &Read, past: Past) -> Result<()> {
    match whose {
        Whose::Person(_) => keep_absences(tx, id, read).await,
        Whose::Team(_) => keep_holidays(tx, id, read, past).await,
    }
}

async fn keep_absences(tx: &mut Tx, id: CalendarId, read: &Read) -> Result<()> {
    let now = tx.now();
    sql("DELETE FROM absences WHERE calendar_id = $1")
        .bind(id)
        .run(tx)
        .await?;
    let spans = absences(&read.events).into_iter().filter(|(_, to)| *to > now);
    let rows: Vec<Vec<Arg>> = spans
        .take(MOST_ABSENCES)
        .map(|(from, to)| vec![Arg::from(id), Arg::from(from), Arg::from(to)])
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    sql_of_rows(
        "INSERT INTO absences (calendar_id, from_at, to_at) VALUES {rows} ON CONFLICT DO NOTHING",
        rows,
    )
    .run(tx)
    .await
    .map(drop)
}

async fn keep_holidays(tx: &mut Tx, id: CalendarId, read: &Read, past: Past) -> Result<()> {
    let now = tx.now();
    // Today has begun already where the sun rises first.
    let today = now.date_naive() - Days::new(1);
    let from = match past {
        Past::Stays => today,
        Past::IsNew => NaiveDate::default(),
    };
    sql("DELETE FROM holidays WHERE calendar_id = $1 AND day >= $2")
        .bind(id)
        .bind(from)
        .run(tx)
        .await?;
    let days = holidays(&read.events, window(now));
    let rows: Vec<Vec<Arg>> = days
        .into_iter()
        .map(|(day, name)| vec![Arg::from(id), Arg::from(day), Arg::from(name)])
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    // PostgreSQL changes no row twice in one statement, and the last may stand here more than once.
    sql_of_rows(
        "WITH said (calendar_id, day, name) AS (VALUES {rows})
         INSERT INTO holidays (calendar_id, day, name) SELECT DISTINCT calendar_id, day, name FROM said WHERE TRUE
         ON CONFLICT (calendar_id, day) DO UPDATE SET name = excluded.name",
        rows,
    )
    .run(tx)
    .await
    .map(drop)
}

/// It was read.
pub(super) async fn worked(tx: &mut Tx, id: CalendarId, read: &Read, next: DateTime<Utc>) -> Result<()> {
    let now = tx.now();
    let free = read.events.iter().filter(|event| event.is_free).count();
    sql("UPDATE read_calendars SET text_read_at = $2, skipped = $3, free = $4 WHERE id = $1")
        .bind(id)
        .bind(now)
        .bind(i64::try_from(read.skipped).unwrap_or(i64::MAX))
        .bind(i64::try_from(free).unwrap_or(i64::MAX))
        .run(tx)
        .await?;
    answered(tx, id, next).await
}

/// It answered, be it that nothing has changed.
pub(super) async fn answered(tx: &mut Tx, id: CalendarId, next: DateTime<Utc>) -> Result<()> {
    let now = tx.now();
    sql("UPDATE read_calendars SET read_at = $2, next_at = $3, problem = NULL, failing_since = NULL, failures = 0, told_at = NULL,
            works_again_at = CASE WHEN failures >= $4 THEN $2 ELSE works_again_at END
         WHERE id = $1")
        .bind(id)
        .bind(now)
        .bind(next)
        .bind(TOLD_AFTER)
        .run(tx)
        .await
        .map(drop)
}

/// It could not be read. What it said the last time stays; whoever it is of is told once.
pub(super) async fn failed(tx: &mut Tx, id: CalendarId, problem: &str) -> Result<()> {
    let now = tx.now();
    let problem: String = problem.chars().take(LONGEST_PROBLEM).collect();
    let known: Option<(i64, Option<DateTime<Utc>>, DateTime<Utc>)> = sql(
        "UPDATE read_calendars SET failures = failures + 1, failing_since = COALESCE(failing_since, $2), problem = $3,
            works_again_at = NULL, next_at = $4 WHERE id = $1 RETURNING failures, told_at, failing_since",
    )
    .bind(id)
    .bind(now)
    .bind(&problem)
    .bind(now + AGAIN)
    .maybe(tx)
    .await?;
    let Some((failures, told_at, since)) = known else {
        return Ok(());
    };
    if failures < TOLD_AFTER {
        return Ok(());
    }
    let next = next(tx);
    sql("UPDATE read_calendars SET told_at = COALESCE(told_at, $2), next_at = $3 WHERE id = $1")
        .bind(id)
        .bind(now)
        .bind(next)
        .run(tx)
        .await?;
    if told_at.is_none() {
        tell(tx, id, since, &problem).await?;
    }
    Ok(())
}

async fn tell(tx: &mut Tx, id: CalendarId, since: DateTime<Utc>, problem: &str) -> Result<()> {
    let calendar: Calendar = sql(constcat::concat!("SELECT ", COLUMNS, " WHERE id = $1"))
        .bind(id)
        .one(tx, "calendar")
        .await?;
    let label = calendar.label().to_owned();
    let news = |team: Option<String>, path: String| News::CalendarFails {
        team,
        calendar: label.clone(),
        since,
        why: problem.to_owned(),
        path,
    };
    match (calendar.person_id, calendar.team_id) {
        (Some(person), _) => {
            if people::find_active(tx, person).await?.is_some() {
                news::tell(tx, person, None, &news(None, "/on-call/absence".to_owned())).await?;
            }
        }
        (None, Some(team)) => {
            let team = teams::find_by_id(tx, team).await?;
            let news = news(
                Some(team.name.clone()),
                format!("/settings/teams/{}/holidays", team.slug),
            );
            for member in teams::members::who_act(tx, team.id).await? {
                news::tell(tx, member.id, None, &news).await?;
            }
        }
        (None, None) => {}
    }
    Ok(())
}
