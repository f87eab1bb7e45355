//! What is kept for a while only, and how the writer stays free while it goes.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use chrono::TimeDelta;
use engine::db::{Arg, sql};
use engine::mailed_links::{self, Invited};
use engine::people::sessions;
use engine::transaction;
use engine::workers::clean;
use std::sync::Arc;
use testing::{TestApp, both_databases, days};

const MEBIBYTE: usize = 1024 * 1024;

/// Payloads of checkout with bodies of this size, as if they had come in just now.
async fn payloads(app: &TestApp, how_many: usize, bytes: usize) {
    transaction!(app.engine, |tx| {
        let from = app.source(tx, "checkout").await;
        let now = tx.now();
        for _ in 0..how_many {
            let id = tx.context.new_id();
            sql("INSERT INTO payloads (id, integration_id, received_at, body) VALUES ($1, $2, $3, $4)")
                .bind(Arg::Id(Some(id)))
                .bind(from.integration_id)
                .bind(now)
                .bind(vec![b' '; bytes])
                .run(tx)
                .await?;
        }
    })
    .unwrap();
}

both_databases! {
    async fn small_and_big_payloads_go_in_transactions_that_are_bounded_by_rows_and_by_bytes(app) {
        app.usual_cast().await;
        // The small ones let the batches grow before the big ones come.
        payloads(app, 2_000, 300).await;
        app.clock.pass(TimeDelta::seconds(1));
        payloads(app, 40, MEBIBYTE).await;
        app.clock.pass(TimeDelta::seconds(1));
        payloads(app, 300, 40_000).await;
        app.clock.pass(days(31));
        let taken = clean::run(&app.engine).await.unwrap();
        assert_eq!(taken.rows, 2_340);
        assert!(taken.most_rows > 100, "what is small goes together: {taken:?}");
        assert!(taken.most_rows <= 256 && taken.most_bytes <= 1024 * 1024, "{taken:?}");
        assert_eq!(app.count("SELECT COUNT(*) FROM payloads").await, 0);
        println!("the longest hold was {:?}", taken.longest_hold);
    }

    async fn sessions_and_mailed_links_go_when_they_have_ended(app) {
        app.usual_cast().await;
        let ana = app.person("ana").await;
        let invited = Invited {
            name: "Cy".to_owned(),
            email: "cy@example.test".to_owned(),
            role: None,
            time_zone: "UTC".to_owned(),
        };
        transaction!(app.engine, |tx| {
            sessions::start(tx, ana.id, "a test", "127.0.0.1").await?;
            mailed_links::invite(tx, &ana, &invited).await?;
            mailed_links::ask_for_reset(tx, "ana@example.test").await?;
        })
        .unwrap();
        // The links are made when their mails are sent.
        app.settle().await;
        let left = async || {
            clean::run(&app.engine).await.unwrap();
            let sessions = app.count("SELECT COUNT(*) FROM sessions").await;
            (sessions, app.count("SELECT COUNT(*) FROM mailed_links").await)
        };
        assert_eq!(left().await, (1, 2));
        app.clock.pass(TimeDelta::hours(3));
        assert_eq!(left().await, (1, 1), "a reset lasts for two hours");
        app.clock.pass(days(7));
        assert_eq!(left().await, (1, 0), "an invitation for a week");
        app.clock.pass(days(24));
        assert_eq!(left().await, (0, 0), "and a session that nobody uses for thirty days");
    }

    async fn what_is_kept_for_longer_than_there_are_dates_stays(app) {
        app.usual_cast().await;
        payloads(app, 1, 10).await;
        let mut engine = app.engine.clone();
        for days in [999_999_999, 100_000] {
            let here = &app.engine.context;
            let mut context = engine::Context::new(here.base_url.clone(), here.mail.clone());
            context.retention.payloads = TimeDelta::days(days);
            engine.context = Arc::new(context);
            assert_eq!(clean::run(&engine).await.unwrap().rows, 0);
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM payloads").await, 1);
    }
}
