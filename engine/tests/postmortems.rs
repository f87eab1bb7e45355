//! From a resolved incident to a published postmortem, and people who write at once.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::incidents::timeline::Event;
use domain::postmortems::{PostmortemState, Section};
use engine::postmortems::{self, Document, Refused, Saved};
use engine::{Error, incidents, transaction};
use testing::{TestApp, both_databases, minutes};

async fn resolved(app: &TestApp) {
    app.usual_cast().await;
    app.fires("checkout", "Slow", 2, "slow").await;
    app.pass(minutes(3)).await;
    app.tell("checkout", "Slow", 2, "slow", "resolved").await;
}

async fn read(app: &TestApp) -> Document {
    let mut tx = app.engine.read().await.unwrap();
    postmortems::read(&mut tx, 1).await.unwrap()
}

fn text_of(document: &Document, section: Section) -> (String, i64) {
    let found = document
        .sections
        .iter()
        .find(|text| text.section == section)
        .unwrap();
    (found.body.clone(), found.revision)
}

both_databases! {
    async fn one_click_makes_it_and_a_second_one_finds_it(app) {
        resolved(app).await;
        let ana = app.id("ana");
        for _ in 0..2 {
            transaction!(app.engine, |tx| postmortems::start(tx, 1, ana).await?).unwrap();
        }
        let document = read(app).await;
        assert_eq!(document.sections.len(), Section::ALL.len());
        assert_eq!(text_of(&document, Section::Summary).0, "On 2 March 2026 checkout was affected for 3 min (SEV2). An alert showed it first.");
        let started = document.story.timeline.iter().filter(|entry| entry.event == Event::PostmortemStarted).count();
        assert_eq!(started, 1);
    }

    async fn an_open_incident_has_none_yet(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        let ana = app.id("ana");
        let refused = transaction!(app.engine, |tx| postmortems::start(tx, 1, ana).await?);
        assert!(matches!(refused, Err(Error::Postmortem(Refused::StillOpen(1)))));
    }

    async fn what_was_typed_is_saved_as_typed(app) {
        resolved(app).await;
        let ana = app.id("ana");
        let typed = "  # Über\n\n<script>alert(1)</script> *x*  \n";
        transaction!(app.engine, |tx| {
            postmortems::start(tx, 1, ana).await?;
            postmortems::save_section(tx, 1, ana, Section::Learned, 0, typed).await?;
        }).unwrap();
        assert_eq!(text_of(&read(app).await, Section::Learned), (typed.to_owned(), 1));
    }

    async fn the_second_of_two_saves_is_kept_beside_the_first(app) {
        resolved(app).await;
        let (ana, bo) = (app.id("ana"), app.id("bo"));
        transaction!(app.engine, |tx| postmortems::start(tx, 1, ana).await?).unwrap();
        let first = transaction!(app.engine, |tx| postmortems::save_section(tx, 1, ana, Section::Impact, 0, "One in fifteen").await?).unwrap();
        let second = transaction!(app.engine, |tx| postmortems::save_section(tx, 1, bo, Section::Impact, 0, "About 7 %").await?).unwrap();
        assert_eq!(first, Saved::Now { revision: 1 });
        assert!(matches!(second, Saved::Beside { .. }));
        let document = read(app).await;
        assert_eq!(text_of(&document, Section::Impact).0, "One in fifteen");
        assert_eq!(document.waiting.iter().map(|text| text.body.as_str()).collect::<Vec<_>>(), ["About 7 %"]);
        app.clock.pass(minutes(1));
        transaction!(app.engine, |tx| postmortems::save_section(tx, 1, bo, Section::Impact, 1, "One in fifteen, about 7 %").await?).unwrap();
        assert!(read(app).await.waiting.is_empty(), "brought together by its writer");
    }

    async fn fifty_saves_at_once_lose_no_text(app) {
        resolved(app).await;
        let ana = app.id("ana");
        transaction!(app.engine, |tx| postmortems::start(tx, 1, ana).await?).unwrap();
        let engine = &app.engine;
        let saves = (0..50).map(|number| async move {
            let text = format!("text {number}");
            transaction!(engine, |tx| postmortems::save_section(tx, 1, ana, Section::Impact, 0, &text).await?).unwrap()
        });
        let saved = futures::future::join_all(saves).await;
        assert_eq!(saved.iter().filter(|saved| matches!(saved, Saved::Now { .. })).count(), 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM postmortem_revisions").await, 50);
    }

    async fn it_goes_from_draft_to_review_to_published(app) {
        resolved(app).await;
        let ana = app.id("ana");
        let to = async |state| transaction!(app.engine, |tx| postmortems::change_state(tx, 1, ana, state).await?);
        transaction!(app.engine, |tx| postmortems::start(tx, 1, ana).await?).unwrap();
        assert!(matches!(to(PostmortemState::Published).await, Err(Error::Postmortem(Refused::NoSuchStep { .. }))));
        transaction!(app.engine, |tx| postmortems::save_section(tx, 1, ana, Section::Summary, 0, "").await?).unwrap();
        assert!(matches!(to(PostmortemState::InReview).await, Err(Error::Postmortem(Refused::NoSummary))));
        transaction!(app.engine, |tx| postmortems::save_section(tx, 1, ana, Section::Summary, 1, "A pool half the size").await?).unwrap();
        to(PostmortemState::InReview).await.unwrap();
        to(PostmortemState::Published).await.unwrap();
        to(PostmortemState::Published).await.unwrap();
        let document = read(app).await;
        assert!(document.postmortem.published_at.is_some());
        let published = document.story.timeline.iter().filter(|entry| entry.event == Event::PostmortemPublished).count();
        assert_eq!(published, 1);
    }

    async fn factors_come_from_a_list_that_grows(app) {
        resolved(app).await;
        let ana = app.id("ana");
        app.fires("checkout", "Again", 2, "again").await;
        transaction!(app.engine, |tx| {
            incidents::resolve(tx, 2, ana).await?;
            postmortems::start(tx, 1, ana).await?;
            postmortems::start(tx, 2, ana).await?;
            postmortems::name_factor(tx, 1, "No limit on a destructive tool", "It took all hosts.").await?;
            postmortems::name_factor(tx, 2, "no limit on a DESTRUCTIVE tool", "").await?;
            postmortems::name_factor(tx, 2, "Untested restore", "").await?;
        }).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let known: Vec<_> = postmortems::known_factors(&mut tx).await.unwrap().into_iter().map(|factor| factor.name).collect();
        assert_eq!(known, ["No limit on a destructive tool", "Untested restore"]);
        drop(tx);
        let nameless = transaction!(app.engine, |tx| postmortems::name_factor(tx, 1, "  ", "").await?);
        assert!(matches!(nameless, Err(Error::Postmortem(Refused::NoFactor))));
    }
}
