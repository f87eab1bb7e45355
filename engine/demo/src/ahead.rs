//! What lies ahead of on call: somebody who learns goes along, and somebody looks for cover.

use crate::NoDemo;
use crate::cast::Cast;
use crate::company::{Habits, Shadow, Untaken};
use chrono::{DateTime, Utc};
use engine::oncall::requests::{self, Asked};
use engine::oncall::{schedules, shadows};
use engine::{Actor, Tx, people};

pub async fn arrange(tx: &mut Tx, cast: &Cast, habits: &Habits, now: DateTime<Utc>) -> Result<(), NoDemo> {
    shadow(tx, cast, &habits.shadow, now).await?;
    look_for_cover(tx, cast, &habits.untaken, now).await
}

async fn shadow(tx: &mut Tx, cast: &Cast, shadow: &Shadow, now: DateTime<Utc>) -> Result<(), NoDemo> {
    let schedule = cast.team(&shadow.team)?.on_call;
    let span = (now + shadow.from.0, now + shadow.to.0);
    shadows::add(tx, schedule, cast.person(&shadow.person)?, span).await?;
    Ok(())
}

/// Only within a turn of the one who asks.
async fn look_for_cover(
    tx: &mut Tx,
    cast: &Cast,
    untaken: &Untaken,
    now: DateTime<Utc>,
) -> Result<(), NoDemo> {
    let schedule = cast.team(&untaken.team)?.on_call;
    let (_, rotation) = schedules::load(tx, schedule).await?;
    let from = now + untaken.from.0;
    let turn = rotation.shifts(from, from + untaken.lasts.0).into_iter().next();
    let Some((turn, person)) =
        turn.and_then(|turn| turn.people.first().copied().map(|person| (turn, person)))
    else {
        return Ok(());
    };
    let person = people::find(tx, person).await?;
    tx.acts_as(Actor::Person {
        person,
        address: None,
    });
    let asked = Asked {
        schedule,
        span: (turn.from.max(from), turn.to.min(from + untaken.lasts.0)),
        whom: Vec::new(),
        instead: None,
        note: untaken.note.clone(),
    };
    requests::ask(tx, &asked).await?;
    tx.acts_as(Actor::Kintsugi);
    Ok(())
}
