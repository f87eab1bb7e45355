//! The port: who comes in, how long each may keep us waiting, and who makes place when it is full.
//!
//! Alerts come through the same door as people and strangers. So what a stranger or one log-in does must hold no alert up: each
//! connection has deadlines, whoever keeps us waiting makes place for whoever comes, some places are kept for machines, and pages
//! are made on threads of their own.

mod pages;
mod places;
mod stream;
mod visit;

use crate::hooks;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use places::Places;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use stream::Attended;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use visit::Visit;

pub use pages::Pages;
pub use places::Room;
pub use visit::Deadlines;

/// Connections that are cut off when the program stops are gone within it.
const CUT_OFF_WITHIN: Duration = Duration::from_millis(500);

/// The first line and the headers of a request; addresses with filters are the longest that anybody sends.
const MOST_HEAD_BYTES: usize = 64 * 1024;
/// Requests that one connection may have under way over HTTP/2.
const MOST_BESIDE_EACH_OTHER: u32 = 100;
/// Where even the places that are kept are gone, the system is asked again after so long.
const FULL_PAUSE: Duration = Duration::from_millis(50);

/// What stands behind the port.
pub struct Door {
    pub tls: Option<TlsAcceptor>,
    pub router: Router,
    /// Connections to the database live on these threads as well, so they end after all else.
    pub pages: Arc<Pages>,
    pub room: Room,
    pub deadlines: Deadlines,
}

/// What each connection needs of it.
struct Inside {
    tls: Option<TlsAcceptor>,
    router: Router,
    pages: Arc<Pages>,
    places: Arc<Places>,
    deadlines: Deadlines,
    builder: Builder<TokioExecutor>,
}

impl Door {
    /// Serves until it is told to stop; requests under way then have so long to end.
    ///
    /// # Errors
    /// When the port cannot be listened on.
    pub async fn open(
        self,
        listener: std::net::TcpListener,
        stopping: CancellationToken,
        answering: Duration,
    ) -> std::io::Result<()> {
        let listener = TcpListener::from_std(listener)?;
        let mut builder = Builder::new(TokioExecutor::new());
        builder.http1().max_buf_size(MOST_HEAD_BYTES);
        builder
            .http2()
            .max_header_list_size(MOST_HEAD_BYTES as u32)
            .max_concurrent_streams(MOST_BESIDE_EACH_OTHER);
        let inside = Arc::new(Inside {
            tls: self.tls,
            router: self.router,
            pages: self.pages,
            places: Places::new(self.room),
            deadlines: self.deadlines,
            builder,
        });
        let connections = TaskTracker::new();
        let cut_off = CancellationToken::new();
        loop {
            let come = tokio::select! {
                come = listener.accept() => come,
                () = stopping.cancelled() => break,
            };
            match come {
                Ok((stream, from)) => {
                    let connection = attend(inside.clone(), stream, from, stopping.clone());
                    connections.spawn(cut_off.clone().run_until_cancelled_owned(connection));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep_until(Instant::now() + FULL_PAUSE).await;
                }
            }
        }
        drop(listener);
        connections.close();
        if tokio::time::timeout(answering, connections.wait()).await.is_err() {
            tracing::warn!("some requests have not ended in time");
            // What they hold, others wait for: whoever takes alerts in ends when nobody can hand one in any more.
            cut_off.cancel();
            let _ = tokio::time::timeout(CUT_OFF_WITHIN, connections.wait()).await;
        }
        Ok(())
    }
}

/// One connection, from its handshake to its end.
async fn attend(inside: Arc<Inside>, stream: TcpStream, from: SocketAddr, stopping: CancellationToken) {
    let Some(place) = inside.places.enter(from.ip()) else {
        return;
    };
    let visit = place.visit();
    // Answers come in small parts, which must not wait for each other.
    let _ = stream.set_nodelay(true);
    let stream = Attended::new(stream, visit.clone());
    let served = async {
        match &inside.tls {
            None => serve(&inside, stream, from, &visit, stopping).await,
            Some(tls) => {
                let handshake = tokio::select! {
                    handshake = tls.accept(stream) => handshake,
                    () = stopping.cancelled() => return,
                };
                match handshake {
                    Ok(stream) => serve(&inside, stream, from, &visit, stopping).await,
                    Err(error) => tracing::debug!(%error, "a connection spoke no TLS"),
                }
            }
        }
    };
    tokio::select! {
        () = served => {}
        () = visit.is_over(&inside.deadlines) => tracing::debug!("a connection that kept us waiting is closed"),
    }
}

async fn serve<S>(
    inside: &Arc<Inside>,
    stream: S,
    from: SocketAddr,
    visit: &Arc<Visit>,
    stopping: CancellationToken,
) where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|request| answer(inside.clone(), from, visit.clone(), request));
    let connection = inside.builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error, "a connection broke off");
    }
}

async fn answer(
    inside: Arc<Inside>,
    from: SocketAddr,
    visit: Arc<Visit>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let errand = visit.begin(request.version());
    let mut request = request.map(|body| Body::new(errand.arriving(body)));
    request.extensions_mut().insert(ConnectInfo(from));
    let router = inside.router.clone();
    let response = if is_for_machines(request.uri().path()) {
        router.oneshot(request).await?
    } else {
        let Some(place) = inside.places.page() else {
            return Ok(too_many());
        };
        inside.pages.answer(router, request, place).await
    };
    Ok(response.map(|body| Body::new(errand.leaving(body))))
}

/// Alerts, and those who watch whether it runs.
fn is_for_machines(path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    matches!(first, "healthz" | "readyz" | "metrics") || hooks::begins_a_door(first)
}

/// Pages have taken all the places that are not kept.
fn too_many() -> Response<Body> {
    let mut response = app::answer::error_page(
        StatusCode::SERVICE_UNAVAILABLE,
        "Too many pages at once",
        "More pages are open than this server has places for. Try again in a moment; alerts come in meanwhile.",
    );
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    app::answer::closing(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::teams::IntegrationKind;

    #[test]
    fn no_page_takes_the_place_of_an_alert() {
        for kind in IntegrationKind::ALL {
            for door in kind.source().doors {
                assert!(is_for_machines(door.path), "{}", door.path);
            }
        }
        for page in ["/", "/incidents", "/settings/services/json"] {
            assert!(!is_for_machines(page), "{page}");
        }
    }
}
