//! One connection: what it is doing, and how long it has kept us waiting.

use axum::body::{Body, Bytes, HttpBody};
use axum::http::Version;
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How long a connection may keep us waiting. A body has its deadline where it is read.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// From the first byte of a request to the end of its headers, and to a new connection's first request.
    pub head: Duration,
    /// Between two requests; proxies keep theirs for a minute.
    pub idle: Duration,
    /// Until something more of an answer is taken.
    pub write: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(15),
            idle: Duration::from_secs(75),
            write: Duration::from_secs(30),
        }
    }
}

impl Deadlines {
    fn shortest(&self) -> Duration {
        self.head.min(self.idle).min(self.write)
    }
}

pub struct Visit {
    state: Mutex<State>,
    /// Rung when somebody else needs the place.
    leave: Notify,
}

struct State {
    waiting_since: Instant,
    /// When the first byte of the request came that has no end of its headers yet.
    head_begun: Option<Instant>,
    has_asked: bool,
    /// Over HTTP/2 signs of life come between requests.
    speaks_http2: bool,
    /// Requests whose body has not come yet.
    arriving: usize,
    /// Requests that came whole and are not answered to the end: here they wait for us.
    in_hand: usize,
    /// Since when nothing more of an answer is taken.
    stalled_since: Option<Instant>,
}

impl State {
    /// When it will have kept us waiting too long, as things stand.
    fn ends_at(&self, deadlines: &Deadlines) -> Option<Instant> {
        if let Some(stalled) = self.stalled_since {
            return Some(stalled + deadlines.write);
        }
        if self.in_hand + self.arriving > 0 {
            return None;
        }
        if !self.has_asked {
            return Some(self.waiting_since + deadlines.head);
        }
        let idle = self.waiting_since + deadlines.idle;
        match self.head_begun {
            Some(begun) if !self.speaks_http2 => Some((begun + deadlines.head).min(idle)),
            _ => Some(idle),
        }
    }
}

impl Visit {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                waiting_since: Instant::now(),
                head_begun: None,
                has_asked: false,
                speaks_http2: false,
                arriving: 0,
                in_hand: 0,
                stalled_since: None,
            }),
            leave: Notify::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it has kept us waiting too long, or its place is needed.
    pub async fn is_over(&self, deadlines: &Deadlines) {
        loop {
            let now = Instant::now();
            let end = self.state().ends_at(deadlines);
            if end.is_some_and(|end| end <= now) {
                return;
            }
            // What it is doing may change meanwhile, and its end comes nearer.
            let pulse = now + deadlines.shortest() / 2;
            let look_again = end.map_or(pulse, |end| end.min(pulse));
            tokio::select! {
                () = tokio::time::sleep_until(look_again) => {}
                () = self.leave.notified() => return,
            }
        }
    }

    pub fn make_place(&self) {
        self.leave.notify_one();
    }

    /// Since when the other side is the one who has to do something, if it is.
    pub fn keeps_us_waiting_since(&self) -> Option<Instant> {
        let state = self.state();
        match state.stalled_since {
            Some(stalled) => Some(stalled),
            None => (state.in_hand == 0).then_some(state.waiting_since),
        }
    }

    /// Bytes came.
    pub fn heard(&self) {
        let mut state = self.state();
        if state.in_hand + state.arriving == 0 && state.head_begun.is_none() {
            state.head_begun = Some(Instant::now());
        }
    }

    /// Whether the other side takes what is written.
    pub fn takes(&self, it_does: bool) {
        let mut state = self.state();
        match (it_does, state.stalled_since) {
            (true, _) => state.stalled_since = None,
            (false, None) => state.stalled_since = Some(Instant::now()),
            (false, Some(_)) => {}
        }
    }

    /// The headers of a request are there.
    pub fn begin(self: &Arc<Self>, version: Version) -> Arc<Errand> {
        let mut state = self.state();
        state.waiting_since = Instant::now();
        state.head_begun = None;
        state.has_asked = true;
        state.speaks_http2 |= version == Version::HTTP_2;
        state.arriving += 1;
        Arc::new(Errand {
            visit: self.clone(),
            has_arrived: AtomicBool::new(false),
        })
    }
}

/// One request, until the end of its answer.
pub struct Errand {
    visit: Arc<Visit>,
    has_arrived: AtomicBool,
}

impl Errand {
    /// The body of the request; once it came, or nobody wants it, it is ours to answer.
    pub fn arriving<B>(self: &Arc<Self>, body: B) -> InboundRequest<B> {
        InboundRequest {
            body,
            errand: self.clone(),
        }
    }

    /// The body of the answer; when it is gone, so is the errand.
    pub fn leaving(self: Arc<Self>, body: Body) -> Leaving {
        Leaving { body, _errand: self }
    }

    fn arrived(&self) {
        if !self.has_arrived.swap(true, Ordering::Relaxed) {
            let mut state = self.visit.state();
            state.arriving -= 1;
            state.in_hand += 1;
        }
    }
}

impl Drop for Errand {
    fn drop(&mut self) {
        self.arrived();
        let mut state = self.visit.state();
        state.in_hand -= 1;
        if state.in_hand == 0 {
            state.waiting_since = Instant::now();
            state.head_begun = None;
        }
    }
}

pub struct InboundRequest<B> {
    body: B,
    errand: Arc<Errand>,
}

impl<B: HttpBody + Unpin> HttpBody for InboundRequest<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) || self.body.is_end_stream() {
            self.errand.arrived();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for InboundRequest<B> {
    fn drop(&mut self) {
        self.errand.arrived();
    }
}

pub struct Leaving {
    body: Body,
    _errand: Arc<Errand>,
}

impl HttpBody for Leaving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
