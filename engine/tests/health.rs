//! The pager about itself, and what happens when a part of it dies.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use chrono::TimeDelta;
use engine::health::{self, Share};
use engine::methods::Mailer;
use engine::notifications::deliver_due;
use engine::workers::clean;
use engine::{Context, Engine, workers};
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::sync::Arc;
use testing::{Mood, TestApp, both_databases, days, seconds, until};

/// Another run of the program on the same database, with the same clock.
fn another_node(app: &TestApp) -> Engine {
    let here = &app.engine.context;
    let context = Context::with(
        Box::new(app.clock.clone()),
        StdRng::seed_from_u64(99),
        here.base_url.clone(),
        here.mail.clone(),
    );
    Engine {
        context: Arc::new(context),
        ..app.engine.clone()
    }
}

async fn shares(app: &TestApp) -> health::Shares {
    let mut tx = app.engine.read().await.unwrap();
    health::shares(&mut tx).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_mail_server_is_set_nothing_is_late() {
    let app = TestApp::without_mail_server().await;
    app.usual_cast().await;
    for number in 1..=8 {
        app.fires(
            "checkout",
            &format!("Broken {number}"),
            2,
            &format!("key {number}"),
        )
        .await;
    }
    app.pass(seconds(60)).await;
    assert_eq!(
        app.count("SELECT COUNT(*) FROM pages WHERE outcome = 'gathered'")
            .await,
        3
    );
    assert_eq!(shares(&app).await.first_pages_in_time, Share::default());
}

both_databases! {
    async fn what_a_dead_node_was_sending_another_sends(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        // The first node dies between the mail server's acceptance and its own record of it.
        app.mail.set_mood(Mood::FallsSilentAfterData);
        let (engine, sender) = (app.engine.clone(), app.sender.clone());
        let dying = tokio::spawn(async move { deliver_due::<workers::Told>(&engine, &sender).await });
        while app.mailbox("ana").is_empty() {
            tokio::task::yield_now().await;
        }
        dying.abort();
        let _ = dying.await;
        app.mail.set_mood(Mood::Takes);
        // It had never said that it lived, so it need not be waited for.
        let other = another_node(app);
        let sender = Mailer::new(&other.context.mail, Some(&app.mail.smtp_url())).unwrap();
        workers::run_due(&other, &sender).await.unwrap();
        let copies = app.mailbox("ana");
        assert_eq!(copies.len(), 2);
        assert_eq!(copies[0].message_id, copies[1].message_id, "a mail client folds them");
        workers::run_due(&other, &sender).await.unwrap();
        assert_eq!(app.mailbox("ana").len(), 2);
    }

    async fn what_is_kept_for_a_while_goes_after_it(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert_eq!(clean::run(&app.engine).await.unwrap().rows, 0);
        app.clock.pass(days(31));
        clean::run(&app.engine).await.unwrap();
        assert_eq!(app.count("SELECT COUNT(*) FROM payloads").await, 0);
        assert!(app.count("SELECT COUNT(*) FROM notifications").await > 0);
        app.clock.pass(days(60));
        clean::run(&app.engine).await.unwrap();
        assert_eq!(app.count("SELECT COUNT(*) FROM notifications").await, 0);
        // What is not over is not old.
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 1);
        assert_eq!(app.story(1).await.alerts.len(), 1);
    }

    async fn a_mail_that_waits_is_kept_however_old(app) {
        app.usual_cast().await;
        app.mail.set_mood(Mood::Later);
        app.fires("checkout", "Slow", 2, "slow").await;
        app.clock.pass(days(100));
        clean::run(&app.engine).await.unwrap();
        assert_eq!(app.count("SELECT COUNT(*) FROM notifications WHERE state = 'waiting'").await, 1);
    }

    async fn the_pager_counts_first_pages_that_were_in_time(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        let found = shares(app).await;
        assert_eq!(found.alerts_accepted, Share { good: 1, all: 1 });
        assert_eq!(found.first_pages_in_time, Share { good: 1, all: 1 });
        // A mail server that is away for longer than ten seconds costs a page its promise.
        app.mail.set_mood(Mood::Later);
        app.fires("checkout", "Down", 1, "down").await;
        app.pass(seconds(20)).await;
        assert_eq!(shares(app).await.first_pages_in_time, Share { good: 1, all: 2 });
        app.mail.set_mood(Mood::Takes);
        app.pass(seconds(60)).await;
        let late = shares(app).await.first_pages_in_time;
        assert_eq!(late, Share { good: 1, all: 2 });
        assert!(!late.holds());
        // Four weeks on, it is forgotten.
        app.clock.pass(TimeDelta::days(29));
        assert_eq!(shares(app).await.first_pages_in_time, Share::default());
    }

    async fn what_could_not_be_taken_is_written_down_though_no_alert_comes_after(app) {
        app.engine.counts.could_not_take(3);
        let at_work = app.go_to_work();
        until("it is written", async || shares(app).await.alerts_accepted.all > 0).await;
        assert_eq!(shares(app).await.alerts_accepted, Share { good: 0, all: 3 });
        at_work.end().await;
    }

    async fn first_pages_that_became_a_list_were_late(app) {
        app.usual_cast().await;
        for number in 1..=8 {
            app.fires("checkout", &format!("Broken {number}"), 2, &format!("key {number}")).await;
        }
        app.settle().await;
        assert_eq!(shares(app).await.first_pages_in_time, Share { good: 5, all: 5 }, "three may yet be in time");
        app.pass(seconds(60)).await;
        assert_eq!(app.mailbox("ana").len(), 6, "they are in a list");
        assert_eq!(shares(app).await.first_pages_in_time, Share { good: 5, all: 8 });
    }

    async fn first_pages_that_somebody_was_faster_than_count_when_they_were_late_already(app) {
        app.usual_cast().await;
        app.mail.set_mood(Mood::Later);
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(seconds(5)).await;
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        app.settle().await;
        assert_eq!(app.count("SELECT COUNT(*) FROM pages WHERE outcome = 'dropped'").await, 1);
        assert_eq!(shares(app).await.first_pages_in_time, Share::default());
        app.fires("checkout", "Down", 2, "down").await;
        app.pass(seconds(20)).await;
        app.tell("checkout", "Down", 2, "down", "resolved").await;
        app.settle().await;
        assert_eq!(app.count("SELECT COUNT(*) FROM pages WHERE outcome = 'dropped'").await, 2);
        assert_eq!(shares(app).await.first_pages_in_time, Share { good: 0, all: 1 });
    }

    async fn a_node_is_ready_while_it_can_write_and_its_workers_come_round(app) {
        let found = health::readiness(&app.engine).await;
        assert!(found.is_ready(), "{found:?}");
        app.engine.db.close().await;
        let found = health::readiness(&app.engine).await;
        assert!(!found.is_ready() && found.database.is_err());
    }
}
