//! The whole router on a port of loopback, over the engine of a test.

// Each test file uses its part.
#![allow(dead_code)]

pub mod events;

use app::App;
use app::state::{Demo, Installation};
use engine::people::sessions;
use engine::transaction;
use metrics_exporter_prometheus::PrometheusBuilder;
use reqwest::{Client, RequestBuilder};
use server::hooks::Hooks;
use server::routes;
use server::watch::Watch;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use testing::TestApp;
use tokio::net::TcpListener;

/// What a test waits for a body at the door for alerts.
pub const PATIENCE: Duration = Duration::from_secs(1);

pub struct Site {
    pub port: u16,
    pub client: Client,
}

impl Site {
    pub async fn open(app: &TestApp) -> Self {
        Self::open_as(app, None).await
    }

    /// As the demo, where one may log in as these.
    pub async fn open_as(app: &TestApp, demo: Option<Demo>) -> Self {
        let installation = Installation {
            setup_code: None,
            base_url_is_loopback: false,
            over_tls: false,
            trusted_proxies: Vec::new(),
            demo,
        };
        let hooks = Hooks {
            engine: app.engine.clone(),
            ingest: app.ingest.clone(),
            patience: PATIENCE,
        };
        let pages = App {
            engine: app.engine.clone(),
            installation: Arc::new(installation),
        };
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let watch = Watch::new(pages.clone(), metrics, None);
        let router = routes::all(pages, hooks, watch).into_make_service_with_connect_info::<SocketAddr>();
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port of loopback");
        let port = listener.local_addr().expect("a bound port").port();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self::at(port)
    }

    /// What a program serves on this port.
    pub fn at(port: u16) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(60))
            .build()
            .expect("a client");
        Self { port, client }
    }

    pub fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.address(path))
    }

    /// A page, as whoever has this cookie gets it: status and body.
    pub async fn page(&self, cookie: &str, path: &str) -> (u16, String) {
        let answer = self
            .get(path)
            .header("cookie", cookie)
            .send()
            .await
            .expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.text().await.expect("a body"))
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(self.address(path))
    }
}

/// The cookie of a new session of the person with this name.
pub async fn cookie_of(app: &TestApp, name: &str) -> String {
    let person = app.person(name).await;
    let secret = transaction!(app.engine, |tx| sessions::start(
        tx,
        person.id,
        "a test",
        "127.0.0.1"
    )
    .await?)
    .expect("a session");
    format!("{}={}", app::session::COOKIE, secret.reveal())
}

/// A header of an answer, or nothing.
pub fn header<'a>(answer: &'a reqwest::Response, name: &str) -> &'a str {
    answer
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}
