//! The program itself, as an operator starts it.

// Each test file uses its part.
#![allow(dead_code, clippy::unwrap_used)]

pub mod nodes;
pub mod running;

use engine::db::Db;
use std::net::TcpListener;
use std::process::Command;
use testing::{Mailboxes, until};
use url::Url;

pub const EMAIL: &str = "ana@example.test";
pub const PASSWORD: &str = "a bowl mended with gold";

/// The program with settings of its own only.
pub fn program(database: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_kintsugi"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("KINTSUGI_")) {
        program.env_remove(name);
    }
    program.env("KINTSUGI_DATABASE_URL", database);
    program
}

/// Sets the house up; answers with the path of the JSON integration.
pub fn init(database: &str) -> String {
    let mut init = program(database);
    init.args(["init", "--admin-email", EMAIL, "--admin-name", "Ana"]);
    init.args(["--team", "Payments", "--service", "Checkout"]);
    init.env("KINTSUGI_ADMIN_PASSWORD", PASSWORD);
    let made = init.output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let address = made["integrations"]["json"]["url"].as_str().unwrap();
    Url::parse(address).unwrap().path().to_owned()
}

/// An alert that is taken.
pub async fn fires(door: &str, key: &str) {
    let body = format!(r#"{{"title":"Trouble {key}","severity":"SEV2","dedup_key":"{key}"}}"#);
    let request = reqwest::Client::new()
        .post(door)
        .header("content-type", "application/json");
    assert_eq!(request.body(body).send().await.unwrap().status(), 202);
}

/// Waits until the mail server has so many mails for the person.
pub async fn arrives(mail: &Mailboxes, person: &str, how_many: usize) {
    let address = format!("{person}@example.test");
    let what = format!("{person} has {how_many} mails");
    until(&what, async || mail.of(&address).len() == how_many).await;
}

/// What a command printed, both ways, and whether it ended well.
pub fn told_by(command: &mut Command) -> (String, bool) {
    let output = command.output().unwrap();
    let words = [output.stdout, output.stderr].concat();
    (String::from_utf8(words).unwrap(), output.status.success())
}

/// How many it counts in the database, from outside.
pub async fn count(database: &str, text: &'static str) -> i64 {
    let db = Db::connect(database).await.unwrap();
    let count = match &db {
        Db::Sqlite { readers, .. } => sqlx::query_scalar(text).fetch_one(readers).await,
        Db::Postgres(pool) => sqlx::query_scalar(text).fetch_one(pool).await,
    };
    db.close().await;
    count.unwrap()
}

pub async fn change(database: &str, text: &str) {
    let db = Db::connect(database).await.unwrap();
    db.run_outside_transactions(text).await.unwrap();
    db.close().await;
}

/// Runs each story with a new folder, and the address of a new SQLite file in it or of a new database on PostgreSQL.
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($database:ident, $folder:ident) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$meta])*
            async fn story($database: &str, $folder: &std::path::Path) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let folder = tempfile::tempdir().unwrap();
                let database = format!("sqlite://{}", folder.path().join("kintsugi.db").display());
                story(&database, folder.path()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(database) = testing::NewPostgres::create().await {
                    let folder = tempfile::tempdir().unwrap();
                    story(&database.address, folder.path()).await;
                    database.drop().await;
                }
            }
        }
    )+};
}
pub(crate) use on_both;

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
