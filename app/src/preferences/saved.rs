//! “Saved”, said once: on the page that a form leads to.

use crate::session::with_cookie;
use axum::http::header;
use axum::response::Response;

pub(super) const COOKIE: &str = "kintsugi_saved";

/// Longer than a page takes to come over a bad line.
const SECONDS: i64 = 60;

/// The page that this answer leads to says so.
pub fn say(leads_on: Response) -> Response {
    with_cookie(leads_on, COOKIE, "1", "/", SECONDS, false)
}

/// A page has said it.
pub(super) fn said(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_page {
        return response;
    }
    with_cookie(response, COOKIE, "", "/", 0, false)
}
