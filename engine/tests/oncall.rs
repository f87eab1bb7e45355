//! Schedules and policies as people make and change them, and who has the pager.

#![allow(clippy::unwrap_used, reason = "a story that stumbles fails")]

use chrono::{NaiveTime, Weekday};
use domain::escalation::{Policy, Step, Target};
use domain::fields::{self, Unfit};
use domain::ids::{PersonId, PolicyId, ScheduleId, ServiceId, TeamId};
use domain::oncall::draft::ScheduleDraft;
use domain::people::Role;
use engine::oncall::{self, Refused, export, overrides, overview, policies, rotations};
use engine::people::changes;
use engine::{deactivation, transaction};
use testing::{TestApp, both_databases, days, hours, minutes, refusal_of};

fn refusal<T>(answer: engine::Result<T>) -> Refused {
    refusal_of(&answer).cloned().expect("it was refused")
}

fn weekly(app: &TestApp, zone: &str, people: &[&str]) -> rotations::Weekly {
    rotations::Weekly {
        name: "Primary".to_owned(),
        time_zone: zone.to_owned(),
        hand_off_day: Weekday::Mon,
        hand_off_time: NaiveTime::from_hms_opt(9, 0, 0).unwrap(),
        people: people.iter().map(|name| app.id(name)).collect(),
    }
}

async fn cast(app: &TestApp) -> TeamId {
    for name in ["ana", "bo", "cy"] {
        app.responder(name).await;
    }
    app.team("payments", &["ana", "bo", "cy"]).await
}

/// Names of who has the pager now.
async fn on_call(app: &TestApp, schedule: ScheduleId) -> Vec<PersonId> {
    let mut tx = app.engine.read().await.unwrap();
    oncall::on_call_now(&mut tx, schedule)
        .await
        .unwrap()
        .1
        .into_iter()
        .collect()
}

both_databases! {
    async fn a_schedule_for_a_file_names_its_people_and_tells_two_of_one_name_apart(app) {
        cast(app).await;
        let (zoe, dee) = (app.responder("zoe").await, app.responder("dee").await);
        let schedule = app.schedule("primary", "payments").weekly(&["ana", "bo", "dee"]).make().await;
        let now = app.engine.context.now();
        let by_zoe = overrides::Draft::by(zoe, (now, now + hours(1)));
        let another_ana = changes::Change {
            name: "Ana".to_owned(),
            email: "zoe@example.test".to_owned(),
            role: Role::Responder,
            time_zone: "UTC".to_owned(),
        };
        transaction!(app.engine, |tx| {
            overrides::add(tx, schedule, &by_zoe).await?;
            changes::change(tx, zoe, &another_ana).await?;
            deactivation::deactivate(tx, dee).await?
        })
        .unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let (_, written) = export::with_names(&mut tx, schedule).await.unwrap();
        let (ana, other) = ("Ana (ana@example.test)".to_owned(), "Ana (zoe@example.test)".to_owned());
        assert_eq!(written.layers[0].turns, [vec![ana], vec!["Bo".to_owned()], Vec::new()]);
        assert_eq!(written.on_call(now).into_iter().collect::<Vec<_>>(), [other]);
        let json = serde_json::to_vec(&written).unwrap();
        let read = ScheduleDraft::read(&json).unwrap().check(|name| Some(name.to_owned())).unwrap();
        assert_eq!(read, written, "it is read as it was written");
    }

    async fn a_weekly_rotation_hands_over_at_its_own_nine_o_clock(app) {
        let team = cast(app).await;
        // Monday 09:00 UTC is 10:00 in Berlin: the hand-off of this week has been.
        let form = weekly(app, "Europe/Berlin", &["ana", "bo", "cy"]);
        let schedule = transaction!(app.engine, |tx| rotations::create(tx, team, &form).await?).unwrap();
        assert_eq!(on_call(app, schedule).await, [app.id("ana")]);
        app.clock.pass(days(7) - hours(1) - minutes(1));
        assert_eq!(on_call(app, schedule).await, [app.id("ana")]);
        app.clock.pass(minutes(1));
        assert_eq!(on_call(app, schedule).await, [app.id("bo")]);
    }

    async fn a_turn_is_given_away_by_whoever_has_it(app) {
        let team = cast(app).await;
        let form = weekly(app, "Europe/Berlin", &["ana", "bo"]);
        let schedule = transaction!(app.engine, |tx| rotations::create(tx, team, &form).await?).unwrap();
        let now = app.engine.context.now();
        let own = async |name: &str, from, to| {
            let mut tx = app.engine.read().await.unwrap();
            overrides::is_own_turn(&mut tx, schedule, app.id(name), (now + hours(from), now + hours(to))).await.unwrap()
        };
        assert!(own("ana", 1, 5).await && !own("bo", 1, 5).await && !own("cy", 1, 5).await);
        assert!(!own("ana", 1, 8 * 24).await && own("bo", 8 * 24, 9 * 24).await);
        // What was given away is whoever's has it now.
        let span = (now + hours(1), now + hours(5));
        let cover = overrides::Draft::by(app.id("cy"), span);
        transaction!(app.engine, |tx| overrides::add(tx, schedule, &cover).await?).unwrap();
        assert!(!own("ana", 1, 5).await && own("cy", 1, 5).await && own("ana", 5, 9).await);
    }

    async fn a_rotation_that_cannot_be_is_refused(app) {
        let team = cast(app).await;
        for (form, refused) in [
            (weekly(app, "Europe/Berlin", &[]), Refused::NobodyInRotation),
            (weekly(app, "UTC", &["ana", "bo", "ana"]), Refused::TwiceInRotation("Ana".to_owned())),
            (weekly(app, "Mars/Olympus", &["ana"]), Refused::Schedule {
                field: "time_zone",
                fault: domain::oncall::Fault::NoZone,
            }),
        ] {
            let answer = transaction!(app.engine, |tx| rotations::create(tx, team, &form).await?);
            assert_eq!(refusal(answer), refused);
        }
        let form = rotations::Weekly { name: " ".to_owned(), ..weekly(app, "UTC", &["ana"]) };
        let nameless = transaction!(app.engine, |tx| rotations::create(tx, team, &form).await?);
        assert_eq!(refusal_of(&nameless), Some(&Unfit::Missing(fields::NAME)));
    }

    async fn the_overview_says_who_has_the_pager_now_and_next(app) {
        let team = cast(app).await;
        let form = weekly(app, "UTC", &["ana", "bo"]);
        let _ = transaction!(app.engine, |tx| rotations::create(tx, team, &form).await?).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let seen = overview(&mut tx, app.id("bo")).await.unwrap();
        drop(tx);
        let rota = &seen.schedules[0];
        assert_eq!(rota.team, "payments");
        assert_eq!(rota.now().unwrap().people[0].name, "Ana");
        assert_eq!(rota.next().unwrap().people[0].name, "Bo");
        assert_eq!(rota.shifts.len(), 4);
        assert_eq!(seen.mine.len(), 2);
        assert!(!seen.mine[0].is_now);
        assert_eq!(seen.mine[0].from, "2026-03-09T09:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap());

        // Ana has left: her weeks are gaps until somebody takes them.
        app.administrator("root").await;
        transaction!(app.engine, |tx| deactivation::deactivate(tx, app.id("ana")).await?).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let seen = overview(&mut tx, app.id("bo")).await.unwrap();
        drop(tx);
        assert!(seen.schedules[0].now().unwrap().people.is_empty());
    }

    async fn the_override_of_somebody_who_left_leaves_the_pager_with_whose_turn_it_is(app) {
        app.usual_cast().await;
        app.responder("cy").await;
        let (ana, cy): (PersonId, PersonId) = (app.id("ana"), app.id("cy"));
        let schedule = app.id("primary");
        let span = ("2026-03-02T09:00:00".parse().unwrap(), "2026-03-03T09:00:00".parse().unwrap());
        transaction!(app.by(ana).await, |tx| overrides::add_by_the_clock(tx, schedule, cy, span).await?).unwrap();
        transaction!(app.engine, |tx| deactivation::deactivate(tx, cy).await?).unwrap();
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert_eq!(app.subjects("ana"), ["[SEV2] INC-1 Slow"]);
        let mut tx = app.engine.read().await.unwrap();
        let seen = overview(&mut tx, ana).await.unwrap();
        assert_eq!(seen.schedules[0].now().unwrap().people[0].name, "Ana");
    }

    async fn who_left_or_observes_is_not_put_on_call_by_an_old_form(app) {
        let team = cast(app).await;
        app.administrator("root").await;
        app.someone("eve", Role::Observer).await;
        let form = weekly(app, "UTC", &["ana", "bo"]);
        let schedule = transaction!(app.engine, |tx| rotations::create(tx, team, &form).await?).unwrap();
        let (ana, cy): (PersonId, PersonId) = (app.id("ana"), app.id("cy"));
        transaction!(app.engine, |tx| deactivation::deactivate(tx, cy).await?).unwrap();
        let span = ("2026-03-02T12:00:00".parse().unwrap(), "2026-03-02T14:00:00".parse().unwrap());
        for (name, sentence) in [("cy", "Cy is not active any more."), ("eve", "Eve is an observer")] {
            let person: PersonId = app.id(name);
            let old = weekly(app, "UTC", &["ana", name]);
            let policy = Policy {
                steps: vec![Step { delay_seconds: 300, targets: vec![Target::Person(person)], ..Step::default() }],
                ..Policy::default()
            };
            for (field, refused) in [
                ("people", transaction!(app.engine, |tx| rotations::create(tx, team, &old).await?).unwrap_err()),
                ("person", transaction!(app.by(ana).await, |tx| overrides::add_by_the_clock(tx, schedule, person, span).await?).unwrap_err()),
                ("steps", transaction!(app.engine, |tx| policies::create(tx, team, "Old", &policy).await?).unwrap_err()),
            ] {
                assert!(refused.is_refusal() && refused.to_string().starts_with(sentence), "{refused}");
                assert_eq!(refused.field(), Some(field), "{refused}");
            }
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM schedule_overrides").await, 0);
    }

    async fn who_is_on_call_does_not_become_an_observer_unawares(app) {
        app.usual_cast().await;
        let ana = app.person("ana").await;
        let change = changes::Change {
            name: ana.name.clone(),
            email: ana.email.clone(),
            role: Role::Observer,
            time_zone: ana.time_zone.clone(),
        };
        let refused = transaction!(app.engine, |tx| changes::change(tx, ana.id, &change).await?).unwrap_err();
        assert_eq!(refused.field(), Some("role"));
        assert!(refused.to_string().contains("primary"), "{refused}");
    }

    async fn an_override_takes_the_pager_for_a_while(app) {
        let team = cast(app).await;
        let form = weekly(app, "Europe/Berlin", &["ana", "bo"]);
        let schedule = transaction!(app.engine, |tx| rotations::create(tx, team, &form).await?).unwrap();
        let (cy, ana): (PersonId, PersonId) = (app.id("cy"), app.id("ana"));
        let span = ("2026-03-02T12:00:00".parse().unwrap(), "2026-03-02T14:00:00".parse().unwrap());
        let arranged = transaction!(app.by(ana).await, |tx| overrides::add_by_the_clock(tx, schedule, cy, span).await?).unwrap();
        app.clock.pass(hours(2));
        assert_eq!(on_call(app, schedule).await, [cy]);
        app.clock.pass(hours(2));
        assert_eq!(on_call(app, schedule).await, [ana]);
        let late = transaction!(app.by(ana).await, |tx| overrides::add_by_the_clock(tx, schedule, cy, span).await?);
        assert_eq!(refusal(late), Refused::IsOver);
        let backwards = transaction!(app.by(ana).await, |tx| overrides::add_by_the_clock(tx, schedule, cy, (span.1, span.0)).await?);
        assert_eq!(refusal(backwards), Refused::EndsTooEarly);
        transaction!(app.engine, |tx| overrides::cancel(tx, schedule, arranged).await?).unwrap();
        assert_eq!(app.count("SELECT COUNT(*) FROM schedule_overrides").await, 1, "what is over stays as it was");
    }

    async fn an_override_begins_in_a_running_turn_and_what_has_passed_of_it_stays(app) {
        let team = cast(app).await;
        let form = weekly(app, "UTC", &["ana", "bo"]);
        let schedule = transaction!(app.engine, |tx| rotations::create(tx, team, &form).await?).unwrap();
        let (ana, bo, cy): (PersonId, PersonId, PersonId) = (app.id("ana"), app.id("bo"), app.id("cy"));
        let begin = app.engine.context.now();
        let draft = overrides::Draft::by(cy, (begin - hours(2), begin + hours(4)));
        app.clock.pass(hours(1));
        let arranged = transaction!(app.by(ana).await, |tx| overrides::add(tx, schedule, &draft).await?).unwrap();
        app.clock.pass(hours(1));
        transaction!(app.by(ana).await, |tx| overrides::cancel(tx, schedule, arranged).await?).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let (_, rota) = oncall::schedules::load(&mut tx, schedule).await.unwrap();
        drop(tx);
        let who = |minutes: i64| rota.on_call(begin + chrono::TimeDelta::minutes(minutes)).into_iter().collect::<Vec<_>>();
        assert_eq!((who(59), who(61), who(119), who(121)), (vec![ana], vec![cy], vec![cy], vec![ana]));
        // A gap that is meant is for the team to say, not for whoever has the turn.
        let gap = overrides::Draft { change: domain::oncall::Change::Nobody, ..draft.clone() };
        let by_bo = transaction!(app.by(bo).await, |tx| overrides::add(tx, schedule, &gap).await?);
        assert_eq!(by_bo.is_ok(), transaction!(app.by(bo).await, |tx| overrides::authorize(tx, schedule, None).await?).is_ok());
        transaction!(app.by(ana).await, |tx| overrides::add(tx, schedule, &gap).await?).unwrap();
        assert_eq!(on_call(app, schedule).await, []);
        let layer = Some(domain::ids::LayerId(uuid::Uuid::nil()));
        let lost = transaction!(app.by(ana).await, |tx| overrides::add(tx, schedule, &overrides::Draft { layer, ..draft.clone() }).await?);
        assert_eq!(refusal(lost), Refused::NoSuchLayer);
    }

    async fn a_policy_is_written_and_read_as_it_was(app) {
        let team = cast(app).await;
        let form = weekly(app, "UTC", &["ana", "bo"]);
        let schedule = transaction!(app.engine, |tx| rotations::create(tx, team, &form).await?).unwrap();
        let policy = Policy {
            steps: vec![
                Step { delay_seconds: 300, targets: vec![Target::Schedule(schedule)], all_acknowledge: true, ..Step::default() },
                Step { delay_seconds: 600, targets: vec![Target::Person(app.id("bo")), Target::Person(app.id("cy"))], in_turn: true, ..Step::default() },
                Step { delay_seconds: 900, targets: vec![Target::Team(team), Target::Administrators], skips_paged: true, ..Step::default() },
            ],
            repeats: 2,
            until_acknowledged: true,
            acknowledged_for_seconds: Some(14_400),
        };
        let id = transaction!(app.engine, |tx| policies::create(tx, team, "Day and night", &policy).await?).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(oncall::policy(&mut tx, id).await.unwrap(), policy);
        drop(tx);
        let shorter = Policy { steps: policy.steps[..1].to_vec(), repeats: 0, ..Policy::default() };
        transaction!(app.engine, |tx| policies::change(tx, id, "Day", &shorter).await?).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(oncall::policy(&mut tx, id).await.unwrap(), shorter);
        drop(tx);
        let nobody = Policy { steps: vec![Step { delay_seconds: 300, targets: vec![], ..Step::default() }], repeats: 0, ..Policy::default() };
        let refused = transaction!(app.engine, |tx| policies::change(tx, id, "Day", &nobody).await?);
        assert_eq!(refusal(refused), Refused::StepWithoutTarget(1));
        let hasty = Policy { steps: vec![Step { delay_seconds: 5, ..policy.steps[0].clone() }], repeats: 0, ..Policy::default() };
        let refused = transaction!(app.engine, |tx| policies::change(tx, id, "Day", &hasty).await?);
        assert_eq!(refusal(refused), Refused::StepDelay(1));
    }

    async fn what_is_used_is_not_deleted(app) {
        app.usual_cast().await;
        let schedule: ScheduleId = app.id("primary");
        let refused = transaction!(app.engine, |tx| rotations::delete(tx, schedule).await?);
        assert_eq!(refusal(refused).to_string(), "It is still used by the policy checkout. Remove it there first.");
        app.fires("checkout", "It is slow", 2, "slow").await;
        app.settle().await;
        let service: ServiceId = app.id("checkout");
        let mut tx = app.engine.read().await.unwrap();
        let policy: PolicyId = engine::teams::find_service(&mut tx, service).await.unwrap().policy_id.unwrap();
        drop(tx);
        let refused = transaction!(app.engine, |tx| policies::delete(tx, policy).await?);
        assert_eq!(refusal(refused), Refused::InUse("checkout, INC-1".to_owned()));
        let without = engine::teams::services::Draft::named("checkout");
        transaction!(app.engine, |tx| engine::teams::services::change(tx, service, &without).await?).unwrap();
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| engine::incidents::resolve(tx, 1).await?).unwrap();
        transaction!(app.engine, |tx| {
            policies::delete(tx, policy).await?;
            rotations::delete(tx, schedule).await?
        })
        .unwrap();
        assert_eq!(app.count("SELECT COUNT(*) FROM policy_targets").await, 0);
        assert_eq!(app.count("SELECT COUNT(*) FROM layer_turns").await, 0);
    }
}
