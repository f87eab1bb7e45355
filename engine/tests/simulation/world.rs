//! The company of a week: who is on call, which policies page them, and how it is asked and told what it does.

use super::commits::Commits;
use super::faults::{Mail, killed_after};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use domain::escalation::{Policy, Step, Target};
use domain::ids::{PersonId, PolicyId, ScheduleId, ServiceId, TeamId};
use domain::oncall::{Layer, Restriction, Schedule, TimeOfDay, Weekday};
use engine::Engine;
use engine::context::{Context, MailFrom};
use engine::oncall::{self, policies, store};
use engine::teams::services;
use engine::{transaction, workers};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::collections::BTreeSet;
use testing::{TestApp, hours, minutes};

pub const PEOPLE: [&str; 5] = ["ana", "bo", "cy", "dee", "eli"];
pub const SERVICES: [&str; 2] = ["checkout", "search"];

/// Makes a policy from schedules, people and their team.
type MakesPolicy = fn(&mut StdRng, &[(ScheduleId, Schedule<PersonId>)], &[PersonId], TeamId) -> Policy;

pub struct World<'a> {
    pub app: &'a TestApp,
    pub mail: Mail,
    pub commits: Commits,
    pub chance: StdRng,
    /// As they were written last, people who are gone in them.
    pub schedules: Vec<(ScheduleId, Schedule<PersonId>)>,
    /// Of the services, in their order.
    pub policies: Vec<(PolicyId, Policy)>,
    pub everybody: Vec<PersonId>,
    /// Who was deactivated.
    pub gone: BTreeSet<PersonId>,
    pub mail_is_well_from: Option<DateTime<Utc>>,
    /// Commits do not fail any more.
    pub is_mended: bool,
    pub settled: u32,
    /// Another node on the same database.
    second: Option<Engine>,
    story: Vec<String>,
}

impl<'a> World<'a> {
    pub async fn new(app: &'a TestApp, seed: u64) -> Self {
        Self::with(app, seed, policy).await
    }

    pub async fn with(app: &'a TestApp, seed: u64, policy: MakesPolicy) -> Self {
        let mut chance = StdRng::seed_from_u64(seed);
        app.administrator("root").await;
        for name in PEOPLE {
            app.responder(name).await;
        }
        app.team("payments", &PEOPLE).await;
        let everybody: Vec<PersonId> = PEOPLE.iter().map(|name| app.id(name)).collect();
        let schedules = schedules(app, &everybody).await;
        let mut policies = Vec::new();
        for service in SERVICES {
            app.service(service, "payments").await;
            let policy = policy(&mut chance, &schedules, &everybody, app.id("payments"));
            policies.push((pages_by(app, service, &policy).await, policy));
        }
        let second = second_node(app).await;
        Self {
            app,
            mail: Mail::by(&app.clock),
            commits: Commits::of(app).await,
            chance,
            schedules,
            policies,
            everybody,
            gone: BTreeSet::new(),
            mail_is_well_from: None,
            is_mended: false,
            settled: 0,
            second,
            story: Vec::new(),
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.app.engine.context.now()
    }

    /// One in so many times.
    pub fn one_in(&mut self, times: u32) -> bool {
        self.chance.random_ratio(1, times)
    }

    pub fn say(&mut self, what: impl Into<String>) {
        let line = format!("{} {}", self.now().format("%a %d %H:%M:%S"), what.into());
        self.story.push(line);
    }

    /// The last of it.
    pub fn what_happened(&self) -> &[String] {
        let from = self.story.len().saturating_sub(60);
        &self.story[from..]
    }

    /// One of those who are here, by chance.
    pub fn somebody(&mut self) -> (&'static str, PersonId) {
        let everybody = PEOPLE.into_iter().zip(self.everybody.iter().copied());
        let here: Vec<(&'static str, PersonId)> = everybody
            .filter(|(_, person)| !self.gone.contains(person))
            .collect();
        here[self.chance.random_range(0..here.len())]
    }

    /// The step of a policy.
    pub fn step(&self, policy: PolicyId, step: i64) -> Option<&Step> {
        let (_, policy) = self.policies.iter().find(|(id, _)| *id == policy)?;
        policy.steps.get(usize::try_from(step).ok()?)
    }

    /// Somebody changed schedules or policies: they are as they are stored now.
    pub async fn read_again(&mut self) -> engine::Result<()> {
        let mut tx = self.app.engine.read().await?;
        for (id, schedule) in &mut self.schedules {
            (_, _, *schedule) = oncall::schedules::load_as_written(&mut tx, *id).await?;
        }
        for (id, policy) in &mut self.policies {
            *policy = oncall::policy(&mut tx, *id).await?;
        }
        Ok(())
    }

    /// One of the nodes, by turns of chance.
    pub fn node(&mut self) -> Engine {
        match &self.second {
            Some(second) if self.chance.random() => second.clone(),
            _ => self.app.engine.clone(),
        }
    }

    /// Does what is due; says whether all of it was done, since a node may be killed meanwhile, or a commit fail.
    pub async fn work(&mut self) -> engine::Result<bool> {
        self.settled += 1;
        let engine = self.node();
        let mail = self.mail.clone();
        if self.one_in(6) {
            let awaits = self.chance.random_range(0..40);
            let work = Box::pin(workers::run_due(&engine, &mail));
            let done = killed_after(awaits, work).await;
            if done.is_none() {
                self.say(format!("killed at await {awaits}"));
                return Ok(false);
            }
            return done.transpose().map(|done| done.is_some());
        }
        if !self.is_mended && self.one_in(10) {
            let commits = self.chance.random_range(0..8);
            self.commits.one_fails(self.app, commits).await;
            let done = Box::pin(workers::run_due(&engine, &mail)).await;
            if self.commits.mend(self.app).await {
                self.say(format!("a commit failed after {commits}: {done:?}"));
                return Ok(done.is_ok());
            }
            return done.map(|()| true);
        }
        Box::pin(workers::run_due(&engine, &mail)).await?;
        Ok(true)
    }
}

/// A second node has the clock of the first; SQLite has one writer.
async fn second_node(app: &TestApp) -> Option<Engine> {
    let address = app.postgres_address()?;
    let from = MailFrom {
        mailbox: "Kintsugi <kintsugi@example.test>".parse().unwrap(),
        server_set: true,
    };
    let base_url = "https://kintsugi.example.test".parse().unwrap();
    let chance = StdRng::seed_from_u64(11);
    let context = Context::with(Box::new(app.clock.clone()), chance, base_url, from);
    Some(Engine::start(&address, context).await.unwrap())
}

/// A weekly rotation without gaps, and one of working hours that has nobody at night.
async fn schedules(app: &TestApp, people: &[PersonId]) -> Vec<(ScheduleId, Schedule<PersonId>)> {
    let start = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap();
    let weekly = Layer::weekly(people[..3].iter().copied(), start("2026-03-03T11:00"));
    let mut by_day = Layer::weekly(people[2..].iter().copied(), start("2026-03-02T00:00"));
    by_day.restrictions = vec![Restriction::Daily {
        from: TimeOfDay::new(9, 0).unwrap(),
        to: TimeOfDay::new(17, 0).unwrap(),
        weekdays: Some(Weekday::ALL[..5].iter().copied().collect()),
    }];
    let mut made = Vec::new();
    for (name, layer) in [("primary", weekly), ("days", by_day)] {
        let schedule = Schedule {
            time_zone: chrono_tz::Europe::Berlin,
            layers: vec![layer],
            overrides: Vec::new(),
        };
        let team: TeamId = app.id("payments");
        let id = transaction!(app.engine, |tx| store::create(tx, team, name, &schedule).await?).unwrap();
        made.push((id, schedule));
    }
    made
}

fn policy(
    chance: &mut StdRng,
    schedules: &[(ScheduleId, Schedule<PersonId>)],
    people: &[PersonId],
    team: TeamId,
) -> Policy {
    let target = |chance: &mut StdRng| match chance.random_range(0..6) {
        0..3 => Target::Schedule(schedules[chance.random_range(0..schedules.len())].0),
        3 => Target::Person(people[chance.random_range(0..people.len())]),
        4 => Target::Team(team),
        _ => Target::Administrators,
    };
    let steps = (0..chance.random_range(1..4)).map(|_| {
        let in_turn = chance.random_ratio(1, 5);
        Step {
            delay_seconds: [300, 600, 900][chance.random_range(0..3)],
            targets: (0..chance.random_range(1..3)).map(|_| target(chance)).collect(),
            in_turn,
            skips_paged: chance.random_ratio(1, 5),
            all_acknowledge: !in_turn && chance.random_ratio(1, 5),
            last: None,
        }
    });
    let steps = steps.collect();
    Policy {
        steps,
        repeats: chance.random_range(0..3),
        until_acknowledged: chance.random_ratio(1, 8),
        acknowledged_for_seconds: chance.random_ratio(1, 3).then_some(1_800),
    }
}

async fn pages_by(app: &TestApp, service: &str, policy: &Policy) -> PolicyId {
    let (team, id): (TeamId, ServiceId) = (app.id("payments"), app.id(service));
    transaction!(app.engine, |tx| {
        let made = policies::create(tx, team, service, policy).await?;
        let draft = services::Draft {
            policy: Some(made),
            ..services::Draft::named(service)
        };
        services::change(tx, id, &draft).await?;
        made
    })
    .unwrap()
}

/// Between two things that happen: mostly minutes, sometimes hours.
pub fn pause(chance: &mut StdRng) -> TimeDelta {
    match chance.random_range(0..20) {
        0..8 => minutes(chance.random_range(0..12)),
        8..13 => minutes(chance.random_range(10..120)),
        _ => hours(chance.random_range(2..16)),
    }
}
