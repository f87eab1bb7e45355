//! What is logged of a request: enough to find it again, and no secret.

#![allow(clippy::unwrap_used)]

use crate::program::init;
use crate::program::running::{Running, alert};
use testing::until;

async fn logged(format: &str) {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("kintsugi.db").display());
    let door = init(&database);
    let secret = door.rsplit('/').next().unwrap();
    let file = folder.path().join("log");
    let settings = [
        ("KINTSUGI_LOG", "info,tower_http=debug"),
        ("KINTSUGI_LOG_FORMAT", format),
    ];
    let running = Running::start_with_log(&database, &settings, &file).await;
    assert_eq!(alert(&running.at(&door), "one").await, 202);
    assert_eq!(alert(&running.at("/json/a-secret-of-before"), "two").await, 401);
    let refused = reqwest::get(running.at(&door)).await.unwrap();
    assert_eq!(refused.status(), 405);
    let id = refused.headers()["x-request-id"].to_str().unwrap().to_owned();
    until("all three are logged", async || {
        let log = std::fs::read_to_string(&file).unwrap();
        let ended = |status: &str| {
            log.lines()
                .any(|line| line.contains("finished") && line.contains(status))
        };
        ended("202") && ended("401") && ended("405")
    })
    .await;
    let log = std::fs::read_to_string(&file).unwrap();
    let of_request = log
        .lines()
        .find(|line| line.contains("finished") && line.contains(&id));
    let of_request = of_request.unwrap_or_else(|| panic!("no line with {id} in {log}"));
    assert!(of_request.contains("/json/{secret}"), "{of_request}");
    if format == "json" {
        let line: serde_json::Value = serde_json::from_str(of_request).unwrap();
        assert_eq!(line["span"]["id"], id.as_str(), "{line}");
    }
    assert!(
        !log.contains(secret) && !log.contains("a-secret-of-before"),
        "{log}"
    );
    running.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_of_text_has_the_requests_id_and_not_its_secret() {
    logged("text").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_of_json_has_the_requests_id_and_not_its_secret() {
    logged("json").await;
}
