//! The program Alertmanager itself, as Debian has it: what it does with our answers when it is told to come again.

#![allow(clippy::unwrap_used)]

use crate::site::Site;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use domain::teams::IntegrationKind;
use engine::db::sql;
use engine::teams::integrations;
use engine::transaction;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::json;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use testing::{both_databases, until};

/// Ends with the test.
struct Alertmanager {
    child: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Alertmanager {
    /// Sends to this address. Its next notification about a group would come an hour after the one before.
    async fn that_sends_to(address: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let settings = folder.path().join("alertmanager.yml");
        let text = format!(
            "route:\n  receiver: kintsugi\n  group_wait: 100ms\n  group_interval: 1h\n  repeat_interval: 4h\n\
             receivers:\n  - name: kintsugi\n    webhook_configs:\n      - url: {address}\n"
        );
        std::fs::write(&settings, text).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let start = |name: &str| {
            Command::new(name)
                .arg(format!("--config.file={}", settings.display()))
                .arg(format!("--storage.path={}", folder.path().join("data").display()))
                .arg(format!("--web.listen-address=127.0.0.1:{port}"))
                .arg("--cluster.listen-address=")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .ok()
        };
        // Debian's name for it, and its own.
        let child = start("prometheus-alertmanager").or_else(|| start("alertmanager"))?;
        let alertmanager = Self {
            child,
            address: format!("http://127.0.0.1:{port}"),
            _folder: folder,
        };
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        until("Alertmanager answers", async || {
            let ready = client
                .get(format!("{}/-/ready", alertmanager.address))
                .send()
                .await;
            ready.is_ok_and(|answer| answer.status().is_success())
        })
        .await;
        Some(alertmanager)
    }

    async fn fires(&self, name: &str) {
        let alerts = json!([{ "labels": { "alertname": name, "severity": "critical" } }]);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let sent = client
            .post(format!("{}/api/v2/alerts", self.address))
            .header("content-type", "application/json")
            .body(alerts.to_string())
            .send();
        assert!(sent.await.unwrap().status().is_success());
    }
}

/// Hands on what Alertmanager sends, and keeps what it was answered.
async fn overheard(to: String) -> (String, Arc<Mutex<Vec<u16>>>) {
    let answers = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&answers);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let hand_on = move |body: String| {
        let (client, to, kept) = (client.clone(), to.clone(), Arc::clone(&kept));
        async move {
            let answer = client.post(to).body(body).send().await.unwrap();
            kept.lock().unwrap().push(answer.status().as_u16());
            (
                StatusCode::from_u16(answer.status().as_u16()).unwrap(),
                answer.text().await.unwrap(),
            )
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", post(hand_on))).await });
    (address, answers)
}

both_databases! {
    async fn alertmanager_sends_again_what_was_turned_away_while_too_many_waited(app) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        app.usual_cast().await;
        let site = Site::open(app).await;
        let (_, secret) = transaction!(app.engine, |tx| {
            integrations::create(tx, app.id("checkout"), IntegrationKind::Alertmanager, "").await?
        })
        .unwrap();
        let path = format!("/alertmanager/{}", secret.reveal());
        let (overheard, answers) = overheard(site.address(&path)).await;
        let Some(alertmanager) = Alertmanager::that_sends_to(&overheard).await else {
            eprintln!("Left out: Alertmanager is not installed (Debian's package prometheus-alertmanager).");
            return;
        };
        // Nothing can be stored yet, and as many requests wait as may.
        let mut held = app.engine.begin().await.unwrap();
        if held.is_postgres() {
            sql("LOCK TABLE payloads IN EXCLUSIVE MODE").run(&mut held).await.unwrap();
        }
        let waits = json!({ "receiver": "other", "groupKey": "w", "alerts": [{ "status": "resolved", "labels": { "alertname": "Waits" } }] });
        let mut flood: FuturesUnordered<_> = (0..300).map(|_| site.post(&path).body(waits.to_string()).send()).collect();
        let turned_away = flood.next().await.unwrap().unwrap();
        assert_eq!(turned_away.status(), 503);
        alertmanager.fires("DiskFull").await;
        until("Alertmanager is turned away", async || answers.lock().unwrap().first() == Some(&503)).await;
        drop(held);
        drop(flood);
        until("it has sent again", async || app.count("SELECT COUNT(*) FROM incidents WHERE title = 'DiskFull'").await == 1).await;
        app.settle().await;
        assert_eq!(answers.lock().unwrap().last(), Some(&200));
        assert!(app.subjects("ana").iter().any(|subject| subject.contains("DiskFull")), "{:?}", app.subjects("ana"));
    }
}
