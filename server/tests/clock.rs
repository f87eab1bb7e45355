//! The program itself while the machine's clock is set forward an hour and back, by Debian's libfaketime.

#![allow(clippy::unwrap_used)]

use crate::program::{free_port, init, program};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use testing::{Mailboxes, until};

fn faketime() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.filter_map(Result::ok);
    let libraries = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    libraries.into_iter().find(|library| library.exists())
}

/// Ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn set_clock(file: &Path, offset: &str) {
    std::fs::write(file, offset).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_of_the_machine_is_set_forward_and_back() {
    let Some(library) = faketime() else {
        eprintln!("Left out: libfaketime is not installed (Debian's package faketime).");
        return;
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("kintsugi.db").display());
    let clock = folder.path().join("clock");
    let door = init(&database);
    let mail = Mailboxes::open().await;
    let port = free_port();
    let at = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let mut serve = program(&database);
    serve
        .env("KINTSUGI_LISTEN", format!("127.0.0.1:{port}"))
        .env("KINTSUGI_SMTP_URL", mail.smtp_url())
        .env("LD_PRELOAD", library)
        .env("FAKETIME_TIMESTAMP_FILE", &clock)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .stdout(Stdio::null());
    let fires = async |key: &str| {
        let body = format!(r#"{{"title":"Trouble {key}","severity":"SEV2","dedup_key":"{key}"}}"#);
        let request = reqwest::Client::new()
            .post(at(&door))
            .header("content-type", "application/json");
        assert_eq!(request.body(body).send().await.unwrap().status(), 202);
    };
    let waiting = async || {
        let ready = reqwest::get(at("/readyz")).await.unwrap().text().await.unwrap();
        ready.contains(r#""waiting":1"#)
    };
    let pages = |key: &str| {
        mail.all()
            .iter()
            .filter(|mail| mail.subject.contains(key))
            .count()
    };

    // An hour fast, with a mail server that is away.
    set_clock(&clock, "+1h");
    mail.go_away().await;
    let _running = Running(serve.spawn().unwrap());
    until("it serves", async || reqwest::get(at("/readyz")).await.is_ok()).await;
    fires("one").await;
    until("a page waits", waiting).await;
    until("it was tried", async || tried(&database).await).await;
    set_clock(&clock, "+0");
    mail.come_back();
    until("the page goes out, and not in an hour", async || {
        pages("one") == 1
    })
    .await;

    // Further ahead than before: the policy goes on by one step, once.
    set_clock(&clock, "+3h");
    until("the policy goes on", async || pages("one") == 2).await;
    set_clock(&clock, "+0");
    fires("two").await;
    until("what fires afterwards pages", async || pages("two") == 1).await;
    assert_eq!(pages("one"), 2, "no storm, and nothing twice");
    let mut ids: Vec<String> = mail.all().into_iter().map(|mail| mail.message_id).collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

/// Whether the mail that waits was tried.
async fn tried(database: &str) -> bool {
    let db = engine::db::Db::connect(database).await.unwrap();
    let engine::db::Db::Sqlite { readers, .. } = &db else {
        return false;
    };
    let waits: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM notifications WHERE state = 'waiting' AND attempts > 0")
            .fetch_one(readers)
            .await
            .unwrap();
    db.close().await;
    waits > 0
}
