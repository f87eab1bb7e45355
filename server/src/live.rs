//! The live stream of one incident: server-sent events (HTML Living Standard, 9.2), resumed by `Last-Event-ID`.

use app::App;
use app::incidents::live::{incident_of, news};
use app::session::SignedIn;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::people::Person;
use futures::Stream;
use serde::Deserialize;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

/// A comment so often, so that proxies and phones keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// The session is looked at again so often.
const SESSION_CHECK: Duration = Duration::from_secs(60);

pub fn routes() -> Router<App> {
    Router::new().route("/live/incidents/{number}", get(stream))
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    after: i64,
}

async fn stream(
    State(app): State<App>,
    who: SignedIn,
    Path(number): Path<i64>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let last = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .and_then(|id| id.parse().ok());
    // What a browser heard last counts; `after` is what its page was made from.
    let after = last.unwrap_or(asked.after).max(asked.after);
    match incident_of(&app, number).await {
        Ok(_) => {}
        Err(error) => {
            return app::answer::problem_json(app::answer::status_of(&error), &error.to_string(), None);
        }
    }
    let stream = follow(app, number, after, who);
    let mut response = Sse::new(stream)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response
}

struct Follow {
    app: App,
    number: i64,
    after: i64,
    who: SignedIn,
    watch: engine::live::Watch,
    incident: Option<domain::ids::IncidentId>,
    check: tokio::time::Interval,
    ready: VecDeque<Event>,
    first: bool,
    _counted: Counted,
}

/// Counts a client for as long as its stream lives.
struct Counted;

impl Counted {
    fn new() -> Self {
        metrics::gauge!("kintsugi_live_clients").increment(1);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!("kintsugi_live_clients").decrement(1);
    }
}

fn follow(app: App, number: i64, after: i64, who: SignedIn) -> impl Stream<Item = Result<Event, Infallible>> {
    // Watching begins before the first look, so that nothing falls between the two.
    let watch = app.engine.live.watch();
    let mut check = tokio::time::interval(SESSION_CHECK);
    check.reset();
    let state = Follow {
        app,
        number,
        after,
        who,
        watch,
        incident: None,
        check,
        ready: VecDeque::new(),
        first: true,
        _counted: Counted::new(),
    };
    futures::stream::unfold(state, |mut state| async move {
        loop {
            if let Some(event) = state.ready.pop_front() {
                return Some((Ok(event), state));
            }
            if !state.wait().await {
                return None;
            }
            state.look().await?;
        }
    })
}

impl Follow {
    /// Waits for a change; `false` ends the stream: the session is over, or the program is stopping.
    async fn wait(&mut self) -> bool {
        if std::mem::take(&mut self.first) {
            self.incident = incident_of(&self.app, self.number).await.ok();
            return self.incident.is_some();
        }
        let Some(incident) = self.incident else {
            return false;
        };
        loop {
            tokio::select! {
                going_on = self.watch.changed(incident) => return going_on,
                _ = self.check.tick() => {
                    if !self.who.is_still_signed_in(&self.app).await {
                        return false;
                    }
                }
            }
        }
    }

    async fn look(&mut self) -> Option<()> {
        let reader: &Person = &self.who.person;
        match news(&self.app, self.number, self.after, reader).await {
            Ok(news) => {
                let last = news.entries.last().map(|(seq, _)| *seq);
                for (seq, html) in news.entries {
                    self.ready
                        .push_back(Event::default().event("entry").id(seq.to_string()).data(html));
                }
                if let Some(last) = last {
                    self.after = last;
                    let regions = Event::default()
                        .event("page")
                        .id(last.to_string())
                        .json_data(&news.regions)
                        .ok()?;
                    self.ready.push_back(regions);
                }
                Some(())
            }
            Err(error) => {
                tracing::warn!(%error, "a live stream ends; its browser will come back");
                None
            }
        }
    }
}
