//! Turns as invitations by mail, for those whose calendar reads an address too seldom: who wants them, and what there is to say of which
//! turn. What was said is remembered, so that it is said once, and taken back though the schedule is gone.

mod event;

pub(crate) use event::event;

use super::calendar::as_it_was;
use super::{ical, schedules};
use crate::audit::{self, Subject};
use crate::context::CLOCKS_DIFFER;
use crate::db::{Arg, sql};
use crate::error::Result;
use crate::{Tx, people};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{PersonId, ScheduleId};
use domain::oncall::invitations::{INVITED_AHEAD, Invited, Next, Remembered, STAYED_THE_SAME, Stands};
use domain::oncall::turns_of_each;
use domain::people::Person;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A turn that lasts for longer is told as one of so long: it may have no end.
const LONGEST: TimeDelta = TimeDelta::days(60);
/// So many mails to one person in five minutes; the mail server has others to send.
const MOST: usize = 20;

/// Whether somebody gets their turns as invitations.
pub async fn wanted(tx: &mut Tx, person: PersonId) -> Result<bool> {
    sql("SELECT turn_invitations FROM people WHERE id = $1")
        .bind(person)
        .scalar(tx)
        .await
}

/// Switches them on or off for whoever asks.
///
/// # Errors
/// [`crate::Error::NotAllowed`]
pub async fn want(tx: &mut Tx, wanted: bool) -> Result<()> {
    let me = tx.person()?;
    let before = audit::before(tx, Subject::Person(me)).await?;
    sql("UPDATE people SET turn_invitations = $2 WHERE id = $1")
        .bind(me)
        .bind(wanted)
        .run(tx)
        .await?;
    before.told(tx).await
}

/// When a turn of somebody begins, and on which schedule: the nearest one first.
type Key = (DateTime<Utc>, ScheduleId);

/// Somebody of whose turns there is something to say, or to remember.
pub struct Theirs {
    pub person: PersonId,
    /// Not so where they switched them off, and where they are no longer here.
    wants: bool,
    turns: BTreeMap<Key, Stands>,
}

/// What there is to say of a turn.
pub(crate) struct Saying {
    pub id: Uuid,
    pub uid: String,
    pub schedule: ScheduleId,
    pub from: DateTime<Utc>,
    pub turn: Invited,
    pub sequence: i64,
    /// What was said before, unless it was cancelled since.
    pub before: Option<Invited>,
    pub cancelled: Option<Why>,
}

/// Why a turn goes out of a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    NoLongerTheirs,
    SwitchedOff,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    person_id: PersonId,
    schedule_id: ScheduleId,
    from_at: DateTime<Utc>,
    uid: String,
    #[sqlx(json)]
    said: Option<Invited>,
    sequence: Option<i64>,
    #[sqlx(json)]
    seen: Option<Invited>,
    seen_since: DateTime<Utc>,
}

impl Row {
    const fn key(&self) -> Key {
        (self.from_at, self.schedule_id)
    }

    fn remembered(&self) -> Remembered {
        Remembered {
            said: self.said.clone(),
            seen: self.seen.clone(),
            since: self.seen_since,
        }
    }
}

const COLUMNS: &str = "id, person_id, schedule_id, from_at, uid, said, sequence, seen, seen_since";

/// Compares what is with what was said; writes nothing.
pub async fn due(tx: &mut Tx) -> Result<Vec<Theirs>> {
    let now = tx.now();
    let wanting: Vec<(PersonId, String)> =
        sql("SELECT id, email FROM people WHERE turn_invitations AND deactivated_at IS NULL")
            .all(tx)
            .await?;
    let wanting: BTreeMap<PersonId, String> = wanting.into_iter().collect();
    let rows: Vec<Row> = sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        " FROM turn_invitations WHERE from_at > $1"
    ))
    .bind(now - LONGEST)
    .all(tx)
    .await?;
    let (there, found) = match wanting.is_empty() {
        true => (BTreeSet::new(), Vec::new()),
        false => turns(tx, &wanting, now).await?,
    };
    let mut all: BTreeMap<PersonId, BTreeMap<Key, Stands>> = BTreeMap::new();
    for row in &rows {
        let is_told = wanting.contains_key(&row.person_id) && there.contains(&row.schedule_id);
        let stands = if is_told { Stands::IsNot } else { Stands::Untold };
        all.entry(row.person_id).or_default().insert(row.key(), stands);
    }
    for (person, key, turn) in found {
        all.entry(person).or_default().insert(key, Stands::Is(turn));
    }
    let remembered: BTreeMap<(PersonId, Key), Remembered> = rows
        .iter()
        .map(|row| ((row.person_id, row.key()), row.remembered()))
        .collect();
    for (person, turns) in &mut all {
        turns.retain(|key, stands| {
            Next::of(key.0, stands, remembered.get(&(*person, *key)), now) != Next::Nothing
        });
    }
    let all = all.into_iter().filter(|(_, turns)| !turns.is_empty());
    let theirs = all.map(|(person, turns)| Theirs {
        wants: wanting.contains_key(&person),
        person,
        turns,
    });
    Ok(theirs.collect())
}

type Found = Vec<(PersonId, Key, Invited)>;

/// The schedules that there are, and turns on them of those who want to know.
async fn turns(
    tx: &mut Tx,
    wanting: &BTreeMap<PersonId, String>,
    now: DateTime<Utc>,
) -> Result<(BTreeSet<ScheduleId>, Found)> {
    let left = people::left(tx).await?;
    let (first, last) = (now - LONGEST, now + INVITED_AHEAD + LONGEST);
    let (mut there, mut found) = (BTreeSet::new(), Vec::new());
    for (schedule, rotation) in schedules::load_all_as_written(tx).await? {
        there.insert(schedule.id);
        let mut shifts = Vec::new();
        for (rotation, (from, to)) in as_it_was(&rotation, &left, (first, last)) {
            shifts.extend(rotation.shifts(from, to));
        }
        for (person, from, to) in turns_of_each(&shifts) {
            let Some(address) = wanting.get(&person) else {
                continue;
            };
            // When one began that goes on for so long is not known.
            if from > first {
                let turn = Invited {
                    to: to.min(from + LONGEST),
                    name: schedule.name.clone(),
                    address: address.clone(),
                };
                found.push((person, (from, schedule.id), turn));
            }
        }
    }
    Ok((there, found))
}

/// Remembers what is seen, and answers what there is to say of it now, the nearest turn first; it counts as said from then on. Whoever is
/// no longer here is told nothing. To be called by whoever has taken the person.
pub(crate) async fn settle(tx: &mut Tx, person: &Person, theirs: &Theirs) -> Result<Vec<Saying>> {
    let now = tx.now();
    let rows: Vec<Row> = sql(constcat::concat!(
        "SELECT ",
        COLUMNS,
        " FROM turn_invitations WHERE person_id = $1 AND from_at > $2"
    ))
    .bind(person.id)
    .bind(now - LONGEST)
    .all(tx)
    .await?;
    let mut rows: BTreeMap<Key, Row> = rows.into_iter().map(|row| (row.key(), row)).collect();
    let mut left = MOST.saturating_sub(said_lately(tx, person.id).await?);
    let mut all = Vec::new();
    for (key, stands) in &theirs.turns {
        let row = rows.remove(key);
        let remembered = row.as_ref().map(Row::remembered);
        let why = match theirs.wants {
            true => Why::NoLongerTheirs,
            false => Why::SwitchedOff,
        };
        let (row, turn, cancelled) = match (Next::of(key.0, stands, remembered.as_ref(), now), row) {
            (Next::See(seen), row) => {
                see(tx, person.id, *key, row.as_ref(), seen.as_ref()).await?;
                continue;
            }
            (Next::Invite(turn), Some(row)) if left > 0 => (row, turn, None),
            (Next::Cancel(turn), Some(row)) if left > 0 => (row, turn, Some(why)),
            _ => continue,
        };
        let sequence = row.sequence.map_or(0, |last| last + 1);
        remember(tx, row.id, cancelled.is_none().then_some(&turn), sequence).await?;
        if person.deactivated_at.is_some() {
            continue;
        }
        left -= 1;
        all.push(Saying {
            id: row.id,
            uid: row.uid,
            schedule: row.schedule_id,
            from: row.from_at,
            turn,
            sequence,
            before: row.said.filter(|_| cancelled.is_none()),
            cancelled,
        });
    }
    Ok(all)
}

async fn said_lately(tx: &mut Tx, person: PersonId) -> Result<usize> {
    let now = tx.now();
    let count: i64 =
        sql("SELECT COUNT(*) FROM turn_invitations WHERE person_id = $1 AND said_at > $2 AND said_at <= $3")
            .bind(person)
            .bind(now - STAYED_THE_SAME)
            .bind(now + CLOCKS_DIFFER)
            .scalar(tx)
            .await?;
    Ok(usize::try_from(count).unwrap_or(MOST))
}

/// Not told yet: it has to stay so.
async fn see(
    tx: &mut Tx,
    person: PersonId,
    (from, schedule): Key,
    row: Option<&Row>,
    seen: Option<&Invited>,
) -> Result<()> {
    let now = tx.now();
    let seeing = match row {
        // Nobody was ever told of it.
        Some(row) if row.sequence.is_none() && seen.is_none() => {
            sql("DELETE FROM turn_invitations WHERE id = $1").bind(Arg::Id(Some(row.id)))
        }
        Some(row) => sql("UPDATE turn_invitations SET seen = $2, seen_since = $3 WHERE id = $1")
            .bind(Arg::Id(Some(row.id)))
            .bind(Arg::json(&seen))
            .bind(now),
        None => {
            let (id, uid) = (
                tx.context.new_id(),
                ical::uid(&tx.context, schedule, Some(person), from),
            );
            sql(
                "INSERT INTO turn_invitations (id, person_id, schedule_id, from_at, uid, said, seen, seen_since)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(Arg::Id(Some(id)))
            .bind(person)
            .bind(schedule)
            .bind(from)
            .bind(uid)
            .bind(Arg::json(&None::<Invited>))
            .bind(Arg::json(&seen))
            .bind(now)
        }
    };
    seeing.run(tx).await.map(drop)
}

async fn remember(tx: &mut Tx, id: Uuid, said: Option<&Invited>, sequence: i64) -> Result<()> {
    let now = tx.now();
    sql("UPDATE turn_invitations SET said = $2, sequence = $3, said_at = $4 WHERE id = $1")
        .bind(Arg::Id(Some(id)))
        .bind(Arg::json(&said))
        .bind(sequence)
        .bind(now)
        .run(tx)
        .await
        .map(drop)
}
