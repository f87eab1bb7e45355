//! For those who watch the watcher: `/healthz`, `/readyz`, `/metrics`, and the heartbeat that goes out.

use app::App;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use engine::health::{self, Readiness, Share};
use engine::{Engine, Result};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::sync::Mutex;

/// Seconds, from a fast answer to a mail server that is asked for half a minute.
const BUCKETS: [f64; 14] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// What was found out stays true for so long: a probe that asks often does not make the database write often.
const FRESH_FOR: Duration = Duration::from_secs(1);

/// How often what was measured is counted up; until then, or until somebody asks, each measurement is kept by itself.
const UPKEEP: Duration = Duration::from_secs(5);

/// Cheap to clone.
#[derive(Clone)]
pub struct Watch {
    app: App,
    metrics: PrometheusHandle,
    /// Who may read the metrics from elsewhere: those who know this.
    token: Option<Arc<str>>,
    last: Arc<Mutex<Option<(Duration, Readiness)>>>,
}

/// Collects what the engine measures. Once in a program; a second call collects nothing.
pub fn collect() -> PrometheusHandle {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
        .unwrap_or_else(|_| PrometheusBuilder::new())
        .build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::debug!("metrics are collected already");
    }
    describe();
    // A counter that begins with its first fault is none that can be seen rising.
    metrics::counter!("kintsugi_alerts_accepted_total").increment(0);
    metrics::counter!("kintsugi_alerts_not_taken_total").increment(0);
    tokio::spawn(keep_up(handle.clone()));
    handle
}

/// Where nobody asks for the metrics, nothing else counts up what was measured.
async fn keep_up(metrics: PrometheusHandle) {
    let mut pulse = tokio::time::interval(UPKEEP);
    loop {
        pulse.tick().await;
        metrics.run_upkeep();
    }
}

fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_counter!(
        "kintsugi_heartbeats_total",
        "Heartbeats that went out, and what became of them"
    );
    describe_counter!(
        "kintsugi_alerts_accepted_total",
        "Requests with alerts that are stored and handled"
    );
    describe_counter!(
        "kintsugi_alerts_not_taken_total",
        "Requests with alerts that could not be stored, or were turned away because too many waited"
    );
    describe_histogram!(
        "kintsugi_ingest_commit_seconds",
        Unit::Seconds,
        "One transaction of the door for alerts"
    );
    describe_histogram!(
        "kintsugi_page_settled_seconds",
        Unit::Seconds,
        "From a page that is due to what the mail server said"
    );
    describe_histogram!(
        "kintsugi_mail_exchange_seconds",
        Unit::Seconds,
        "One exchange with the mail server"
    );
    describe_histogram!(
        "kintsugi_database_wait_seconds",
        Unit::Seconds,
        "Waiting for a connection and, to write, for the turn"
    );
    describe_histogram!("kintsugi_database_commit_seconds", Unit::Seconds, "One commit");
    describe_gauge!("kintsugi_outbox_waiting", "Mails that wait to be sent");
    describe_gauge!(
        "kintsugi_outbox_age_seconds",
        Unit::Seconds,
        "How long the oldest of them has waited"
    );
    describe_gauge!(
        "kintsugi_escalation_lag_seconds",
        Unit::Seconds,
        "How late the most overdue policy step is"
    );
    describe_gauge!("kintsugi_live_clients", "Browsers that follow an incident");
    describe_gauge!("kintsugi_incidents_open", "Incidents that are not resolved");
    describe_gauge!(
        "kintsugi_worker_round_age_seconds",
        Unit::Seconds,
        "How long ago a worker came round"
    );
    describe_gauge!(
        "kintsugi_alerts_accepted_share_28d",
        "Share of alerts that were accepted, over 28 days"
    );
    describe_gauge!(
        "kintsugi_first_pages_in_time_share_28d",
        "Share of first pages that the mail server accepted within 10 s, over 28 days"
    );
}

pub fn routes(watch: Watch) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(show_metrics))
        .with_state(watch)
}

/// The program runs and answers.
async fn healthz() -> &'static str {
    "ok\n"
}

/// It can do its work: 200, or 503 and what is missing.
async fn readyz(State(watch): State<Watch>) -> Response {
    let found = watch.readiness().await;
    let status = if found.is_ready() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let words = |good: bool, bad: &str| if good { "ok".to_owned() } else { bad.to_owned() };
    let body = json!({
        "ready": found.is_ready(),
        "database": found.database.as_ref().map_or_else(|_| "cannot be written", |()| "ok"),
        "workers": words(found.workers_alive(), "one does not come round"),
        "outbox": { "waiting": found.outbox.waiting, "oldest_seconds": found.outbox.oldest_seconds },
    });
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// In Prometheus' text format, for this machine and for those who send the token.
async fn show_metrics(
    State(watch): State<Watch>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    if !watch.may_read(peer, &headers) {
        let sentence = "Metrics are read from this machine, or with Authorization: Bearer and the metrics_token of the settings.";
        return app::answer::problem_json(StatusCode::UNAUTHORIZED, sentence, None);
    }
    if let Err(error) = gauges(&watch.app.engine).await {
        tracing::error!(%error, "the database could not be asked for the metrics");
    }
    let text = watch.metrics.render();
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    )
        .into_response()
}

impl Watch {
    /// `metrics` comes from [`collect`]; without a token only this machine reads them.
    pub fn new(app: App, metrics: PrometheusHandle, token: Option<&str>) -> Self {
        Self {
            app,
            metrics,
            token: token.map(Arc::from),
            last: Arc::default(),
        }
    }

    async fn readiness(&self) -> Readiness {
        let mut last = self.last.lock().await;
        let now = self.app.engine.context.running_for();
        if let Some((_, found)) = last
            .as_ref()
            .filter(|(at, _)| now.saturating_sub(*at) < FRESH_FOR)
        {
            return found.clone();
        }
        let found = health::readiness(&self.app.engine).await;
        if let Err(error) = &found.database {
            tracing::error!(%error, "the database cannot be written");
        }
        *last = Some((now, found.clone()));
        found
    }

    /// Behind a proxy on this machine everybody comes from here, so that a forwarded request needs the token.
    fn may_read(&self, peer: SocketAddr, headers: &HeaderMap) -> bool {
        let sent = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        match (&self.token, sent) {
            (Some(token), Some(sent)) => token.as_bytes().ct_eq(sent.trim().as_bytes()).into(),
            (Some(_), None) => false,
            (None, _) => {
                let forwarded = headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded");
                !forwarded && peer.ip().to_canonical().is_loopback()
            }
        }
    }
}

/// What is only known by asking.
async fn gauges(engine: &Engine) -> Result<()> {
    let mut tx = engine.read().await?;
    let outbox = health::outbox(&mut tx).await?;
    metrics::gauge!("kintsugi_outbox_waiting").set(outbox.waiting as f64);
    metrics::gauge!("kintsugi_outbox_age_seconds").set(outbox.oldest_seconds as f64);
    metrics::gauge!("kintsugi_escalation_lag_seconds").set(health::escalation_lag(&mut tx).await? as f64);
    let open = engine::incidents::count_open(&mut tx).await?;
    metrics::gauge!("kintsugi_incidents_open").set(open.open as f64);
    let shares = health::shares(&mut tx).await?;
    let set = |name: &'static str, share: Share| metrics::gauge!(name).set(share.ratio().unwrap_or(1.0));
    set("kintsugi_alerts_accepted_share_28d", shares.alerts_accepted);
    set(
        "kintsugi_first_pages_in_time_share_28d",
        shares.first_pages_in_time,
    );
    let running_for = engine.context.running_for();
    for worker in health::Worker::ALL {
        let age = engine.rounds.since(worker, running_for).as_secs_f64();
        metrics::gauge!("kintsugi_worker_round_age_seconds", "worker" => worker.as_str()).set(age);
    }
    Ok(())
}

/// Asks `url` every minute while this node is ready: who waits for it and hears nothing raises an alarm by other means.
pub async fn heartbeat(engine: Engine, url: url::Url) {
    heartbeat_every(Duration::from_secs(60), engine, url).await;
}

/// [`heartbeat`] with another period than a minute.
pub async fn heartbeat_every(period: Duration, engine: Engine, url: url::Url) {
    let client = match reqwest::Client::builder()
        .timeout(Duration::from_secs(10))
        .build()
    {
        Ok(client) => client,
        Err(error) => {
            tracing::error!(%error, "no heartbeat can be sent");
            return;
        }
    };
    let mut pulse = tokio::time::interval(period);
    pulse.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        pulse.tick().await;
        if !health::readiness(&engine).await.is_ready() {
            tracing::warn!("not ready, so no heartbeat is sent");
            continue;
        }
        match client
            .get(url.clone())
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
        {
            Ok(_) => metrics::counter!("kintsugi_heartbeats_total", "outcome" => "sent").increment(1),
            Err(error) => {
                metrics::counter!("kintsugi_heartbeats_total", "outcome" => "failed").increment(1);
                tracing::warn!(error = %error.without_url(), "the heartbeat was not taken");
            }
        }
    }
}
