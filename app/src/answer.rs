//! One way to answer: a page, a redirect after a form, or what was refused.

use crate::App;
pub use crate::components::Problem;
use crate::components::{Frame, PageHead};
use crate::{render, session, tints};
use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use engine::Error;
use leptos::prelude::*;
use serde::Serialize;
use std::borrow::Cow;

/// The status that an error answers with.
pub fn status_of(error: &Error) -> StatusCode {
    match error {
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::NotAllowed(_) => StatusCode::FORBIDDEN,
        error if error.is_refusal() => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// `application/problem+json` (RFC 9457).
#[derive(Debug, Serialize)]
struct ProblemJson<'a> {
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

/// A problem+json answer.
pub fn problem_json(status: StatusCode, detail: &str, field: Option<&str>) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = ProblemJson {
        title,
        status: status.as_u16(),
        detail,
        field,
    };
    (
        status,
        [(header::CONTENT_TYPE, "application/problem+json")],
        Json(body).into_response().into_body(),
    )
        .into_response()
}

/// What a handler could not do, answered with a page of its own: what happened and what to do next.
#[derive(Debug)]
pub struct Failure(pub Error);

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// What a handler of a page or a form answers.
pub type Answered = Result<Response, Failure>;

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = status_of(&self.0);
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(error = %self.0, "a request could not be answered");
            return internal_error();
        }
        let title = if status == StatusCode::NOT_FOUND {
            "Not here"
        } else {
            "This did not work"
        };
        error_page(status, title, &self.0.to_string())
    }
}

/// The page after a fault of our own, a panic too.
pub fn internal_error() -> Response {
    error_page(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something on our side did not work",
        "Nothing was changed. Try again in a moment; the log of the server says what it was.",
    )
}

/// A page that says what happened, with the way back. [`frame_error_pages`] puts it into the frame of whoever is logged in.
pub fn error_page(status: StatusCode, title: &str, sentence: &str) -> Response {
    let page = ErrorPage {
        title: title.to_owned(),
        sentence: sentence.to_owned(),
    };
    let mut response = render::html(status, page.text(Frame::new(title)));
    response.extensions_mut().insert(page);
    response
}

/// What such a page says; it travels with the answer, since who makes it seldom knows who reads it.
#[derive(Clone, Debug)]
struct ErrorPage {
    title: String,
    sentence: String,
}

impl ErrorPage {
    fn text(&self, frame: Frame) -> String {
        let Self { title, sentence } = self.clone();
        render::page_text(frame, move || {
            view! {
                <div class="alone">
                    <PageHead title />
                    <p>{sentence}</p>
                    <p>
                        <a href="/">"To the home page"</a>
                    </p>
                </div>
            }
        })
    }

    /// `None` for a reader who is not logged in.
    async fn frame(&self, app: &App, headers: &HeaderMap) -> engine::Result<Option<Frame>> {
        let Some(who) = session::look(app, headers, None).await? else {
            return Ok(None);
        };
        let mut tx = app.by(&who).read().await?;
        Ok(Some(who.frame_of(&mut tx, self.title.clone()).await?))
    }
}

/// Middleware: what went wrong stands in the frame of whoever is logged in, with all the ways on. A program that asks for JSON gets a
/// problem, and after a form that was done the address of what it made or changed.
pub async fn frame_error_pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let sent = request.headers();
    let (wants_json, only_reads) = (wants_json(sent), request.method().is_safe());
    // Machines send no cookie, and nothing is copied for them.
    let headers = sent.contains_key(header::COOKIE).then(|| sent.clone());
    let mut response = next.run(request).await;
    if wants_json && !only_reads && response.status() == StatusCode::SEE_OTHER {
        return as_json(response);
    }
    let Some(page) = response.extensions_mut().remove::<ErrorPage>() else {
        return response;
    };
    if only_reads && response.status() == StatusCode::UNPROCESSABLE_ENTITY {
        // Nothing was sent, so it is the address that asks for what is not there.
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    if wants_json {
        return problem_json(response.status(), &page.sentence, None);
    }
    let Some(headers) = headers else {
        return response;
    };
    // After a fault of our own the frame may not come either; the plain page is there already.
    if response.status().is_server_error() {
        return response;
    }
    match page.frame(&app, &headers).await {
        Ok(Some(frame)) => {
            let text = tints::within(&app, async { page.text(frame) }).await;
            *response.body_mut() = Body::from(text);
        }
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "an error page stays without its reader's frame"),
    }
    response
}

/// Where a form leads, for a program: 200, the address in `Location` and in the body; cookies stay.
fn as_json(mut response: Response) -> Response {
    let location = response.headers().get(header::LOCATION);
    let location = location.and_then(|location| location.to_str().ok());
    let body = serde_json::json!({ "location": location.unwrap_or("/") }).to_string();
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    *response.body_mut() = Body::from(body);
    response
}

/// What became of a button that leads nowhere else, for a program.
pub fn said_as_json(sentence: &str) -> Response {
    Json(serde_json::json!({ "said": sentence })).into_response()
}

/// Says that the connection ends with this answer: what was not read of the request stands before the next one.
#[must_use]
pub fn closing(mut response: Response) -> Response {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// 303 to the page that shows what the form did.
pub fn redirect(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// Whether the caller is a program or an island rather than a plain form.
pub fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .unwrap_or_default();
    accept.contains("application/json") && !accept.contains("text/html")
}

/// Splits an error of a form: what a person can mend becomes a [`Problem`] for the page to show again.
///
/// # Errors
/// Everything else, to be answered with its own page.
pub fn problem_of(error: Error) -> Result<Problem, Error> {
    if error.is_refusal() {
        Ok(Problem {
            field: error.field().map(Cow::Borrowed),
            sentence: error.to_string(),
        })
    } else {
        Err(error)
    }
}
