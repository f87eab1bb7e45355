//! `kintsugi backup` and `kintsugi restore`, as an operator runs them.

#![allow(clippy::unwrap_used)]

use crate::program::on_both;
use crate::program::running::{Running, alert};
use crate::program::{PASSWORD, change, count, init, program, told_by};
use engine::db::{Db, Standing};
use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use testing::until;

const INCIDENTS: &str = "SELECT COUNT(*) FROM incidents";
const ALERTS: &str = "SELECT COUNT(*) FROM alerts";
/// As if a newer program had been there.
const NEWER: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
     VALUES (9999, 'later', TRUE, '', 1)";
const PAYLOADS: &str = "SELECT COUNT(*) FROM payloads";

fn run(database: &str, command: &str, file: &Path) -> (String, bool) {
    told_by(program(database).arg(command).arg(file))
}

on_both! {
    async fn a_backup_taken_while_alerts_arrive_is_one_state_and_comes_back(database, folder) {
        let door = init(database);
        let running = Running::start(database, &[]).await;
        let (taken, is_over) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicBool::new(false)));
        let (counted, over, at) = (taken.clone(), is_over.clone(), running.at(&door));
        let load = tokio::spawn(async move {
            while !over.load(Ordering::SeqCst) {
                let key = counted.load(Ordering::SeqCst).to_string();
                assert_eq!(alert(&at, &key).await, 202);
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        until("alerts arrive", async || taken.load(Ordering::SeqCst) > 20).await;
        let before = taken.load(Ordering::SeqCst);
        let backup = folder.join("backups/monday");
        std::fs::create_dir(folder.join("backups")).unwrap();
        let (words, is_well) = run(database, "backup", &backup);
        assert!(is_well, "{words}");
        // The one under way may be in it.
        let after = taken.load(Ordering::SeqCst) + 1;
        until("more arrive", async || taken.load(Ordering::SeqCst) > after + 5).await;
        is_over.store(true, Ordering::SeqCst);
        load.await.unwrap();
        let (words, is_well) = run(database, "backup", &backup);
        assert!(!is_well && words.contains("is there already"), "{words}");

        let (words, is_well) = run(database, "restore", &backup);
        assert!(!is_well && words.contains("Stop it first"), "{words}");
        running.stop();
        for told in ["who has stopped need not be waited for", "who lived when it was taken neither"] {
            let (words, is_well) = run(database, "restore", &backup);
            assert!(is_well, "{told}: {words}");
        }
        let kept = count(database, INCIDENTS).await;
        assert!((before..=after).contains(&kept), "{before} <= {kept} <= {after}");
        assert_eq!(count(database, ALERTS).await, kept);
        assert_eq!(count(database, PAYLOADS).await, kept);
        let running = Running::start(database, &[]).await;
        assert_eq!(alert(&running.at(&door), "another").await, 202);
        running.stop();
    }

    async fn a_backup_of_an_older_program_replaces_the_tables_of_a_newer_one(database, folder) {
        let door = init(database);
        let backup = folder.join("monday");
        let (words, is_well) = run(database, "backup", &backup);
        assert!(is_well, "{words}");
        change(database, "CREATE TABLE later (incident_id INTEGER)").await;
        change(database, NEWER).await;
        // Twice: doing it again does no harm, and loses nothing.
        for _ in 0..2 {
            let (words, is_well) = run(database, "restore", &backup);
            assert!(is_well, "{words}");
        }
        let db = Db::connect(database).await.unwrap();
        assert_eq!(db.standing().await.unwrap(), Standing::UpToDate);
        assert!(db.run_outside_transactions("SELECT 1 FROM later").await.is_err());
        db.close().await;
        if database.starts_with("sqlite:") {
            assert!(folder.join("kintsugi.db.replaced").exists());
            assert!(folder.join("kintsugi.db.replaced.2").exists());
        }
        let running = Running::start(database, &[]).await;
        assert_eq!(alert(&running.at(&door), "another").await, 202);
        running.stop();
    }

    async fn what_is_no_backup_changes_nothing(database, folder) {
        let door = init(database);
        let running = Running::start(database, &[]).await;
        assert_eq!(alert(&running.at(&door), "one").await, 202);
        running.stop();
        let whole = folder.join("whole");
        assert!(run(database, "backup", &whole).1);
        // Where it is kept, it can be counted in.
        change(database, "CREATE TABLE made_since (x INTEGER)").await;
        // Some that break off near their end, in the middle of rows and between statements, and words.
        let bytes = std::fs::read(&whole).unwrap();
        for missing in [5, 20, 60, bytes.len() / 2] {
            std::fs::write(folder.join("short"), &bytes[..bytes.len() - missing]).unwrap();
            std::fs::write(folder.join("words"), "no backup").unwrap();
            for file in ["short", "words"] {
                let (words, is_well) = run(database, "restore", &folder.join(file));
                assert!(!is_well, "{missing} bytes are missing: {words}");
                assert_eq!(count(database, INCIDENTS).await, 1);
                assert_eq!(count(database, "SELECT COUNT(*) FROM made_since").await, 0);
            }
        }
    }

    async fn a_backup_of_a_newer_program_changes_nothing(database, folder) {
        init(database);
        let newer = folder.join("newer");
        change(database, NEWER).await;
        assert!(run(database, "backup", &newer).1);
        change(database, "DELETE FROM _sqlx_migrations WHERE version = 9999").await;
        let (words, is_well) = run(database, "restore", &newer);
        assert!(!is_well && words.contains("was made by a newer Kintsugi"), "{words}");
        let db = Db::connect(database).await.unwrap();
        assert_eq!(db.standing().await.unwrap(), Standing::UpToDate);
        db.close().await;
    }
}

/// The program, where everything that is made would be everybody's.
fn generous(database: &str, arguments: &[&OsStr]) -> (String, bool) {
    let kintsugi = program(database);
    let mut generous = Command::new("sh");
    generous
        .args(["-c", "umask 000 && exec \"$0\" \"$@\""])
        .arg(kintsugi.get_program())
        .args(arguments);
    for (name, value) in kintsugi
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)))
    {
        generous.env(name, value);
    }
    told_by(generous.env("KINTSUGI_ADMIN_PASSWORD", PASSWORD))
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_database_and_what_lies_beside_it_are_for_their_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (house, backups) = (folder.path().join("new/house"), folder.path().join("new/backups"));
    let file = house.join("kintsugi.db");
    let database = format!("sqlite://{}", file.display());
    let (words, is_well) = generous(&database, &[OsStr::new("migrate")]);
    assert!(is_well, "{words}");
    assert_eq!((mode(&house), mode(&file)), (0o700, 0o600));
    let backup = backups.join("monday");
    let (words, is_well) = generous(&database, &[OsStr::new("backup"), backup.as_os_str()]);
    assert!(is_well, "{words}");
    assert_eq!((mode(&backups), mode(&backup)), (0o700, 0o600));
    // Copies that somebody made otherwise make nothing else readable.
    open_to_all(&backup);
    open_to_all(&file);
    let (words, is_well) = generous(&database, &[OsStr::new("restore"), backup.as_os_str()]);
    assert!(is_well, "{words}");
    assert_eq!(
        (mode(&file), mode(&house.join("kintsugi.db.replaced"))),
        (0o600, 0o600)
    );
}

fn open_to_all(path: &Path) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_older_program_left_open_is_told_and_closed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kintsugi.db");
    let database = format!("sqlite://{}", file.display());
    let door = init(&database);
    let copy = folder.path().join("kintsugi.db.version-3");
    std::fs::write(&copy, "").unwrap();
    let files = [&file, &copy];
    files.into_iter().for_each(|file| open_to_all(file));
    let (words, _) = told_by(program(&database).arg("doctor"));
    let finding = words.lines().find(|line| line.contains("files")).unwrap();
    assert!(
        finding.starts_with("mind") && finding.contains("others on this machine may read"),
        "{words}"
    );
    assert_eq!(files.map(|file| mode(file)), [0o644; 2], "it changes nothing");
    let running = Running::start(&database, &[]).await;
    assert_eq!(alert(&running.at(&door), "one").await, 202);
    let log = folder.path().join("kintsugi.db-wal");
    assert_eq!([&file, &copy, &log].map(|file| mode(file)), [0o600; 3]);
    running.stop();
    let (words, _) = told_by(program(&database).arg("doctor"));
    assert!(
        words
            .lines()
            .any(|line| line.starts_with("well") && line.contains("files")),
        "{words}"
    );
}

#[tokio::test]
async fn a_dump_of_postgresql_is_for_its_owner_alone() {
    let Some(database) = testing::NewPostgres::create().await else {
        return;
    };
    init(&database.address);
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backups/monday");
    let (words, is_well) = generous(&database.address, &[OsStr::new("backup"), backup.as_os_str()]);
    assert!(is_well, "{words}");
    assert_eq!((mode(backup.parent().unwrap()), mode(&backup)), (0o700, 0o600));
    database.drop().await;
}

/// A program of that name which writes down how it was called.
fn stand_in(folder: &Path, name: &str) {
    let file = folder.join(name);
    let script = format!(
        "#!/bin/sh\necho \"$@\" >> '{0}/called'\necho \"$PGPASSWORD\" >> '{0}/password'\n",
        folder.display()
    );
    std::fs::write(&file, script).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn the_programs_of_postgresql_get_the_password_where_others_cannot_read_it() {
    for address in [
        "postgres://ana:hush%20hush@127.0.0.1:1/kin",
        "postgres://ana@127.0.0.1:1/kin?password=hush+hush&sslmode=disable",
    ] {
        let folder = tempfile::tempdir().unwrap();
        stand_in(folder.path(), "pg_dump");
        let mut backup = program(address);
        backup.arg("backup").arg(folder.path().join("monday"));
        let (words, is_well) = told_by(backup.env("PATH", folder.path()));
        assert!(is_well, "{words}");
        let called = std::fs::read_to_string(folder.path().join("called")).unwrap();
        let password = std::fs::read_to_string(folder.path().join("password")).unwrap();
        assert!(called.contains("postgres://ana@127.0.0.1:1/kin"), "{called}");
        assert!(!called.contains("hush"), "{called}");
        assert_eq!(password.trim(), "hush hush");
    }
}
