//! Acknowledgements that hold for a time, and steps all of whose people have to acknowledge.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::escalation::{Policy, Step, Target};
use domain::ids::{PersonId, ServiceId};
use domain::incidents::State;
use domain::incidents::timeline::{Event, Via};
use engine::incidents::{self, Acknowledged};
use engine::oncall::policies;
use engine::{teams, transaction};
use testing::{Mood, TestApp, both_databases, days, hours, minutes, seconds};

/// Checkout pages by this policy from now on.
async fn pages_by(app: &TestApp, policy: Policy) {
    let service: ServiceId = app.id("checkout");
    transaction!(app.engine, |tx| {
        let id = teams::find_service(tx, service).await?.policy_id.unwrap();
        policies::change(tx, id, "checkout", &policy).await?
    })
    .unwrap();
    app.settle().await;
}

fn step(app: &TestApp, names: &[&str]) -> Step {
    let target = |name: &&str| Target::Person(app.id::<PersonId>(name));
    Step {
        delay_seconds: 300,
        targets: names.iter().map(target).collect(),
        ..Step::default()
    }
}

/// Ana, then Bo; who acknowledges has it for an hour.
async fn for_an_hour(app: &TestApp) {
    app.usual_cast().await;
    let (ana, bo) = (step(app, &["ana"]), step(app, &["bo"]));
    let policy = Policy {
        steps: vec![ana, bo],
        acknowledged_for_seconds: Some(3600),
        ..Policy::default()
    };
    pages_by(app, policy).await;
    app.fires("checkout", "Slow", 2, "slow").await;
    app.settle().await;
}

async fn acknowledges(app: &TestApp, name: &str) -> Acknowledged {
    let person = app.id(name);
    transaction!(app.by(person).await, |tx| incidents::acknowledge(
        tx,
        1,
        Via::Page
    )
    .await?)
    .unwrap()
}

fn paged(story: &incidents::Story) -> Vec<&str> {
    story.pages.iter().map(|sent| sent.name.as_str()).collect()
}

/// The same by name: those of one step are paged at one instant.
fn at_once(story: &incidents::Story) -> Vec<&str> {
    let mut names = paged(story);
    names.sort_unstable();
    names
}

both_databases! {
    async fn whoever_does_not_say_that_they_still_have_it_is_paged_then_the_policy(app) {
        for_an_hour(app).await;
        acknowledges(app, "ana").await;
        app.pass(minutes(49)).await;
        assert_eq!(app.mailbox("ana").len(), 1);
        app.pass(minutes(2)).await;
        let mails = app.mailbox("ana");
        let asked = mails.last().unwrap();
        assert_eq!(asked.subject, "[SEV2] INC-1 Do you still have it? Slow");
        assert!(asked.text.contains("Mon 2 Mar, 11:00 (10:00 UTC)"), "{}", asked.text);
        assert_eq!(app.story(1).await.incident.state, State::Acknowledged);
        app.pass(minutes(9)).await;
        let story = app.story(1).await;
        assert_eq!((story.incident.state, paged(&story)), (State::Triggered, vec!["Ana", "Ana"]));
        assert!(story.timeline.iter().any(|entry| entry.event == Event::AcknowledgementOver { seconds: 3600 }));
        assert!(app.mailbox("ana").last().unwrap().text.contains("have not said for a long time"));
        // She has the time of the first step, and then it begins anew: with her.
        app.pass(minutes(11)).await;
        assert_eq!(paged(&app.story(1).await), ["Ana", "Ana", "Ana", "Bo"]);
    }

    async fn what_was_acknowledged_in_june_pages_nobody_in_october(app) {
        app.usual_cast().await;
        // The first of June, when Bo has the pager.
        app.clock.pass(days(91));
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert_eq!(acknowledges(app, "bo").await, Acknowledged::Now);
        for _ in 0..130 {
            app.clock.pass(days(1));
            app.settle().await;
        }
        let story = app.story(1).await;
        assert_eq!((story.incident.state, paged(&story)), (State::Acknowledged, vec!["Bo"]));
        for name in ["ana", "bo", "root"] {
            let pages = app.subjects(name).iter().filter(|subject| subject.starts_with("[SEV")).count();
            assert_eq!(pages, usize::from(name == "bo"), "{name}");
        }
    }

    async fn who_says_that_they_still_have_it_has_it_for_as_long_again(app) {
        for_an_hour(app).await;
        acknowledges(app, "ana").await;
        assert_eq!(acknowledges(app, "bo").await, Acknowledged::Already { since: app.story(1).await.incident.acknowledged_at }, "it is hers");
        assert!(matches!(acknowledges(app, "ana").await, Acknowledged::Already { .. }), "two presses are one");
        app.pass(minutes(51)).await;
        let mail = app.mailbox("ana").pop().unwrap();
        let token = mail.text.split("/acknowledge/").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        let (_, outcome) = transaction!(app.engine, |tx| incidents::acknowledge_by_link(tx, &token).await?).unwrap();
        assert_eq!(outcome, Some(Acknowledged::Again));
        app.pass(minutes(55)).await;
        let story = app.story(1).await;
        assert_eq!((story.incident.state, paged(&story)), (State::Acknowledged, vec!["Ana"]));
        assert_eq!(story.timeline.iter().filter(|entry| matches!(entry.event, Event::AcknowledgedAgain { .. })).count(), 1);
        app.pass(minutes(6)).await;
        assert_eq!(app.story(1).await.incident.state, State::Triggered, "an hour after that");
    }

    async fn what_is_mitigated_or_over_asks_nobody(app) {
        for_an_hour(app).await;
        acknowledges(app, "ana").await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::mitigate(tx, 1).await?).unwrap();
        app.pass(hours(3)).await;
        assert_eq!(app.mailbox("ana").len(), 1);
        transaction!(app.by(ana).await, |tx| incidents::take_back_mitigation(tx, 1).await?).unwrap();
        app.pass(minutes(30)).await;
        transaction!(app.by(ana).await, |tx| incidents::resolve(tx, 1).await?).unwrap();
        app.pass(hours(3)).await;
        assert_eq!((app.mailbox("ana").len(), app.mailbox("bo").len()), (1, 0));
    }

    async fn whoever_takes_it_over_has_a_time_of_their_own(app) {
        for_an_hour(app).await;
        acknowledges(app, "ana").await;
        app.pass(minutes(40)).await;
        let bo = app.id("bo");
        transaction!(app.by(bo).await, |tx| incidents::take_role(tx, 1, domain::incidents::IncidentRole::Commander, bo).await?).unwrap();
        app.pass(minutes(45)).await;
        assert_eq!(app.story(1).await.incident.state, State::Acknowledged);
        app.pass(minutes(16)).await;
        let story = app.story(1).await;
        assert_eq!(paged(&story), ["Ana", "Bo"], "Bo has it by now");
    }

    async fn an_incident_waits_until_everybody_of_the_step_has_acknowledged(app) {
        app.usual_cast().await;
        let both = Step { all_acknowledge: true, ..step(app, &["ana", "bo"]) };
        let root = step(app, &["root"]);
        pages_by(app, Policy { steps: vec![both, root], ..Policy::default() }).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert_eq!(acknowledges(app, "ana").await, Acknowledged::InPart { waits_for: vec!["Bo".to_owned()] });
        acknowledges(app, "ana").await;
        let story = app.story(1).await;
        assert_eq!((story.incident.state, story.acknowledged_in_part()), (State::Triggered, vec!["Ana"]));
        let parts = story.timeline.iter().filter(|entry| matches!(entry.event, Event::AcknowledgedInPart { .. })).count();
        assert_eq!(parts, 1, "said once, however often it is pressed");
        assert_eq!(acknowledges(app, "bo").await, Acknowledged::Now);
        app.pass(hours(1)).await;
        let story = app.story(1).await;
        assert_eq!((story.incident.state, at_once(&story)), (State::Acknowledged, vec!["Ana", "Bo"]));
    }

    async fn nobody_waits_for_whom_no_mail_reaches(app) {
        app.usual_cast().await;
        let both = Step { all_acknowledge: true, ..step(app, &["ana", "bo"]) };
        pages_by(app, Policy { steps: vec![both], ..Policy::default() }).await;
        app.mail.set_mood(Mood::Refuses("bo@".to_owned()));
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert_eq!(acknowledges(app, "ana").await, Acknowledged::Now);
    }

    async fn where_one_does_not_acknowledge_the_next_step_is_paged_for_the_others(app) {
        app.usual_cast().await;
        let both = Step { all_acknowledge: true, ..step(app, &["ana", "bo"]) };
        let next = step(app, &["ana", "root"]);
        pages_by(app, Policy { steps: vec![both, next], repeats: 1, ..Policy::default() }).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        acknowledges(app, "ana").await;
        app.pass(minutes(5) + seconds(10)).await;
        assert_eq!(at_once(&app.story(1).await), ["Ana", "Bo", "Root"], "Ana has acknowledged");
        assert_eq!(acknowledges(app, "root").await, Acknowledged::Now, "one is enough for that step");
    }

    async fn an_alert_source_speaks_for_everybody(app) {
        let both = |app: &TestApp| Step { all_acknowledge: true, ..step(app, &["ana", "bo"]) };
        app.usual_cast().await;
        pages_by(app, Policy { steps: vec![both(app)], ..Policy::default() }).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        app.tell("checkout", "Slow", 2, "slow", "acknowledged").await;
        assert_eq!(app.story(1).await.incident.state, State::Acknowledged);
    }

    async fn what_no_policy_can_be_is_refused(app) {
        app.usual_cast().await;
        let team = app.id("payments");
        let ana = step(app, &["ana"]);
        for (policy, words) in [
            (Policy { steps: vec![ana.clone()], acknowledged_for_seconds: Some(599), ..Policy::default() }, "10 minutes"),
            (Policy { steps: vec![ana.clone()], acknowledged_for_seconds: Some(604_801), ..Policy::default() }, "7 days"),
            (Policy { steps: vec![Step { in_turn: true, all_acknowledge: true, ..ana.clone() }], ..Policy::default() }, "in turn"),
        ] {
            let refused = transaction!(app.engine, |tx| policies::create(tx, team, "No", &policy).await?);
            assert!(refused.unwrap_err().to_string().contains(words), "{words}");
        }
    }
}
