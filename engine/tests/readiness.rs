//! What stands in the way of on call is found two weeks ahead, and told once.

#![allow(clippy::unwrap_used, reason = "a story that stumbles fails")]

use domain::escalation::{Policy, Step, Target};
use domain::ids::{PersonId, ScheduleId, ServiceId};
use domain::oncall::{Layer, Restriction, Schedule, TimeOfDay, Weekday};
use engine::oncall::overrides::{self, Draft};
use engine::oncall::readiness::{self, Concern};
use engine::oncall::{policies, store};
use engine::{teams, transaction};
use testing::{TestApp, both_databases, days, hours};

async fn words(app: &TestApp) -> Vec<String> {
    let mut tx = app.engine.read().await.unwrap();
    let found = readiness::concerns(&mut tx).await.unwrap();
    found
        .values()
        .flatten()
        .map(|concern: &Concern| concern.words("UTC"))
        .collect()
}

/// Checkout pages by steps with these targets from now on.
async fn pages_by(app: &TestApp, steps: &[Vec<Target>]) {
    let service: ServiceId = app.id("checkout");
    let step = |targets: &Vec<Target>| Step {
        delay_seconds: 300,
        targets: targets.clone(),
        ..Step::default()
    };
    let policy = Policy {
        steps: steps.iter().map(step).collect(),
        ..Policy::default()
    };
    transaction!(app.engine, |tx| {
        let id = teams::find_service(tx, service).await?.policy_id.unwrap();
        policies::change(tx, id, "checkout", &policy).await?
    })
    .unwrap();
}

/// Ana has the pager on working days from nine to five.
async fn office_hours(app: &TestApp) -> ScheduleId {
    let mut layer = Layer::weekly(
        [app.id::<PersonId>("ana")],
        "2026-03-02T00:00:00".parse().unwrap(),
    );
    let working = &Weekday::ALL[..5];
    layer.restrictions = vec![Restriction::Daily {
        from: TimeOfDay::new(9, 0).unwrap(),
        to: TimeOfDay::new(17, 0).unwrap(),
        weekdays: Some(working.iter().copied().collect()),
    }];
    let rota = Schedule {
        time_zone: chrono_tz::UTC,
        layers: vec![layer],
        overrides: Vec::new(),
    };
    let team = app.id("payments");
    transaction!(app.engine, |tx| store::create(tx, team, "office", &rota).await?).unwrap()
}

async fn leaves(app: &TestApp, name: &str) {
    let person: PersonId = app.id(name);
    transaction!(app.engine, |tx| engine::deactivation::deactivate(tx, person)
        .await?)
    .unwrap();
}

async fn told(app: &TestApp) -> usize {
    let told = transaction!(app.engine, |tx| readiness::tell(tx).await?).unwrap();
    app.settle().await;
    told
}

both_databases! {
    async fn a_gap_ahead_and_who_cannot_be_woken_are_told_once(app) {
        app.usual_cast().await;
        let before = words(app).await;
        assert!(before.iter().all(|line| !line.contains("Nobody is on call")), "{before:?}");
        told(app).await;
        assert_eq!(told(app).await, 0, "what was told is not told again");
        // A gap that is meant is none; one of somebody who left is.
        let (schedule, root): (ScheduleId, PersonId) = (app.id("primary"), app.id("root"));
        let now = app.engine.context.now();
        let gap = Draft { change: domain::oncall::Change::Nobody, layer: None, from: now + days(1), to: now + days(2) };
        transaction!(app.by(root).await, |tx| overrides::add(tx, schedule, &gap).await?).unwrap();
        assert_eq!(words(app).await, before);
        transaction!(app.engine, |tx| engine::deactivation::deactivate(tx, app.id("ana")).await?).unwrap();
        let after = words(app).await;
        assert!(after.iter().any(|line| line.contains("on call for primary") || line.contains("primary has nobody")), "{after:?}");
        assert!(told(app).await > 0);
        let subject = "look at the next two weeks";
        assert!(app.subjects("bo").iter().any(|found| found.contains(subject)), "{:?}", app.subjects("bo"));
        assert_eq!(told(app).await, 0);
    }

    async fn a_gap_that_goes_on_for_longer_than_is_looked_ahead_is_told_without_an_end(app) {
        app.usual_cast().await;
        app.responder("cy").await;
        app.responder("dee").await;
        app.schedule("soon", "payments").weekly(&["ana", "cy", "dee"]).make().await;
        app.schedule("now", "payments").weekly(&["cy", "dee", "ana"]).make().await;
        app.schedule("for a week", "payments").weekly(&["cy", "ana"]).make().await;
        leaves(app, "cy").await;
        leaves(app, "dee").await;
        let mut found = words(app).await;
        found.retain(|line| line.starts_with("Nobody"));
        found.sort_unstable();
        assert_eq!(found, [
            "Nobody is on call for for a week from Mon 2 Mar, 09:00 UTC to Mon 9 Mar, 09:00 UTC.",
            "Nobody is on call for now for at least the next two weeks.",
            "Nobody is on call for soon from Mon 9 Mar, 09:00 UTC on.",
        ]);
    }

    async fn one_person_on_two_levels_of_a_policy_is_found_and_on_one_level_is_not(app) {
        app.usual_cast().await;
        app.schedule("second", "payments").weekly(&["ana", "bo"]).make().await;
        let (primary, second) = (Target::Schedule(app.id("primary")), Target::Schedule(app.id("second")));
        let bo = Target::Person(app.id("bo"));
        let named = |step: usize, schedule: &str| {
            format!("Bo has {schedule} while step {step} of checkout names them, from Mon 9 Mar, 09:00 UTC on.")
        };
        let both = [
            "Ana has primary and second at once from Mon 2 Mar, 09:00 UTC to Mon 9 Mar, 09:00 UTC.".to_owned(),
            "Bo has primary and second at once from Mon 9 Mar, 09:00 UTC on.".to_owned(),
        ];
        for (steps, expected) in [
            (vec![vec![primary, second]], vec![]),
            (vec![vec![primary, bo]], vec![]),
            (vec![vec![primary], vec![primary]], vec![]),
            (vec![vec![primary], vec![second]], both.to_vec()),
            (vec![vec![primary], vec![second], vec![primary]], both.to_vec()),
            (vec![vec![primary], vec![bo]], vec![named(2, "primary")]),
            (vec![vec![bo], vec![primary]], vec![named(1, "primary")]),
            (vec![vec![primary], vec![second, bo]], [both.to_vec(), vec![named(2, "primary")]].concat()),
        ] {
            pages_by(app, &steps).await;
            assert_eq!(words(app).await, expected, "{steps:?}");
        }
    }

    async fn a_step_that_will_reach_nobody_is_found_two_weeks_ahead(app) {
        app.usual_cast().await;
        app.schedule("other", "payments").weekly(&["bo", "ana"]).make().await;
        app.schedule("always", "payments").weekly(&["ana"]).make().await;
        leaves(app, "bo").await;
        let of = |name: &str| Target::Schedule(app.id(name));
        let then = vec!["Step 1 of checkout will reach nobody for a time, from Mon 9 Mar, 09:00 UTC."];
        for (step, expected) in [
            (vec![of("primary")], then),
            (vec![of("other")], vec!["Step 1 of checkout reaches nobody."]),
            (vec![of("primary"), of("other")], vec![]),
            (vec![of("primary"), of("always")], vec![]),
            (vec![of("primary"), Target::Person(app.id("ana"))], vec![]),
            (vec![of("primary"), Target::Team(app.id("payments"))], vec![]),
            (vec![of("primary"), Target::Administrators], vec![]),
        ] {
            pages_by(app, std::slice::from_ref(&step)).await;
            let mut found = words(app).await;
            found.retain(|line| line.starts_with("Step"));
            assert_eq!(found, expected, "{step:?}");
        }
    }

    async fn hours_that_are_meant_to_have_nobody_are_a_hint_and_no_news_and_a_gap_within_them_is_told(app) {
        app.usual_cast().await;
        let office = office_hours(app).await;
        pages_by(app, &[vec![Target::Schedule(office)]]).await;
        let hint = "Step 1 of checkout reaches nobody outside of the hours of office, as these are meant.";
        told(app).await;
        // Every hour of a week, and each evening.
        for _ in 0..7 * 4 {
            assert_eq!(words(app).await, [hint]);
            assert_eq!(told(app).await, 0, "it is no news");
            app.clock.pass(hours(6));
        }
        let mut tx = app.engine.read().await.unwrap();
        let policy = policies::all(&mut tx).await.unwrap().remove(0);
        let steps = policies::policy(&mut tx, policy.id).await.unwrap();
        let hints = readiness::outside_hours_of(&mut tx, "checkout", &steps).await.unwrap();
        drop(tx);
        assert_eq!(hints.iter().map(|hint| hint.words("UTC")).collect::<Vec<_>>(), [hint]);
        // Somebody else is reached then.
        pages_by(app, &[vec![Target::Schedule(office), Target::Team(app.id("payments"))]]).await;
        assert_eq!(words(app).await, Vec::<String>::new());
        // Nobody within the hours is something else.
        pages_by(app, &[vec![Target::Schedule(office)]]).await;
        leaves(app, "ana").await;
        let found = words(app).await;
        assert!(found.iter().any(|line| line.starts_with("Step 1 of checkout will reach nobody for a time, from ") || line == "Step 1 of checkout reaches nobody."), "{found:?}");
        assert!(told(app).await > 0);
    }
}
