//! Who is on call changes under way: overrides come and are cancelled, people leave and come back.

use super::check::Broken;
use super::world::World;
use domain::ids::ScheduleId;
use domain::oncall::Change;
use engine::deactivation::{self, Heir, Heirs};
use engine::oncall::overrides::{self, Draft};
use engine::oncall::schedules;
use engine::people::changes;
use engine::transaction;
use rand::Rng;
use testing::minutes;

/// Fewer would leave nobody to answer.
const MOST_GONE: usize = 2;

pub async fn an_override_is_arranged(world: &mut World<'_>) -> Result<(), Broken> {
    let which = world.chance.random_range(0..world.schedules.len());
    let schedule = world.schedules[which].0;
    if world.one_in(4) {
        return an_override_is_cancelled(world, schedule).await;
    }
    let ((name, person), (_, other)) = (world.somebody(), world.somebody());
    let change = match world.chance.random_range(0..6) {
        0..2 => Change::Cover { person },
        2 => Change::Add { person },
        3 => Change::Remove { person },
        4 => Change::Replace {
            person: other,
            with: person,
        },
        _ => Change::Nobody,
    };
    // Of one layer, sometimes; what has passed stays as it was.
    let layer = match world.one_in(4) {
        true => {
            let mut tx = world.app.engine.read().await?;
            schedules::load_as_written(&mut tx, schedule).await?.1.pop()
        }
        false => None,
    };
    let from = world.now() + minutes(world.chance.random_range(-60..600));
    let to = from + minutes(world.chance.random_range(90..1_500));
    world.say(format!(
        "{change:?} ({name}) of schedule {which} from {from} to {to}"
    ));
    let draft = Draft {
        change,
        layer,
        from,
        to,
    };
    let added = transaction!(world.app.engine, |tx| overrides::add(tx, schedule, &draft)
        .await?);
    unless_refused(world, added.map(drop))?;
    Ok(world.read_again().await?)
}

async fn an_override_is_cancelled(world: &mut World<'_>, schedule: ScheduleId) -> Result<(), Broken> {
    let mut tx = world.app.engine.read().await?;
    let next = overrides::upcoming(&mut tx, schedule).await?.into_iter().next();
    drop(tx);
    let Some(next) = next else {
        return Ok(());
    };
    world.say(format!("the override from {} is cancelled", next.from_at));
    transaction!(world.app.engine, |tx| overrides::cancel(tx, schedule, next.id)
        .await?)?;
    Ok(world.read_again().await?)
}

pub async fn somebody_leaves_or_comes_back(world: &mut World<'_>) -> Result<(), Broken> {
    let comes_back = world.one_in(2) || world.gone.len() >= MOST_GONE;
    match world.gone.first().copied().filter(|_| comes_back) {
        Some(person) => {
            world.say(format!("{person} comes back"));
            transaction!(world.app.engine, |tx| changes::reactivate(tx, person).await?)?;
            world.gone.remove(&person);
        }
        None => leaves(world).await?,
    }
    Ok(world.read_again().await?)
}

/// The first of them stays, who ends what is open.
async fn leaves(world: &mut World<'_>) -> Result<(), Broken> {
    let ((name, person), (_, other)) = (world.somebody(), world.somebody());
    if person == world.everybody[0] || person == other {
        return Ok(());
    }
    let mut heir = || -> Heir {
        match world.one_in(2) {
            true => Heir::Person(other),
            false => Heir::Nobody,
        }
    };
    let heirs = Heirs {
        schedules: Some(heir()),
        steps: Some(heir()),
        actions: Some(Heir::Nobody),
    };
    world.say(format!("{name} leaves: {heirs:?}"));
    let left = transaction!(world.app.engine, |tx| deactivation::hand_over(tx, person, heirs)
        .await?);
    if unless_refused(world, left)? {
        world.gone.insert(person);
    }
    Ok(())
}

/// What is refused leaves all as it was. Says whether it was done.
fn unless_refused(world: &mut World<'_>, done: engine::Result<()>) -> Result<bool, Broken> {
    match done {
        Ok(()) => Ok(true),
        Err(fault) if fault.is_refusal() => {
            world.say(format!("refused: {fault}"));
            Ok(false)
        }
        Err(fault) => Err(fault.into()),
    }
}
