//! Each rule of the checker, broken on purpose, is told. A checker that is always content would let all weeks pass.

use super::check::{Before, Broken, at_each_step, at_the_end, nothing_is_lost, when_something_happened};
use super::world::World;
use domain::escalation::{Policy, Step, Target};
use domain::ids::{PersonId, ScheduleId, TeamId};
use domain::incidents::timeline::Via;
use domain::oncall::Schedule;
use engine::db::{Sql, sql};
use engine::oncall::overrides::{self, Draft};
use engine::{incidents, transaction, workers};
use rand::rngs::StdRng;
use std::collections::BTreeSet;
use testing::{TestApp, both_databases, days, hours, minutes, seconds};

/// Whoever has the pager of the first schedule, then Dee.
fn primary_then_dee(
    _: &mut StdRng,
    schedules: &[(ScheduleId, Schedule<PersonId>)],
    people: &[PersonId],
    _: TeamId,
) -> Policy {
    let step = |target: Target, delay_seconds: i64| Step {
        delay_seconds,
        targets: vec![target],
        ..Step::default()
    };
    Policy {
        steps: vec![
            step(Target::Schedule(schedules[0].0), 300),
            step(Target::Person(people[3]), 600),
        ],
        ..Policy::default()
    }
}

/// A week in which Ana has the pager, and nothing has happened.
async fn quiet(app: &TestApp) -> World<'_> {
    let world = World::with(app, 1, primary_then_dee).await;
    app.clock.pass(days(2));
    world
}

/// Ana is paged about INC-1 and has two minutes of her five. With what was before.
async fn ana_is_paged(app: &TestApp) -> (World<'_>, Before) {
    let world = quiet(app).await;
    let before = Before::look(&world).await.unwrap();
    app.fires("checkout", "Slow", 2, "slow").await;
    work(&world).await;
    app.clock.pass(minutes(2));
    (world, before)
}

async fn work(world: &World<'_>) {
    workers::run_due(&world.app.engine, &world.mail).await.unwrap();
}

async fn ana_acknowledges(app: &TestApp) {
    let by = app.by(app.id("ana")).await;
    transaction!(by, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
}

/// Changes what is written behind the engine's back.
async fn written(app: &TestApp, statement: impl Fn() -> Sql) {
    let changed = transaction!(app.engine, |tx| statement().run(tx).await?).unwrap();
    assert!(changed > 0, "there was nothing to break");
}

fn says(checked: Result<(), Broken>, words: &str) {
    let Broken(told) = checked.expect_err("a broken rule is told");
    assert!(told.contains(words), "{told}");
}

both_databases! {
    async fn what_is_as_it_should_be_is_not_told(app) {
        let (mut world, before) = ana_is_paged(app).await;
        at_each_step(&mut world, &before, true).await.unwrap();
        let accepted = BTreeSet::from([("slow".to_owned(), true)]);
        nothing_is_lost(&world, &accepted).await.unwrap();
        at_the_end(&mut world, &accepted).await.unwrap();
    }

    async fn a_step_before_its_time_is_told(app) {
        let (mut world, _) = ana_is_paged(app).await;
        let before = Before::look(&world).await.unwrap();
        written(app, || sql("UPDATE escalations SET step = 1")).await;
        says(at_each_step(&mut world, &before, true).await, "before its time");
    }

    async fn a_step_without_its_time_is_told(app) {
        let (mut world, _) = ana_is_paged(app).await;
        let before = Before::look(&world).await.unwrap();
        let now = world.now();
        written(app, || {
            sql("UPDATE escalations SET started_at = $1, next_at = $2").bind(now).bind(now + seconds(1))
        })
        .await;
        says(at_each_step(&mut world, &before, true).await, "step 0 has 1 s");
    }

    async fn a_page_about_what_somebody_has_is_told(app) {
        let (mut world, before) = ana_is_paged(app).await;
        ana_acknowledges(app).await;
        let now = world.now();
        written(app, || sql("UPDATE pages SET created_at = $1").bind(now)).await;
        says(at_each_step(&mut world, &before, true).await, "though it is acknowledged");
    }

    async fn a_page_to_somebody_off_call_is_told(app) {
        let (mut world, before) = ana_is_paged(app).await;
        let bo: PersonId = app.id("bo");
        written(app, || sql("UPDATE pages SET person_id = $1").bind(bo)).await;
        says(at_each_step(&mut world, &before, true).await, "reaches others");
        says(when_something_happened(&world, &before).await, "reaches others");
    }

    async fn a_page_against_an_override_is_told(app) {
        let mut world = quiet(app).await;
        let before = Before::look(&world).await.unwrap();
        let schedule = world.schedules[0].0;
        let now = world.now();
        let by_bo = Draft::by(app.id("bo"), (now, now + hours(1)));
        transaction!(app.engine, |tx| overrides::add(tx, schedule, &by_bo).await?).unwrap();
        app.fires("checkout", "Slow", 2, "slow").await;
        says(when_something_happened(&world, &before).await, "reaches others");
        world.read_again().await.unwrap();
        when_something_happened(&world, &before).await.unwrap();
    }

    async fn a_page_in_the_name_of_a_step_that_names_somebody_else_is_told(app) {
        let (mut world, before) = ana_is_paged(app).await;
        written(app, || sql("UPDATE pages SET reason = 'named'")).await;
        says(at_each_step(&mut world, &before, true).await, "reaches others");
    }

    async fn a_page_to_somebody_who_left_is_told(app) {
        let (mut world, before) = ana_is_paged(app).await;
        world.gone.insert(app.id("ana"));
        says(at_each_step(&mut world, &before, true).await, "who has left");
    }

    async fn a_page_that_waits_for_what_somebody_has_is_told(app) {
        let (mut world, _) = ana_is_paged(app).await;
        ana_acknowledges(app).await;
        let before = Before::look(&world).await.unwrap();
        written(app, || sql("UPDATE pages SET outcome = 'waiting'")).await;
        says(at_each_step(&mut world, &before, true).await, "is waiting though");
    }

    async fn a_step_that_is_due_and_not_done_is_told(app) {
        let (mut world, _) = ana_is_paged(app).await;
        app.clock.pass(minutes(4));
        let before = Before::look(&world).await.unwrap();
        says(at_each_step(&mut world, &before, true).await, "1 steps are due and not done");
        at_each_step(&mut world, &before, false).await.unwrap();
    }

    async fn a_step_that_is_put_off_is_told(app) {
        let (mut world, _) = ana_is_paged(app).await;
        let before = Before::look(&world).await.unwrap();
        let tomorrow = world.now() + days(1);
        written(app, || sql("UPDATE escalations SET next_at = $1").bind(tomorrow)).await;
        says(at_each_step(&mut world, &before, true).await, "1 are put off");
    }

    async fn an_alert_that_was_accepted_and_is_not_there_is_told(app) {
        let (world, _) = ana_is_paged(app).await;
        let accepted = BTreeSet::from([("another".to_owned(), true)]);
        says(nothing_is_lost(&world, &accepted).await, "another was accepted and is lost");
    }

    async fn an_alert_without_a_page_and_without_a_reason_is_told(app) {
        let (world, _) = ana_is_paged(app).await;
        written(app, || sql("DELETE FROM timeline WHERE event ->> 'kind' = 'paged'")).await;
        says(nothing_is_lost(&world, &BTreeSet::new()).await, "INC-1 is triggered, and nobody was paged");
    }

    async fn a_mail_that_never_leaves_is_told(app) {
        let (mut world, _) = ana_is_paged(app).await;
        written(app, || sql("UPDATE notifications SET state = 'waiting'")).await;
        says(at_the_end(&mut world, &BTreeSet::new()).await, "mails and");
    }

    async fn a_mail_that_counts_as_sent_and_is_not_is_told(app) {
        let (mut world, _) = ana_is_paged(app).await;
        world.mail.taken.lock().unwrap().clear();
        says(at_the_end(&mut world, &BTreeSet::new()).await, "the mail server never had it");
    }
}
