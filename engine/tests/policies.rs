//! Policies that are changed while they page.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::escalation::{Policy, Step, Target};
use domain::ids::{PersonId, PolicyId};
use domain::incidents::timeline::Via;
use engine::oncall::dry_run::{DryRun, DryStep, How, dry_run};
use engine::oncall::policies;
use engine::{incidents, transaction};
use testing::{TestApp, both_databases, hours, minutes, seconds};

/// Changes the policy of checkout to these, with five minutes each.
async fn change(app: &TestApp, policy: PolicyId, people: &[&str]) {
    let steps = people.iter().map(|name| Step {
        delay_seconds: 300,
        targets: vec![Target::Person(app.id::<PersonId>(name))],
        ..Step::default()
    });
    let changed = Policy {
        steps: steps.collect(),
        repeats: 0,
        ..Policy::default()
    };
    transaction!(app.engine, |tx| policies::change(
        tx, policy, "checkout", &changed
    )
    .await?)
    .unwrap();
    app.settle().await;
}

async fn with_cy(app: &TestApp) -> PolicyId {
    app.usual_cast().await;
    app.responder("cy").await;
    app.policy("checkout")
        .step("ana", minutes(5))
        .step("bo", minutes(5))
        .make()
        .await
}

fn paged(story: incidents::Story) -> Vec<String> {
    story.pages.into_iter().map(|sent| sent.name).collect()
}

/// Whom a step of a dry run pages.
fn names(step: &DryStep) -> Vec<&str> {
    step.people.iter().map(|woken| woken.name.as_str()).collect()
}

both_databases! {
    async fn who_comes_into_the_step_that_was_paged_is_paged_now(app) {
        let policy = with_cy(app).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(2)).await;
        change(app, policy, &["cy", "bo"]).await;
        assert_eq!(paged(app.story(1).await), ["Ana", "Cy"]);
        app.pass(minutes(4)).await;
        assert_eq!(paged(app.story(1).await).len(), 2, "with the time of the step");
        app.pass(minutes(1)).await;
        assert_eq!(paged(app.story(1).await), ["Ana", "Cy", "Bo"]);
    }

    async fn who_comes_in_before_or_after_what_was_paged_is_paged(app) {
        let policy = with_cy(app).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(seconds(1)).await;
        change(app, policy, &["cy", "ana", "bo"]).await;
        assert_eq!(paged(app.story(1).await), ["Ana", "Cy"], "before");
        app.fires("checkout", "Down", 2, "down").await;
        app.pass(minutes(20)).await;
        assert_eq!(app.story(2).await.paging, incidents::Here::RanOut);
        app.responder("dee").await;
        change(app, policy, &["cy", "ana", "bo", "dee"]).await;
        assert_eq!(app.mailbox("dee").len(), 2, "after it had run out");
    }

    async fn a_change_that_names_nobody_new_pages_nobody(app) {
        let policy = with_cy(app).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(6)).await;
        change(app, policy, &["bo", "ana"]).await;
        assert_eq!(paged(app.story(1).await), ["Ana", "Bo"]);
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        change(app, policy, &["cy"]).await;
        app.pass(hours(1)).await;
        assert!(app.mailbox("cy").is_empty(), "somebody has it");
    }

    async fn people_of_a_team_are_paged_in_turn_and_the_next_one_is_known_when_one_left(app) {
        let policy = with_cy(app).await;
        app.someone("eve", domain::people::Role::Observer).await;
        let team = app.team("night", &["ana", "bo", "cy", "eve"]).await;
        let in_turn = Policy {
            steps: vec![Step { delay_seconds: 3600, targets: vec![Target::Team(team)], in_turn: true, ..Step::default() }],
            ..Policy::default()
        };
        transaction!(app.engine, |tx| policies::change(tx, policy, "checkout", &in_turn).await?).unwrap();
        let mut paged = Vec::new();
        for number in 1..=5 {
            app.fires("checkout", &format!("Slow {number}"), 2, &format!("slow-{number}")).await;
            app.settle().await;
            for name in ["ana", "bo", "cy", "eve"] {
                if app.subjects(name).iter().any(|subject| subject.ends_with(&format!("Slow {number}"))) {
                    paged.push(name);
                }
            }
            // Ana leaves after her second turn.
            if number == 4 {
                transaction!(app.engine, |tx| engine::deactivation::deactivate(tx, app.id("ana")).await?).unwrap();
            }
            app.pass(hours(2)).await;
        }
        assert_eq!(paged, ["ana", "bo", "cy", "ana", "bo"], "an observer is not woken");
    }

    async fn a_step_is_passed_over_where_all_of_it_were_paged_in_this_round(app) {
        let policy = with_cy(app).await;
        let (ana, bo): (PersonId, PersonId) = (app.id("ana"), app.id("bo"));
        let of = |people: &[PersonId]| people.iter().copied().map(Target::Person).collect::<Vec<_>>();
        let skips = Policy {
            steps: vec![
                Step { delay_seconds: 300, targets: of(&[ana, bo]), ..Step::default() },
                Step { delay_seconds: 300, targets: of(&[bo]), skips_paged: true, ..Step::default() },
                Step { delay_seconds: 300, targets: vec![Target::Administrators], skips_paged: true, ..Step::default() },
            ],
            ..Policy::default()
        };
        transaction!(app.engine, |tx| policies::change(tx, policy, "checkout", &skips).await?).unwrap();
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        app.pass(minutes(5)).await;
        assert_eq!((app.subjects("bo").len(), app.subjects("root").len()), (1, 1), "Bo was paged already");
    }

    async fn a_policy_goes_on_until_somebody_acknowledges(app) {
        let policy = with_cy(app).await;
        let until = Policy {
            steps: vec![Step { delay_seconds: 300, targets: vec![Target::Person(app.id("ana"))], ..Step::default() }],
            repeats: 0,
            until_acknowledged: true,
            ..Policy::default()
        };
        transaction!(app.engine, |tx| policies::change(tx, policy, "checkout", &until).await?).unwrap();
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        for _ in 0..7 {
            app.pass(minutes(5)).await;
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM pages").await, 8);
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        app.pass(hours(1)).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM pages").await, 8);
    }

    async fn a_page_leaves_though_a_policy_without_end_reaches_nobody_else(app) {
        let policy = with_cy(app).await;
        let team = app.id("payments");
        let nobody = domain::oncall::Schedule { time_zone: chrono_tz::UTC, layers: Vec::new(), overrides: Vec::new() };
        let empty = transaction!(app.engine, |tx| engine::oncall::store::create(tx, team, "nobody", &nobody).await?).unwrap();
        let until = Policy {
            steps: vec![Step { delay_seconds: 300, targets: vec![Target::Schedule(empty)], ..Step::default() }],
            until_acknowledged: true,
            acknowledged_for_seconds: Some(600),
            ..Policy::default()
        };
        transaction!(app.engine, |tx| policies::change(tx, policy, "checkout", &until).await?).unwrap();
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        app.pass(minutes(11)).await;
        let mail = app.mailbox("ana").pop().unwrap();
        assert_eq!(mail.subject, "[SEV2] INC-1 Slow", "whoever had it is asked");
        assert!(app.story(1).await.paged_next.is_empty(), "and the page of the incident is shown");
    }

    async fn a_dry_run_says_how_each_is_paged_and_whom_it_would_not_reach(app) {
        app.usual_cast().await;
        app.policy("checkout").step("ana", minutes(5)).step("bo", minutes(20)).step("ana", minutes(5)).make().await;
        let (ana, service) = (app.id::<PersonId>("ana"), app.id::<domain::ids::ServiceId>("checkout"));
        let bo = app.id::<PersonId>("bo");
        transaction!(app.engine, |tx| {
            engine::db::sql("UPDATE people SET password_hash = NULL WHERE id = $1").bind(bo).run(tx).await?
        })
        .unwrap();
        transaction!(app.by(ana).await, |tx| incidents::i_am_awake(tx).await?).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let now = tx.now();
        let mail = |name: &str| How::Sent {
            method: domain::notifications::MethodKind::Mail,
            address: format!("{name}@example.test"),
        };
        let list = How::OnList { until: now + minutes(15) };
        for (severity, first) in [(domain::Severity::Sev2, list), (domain::Severity::Sev1, mail("ana"))] {
            let dry = dry_run(&mut tx, service, severity, now).await.unwrap();
            let DryRun::Pages { steps, .. } = dry else { panic!("{dry:?}") };
            let seen: Vec<(How, Option<&str>)> = steps.iter().map(|step| (step.people[0].how.clone(), step.people[0].because)).collect();
            // After 25 minutes she may be asleep again.
            let expected = [(first, None), (mail("bo"), Some("they have never logged in")), (mail("ana"), None)];
            assert_eq!(seen, expected, "{severity}");
        }
    }

    async fn a_dry_run_says_what_then_happens(app) {
        let policy = with_cy(app).await;
        let service: domain::ids::ServiceId = app.id("checkout");
        let of = |name: &str| vec![Target::Person(app.id::<PersonId>(name))];
        let told = Policy {
            steps: vec![
                Step { delay_seconds: 300, targets: of("ana"), ..Step::default() },
                Step { delay_seconds: 600, targets: [of("bo"), of("cy")].concat(), in_turn: true, ..Step::default() },
            ],
            repeats: 1,
            ..Policy::default()
        };
        transaction!(app.engine, |tx| policies::change(tx, policy, "checkout", &told).await?).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let now = tx.now();
        let severity = domain::Severity::Sev2;
        let dry = dry_run(&mut tx, service, severity, now).await.unwrap();
        drop(tx);
        let DryRun::Pages { steps, ends_after, .. } = dry else { panic!("{dry:?}") };
        let seen: Vec<(i64, String)> = steps.into_iter().map(|step| (step.minutes, names(&step).join(", "))).collect();
        let expected = [(0, "Ana"), (5, "Bo"), (15, "Ana"), (20, "Cy")].map(|(minutes, who)| (minutes, who.to_owned()));
        assert_eq!((seen, ends_after), (expected.to_vec(), Some(30)));
        assert_eq!(app.count("SELECT COUNT(*) FROM pages").await, 0, "nobody was told");
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        for _ in 0..6 {
            app.pass(minutes(5)).await;
        }
        let mut tx = app.engine.read().await.unwrap();
        let paged: Vec<(String,)> = engine::db::sql("SELECT p.name FROM pages g JOIN people p ON p.id = g.person_id ORDER BY g.created_at")
            .all(&mut tx)
            .await
            .unwrap();
        let paged: Vec<String> = paged.into_iter().map(|(name,)| name).collect();
        assert_eq!(paged, expected.map(|(_, who)| who).to_vec());
    }
}
