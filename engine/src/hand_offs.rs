//! Somebody comes on call: they are told before and when it begins, with what is open and what the one before left, and say that they can
//! be reached; where they do not, their team is told.

mod around;
mod link;
mod mails;
mod notes;

pub use around::{Around, Told, around};
pub use link::{HandOff, by_link, can_be_reached, take_over_by_link};
pub use notes::{Note, leave_note, note_of, tell_hand_offs, tells_hand_offs};

use crate::db::sql;
use crate::error::Result;
use crate::oncall::schedules::{self, Named};
use crate::people::changes;
use crate::{Tx, news, people, teams};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{PersonId, ScheduleId};
use domain::news::{News, NewsKind};
use domain::oncall::{EARLIEST_HOURS, Schedule, TOLD_LATE, Telling, turns_of_each};
use domain::people::Person;

/// Nobody is told of an end that lies further ahead.
const LONGEST: TimeDelta = TimeDelta::days(60);
/// How long whoever comes on has to say that they can be reached.
const ANSWERS_WITHIN: TimeDelta = TimeDelta::minutes(30);

/// A turn of somebody.
#[derive(Clone, Debug)]
struct Turn {
    schedule: Named,
    person: PersonId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

/// Tells whoever comes on, and the teams of those who did not answer. Says how many mails that made.
pub async fn tell(tx: &mut Tx) -> Result<usize> {
    let now = tx.now();
    let mut told = 0;
    for turn in turns(tx, now).await? {
        let Some((person, hours)) = wants(tx, turn.person).await? else {
            continue;
        };
        let Some(telling) = Telling::of((turn.from, turn.to), now, hours) else {
            continue;
        };
        if !note(tx, &turn, telling).await? {
            continue;
        }
        match telling {
            Telling::Ahead => mails::ahead(tx, &turn, &person).await?,
            Telling::Begins => mails::begins(tx, &turn, &person).await?,
        }
        told += 1;
    }
    Ok(told + tell_teams(tx).await?)
}

/// Turns that begin soon, or have begun a moment ago.
async fn turns(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<Turn>> {
    let loud = notes::those_that_tell(tx).await?;
    if loud.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for (schedule, rotation) in schedules::load_all(tx).await? {
        if !loud.contains(&schedule.id) {
            continue;
        }
        // Who has had it for long is seen to have begun before.
        let shifts = rotation.shifts(now - TOLD_LATE * 2, now + TimeDelta::hours(EARLIEST_HOURS * 2));
        let all = turns_of_each(&shifts).into_iter();
        let told = all.filter(|(_, from, to)| Telling::of((*from, *to), now, EARLIEST_HOURS).is_some());
        found.extend(told.map(|(person, from, _)| Turn {
            to: end_of(&rotation, person, from),
            schedule: schedule.clone(),
            person,
            from,
        }));
    }
    Ok(found)
}

/// When a turn is over that may last for longer than one looks ahead.
fn end_of(rotation: &Schedule<PersonId>, person: PersonId, from: DateTime<Utc>) -> DateTime<Utc> {
    let shifts = rotation.shifts(from, from + LONGEST);
    let turns = turns_of_each(&shifts);
    let turn = turns
        .into_iter()
        .find(|(of, begins, _)| *of == person && *begins == from);
    turn.map_or(from + LONGEST, |(_, _, to)| to)
}

/// Whoever wants such mails, and how many hours before.
async fn wants(tx: &mut Tx, id: PersonId) -> Result<Option<(Person, i64)>> {
    let Some(person) = people::find_active(tx, id).await? else {
        return Ok(None);
    };
    if news::turned_off(tx, id).await?.contains(&NewsKind::ShiftBegins) {
        return Ok(None);
    }
    Ok(Some((person, changes::shift_mail_hours(tx, id).await?)))
}

/// Whether it was not told before: another node may be as fast.
async fn note(tx: &mut Tx, turn: &Turn, telling: Telling) -> Result<bool> {
    let now = tx.now();
    let (ahead_at, begun_at) = match telling {
        Telling::Ahead => (Some(now), None),
        Telling::Begins => (None, Some(now)),
    };
    let noted = sql(
        "INSERT INTO hand_offs (schedule_id, person_id, from_at, to_at, ahead_at, begun_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (schedule_id, person_id, from_at) DO UPDATE SET begun_at = excluded.begun_at, to_at = excluded.to_at
            WHERE hand_offs.begun_at IS NULL AND excluded.begun_at IS NOT NULL",
    )
    .bind(turn.schedule.id)
    .bind(turn.person)
    .bind(turn.from)
    .bind(turn.to)
    .bind(ahead_at)
    .bind(begun_at)
    .run(tx)
    .await?;
    Ok(noted > 0)
}

#[derive(sqlx::FromRow)]
struct Unanswered {
    schedule_id: ScheduleId,
    person_id: PersonId,
    from_at: DateTime<Utc>,
    to_at: DateTime<Utc>,
    person: String,
}

/// Tells the teams of turns whose people have not said that they can be reached.
async fn tell_teams(tx: &mut Tx) -> Result<usize> {
    let now = tx.now();
    let unanswered: Vec<Unanswered> = sql(
        "SELECT h.schedule_id, h.person_id, h.from_at, h.to_at, p.name AS person FROM hand_offs h JOIN people p ON p.id = h.person_id
         WHERE h.begun_at <= $1 AND h.reached_at IS NULL AND h.team_told_at IS NULL ORDER BY h.begun_at LIMIT 100",
    )
    .bind(now - ANSWERS_WITHIN)
    .all(tx)
    .await?;
    let mut told = 0;
    for one in unanswered {
        let first = sql(
            "UPDATE hand_offs SET team_told_at = $4
             WHERE schedule_id = $1 AND person_id = $2 AND from_at = $3 AND reached_at IS NULL AND team_told_at IS NULL",
        )
        .bind(one.schedule_id)
        .bind(one.person_id)
        .bind(one.from_at)
        .bind(now)
        .run(tx)
        .await?;
        if first == 0 || one.to_at <= now {
            continue;
        }
        let schedule = schedules::find(tx, one.schedule_id).await?;
        let news = News::NotReached {
            name: schedule.name,
            person: one.person,
            since: one.from_at,
        };
        for member in teams::members::who_act(tx, schedule.team_id).await? {
            if member.id != one.person_id {
                news::tell(tx, member.id, None, &news).await?;
                told += 1;
            }
        }
    }
    Ok(told)
}
