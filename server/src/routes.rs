//! All addresses, and what holds for every answer.

use crate::hooks::{self, Hooks};
use crate::watch::{self, Watch};
use crate::{assets, live, packing};
use app::App;
use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use std::borrow::Cow;
use tower::ServiceBuilder;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::TraceLayer;

/// Nothing is loaded from elsewhere, no script or style stands in a page.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Everything that is served.
pub fn all(app: App, hooks: Hooks, watch: Watch) -> Router {
    let mut pages = app::routes(&app).merge(live::routes());
    if cfg!(debug_assertions) {
        pages = pages.route("/design", get(app::design::show));
    }
    let demo = app.installation.demo;
    let framed = middleware::from_fn_with_state(app.clone(), app::answer::frame_error_pages);
    let pages = pages
        .method_not_allowed_fallback(not_this_way)
        .with_state(app)
        .layer(CatchPanicLayer::custom(page_after_panic));
    let quality = CompressionLevel::Precise(packing::QUALITY);
    let squeezed = CompressionLayer::new().quality(quality).compress_when(
        SizeAbove::new(packing::SHORTEST)
            .and(NotForContentType::SSE)
            .and(NotForContentType::IMAGES),
    );
    let mut site = Router::new()
        .merge(pages)
        .merge(watch::routes(watch))
        .merge(assets::routes())
        .fallback(nothing_here)
        .layer(framed);
    if let Some(demo) = demo {
        site = site.layer(middleware::from_fn_with_state(demo, app::demo::mark));
    }
    let site = site.layer(
        ServiceBuilder::new()
            .layer(middleware::from_fn(app::preferences::known))
            .layer(squeezed)
            .layer(middleware::from_fn(packing::pack))
            .layer(CatchPanicLayer::custom(after_panic)),
    );
    // An alert is answered in a few bytes to no reader: what makes pages is not on its way.
    let doors = hooks::routes(hooks).layer(CatchPanicLayer::custom(after_panic));
    site.merge(doors).layer(
        ServiceBuilder::new()
            .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
            .layer(TraceLayer::new_for_http().make_span_with(span))
            .layer(PropagateRequestIdLayer::x_request_id())
            .layer(middleware::from_fn(add_headers)),
    )
}

/// The path as its route has it, so that no secret in it is logged; of an address that nobody has, its beginning.
fn span(request: &Request) -> tracing::Span {
    let matched = request.extensions().get::<MatchedPath>();
    let path = matched.map_or_else(
        || {
            let first = request.uri().path().split('/').nth(1).unwrap_or_default();
            Cow::Owned(format!("/{first}/…"))
        },
        |matched| Cow::Borrowed(matched.as_str()),
    );
    let id = request
        .headers()
        .get("x-request-id")
        .and_then(|id| id.to_str().ok());
    tracing::info_span!("request", id, method = %request.method(), path = %path)
}

async fn add_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=()",
        ),
    ] {
        // What people sent is served under a stricter one of its own.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The address of a form that came back refused stays in the address bar, and somebody will press Enter there.
async fn not_this_way(request: Request) -> Response {
    let sentence = "Forms are sent to this address; there is no page at it.";
    if app::answer::wants_json(request.headers()) {
        return app::answer::problem_json(StatusCode::METHOD_NOT_ALLOWED, sentence, None);
    }
    app::answer::error_page(StatusCode::METHOD_NOT_ALLOWED, "No page here", sentence)
}

async fn nothing_here(request: Request) -> Response {
    if app::answer::wants_json(request.headers()) || request.method() != axum::http::Method::GET {
        return app::answer::problem_json(StatusCode::NOT_FOUND, "There is nothing at this address.", None);
    }
    app::answer::error_page(
        StatusCode::NOT_FOUND,
        "Not here",
        "There is nothing at this address. It may have moved, or it was typed by hand.",
    )
}

/// People get a page.
fn page_after_panic(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("the handler of a page panicked");
    app::answer::internal_error()
}

/// Machines get a problem.
fn after_panic(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    app::answer::problem_json(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something on our side did not work. Try again in a moment; the log of the server says what it was.",
        None,
    )
}
