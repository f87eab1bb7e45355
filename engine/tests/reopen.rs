//! What was said too early: “mitigated” is taken back, and what was resolved is open again.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use chrono::{DateTime, Utc};
use domain::fields::{self, Unfit};
use domain::ids::PersonId;
use domain::incidents::instants::Correction;
use domain::incidents::timeline::{Event, Via};
use domain::incidents::{IncidentRole, State};
use domain::postmortems::PostmortemState;
use engine::incidents::{self, Here, Refused};
use engine::postmortems::{self, Document};
use engine::transaction;
use testing::{TestApp, both_databases, minutes, refusal_of};

async fn firing(app: &TestApp) -> (PersonId, PersonId) {
    app.usual_cast().await;
    app.fires("checkout", "Slow", 2, "slow").await;
    app.pass(minutes(2)).await;
    (app.id("ana"), app.id("bo"))
}

async fn events(app: &TestApp) -> Vec<Event> {
    let story = app.story(1).await;
    story.timeline.into_iter().map(|entry| entry.event).collect()
}

async fn document(app: &TestApp) -> Document {
    let mut tx = app.engine.read().await.unwrap();
    postmortems::read(&mut tx, 1).await.unwrap()
}

fn now(app: &TestApp) -> DateTime<Utc> {
    app.engine.context.now()
}

both_databases! {
    async fn mitigated_is_taken_back_to_whoever_had_it(app) {
        let (ana, bo) = firing(app).await;
        transaction!(app.by(bo).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        let acknowledged_at = app.story(1).await.incident.acknowledged_at;
        app.pass(minutes(5)).await;
        transaction!(app.by(ana).await, |tx| incidents::mitigate(tx, 1).await?).unwrap();
        app.pass(minutes(1)).await;
        let corrected = app.engine.context.now() - minutes(3);
        let to = (Correction::Mitigated, Some(corrected));
        transaction!(app.by(ana).await, |tx| incidents::correct_instant(tx, 1, to.0, to.1).await?).unwrap();
        for _ in 0..2 {
            transaction!(app.by(ana).await, |tx| incidents::take_back_mitigation(tx, 1).await?).unwrap();
        }
        let story = app.story(1).await;
        assert_eq!((story.incident.state, story.incident.mitigated_at), (State::Acknowledged, None));
        assert_eq!(story.incident.acknowledged_at, acknowledged_at);
        assert_eq!((story.incident.seconds_to_mitigate, story.has_it.unwrap().name.as_str()), (None, "Bo"));
        assert!(matches!(story.paging, Here::Stopped), "nobody is woken: Bo has it");
        let taken_back = Event::MitigationTakenBack { before: Some(corrected) };
        let told = events(app).await.into_iter().filter(|event| *event == taken_back).count();
        assert_eq!(told, 1, "what was corrected is kept as history");
    }

    async fn taken_back_to_triggered_the_policy_begins_anew(app) {
        let (ana, _) = firing(app).await;
        transaction!(app.by(ana).await, |tx| incidents::mitigate(tx, 1).await?).unwrap();
        let pages = app.story(1).await.pages.len();
        transaction!(app.by(ana).await, |tx| incidents::take_back_mitigation(tx, 1).await?).unwrap();
        let story = app.story(1).await;
        assert_eq!((story.incident.state, story.incident.acknowledged_at), (State::Triggered, None));
        assert!(matches!(story.paging, Here::Running { .. }));
        assert_eq!(story.pages.len(), pages + 1);
        transaction!(app.by(ana).await, |tx| incidents::resolve(tx, 1).await?).unwrap();
        let late = transaction!(app.by(ana).await, |tx| incidents::take_back_mitigation(tx, 1).await?);
        assert!(matches!(refusal_of(&late), Some(Refused::Resolved(1))), "{late:?}");
    }

    async fn a_reopened_incident_says_why_and_keeps_what_was_before(app) {
        let (ana, bo) = firing(app).await;
        transaction!(app.by(bo).await, |tx| {
            incidents::take_role(tx, 1, IncidentRole::Commander, bo).await?;
            incidents::mitigate(tx, 1).await?;
            incidents::resolve(tx, 1).await?;
        }).unwrap();
        let resolved_at = Some(now(app) - minutes(1));
        transaction!(app.by(ana).await, |tx| {
            incidents::correct_instant(tx, 1, Correction::Mitigated, resolved_at).await?;
            incidents::correct_instant(tx, 1, Correction::Resolved, resolved_at).await?;
        }).unwrap();
        let refused = transaction!(app.by(ana).await, |tx| incidents::reopen(tx, 1, "  ", true).await?);
        assert_eq!(refusal_of(&refused), Some(&Unfit::Missing(fields::WHY_REOPENED)), "{refused:?}");
        let pages = app.story(1).await.pages.len();
        transaction!(app.by(ana).await, |tx| incidents::reopen(tx, 1, "1.5 % are missing again", false).await?).unwrap();
        let story = app.story(1).await;
        assert_eq!((story.incident.state, story.pages.len()), (State::Acknowledged, pages), "nobody is woken");
        assert_eq!(story.has_it.unwrap().name, "Bo", "who had it still has it");
        app.settle().await;
        let told = app.subjects("bo").into_iter().filter(|subject| subject.contains("is open again and yours")).count();
        assert_eq!((told, app.subjects("ana").iter().any(|subject| subject.contains("open again"))), (1, false), "and is told");
        let told = events(app).await.into_iter().find_map(|event| match event {
            Event::Reopened { reason, before } => Some((reason.unwrap(), before.unwrap())),
            _ => None,
        });
        let (why, before) = told.unwrap();
        assert_eq!((why.as_str(), before.mitigated_at, before.resolved_at, before.had_it.as_deref()), ("1.5 % are missing again", resolved_at, resolved_at, Some("Bo")));
        app.pass(minutes(3)).await;
        transaction!(app.by(ana).await, |tx| {
            incidents::resolve(tx, 1).await?;
            incidents::reopen(tx, 1, "And again", true).await?;
        }).unwrap();
        let story = app.story(1).await;
        assert_eq!((story.incident.state, story.pages.len()), (State::Triggered, pages + 1));
    }

    async fn what_nobody_had_is_led_by_whoever_reopens_it_without_waking_anybody(app) {
        let (ana, _) = firing(app).await;
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        transaction!(app.by(ana).await, |tx| incidents::reopen(tx, 1, "It fails again", false).await?).unwrap();
        let story = app.story(1).await;
        assert_eq!((story.incident.state, story.has_it.unwrap().name.as_str()), (State::Acknowledged, "Ana"));
    }

    async fn a_published_postmortem_keeps_its_facts_when_the_incident_is_reopened(app) {
        let (ana, _) = firing(app).await;
        transaction!(app.by(ana).await, |tx| {
            incidents::resolve(tx, 1).await?;
            postmortems::start(tx, 1).await?;
            postmortems::change_state(tx, 1, PostmortemState::InReview).await?;
            postmortems::change_state(tx, 1, PostmortemState::Published).await?;
        }).unwrap();
        let published = document(app).await;
        app.pass(minutes(30)).await;
        transaction!(app.by(ana).await, |tx| incidents::reopen(tx, 1, "Not over", false).await?).unwrap();
        app.pass(minutes(30)).await;
        transaction!(app.by(ana).await, |tx| incidents::resolve(tx, 1).await?).unwrap();
        let after = document(app).await;
        assert!(after.as_before.is_some());
        assert_eq!(after.story.incident, published.story.incident);
        assert_eq!(after.story.timeline.len(), published.story.timeline.len());
        transaction!(app.by(ana).await, |tx| postmortems::change_state(tx, 1, PostmortemState::Draft).await?).unwrap();
        let draft = document(app).await;
        assert_eq!(draft.as_before, None);
        assert!(draft.story.incident.seconds_to_resolve > published.story.incident.seconds_to_resolve);
    }

    async fn an_end_before_its_beginning_is_said(app) {
        let (ana, _) = firing(app).await;
        app.clock.pass(-minutes(10));
        transaction!(app.by(ana).await, |tx| incidents::mitigate(tx, 1).await?).unwrap();
        let last = events(app).await.pop().unwrap();
        assert_eq!(last, Event::OutOfOrder { earlier: "detected".to_owned(), later: "mitigated".to_owned() });
    }
}
