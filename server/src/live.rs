//! The live stream of one incident: server-sent events (HTML Living Standard, 9.2), resumed by `Last-Event-ID`.

use app::App;
use app::address::{Path, Query};
use app::incidents::live::{Told, incident_of};
use app::session::SignedIn;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use domain::ids::PersonId;
use engine::live::Notice;
use futures::Stream;
use serde::Deserialize;
use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A comment so often, so that proxies and phones keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// The session is looked at again so often.
const SESSION_CHECK: Duration = Duration::from_secs(60);
/// Changes within so long are told as one.
const TOGETHER: Duration = Duration::from_millis(300);
/// Streams of one person: a browser has one, whatever it shows in how many tabs. A log-in that opens more holds nobody else's places.
const MOST_OF_ONE: usize = 24;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/live/incidents", get(any))
        .route("/live/incidents/{number}", get(stream))
        .layer(Extension(Arc::<Told>::default()))
        .layer(Extension(Streams::default()))
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    after: i64,
}

async fn stream(
    State(app): State<App>,
    Extension(told): Extension<Arc<Told>>,
    Extension(streams): Extension<Streams>,
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
    match incident_of(&app, &who, number).await {
        Ok(_) => {}
        Err(error) => {
            return app::answer::problem_json(app::answer::status_of(&error), &error.to_string(), None);
        }
    }
    let Some(counted) = count(&streams, who.person.id) else {
        return app::answer::problem_json(
            StatusCode::TOO_MANY_REQUESTS,
            "You follow as many incidents at once as one person may. Close a tab, and load this page again.",
            None,
        );
    };
    sent(follow(app, told, (number, after), who, counted))
}

fn sent(stream: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
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

/// That something changed, and nothing else: home and the list ask for themselves then, as whoever reads may see it.
async fn any(State(app): State<App>, Extension(streams): Extension<Streams>, who: SignedIn) -> Response {
    let Some(counted) = count(&streams, who.person.id) else {
        return app::answer::problem_json(
            StatusCode::TOO_MANY_REQUESTS,
            "You follow as much at once as one person may. Close a tab, and load this page again.",
            None,
        );
    };
    let mut check = tokio::time::interval(SESSION_CHECK);
    check.reset();
    let state = (app.engine.live.watch(), check, app, who, counted);
    sent(futures::stream::unfold(state, |mut state| async move {
        loop {
            let (watch, check, app, who, _) = &mut state;
            tokio::select! {
                changed = watch.any() => {
                    changed?;
                    // An event that says nothing is none.
                    let event = Event::default().event("changed").data("something");
                    // What happens right after is told with it.
                    app.engine.context.pause(TOGETHER).await;
                    return Some((Ok(event), state));
                }
                _ = check.tick() => {
                    if !who.is_still_signed_in(app).await {
                        return None;
                    }
                }
            }
        }
    }))
}

struct Follow {
    app: App,
    told: Arc<Told>,
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
struct Counted {
    streams: Streams,
    person: PersonId,
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!("kintsugi_live_clients").decrement(1);
        let mut of_all = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(streams) = of_all.get_mut(&self.person) {
            *streams -= 1;
            if *streams == 0 {
                of_all.remove(&self.person);
            }
        }
    }
}

/// How many streams each person has.
type Streams = Arc<Mutex<HashMap<PersonId, usize>>>;

/// One more; `None` where the person has as many as one may.
fn count(streams: &Streams, person: PersonId) -> Option<Counted> {
    let mut of_all = streams.lock().unwrap_or_else(PoisonError::into_inner);
    let own = of_all.entry(person).or_default();
    if *own >= MOST_OF_ONE {
        return None;
    }
    *own += 1;
    drop(of_all);
    metrics::gauge!("kintsugi_live_clients").increment(1);
    Some(Counted {
        streams: Arc::clone(streams),
        person,
    })
}

fn follow(
    app: App,
    told: Arc<Told>,
    (number, after): (i64, i64),
    who: SignedIn,
    counted: Counted,
) -> impl Stream<Item = Result<Event, Infallible>> {
    // Watching begins before the first look, so that nothing falls between the two.
    let watch = app.engine.live.watch();
    let mut check = tokio::time::interval(SESSION_CHECK);
    check.reset();
    let state = Follow {
        app,
        told,
        number,
        after,
        who,
        watch,
        incident: None,
        check,
        ready: VecDeque::new(),
        first: true,
        _counted: counted,
    };
    futures::stream::unfold(state, |mut state| async move {
        loop {
            if let Some(event) = state.ready.pop_front() {
                return Some((Ok(event), state));
            }
            let notice = state.wait().await?;
            state.look(notice).await?;
        }
    })
}

impl Follow {
    /// Waits for a change; `None` ends the stream: the session is over, or the program is stopping.
    async fn wait(&mut self) -> Option<Notice> {
        if std::mem::take(&mut self.first) {
            let latest = self.app.engine.live.latest();
            self.incident = incident_of(&self.app, &self.who, self.number).await.ok();
            return self.incident.map(|_| latest);
        }
        let incident = self.incident?;
        loop {
            tokio::select! {
                notice = self.watch.changed(incident) => return notice,
                _ = self.check.tick() => {
                    if !self.who.is_still_signed_in(&self.app).await {
                        return None;
                    }
                }
            }
        }
    }

    async fn look(&mut self, notice: Notice) -> Option<()> {
        let asked = (self.number, notice);
        let mut regions = None;
        loop {
            match self
                .told
                .news(&self.app, asked, self.after, &self.who.person)
                .await
            {
                Ok(Some(news)) => {
                    for (seq, html) in news.entries.iter() {
                        let event = Event::default().event("entry").id(seq.to_string()).data(html);
                        self.ready.push_back(event);
                        self.after = *seq;
                    }
                    regions = Some(news.regions);
                    if self.after >= news.seq || news.entries.is_empty() {
                        break;
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "a live stream ends; its browser will come back");
                    return None;
                }
            }
        }
        if let Some(regions) = regions {
            let event = Event::default().event("page").id(self.after.to_string());
            self.ready.push_back(event.data(&*regions));
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_so_many_streams_and_others_have_theirs() {
        let streams = Streams::default();
        let (ana, bo) = (
            PersonId(uuid::Uuid::from_u128(1)),
            PersonId(uuid::Uuid::from_u128(2)),
        );
        let mut open: Vec<Counted> = (0..MOST_OF_ONE).filter_map(|_| count(&streams, ana)).collect();
        assert_eq!(open.len(), MOST_OF_ONE);
        assert!(count(&streams, ana).is_none());
        assert!(count(&streams, bo).is_some());
        open.pop();
        assert!(count(&streams, ana).is_some(), "one was closed");
        drop(open);
        assert!(
            streams.lock().unwrap().is_empty(),
            "nobody is remembered who has none"
        );
    }
}
