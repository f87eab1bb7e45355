//! `kintsugi doctor`, as an operator runs it: what it finds, and that it leaves everything as it was.

#![allow(clippy::unwrap_used)]

use crate::program::on_both;
use crate::program::{change, count, init, program, told_by};
use engine::db::{Db, Standing, tables};
use testing::Mailboxes;

/// Its findings, and whether it found nothing to mend.
fn doctor(database: &str, settings: &[(&str, &str)]) -> (String, bool) {
    told_by(program(database).arg("doctor").envs(settings.iter().copied()))
}

/// The line about a part of the house.
fn line<'w>(words: &'w str, part: &str) -> &'w str {
    let of_part = |line: &&str| line.split_whitespace().nth(1) == Some(part);
    words
        .lines()
        .find(of_part)
        .unwrap_or_else(|| panic!("nothing of {part} in {words}"))
}

async fn standing(database: &str) -> Standing {
    let db = Db::connect(database).await.unwrap();
    let standing = db.standing().await.unwrap();
    db.close().await;
    standing
}

/// A database as a program left it that knew the first tables only.
async fn with_the_first_tables(database: &str) {
    let db = Db::connect(database).await.unwrap();
    match &db {
        Db::Sqlite { writer, .. } => tables::SQLITE.run_to(tables::FIRST, writer).await.unwrap(),
        Db::Postgres(pool) => tables::POSTGRES.run_to(tables::FIRST, pool).await.unwrap(),
    }
    db.close().await;
}

on_both! {
    async fn a_good_house_has_nothing_to_mend(database, _folder) {
        init(database);
        let mail = Mailboxes::open().await;
        let smtp = mail.smtp_url();
        let (words, is_well) = doctor(database, &[("KINTSUGI_SMTP_URL", &smtp)]);
        assert!(is_well, "{words}");
        for part in ["database", "clock", "outbox", "mail"] {
            assert!(line(&words, part).starts_with("well"), "{words}");
        }
        // Where nobody serves, nobody looks alive.
        assert_eq!(count(database, "SELECT COUNT(*) FROM nodes").await, 0);
    }

    async fn a_mail_server_that_is_not_there_is_to_be_mended(database, _folder) {
        init(database);
        let (words, is_well) = doctor(database, &[("KINTSUGI_SMTP_URL", "smtp://127.0.0.1:1")]);
        assert!(!is_well && line(&words, "mail").starts_with("MEND"), "{words}");
        assert!(line(&words, "database").starts_with("well"), "{words}");
    }

    async fn tables_of_an_older_program_are_told_and_left(database, _folder) {
        with_the_first_tables(database).await;
        let (words, _) = doctor(database, &[]);
        let told = line(&words, "database");
        assert!(told.starts_with("mind") && told.contains("older than this program, 101 of "), "{words}");
        assert!(matches!(standing(database).await, Standing::Older { at: tables::FIRST, .. }));
    }

    async fn tables_of_a_newer_program_are_to_be_mended(database, _folder) {
        init(database);
        change(
            database,
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'later', TRUE, '', 1)",
        )
        .await;
        let (words, is_well) = doctor(database, &[]);
        let told = line(&words, "database");
        assert!(!is_well && told.starts_with("MEND") && told.contains("newer Kintsugi"), "{words}");
    }

    async fn no_password_of_the_database_is_printed(database, _folder) {
        init(database);
        let with_password = if database.starts_with("postgres") {
            format!("{database}?password=hush-hush")
        } else {
            database.to_owned()
        };
        let (words, _) = doctor(&with_password, &[]);
        assert!(line(&words, "database").starts_with("well") && !words.contains("hush"), "{words}");
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_told_and_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kintsugi.db");
    let (words, _) = doctor(&format!("sqlite://{}", file.display()), &[]);
    assert!(line(&words, "database").contains("there is none yet"), "{words}");
    assert!(!file.exists());
}

#[test]
fn settings_that_cannot_be_read_are_named_without_their_secrets() {
    for (name, value, told) in [
        (
            "KINTSUGI_BASE_URL",
            "kintsugi.example.com",
            "base_url must be an address",
        ),
        (
            "KINTSUGI_HEARTBEAT_URL",
            "hush-hush",
            "heartbeat_url must be an address",
        ),
        (
            "KINTSUGI_DATABASE_URL",
            "mysql://ana:hush@db/kin",
            "database_url must be",
        ),
        ("KINTSUGI_SMTP_URL", "mail:hush-hush", "smtp_url"),
        (
            "KINTSUGI_PAYLOAD_DAYS",
            "999999999",
            "payload_days must be a number of days up to",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite://{}", folder.path().join("kintsugi.db").display());
        if name == "KINTSUGI_SMTP_URL" {
            init(&database);
        }
        let (words, is_well) = doctor(&database, &[(name, value)]);
        assert!(!is_well && words.contains(told), "{words}");
        assert!(!words.contains("hush"), "{words}");
    }
}
