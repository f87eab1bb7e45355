//! One way to answer: a page, a redirect after a form, or what was refused.

use crate::components::{Frame, PageHead};
use crate::render;
use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use engine::Error;
use leptos::prelude::*;
use serde::Serialize;

/// What a form's refusal shows: the sentence, and the field it stands beside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Problem {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    pub sentence: String,
}

impl Problem {
    /// The sentence beside this field, if it belongs there.
    pub fn beside(&self, field: &str) -> Option<String> {
        (self.field == Some(field)).then(|| self.sentence.clone())
    }
}

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
    field: Option<&'static str>,
}

/// A problem+json answer.
pub fn problem_json(status: StatusCode, detail: &str, field: Option<&'static str>) -> Response {
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
            return trouble(
                status,
                "Something on our side did not work",
                "Nothing was changed. Try again in a moment; the log of the server says what it was.",
            );
        }
        let title = if status == StatusCode::NOT_FOUND {
            "Not here"
        } else {
            "This did not work"
        };
        trouble(status, title, &self.0.to_string())
    }
}

/// A page that says what happened, with the way back.
pub fn trouble(status: StatusCode, title: &str, sentence: &str) -> Response {
    let (title, sentence) = (title.to_owned(), sentence.to_owned());
    render::page(status, Frame::new(title.clone()), move || {
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

/// 303 to the page that shows what the form did.
pub fn see(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// Whether the caller is an island rather than a plain form.
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
            field: error.field(),
            sentence: error.to_string(),
        })
    } else {
        Err(error)
    }
}
