//! A service that pages by other policies for some severities and hours.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::Severity;
use domain::escalation::{Hours, Policy, Rule, Step, Target};
use domain::ids::{PersonId, PolicyId, ServiceId, TeamId};
use domain::incidents::timeline::{Event, Via};
use domain::oncall::{Restriction, TimeOfDay, Weekday};
use engine::oncall::{Refused, dry_run, policies, routing};
use engine::teams::services;
use engine::{Error, incidents, teams, transaction};
use testing::{TestApp, both_databases, hours, minutes};

/// Pages one person, who has five minutes, then root.
async fn policy_of(app: &TestApp, person: &str) -> PolicyId {
    let team: TeamId = app.id("payments");
    let step = |name: &str| Step {
        delay_seconds: 300,
        targets: vec![Target::Person(app.id::<PersonId>(name))],
        ..Step::default()
    };
    let policy = Policy {
        steps: vec![step(person), step("root")],
        ..Policy::default()
    };
    let name = format!("{person} first");
    transaction!(app.engine, |tx| policies::create(tx, team, &name, &policy)
        .await?)
    .unwrap()
}

/// The clock of tests begins on a Monday at 10:00 in Berlin.
fn business_hours(within: bool) -> Hours {
    Hours {
        within,
        windows: vec![Restriction::Daily {
            from: TimeOfDay::new(9, 0).unwrap(),
            to: TimeOfDay::new(17, 0).unwrap(),
            weekdays: Some(Weekday::ALL[..5].iter().copied().collect()),
        }],
        time_zone: chrono_tz::Europe::Berlin,
    }
}

/// The usual cast; what is critical goes to Cy, what comes outside of business hours to Dee.
async fn with_rules(app: &TestApp) -> (PolicyId, PolicyId) {
    app.usual_cast().await;
    app.responder("cy").await;
    app.responder("dee").await;
    let (critical, nights) = (policy_of(app, "cy").await, policy_of(app, "dee").await);
    let service: ServiceId = app.id("checkout");
    let rules = [
        Rule {
            policy: critical,
            severity: Some(Severity::Sev1),
            hours: None,
        },
        Rule {
            policy: nights,
            severity: None,
            hours: Some(business_hours(false)),
        },
    ];
    transaction!(app.engine, |tx| routing::set(tx, service, &rules).await?).unwrap();
    (critical, nights)
}

fn paged(story: incidents::Story) -> Vec<String> {
    story.pages.into_iter().map(|sent| sent.name).collect()
}

both_databases! {
    async fn severity_and_hours_decide_whom_an_alert_pages(app) {
        with_rules(app).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.fires("checkout", "Down", 1, "down").await;
        app.settle().await;
        assert_eq!(paged(app.story(1).await), ["Ana"], "no rule holds");
        assert_eq!(paged(app.story(2).await), ["Cy"], "the first rule");
        app.pass(hours(8)).await;
        app.fires("checkout", "Slow again", 2, "slow-again").await;
        app.fires("checkout", "Down again", 1, "down-again").await;
        app.pass(minutes(5)).await;
        assert_eq!(paged(app.story(3).await), ["Dee", "Root"], "in the evening, and step by step");
        assert_eq!(paged(app.story(4).await), ["Cy", "Root"], "the first rule that holds");
    }

    async fn a_dry_run_goes_by_the_rules(app) {
        with_rules(app).await;
        let service: ServiceId = app.id("checkout");
        let mut tx = app.engine.read().await.unwrap();
        let now = tx.now();
        for (severity, later, expected) in [
            (Severity::Sev2, 0, "checkout"),
            (Severity::Sev1, 0, "cy first"),
            (Severity::Sev2, 8, "dee first"),
            (Severity::Sev1, 8, "cy first"),
        ] {
            let run = dry_run::dry_run(&mut tx, service, severity, now + hours(later)).await.unwrap();
            let dry_run::DryRun::Pages { policy, .. } = run else { panic!("{run:?}") };
            assert_eq!(policy, expected, "{severity}, {later} h later");
        }
    }

    async fn what_becomes_worse_goes_by_the_policy_for_that(app) {
        with_rules(app).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(1)).await;
        app.fires("checkout", "Slow", 1, "slow").await;
        app.settle().await;
        let story = app.story(1).await;
        assert!(story.timeline.iter().any(|entry| matches!(&entry.event, Event::PolicyChosenAnew { policy } if policy == "cy first")));
        assert_eq!(paged(story), ["Ana", "Cy"]);
        app.pass(minutes(5)).await;
        assert_eq!(paged(app.story(1).await), ["Ana", "Cy", "Root"], "it goes on from there");
        // By hand, too.
        app.fires("checkout", "Late", 3, "late").await;
        app.settle().await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::change_severity(tx, 2, Severity::Sev1).await?).unwrap();
        app.settle().await;
        assert_eq!(paged(app.story(2).await), ["Ana", "Cy"]);
        transaction!(app.by(ana).await, |tx| incidents::change_severity(tx, 2, Severity::Sev4).await?).unwrap();
        app.settle().await;
        assert_eq!(paged(app.story(2).await), ["Ana", "Cy"], "what became less wakes nobody anew");
    }

    async fn hours_count_as_of_when_it_began_to_page(app) {
        with_rules(app).await;
        app.pass(hours(6) + minutes(58)).await;
        app.fires("checkout", "Slow", 3, "slow").await;
        app.pass(minutes(4)).await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::change_severity(tx, 1, Severity::Sev2).await?).unwrap();
        app.settle().await;
        assert_eq!(paged(app.story(1).await), ["Ana"], "the evening has begun, and the policy stays");
    }

    async fn what_was_acknowledged_and_fires_again_goes_by_the_hours_of_then(app) {
        with_rules(app).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| {
            incidents::acknowledge(tx, 1, Via::Page).await?;
            incidents::take_role(tx, 1, domain::incidents::IncidentRole::Commander, ana).await?
        }).unwrap();
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        app.pass(hours(8)).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(6)).await;
        assert_eq!(paged(app.story(1).await), ["Ana", "Ana", "Dee"], "whoever has it first, then the policy of the night");
    }

    async fn rules_that_cannot_be_are_refused_and_nothing_is_changed(app) {
        let (critical, _) = with_rules(app).await;
        let service: ServiceId = app.id("checkout");
        app.team("search", &["bo"]).await;
        let of_others = transaction!(app.engine, |tx| {
            let step = Step { delay_seconds: 300, targets: vec![Target::Administrators], ..Step::default() };
            policies::create(tx, app.id("search"), "others", &Policy { steps: vec![step], ..Policy::default() }).await?
        }).unwrap();
        let rule = |policy| Rule { policy, severity: None, hours: None };
        let never = Rule {
            hours: Some(Hours {
                windows: vec![Restriction::Daily { from: TimeOfDay::default(), to: TimeOfDay::default(), weekdays: Some([].into()) }],
                ..business_hours(true)
            }),
            ..rule(critical)
        };
        for (rules, expected) in [
            (vec![rule(critical), rule(of_others)], Refused::NotThatPolicy(2)),
            (vec![never], Refused::RuleWithoutDays(1)),
            (vec![rule(critical); 11], Refused::TooManyRules),
        ] {
            let refused = transaction!(app.engine, |tx| routing::set(tx, service, &rules).await?);
            assert_eq!(refused.unwrap_err().to_string(), expected.to_string());
        }
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(routing::of_service(&mut tx, service).await.unwrap().rules.len(), 2);
        drop(tx);
        let used = transaction!(app.engine, |tx| policies::delete(tx, critical).await?);
        assert!(matches!(used, Err(Error::Refused(why)) if why.to_string().contains("checkout")), "a rule names it");
        // A service without a policy of its own has no rules.
        let draft = services::Draft::named("checkout");
        let refused = transaction!(app.engine, |tx| services::change(tx, service, &draft).await?);
        assert!(refused.unwrap_err().to_string().contains("routing rules"));
        let bare = transaction!(app.engine, |tx| services::create(tx, app.id("payments"), &services::Draft::named("bare")).await?).unwrap();
        let refused = transaction!(app.engine, |tx| routing::set(tx, bare.id, &[rule(critical)]).await?);
        assert!(refused.unwrap_err().to_string().contains("escalation policy"));
    }

    async fn the_audit_log_has_the_rules(app) {
        let (critical, _) = with_rules(app).await;
        let service: ServiceId = app.id("checkout");
        app.clock.pass(minutes(1));
        let rules = [Rule { policy: critical, severity: Some(Severity::Sev2), hours: Some(business_hours(true)) }];
        transaction!(app.engine, |tx| routing::set(tx, service, &rules).await?).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let (before, after): (String, String) = engine::db::sql(
            "SELECT CAST(was AS TEXT), CAST(became AS TEXT) FROM audit_log ORDER BY at DESC, id DESC LIMIT 1",
        ).one(&mut tx, "audit").await.unwrap();
        assert!(before.contains("dee first") && !after.contains("dee first"), "{before} {after}");
        assert!(after.contains("SEV2") && after.contains("within") && after.contains("Europe/Berlin"), "{after}");
        let found = teams::find_service(&mut tx, service).await.unwrap();
        assert!(found.policy_id.is_some());
    }
}
