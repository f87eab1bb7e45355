//! What sources and people see over HTTP while something is broken.

#![allow(clippy::unwrap_used)]

pub mod other_program;

use self::other_program::OtherProgram;
use crate::site::{Site, cookie_of, header};
use domain::teams::IntegrationKind;
use engine::db::Db;
use engine::teams::integrations;
use engine::transaction;
use futures::stream::{FuturesUnordered, StreamExt};
use std::path::PathBuf;
use testing::{TestApp, hours, until};

fn file(app: &TestApp) -> PathBuf {
    match &app.engine.db {
        Db::Sqlite { writer, .. } => writer.connect_options().get_filename().to_owned(),
        Db::Postgres(_) => panic!("a test of SQLite"),
    }
}

/// Where the JSON integration of a service takes alerts.
async fn door(app: &TestApp, service: &str) -> String {
    let made = transaction!(app.engine, |tx| integrations::create(
        tx,
        app.id(service),
        IntegrationKind::Json,
        ""
    )
    .await?);
    let (_, secret) = made.expect("an integration");
    format!("/json/{}", secret.reveal())
}

fn send(site: &Site, door: &str, key: &str) -> impl Future<Output = reqwest::Response> + use<> {
    let body = format!(r#"{{"title":"Slow","severity":"SEV2","dedup_key":"{key}"}}"#);
    let request = site
        .post(door)
        .header("content-type", "application/json")
        .body(body);
    async { request.send().await.expect("an answer") }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_nothing_can_be_written_sources_are_told_to_come_again_and_people_read() {
    let app = TestApp::on_sqlite().await;
    app.usual_cast().await;
    app.fires("checkout", "Before", 2, "before").await;
    let site = Site::open(&app).await;
    let (door, cookie) = (door(&app, "checkout").await, cookie_of(&app, "ana").await);
    let at_work = app.go_to_work();
    let is_paged = || {
        app.subjects("ana")
            .iter()
            .any(|subject| subject.contains("Before"))
    };
    until("the first page arrives", async || is_paged()).await;
    let other = OtherProgram::hold(&file(&app));
    // Their session's use is due to be noted, and the next page has fallen due.
    app.clock.pass(hours(2));

    let page = site.get("/incidents/1").header("cookie", &cookie).send();
    let (page, refused) = futures::join!(page, send(&site, &door, "slow"));
    let page = page.expect("a page");
    assert_eq!(page.status(), 200);
    assert!(page.text().await.expect("a body").contains("Before"));
    assert_eq!(refused.status(), 503);
    assert_eq!(header(&refused, "retry-after"), "2");
    let ready = site.get("/readyz").send().await.expect("an answer");
    assert_eq!(ready.status(), 503);
    assert!(ready.text().await.expect("a body").contains("cannot be written"));

    let is_next_paged = || {
        app.subjects("bo")
            .iter()
            .any(|subject| subject.starts_with("[SEV"))
    };
    assert!(!is_next_paged());
    other.let_go();
    assert_eq!(send(&site, &door, "slow").await.status(), 202);
    until("what fell due meanwhile arrives", async || is_next_paged()).await;
    at_work.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_integration_that_sends_too_much_is_told_to_come_again() {
    let app = TestApp::on_sqlite().await;
    app.usual_cast().await;
    let site = Site::open(&app).await;
    let door = door(&app, "checkout").await;
    // Nothing can be stored until this ends.
    let held = app.engine.begin().await.expect("the writer");
    let mut flood: FuturesUnordered<_> = (0..280)
        .map(|number| send(&site, &door, &format!("key {number}")))
        .collect();
    let first = flood.next().await.expect("an answer");
    assert_eq!(
        first.status(),
        429,
        "only those beyond the bound are answered yet"
    );
    assert_eq!(header(&first, "retry-after"), "2");
    drop(held);
    let rest: Vec<_> = flood.map(|answer| answer.status().as_u16()).collect().await;
    let taken = rest.iter().filter(|status| **status == 202).count();
    let turned_away = rest.iter().filter(|status| **status == 429).count();
    assert_eq!(taken + turned_away, 279, "every one is answered");
    assert!(taken >= 256, "{taken}");
    until("what was turned away is noted", async || {
        app.count("SELECT COUNT(*) FROM refusals WHERE status = 429")
            .await
            == 20
    })
    .await;
    app.settle().await;
    let subjects = app.subjects("ana");
    assert!(
        !subjects.iter().any(|subject| subject.contains("refused")),
        "a source that comes again need not be mended: {subjects:?}"
    );
}
