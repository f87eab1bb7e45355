//! Copies of a SQLite database, and the way back.

#![allow(clippy::unwrap_used)]

use chrono::{DateTime, TimeDelta, Utc};
use engine::Error;
use engine::db::backup::{NoCopy, restore};
use engine::db::{Db, Standing, tables};
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Connection, SqliteConnection};
use std::path::Path;
use tempfile::TempDir;

fn now() -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

fn address(folder: &TempDir) -> String {
    format!("sqlite://{}", folder.path().join("kintsugi.db").display())
}

async fn run(db: &Db, text: &str) {
    db.run_outside_transactions(text).await.unwrap();
}

async fn teams_in(file: &Path) -> Vec<String> {
    let pool = SqlitePoolOptions::new()
        .connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    let names = sqlx::query_scalar("SELECT name FROM teams ORDER BY name")
        .fetch_all(&pool)
        .await
        .unwrap();
    pool.close().await;
    names
}

const TEAM: &str = "INSERT INTO teams (id, name, slug, created_at) VALUES (x'00', 'Payments', 'payments', '2026-03-02T09:00:00Z')";
const OTHER: &str = "INSERT INTO teams (id, name, slug, created_at) VALUES (x'01', 'Search', 'search', '2026-03-02T09:00:00Z')";

async fn house(folder: &TempDir) -> Db {
    let db = Db::connect(&address(folder)).await.unwrap();
    db.migrate().await.unwrap();
    run(&db, TEAM).await;
    db
}

#[tokio::test]
async fn a_backup_is_taken_while_the_database_is_used_and_brings_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let db = house(&folder).await;
    let backup = folder.path().join("backups/monday.db");
    db.copy_to(&backup).await.unwrap();
    run(&db, OTHER).await;
    let again = db.copy_to(&backup).await;
    assert!(
        matches!(again, Err(NoCopy::Exists(_))),
        "a backup is never written over"
    );
    db.close().await;

    restore(&address(&folder), &backup, now()).await.unwrap();
    let file = folder.path().join("kintsugi.db");
    assert_eq!(teams_in(&file).await, ["Payments"]);
    let replaced = folder.path().join("kintsugi.db.replaced");
    assert_eq!(
        teams_in(&replaced).await,
        ["Payments", "Search"],
        "nothing is lost by it"
    );
    let db = Db::connect(&address(&folder)).await.unwrap();
    db.migrate().await.unwrap();
    assert_eq!(db.looks_whole().await.unwrap(), None);
}

#[tokio::test]
async fn what_is_no_backup_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    house(&folder).await.close().await;
    let words = folder.path().join("words.txt");
    std::fs::write(&words, "this is no database, however long it may be").unwrap();
    let empty = folder.path().join("empty.db");
    std::fs::write(&empty, "").unwrap();
    let newer = folder.path().join("newer.db");
    let pool = SqlitePoolOptions::new()
        .connect(&format!("sqlite://{}?mode=rwc", newer.display()))
        .await
        .unwrap();
    sqlx::raw_sql(
        "CREATE TABLE _sqlx_migrations (version BIGINT); INSERT INTO _sqlx_migrations VALUES (9999)",
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;
    for (file, newer) in [(&words, false), (&empty, false), (&newer, true)] {
        let error = restore(&address(&folder), file, now()).await.unwrap_err();
        assert_eq!(matches!(error, NoCopy::Newer(_)), newer, "{error}");
        assert_eq!(matches!(error, NoCopy::NoBackup { .. }), !newer, "{error}");
        assert_eq!(teams_in(&folder.path().join("kintsugi.db")).await, ["Payments"]);
    }
}

#[tokio::test]
async fn a_database_that_is_in_use_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let db = house(&folder).await;
    let backup = folder.path().join("monday.db");
    db.copy_to(&backup).await.unwrap();
    run(
        &db,
        "INSERT INTO nodes (node, beat_at) VALUES (x'00', '2026-03-02T08:59:50Z')",
    )
    .await;
    db.close().await;
    let refused = restore(&address(&folder), &backup, now()).await;
    assert!(matches!(refused, Err(NoCopy::Running)));
    restore(&address(&folder), &backup, now() + TimeDelta::minutes(1))
        .await
        .unwrap();
}

/// A database as a program left it that knew people and teams only.
async fn with_teams_only(folder: &TempDir) {
    let pool = SqlitePoolOptions::new()
        .connect(&format!("{}?mode=rwc", address(folder)))
        .await
        .unwrap();
    tables::SQLITE.run_to(tables::FIRST + 1, &pool).await.unwrap();
    sqlx::raw_sql(TEAM).execute(&pool).await.unwrap();
    pool.close().await;
}

#[tokio::test]
async fn a_database_is_copied_before_it_is_brought_up_to_date_and_the_copy_is_the_way_back() {
    let folder = tempfile::tempdir().unwrap();
    with_teams_only(&folder).await;
    let db = Db::connect(&address(&folder)).await.unwrap();
    db.migrate().await.unwrap();
    run(&db, OTHER).await;
    assert_eq!(copies(&folder), ["kintsugi.db.version-102"]);
    // With nothing to do, nothing is copied.
    db.migrate().await.unwrap();
    assert_eq!(copies(&folder), ["kintsugi.db.version-102"]);
    db.close().await;
    let copy = folder.path().join("kintsugi.db.version-102");
    restore(&address(&folder), &copy, now()).await.unwrap();
    assert_eq!(teams_in(&folder.path().join("kintsugi.db")).await, ["Payments"]);
}

/// What was copied before it was brought up to date, by name.
fn copies(folder: &TempDir) -> Vec<String> {
    let names = std::fs::read_dir(folder.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut copies: Vec<String> = names.filter(|name| name.contains(".version-")).collect();
    copies.sort();
    copies
}

#[tokio::test]
async fn a_migration_that_fails_leaves_the_database_and_its_copy_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    with_teams_only(&folder).await;
    let db = Db::connect(&address(&folder)).await.unwrap();
    // The next migrations go well, until one finds a name taken.
    run(&db, "CREATE TABLE incidents_in_order (x INTEGER)").await;
    let first = db.standing().await.unwrap();
    assert!(matches!(
        first,
        Standing::Older {
            at: 102,
            newest: 104..
        }
    ));
    for _ in 0..3 {
        let failed = db.migrate().await.unwrap_err();
        assert!(matches!(failed, Error::Migration(_)), "{failed}");
        assert_eq!(db.standing().await.unwrap(), first, "nothing is half done");
        assert_eq!(
            copies(&folder),
            ["kintsugi.db.version-102"],
            "one copy however often it is tried"
        );
    }
    // What has changed since is copied too, and beside the first.
    run(&db, "DROP TABLE incidents_in_order").await;
    run(&db, OTHER).await;
    db.migrate().await.unwrap();
    assert_eq!(db.standing().await.unwrap(), Standing::UpToDate);
    let both = ["kintsugi.db.version-102", "kintsugi.db.version-102.2"];
    assert_eq!(copies(&folder), both);
    assert_eq!(teams_in(&folder.path().join(both[0])).await, ["Payments"]);
    assert_eq!(
        teams_in(&folder.path().join(both[1])).await,
        ["Payments", "Search"]
    );
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_another_program_holds_is_not_brought_up_to_date_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    with_teams_only(&folder).await;
    let mut other = SqliteConnection::connect(&address(&folder)).await.unwrap();
    sqlx::raw_sql("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .unwrap();
    let db = Db::connect(&address(&folder)).await.unwrap();
    let refused = db.migrate().await.unwrap_err();
    assert!(
        refused.to_string().contains("another program holds it"),
        "{refused}"
    );
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    db.migrate().await.unwrap();
    assert_eq!(db.standing().await.unwrap(), Standing::UpToDate);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_start_together_on_one_file_make_its_tables_once() {
    let folder = tempfile::tempdir().unwrap();
    let start = async || {
        let db = Db::connect(&address(&folder)).await.unwrap();
        db.migrate().await.unwrap();
        db
    };
    let (one, other) = tokio::join!(start(), start());
    assert_eq!(one.standing().await.unwrap(), Standing::UpToDate);
    assert_eq!(other.standing().await.unwrap(), Standing::UpToDate);
    assert_eq!(copies(&folder), Vec::<String>::new(), "there was nothing to keep");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_restore_keeps_what_the_first_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let db = house(&folder).await;
    let backup = folder.path().join("monday.db");
    db.copy_to(&backup).await.unwrap();
    run(&db, OTHER).await;
    db.close().await;
    for kept in ["kintsugi.db.replaced", "kintsugi.db.replaced.2"] {
        let replaced = restore(&address(&folder), &backup, now()).await.unwrap();
        assert_eq!(replaced, Some(folder.path().join(kept)));
    }
    let first = folder.path().join("kintsugi.db.replaced");
    assert_eq!(teams_in(&first).await, ["Payments", "Search"]);
}

#[tokio::test]
async fn a_newer_database_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let db = house(&folder).await;
    run(
        &db,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', TRUE, x'00', 1)",
    )
    .await;
    let error = db.migrate().await.unwrap_err().to_string();
    assert!(error.contains("newer Kintsugi"), "{error}");
}
