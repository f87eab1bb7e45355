//! The one way to answer with a page.

use crate::components::Frame;
use crate::components::page::Page;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use leptos::prelude::*;
use leptos::reactive::owner::Owner;
use std::sync::Arc;

/// A whole page in its frame: `render::page(StatusCode::OK, frame, move || view! { <Show incident /> })`.
///
/// The body is a closure because an island, when it is made, looks for the owner that is set up here.
pub fn page<V: IntoView + 'static>(
    status: StatusCode,
    frame: Frame,
    body: impl FnOnce() -> V + Send + 'static,
) -> Response {
    html(status, page_text(frame, body))
}

/// The text of a whole page: what [`page`] sends.
pub fn page_text<V: IntoView + 'static>(frame: Frame, body: impl FnOnce() -> V + Send + 'static) -> String {
    let mut text = String::from("<!DOCTYPE html>");
    text.push_str(&fragment(
        move || view! { <Page frame>{body().into_any()}</Page> },
    ));
    text
}

/// A part of a page, for the live stream and for islands that ask for one.
pub fn fragment<V: IntoView + 'static>(view: impl FnOnce() -> V) -> String {
    // Islands write their place into the shared context; without an owner that has one they panic.
    let owner = Owner::new_root(Some(Arc::new(hydration_context::SsrSharedContext::new_islands())));
    let text = owner.with(|| view().into_view().to_html());
    owner.unset_with_forced_cleanup();
    text
}

/// Answers with HTML that nobody keeps: every page depends on who reads it.
pub fn html(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store"),
    );
    response
}
