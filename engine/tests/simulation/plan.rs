//! What happens in a week: alerts come and go, people answer or sleep, and things break, in an order that the seed decides.

use super::arranged::{an_override_is_arranged, somebody_leaves_or_comes_back};
use super::check::{Before, Broken, at_each_step, at_the_end, nothing_is_lost, when_something_happened};
use super::faults::Mood;
use super::world::{PEOPLE, SERVICES, World, pause};
use chrono::{DateTime, TimeDelta, Utc};
use domain::Severity;
use domain::incidents::timeline::Via;
use engine::db::sql;
use engine::{incidents, transaction};
use rand::Rng;
use std::collections::BTreeSet;
use std::time::Duration;
use testing::{days, hours, minutes};

/// Of real time: a round of the workers takes milliseconds.
const NEVER_ENDS: Duration = Duration::from_secs(60);
/// Nothing is waited for longer.
const AT_MOST: TimeDelta = TimeDelta::days(7);

pub struct Plan {
    /// Alerts that were accepted, by their keys, and whether they are bad enough to page.
    pub accepted: BTreeSet<(String, bool)>,
    jumps: bool,
    next_key: u32,
}

impl Plan {
    pub fn new(seed: u64) -> Self {
        Self {
            accepted: BTreeSet::new(),
            // In one of four weeks somebody sets the clock.
            jumps: seed % 4 == 3,
            next_key: 0,
        }
    }

    pub async fn week(&mut self, world: &mut World<'_>) -> Result<(), Broken> {
        let end = world.now() + AT_MOST;
        while world.now() < end {
            let pause = pause(&mut world.chance);
            if pause > hours(1) {
                everybody_answers(world, pause >= hours(4)).await?;
            }
            let until = world.now() + pause;
            self.live_until(world, until).await?;
            let before = Before::look(world).await?;
            Box::pin(self.something_happens(world)).await?;
            when_something_happened(world, &before).await?;
            Box::pin(self.settle(world)).await?;
            nothing_is_lost(world, &self.accepted).await?;
        }
        // All is well again, and what waited goes out.
        world.mail.set(Mood::Well);
        world.mail_is_well_from = None;
        world.is_mended = true;
        let until = world.now() + days(1);
        self.live_until(world, until).await?;
        for _ in 0..4 {
            Box::pin(self.settle(world)).await?;
        }
        at_the_end(world, &self.accepted).await
    }

    /// Lets time pass to then, and does on the way what falls due.
    async fn live_until(&mut self, world: &mut World<'_>, until: DateTime<Utc>) -> Result<(), Broken> {
        let mut steps = 0;
        while let Some(due) = next_due(world).await.filter(|due| *due < until) {
            // What falls due within some seconds is done at once, as where a machine is busy.
            let wait = (due - world.now()).max(TimeDelta::zero()) + TimeDelta::seconds(45);
            world.app.clock.pass(wait);
            if world.mail_is_well_from.is_some_and(|at| at <= world.now()) {
                world.mail_is_well_from = None;
                world.say("the mail server is well again");
                world.mail.set(Mood::Well);
            }
            Box::pin(self.settle(world)).await?;
            steps += 1;
            if steps > 3_000 {
                return Err(Broken("something is due again and again".to_owned()));
            }
        }
        let left = until - world.now();
        if left > TimeDelta::zero() {
            world.app.clock.pass(left);
        }
        Box::pin(self.settle(world)).await
    }

    /// Does what is due; a node that is killed is started again.
    async fn settle(&mut self, world: &mut World<'_>) -> Result<(), Broken> {
        for _ in 0..20 {
            let before = Before::look(world).await?;
            let Ok(done) = tokio::time::timeout(NEVER_ENDS, world.work()).await else {
                return Err(Broken("the workers go on for ever".to_owned()));
            };
            let done = done.map_err(|fault| Broken(fault.to_string()))?;
            at_each_step(world, &before, done).await?;
            if done {
                return Ok(());
            }
        }
        Err(Broken("it was killed twenty times on end".to_owned()))
    }

    async fn something_happens(&mut self, world: &mut World<'_>) -> Result<(), Broken> {
        match world.chance.random_range(0..24) {
            0..5 => Box::pin(self.an_alert_fires(world)).await,
            5..7 => Box::pin(self.an_alert_ends(world)).await,
            7..13 => Box::pin(somebody_answers(world)).await,
            13..16 => Box::pin(somebody_does_something(world)).await,
            16..18 => the_mail_server_changes(world),
            18..21 => Box::pin(an_override_is_arranged(world)).await,
            21 => Box::pin(somebody_leaves_or_comes_back(world)).await,
            _ if self.jumps => the_clock_is_set(world),
            _ => Ok(()),
        }
    }

    async fn an_alert_fires(&mut self, world: &mut World<'_>) -> Result<(), Broken> {
        let service = SERVICES[world.chance.random_range(0..SERVICES.len())];
        // Some tell of what fires already.
        let again = world.one_in(3);
        if !again {
            self.next_key += 1;
        }
        let key = format!("key-{}", self.next_key);
        if world.one_in(8) {
            return self.an_alert_fires_as_a_commit_fails(world, service, key).await;
        }
        let severity = world.chance.random_range(1..5);
        world.say(format!("{service} fires {key}, SEV{severity}"));
        world
            .app
            .fires(service, &format!("Broken {key}"), severity, &key)
            .await;
        self.accepted.insert((key, severity <= 3));
        Ok(())
    }

    /// What is turned away, its source sends again.
    async fn an_alert_fires_as_a_commit_fails(
        &mut self,
        world: &mut World<'_>,
        service: &str,
        key: String,
    ) -> Result<(), Broken> {
        let title = format!("Broken {key}");
        let commits = world.chance.random_range(0..3);
        let arriving = world.app.arriving(service, &title, &key).await;
        world.commits.one_fails(world.app, commits).await;
        let taken = world.app.ingest.take(arriving).await;
        let failed = world.commits.mend(world.app).await;
        world.say(format!(
            "{service} fires {key}, SEV2: {taken:?}, a commit failed: {failed}"
        ));
        if let Err(fault) = taken {
            if !failed {
                return Err(Broken(format!("{key} was turned away: {fault:?}")));
            }
            world.app.fires(service, &title, 2, &key).await;
        }
        self.accepted.insert((key, true));
        Ok(())
    }

    async fn an_alert_ends(&mut self, world: &mut World<'_>) -> Result<(), Broken> {
        if self.next_key == 0 {
            return Ok(());
        }
        let key = format!("key-{}", world.chance.random_range(1..=self.next_key));
        let service = SERVICES[world.chance.random_range(0..SERVICES.len())];
        world.say(format!("{service} resolves {key}"));
        world
            .app
            .tell(service, &format!("Broken {key}"), 2, &key, "resolved")
            .await;
        Ok(())
    }
}

/// When something of its own falls due next.
async fn next_due(world: &World<'_>) -> Option<DateTime<Utc>> {
    let mut tx = world.app.engine.read().await.unwrap();
    // A digest of what was gathered is due half a minute after the first.
    let (soonest, gathered): (Option<DateTime<Utc>>, Option<DateTime<Utc>>) = sql(
        "SELECT (SELECT MIN(due) FROM (SELECT MIN(next_at) AS due FROM escalations
                UNION ALL SELECT MIN(held_until) FROM escalations
                UNION ALL SELECT MIN(holder_asked_at) FROM escalations
                UNION ALL SELECT MIN(next_attempt_at) FROM notifications WHERE state IN ('waiting', 'sending')) all_of_them),
            (SELECT MIN(created_at) FROM gathered_pages)",
    )
    .one(&mut tx, "instant")
    .await
    .unwrap();
    let gathered = gathered.map(|at| at + TimeDelta::seconds(31));
    soonest.into_iter().chain(gathered).min()
}

/// Numbers of incidents that are not over.
async fn open(world: &World<'_>) -> Vec<i64> {
    let mut tx = world.app.engine.read().await.unwrap();
    let rows: Vec<(i64,)> =
        sql("SELECT number FROM incidents WHERE {any incidents} AND state <> 'resolved' ORDER BY number")
            .all(&mut tx)
            .await
            .unwrap();
    rows.into_iter().map(|(number,)| number).collect()
}

/// Before it becomes quiet for hours most is in somebody's hands, and before a night most is over.
async fn everybody_answers(world: &mut World<'_>, for_hours: bool) -> Result<(), Broken> {
    for number in open(world).await {
        if for_hours && !world.one_in(5) {
            let by = world.app.by(world.app.id(PEOPLE[0])).await;
            let done = transaction!(by, |tx| incidents::resolve(tx, number).await?);
            done.map_err(|fault| Broken(fault.to_string()))?;
        } else if for_hours || !world.one_in(10) {
            acknowledges(world, number).await?;
        }
    }
    Ok(())
}

async fn somebody_answers(world: &mut World<'_>) -> Result<(), Broken> {
    let open = open(world).await;
    if open.is_empty() {
        return Ok(());
    }
    let number = open[world.chance.random_range(0..open.len())];
    acknowledges(world, number).await
}

async fn acknowledges(world: &mut World<'_>, number: i64) -> Result<(), Broken> {
    let (name, person) = world.somebody();
    world.say(format!("{name} acknowledges INC-{number}"));
    let by = world.app.by(person).await;
    let done = transaction!(by, |tx| incidents::acknowledge(tx, number, Via::Page).await?);
    done.map(drop).map_err(|fault| Broken(fault.to_string()))
}

async fn somebody_does_something(world: &mut World<'_>) -> Result<(), Broken> {
    let open = open(world).await;
    if open.is_empty() {
        return Ok(());
    }
    let number = open[world.chance.random_range(0..open.len())];
    let (name, person) = world.somebody();
    let by = world.app.by(person).await;
    let what = world.chance.random_range(0..6);
    world.say(format!("{name} does {what} to INC-{number}"));
    let severity = Severity::ALL[world.chance.random_range(0..4)];
    let commander = domain::incidents::IncidentRole::Commander;
    let done = transaction!(by, |tx| match what {
        0 => incidents::mitigate(tx, number).await?,
        1 => incidents::take_back_mitigation(tx, number).await?,
        2 => incidents::resolve(tx, number).await?,
        3 => incidents::change_severity(tx, number, severity).await?,
        4 => incidents::take_role(tx, number, commander, person).await?,
        _ => {
            incidents::resolve(tx, number).await?;
            incidents::reopen(tx, number, "it was not over", true).await?
        }
    });
    done.map_err(|fault| Broken(fault.to_string()))
}

fn the_mail_server_changes(world: &mut World<'_>) -> Result<(), Broken> {
    let person = PEOPLE[world.chance.random_range(0..PEOPLE.len())];
    let mood = match world.chance.random_range(0..8) {
        0..3 => Mood::Well,
        3 => Mood::Away,
        4 => Mood::Forgets,
        5..7 => Mood::Slow(world.chance.random_range(2..40)),
        _ => Mood::Refuses(format!("{person}@example.test")),
    };
    world.say(format!("the mail server: {mood:?}"));
    world.mail.set(mood);
    world.mail_is_well_from = Some(world.now() + minutes(world.chance.random_range(1..20)));
    Ok(())
}

fn the_clock_is_set(world: &mut World<'_>) -> Result<(), Broken> {
    let by = match world.chance.random_range(0..4) {
        0 => hours(1),
        1 => minutes(20),
        2 => -minutes(20),
        _ => -hours(2),
    };
    world.app.clock.pass(by);
    world.say(format!("the clock is set by {} min", by.num_minutes()));
    Ok(())
}
