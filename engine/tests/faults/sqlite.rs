//! SQLite's file is full, or another program holds it.

use engine::alerts::NotTaken;
use engine::db::{Db, sql};
use engine::health;
use engine::workers::Delivery;
use sqlx::sqlite::SqlitePool;
use sqlx::{Connection, SqliteConnection};
use testing::{Mood, TestApp, minutes};

fn writer(app: &TestApp) -> &SqlitePool {
    match &app.engine.db {
        Db::Sqlite { writer, .. } => writer,
        Db::Postgres(_) => panic!("a test of SQLite"),
    }
}

/// Lets the file grow to this many pages, for the connection of now and for those to come.
async fn limit(app: &TestApp, pages: i64) {
    let writer = writer(app);
    let options = writer.connect_options().as_ref().clone();
    writer.set_connect_options(options.pragma("max_page_count", pages.to_string()));
    let mut tx = app.engine.begin().await.unwrap();
    let _: i64 = match pages {
        1 => sql("PRAGMA max_page_count = 1").scalar(&mut tx).await.unwrap(),
        _ => sql("PRAGMA max_page_count = 1000000")
            .scalar(&mut tx)
            .await
            .unwrap(),
    };
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_database_takes_nothing_and_says_so_until_there_is_room() {
    let app = TestApp::on_sqlite().await;
    app.usual_cast().await;
    app.fires("checkout", "Before", 2, "before").await;
    app.settle().await;
    // A limit below what is used already is the size of now.
    limit(&app, 1).await;
    let long = "x".repeat(100_000);
    for key in ["slow", "slower", "slowest"] {
        let arriving = app.arriving("checkout", &long, key).await;
        assert_eq!(app.ingest.take(arriving).await, Err(NotTaken::NotStored));
    }
    let found = health::readiness(&app.engine).await;
    assert!(!found.is_ready());
    assert!(found.database.unwrap_err().contains("full"));
    assert_eq!(
        app.count("SELECT COUNT(*) FROM payloads").await,
        1,
        "nothing is half done"
    );
    assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 1);
    assert_eq!(app.story(1).await.incident.number, 1, "what is there can be read");

    limit(&app, 1_000_000).await;
    assert!(health::readiness(&app.engine).await.is_ready());
    let arriving = app.arriving("checkout", &long, "slow").await;
    app.ingest.take(arriving).await.unwrap();
    app.settle().await;
    assert_eq!(app.mailbox("ana").len(), 2);
    assert_eq!(
        app.count("SELECT COUNT(*) FROM nodes WHERE length(node) > 16")
            .await,
        0
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_another_program_holds_the_file_alerts_are_turned_away_in_time_and_pages_are_read() {
    let app = TestApp::on_sqlite().await;
    app.usual_cast().await;
    app.fires("checkout", "Before", 2, "before").await;
    app.settle().await;
    let mut other = SqliteConnection::connect_with(&writer(&app).connect_options())
        .await
        .unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();

    let asked = app.engine.context.running_for();
    let arriving = app.arriving("checkout", "Slow", "slow").await;
    let ingest = app.ingest.clone();
    let waiting = tokio::spawn(async move { ingest.take(arriving).await });
    assert_eq!(
        app.story(1).await.incident.number,
        1,
        "what is there can be read meanwhile"
    );
    assert!(!waiting.is_finished());
    assert_eq!(waiting.await.unwrap(), Err(NotTaken::NotStored));
    let took = app.engine.context.running_for() - asked;
    assert!(
        took.as_secs() < 10,
        "sources wait for ten seconds, not for {took:?}"
    );

    // Those that come together wait together, behind whoever else has something to write, too.
    let asked = app.engine.context.running_for();
    let before = [(); 2].map(|()| {
        let engine = app.engine.clone();
        tokio::spawn(async move { engine.begin().await.map(drop) })
    });
    let mut waiting = Vec::new();
    for key in ["a", "b", "c", "d"] {
        let (ingest, arriving) = (app.ingest.clone(), app.arriving("checkout", "Slow", key).await);
        waiting.push(tokio::spawn(async move { ingest.take(arriving).await }));
    }
    for waiting in waiting {
        assert_eq!(waiting.await.unwrap(), Err(NotTaken::NotStored));
    }
    let took = app.engine.context.running_for() - asked;
    assert!(took.as_secs() < 8, "five seconds for all of them, not {took:?}");
    for writes in before {
        assert!(writes.await.unwrap().is_err(), "and for who was before them");
    }

    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    app.fires("checkout", "Slow", 2, "slow").await;
    app.pass(minutes(1)).await;
    assert_eq!(app.mailbox("ana").len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_mail_server_said_while_the_file_was_locked_is_recorded_afterwards() {
    let app = TestApp::on_sqlite().await;
    app.usual_cast().await;
    app.fires("checkout", "Slow", 2, "slow").await;
    let mut delivery = Delivery::new(&app.engine, &app.sender);
    delivery.take().await.unwrap();
    let mut other = SqliteConnection::connect_with(&writer(&app).connect_options())
        .await
        .unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    app.engine
        .db
        .run_outside_transactions("PRAGMA busy_timeout = 50")
        .await
        .unwrap();
    assert!(delivery.ended().await);
    delivery.record().await;
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    assert_eq!(
        app.count("SELECT COUNT(*) FROM notifications WHERE state = 'sending'")
            .await,
        1
    );
    // If it were asked for again, the mail server would have another answer now.
    app.mail.set_mood(Mood::Refuses("@".to_owned()));
    assert_eq!(
        delivery.take().await.unwrap(),
        0,
        "it is under way until its answer is recorded"
    );
    delivery.record().await;
    assert_eq!(
        app.count("SELECT COUNT(*) FROM notifications WHERE state = 'sent'")
            .await,
        1
    );
    app.clock.pass(minutes(10));
    assert_eq!(delivery.take().await.unwrap(), 0);
    assert_eq!(app.mailbox("ana").len(), 1);
}
