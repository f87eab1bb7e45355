//! What comes from a browser has a length, and only so long to come: one log-in must not keep everybody else from the server.

use crate::answer::{closing, error_page, problem_json, wants_json};
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Duration;

/// What follows the `?`; a filter with a service, a team, a person and a search is far below it.
const MOST_QUERY_BYTES: usize = 8 * 1024;
/// Forms are words of people; the longest, a postmortem's section, is far below this.
const MOST_FORM_BYTES: usize = 2 * 1024 * 1024;
/// How long a form may take to come, on a telephone in a cellar too.
const PATIENCE: Duration = Duration::from_secs(30);

/// Middleware: reads a form to its end before anybody waits for it with something in hand.
pub async fn within(request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    if query.len() > MOST_QUERY_BYTES {
        return refused(
            request.headers(),
            StatusCode::URI_TOO_LONG,
            "This address is too long",
            "What was searched for is longer than anything here. Use a few words of it.",
        );
    }
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match tokio::time::timeout(PATIENCE, to_bytes(body, MOST_FORM_BYTES)).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Ok(Err(_)) => refused(
            &parts.headers,
            StatusCode::PAYLOAD_TOO_LARGE,
            "This form is too long",
            "Nothing was changed. Forms are taken up to 2 MiB: go back, shorten what was written and send it again.",
        ),
        Err(_) => refused(
            &parts.headers,
            StatusCode::REQUEST_TIMEOUT,
            "This form did not come in time",
            "Nothing was changed. The connection was too slow to send it within half a minute: go back and send it again.",
        ),
    }
}

fn refused(headers: &HeaderMap, status: StatusCode, title: &str, sentence: &str) -> Response {
    closing(if wants_json(headers) {
        problem_json(status, sentence, None)
    } else {
        error_page(status, title, sentence)
    })
}
