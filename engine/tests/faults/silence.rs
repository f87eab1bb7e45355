//! PostgreSQL vanishes without a word: nothing is closed, and nothing is answered.

use super::proxy::Proxy;
use engine::alerts::NotTaken;
use std::time::Duration;
use testing::{NewPostgres, TestApp, until};
use tokio::time::timeout;

/// Sources give an alert up after this long.
const PATIENCE_OF_A_SOURCE: Duration = Duration::from_secs(12);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_vanishes_without_a_word_is_given_up_and_its_successor_used() {
    let Some(database) = NewPostgres::create().await else {
        return;
    };
    let proxy = Proxy::to(&database.address).await;
    let app = TestApp::on_postgres_at(&proxy.address).await;
    app.usual_cast().await;
    let at_work = app.go_to_work();
    app.fires("checkout", "Before", 2, "before").await;
    let is_paged = |title: &str| app.subjects("ana").iter().any(|subject| subject.contains(title));
    until("a page arrives", async || is_paged("Before")).await;

    let during = app.arriving("checkout", "During", "during").await;
    proxy.fall_silent();
    for _ in 0..2 {
        let answer = timeout(PATIENCE_OF_A_SOURCE, app.ingest.take(during.clone())).await;
        assert_eq!(answer.expect("an answer in time"), Err(NotTaken::NotStored));
    }

    proxy.fail_over();
    until("alerts come through again", async || {
        app.ingest.take(during.clone()).await.is_ok()
    })
    .await;
    until("its page arrives", async || is_paged("During")).await;
    let incident = app.story(2).await.incident.id;
    let mut watch = app.engine.live.watch();
    until("another node's news is heard", async || {
        let told = format!("NOTIFY kintsugi_incident, '{incident}'");
        app.engine.db.run_outside_transactions(&told).await.unwrap();
        timeout(Duration::from_millis(200), watch.changed(incident))
            .await
            .is_ok_and(|notice| notice.is_some())
    })
    .await;
    at_work.end().await;
    database.drop().await;
}
