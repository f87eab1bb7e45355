//! The edge for alert sources: authenticate, read, hand in, answer after the commit.

mod alertmanager;
mod body;
mod json;
mod pagerduty;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::post;
use base64::Engine as _;
use domain::alerts::{Delivery, Malformed};
use domain::teams::IntegrationKind;
use engine::Engine;
use engine::alerts::{Arriving, Ingest, NotTaken, Receiver, known_receiver, note};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

/// How long a body may take. A sender on the slowest line has sent a page's worth long before.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What waits is handled well within it.
const RETRY_AFTER_SECONDS: &str = "2";

/// What the edge needs. Cheap to clone.
#[derive(Clone)]
pub struct Hooks {
    pub engine: Engine,
    pub ingest: Ingest,
    /// [`PATIENCE`], but for tests.
    pub patience: Duration,
}

pub fn routes(hooks: Hooks) -> Router {
    Router::new()
        .route("/alertmanager", post(alertmanager::by_header))
        .route("/alertmanager/{token}", post(alertmanager::by_address))
        .route("/json", post(json::by_header))
        .route("/json/{token}", post(json::by_address))
        .route("/v2/enqueue", post(pagerduty::enqueue))
        .route_layer(middleware::from_fn_with_state(hooks.clone(), count_faults))
        .method_not_allowed_fallback(post_only)
        .with_state(hooks)
}

async fn post_only() -> Response {
    app::answer::problem_json(
        StatusCode::METHOD_NOT_ALLOWED,
        "Alerts are sent by POST. Change the method and send it again.",
        None,
    )
}

/// Why a request got no 2xx.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error(
        "The secret is not known here. It may have been replaced or revoked: look at the service's integrations."
    )]
    UnknownSecret,
    #[error("{0}.")]
    Malformed(#[from] Malformed),
    #[error("The body is longer than 1 MiB. Send fewer alerts at once.")]
    TooLarge,
    #[error("The body did not arrive within ten seconds.")]
    TooSlow,
    #[error("The connection ended before the body did.")]
    Broken,
    #[error("Bodies with a Content-Encoding are not taken. Send it plain.")]
    Encoded,
    #[error("{0} is not taken. Send JSON in UTF-8 with Content-Type: application/json.")]
    WrongType(String),
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
}

impl Refusal {
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::UnknownSecret => StatusCode::UNAUTHORIZED,
            Self::Malformed(_) | Self::Broken => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Encoded | Self::WrongType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotTaken(NotTaken::NotStored) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotTaken(NotTaken::TooManyWaiting) => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn into_problem(self) -> Response {
        let answer = app::answer::problem_json(self.status(), &self.to_string(), None);
        self.with_retry_after(answer)
    }

    /// Says when to come again, where that helps.
    fn with_retry_after(&self, mut answer: Response) -> Response {
        if matches!(self, Self::NotTaken(_)) {
            let seconds = HeaderValue::from_static(RETRY_AFTER_SECONDS);
            answer.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        answer
    }
}

impl Hooks {
    /// The integration that the secret opens.
    async fn authenticate(&self, kind: IntegrationKind, secret: Option<&str>) -> Result<Receiver, Refusal> {
        let secret = secret.ok_or(Refusal::UnknownSecret)?;
        match known_receiver(&self.engine, kind, secret).await {
            Ok(found) => found.ok_or(Refusal::UnknownSecret),
            Err(error) => {
                tracing::error!(%error, "a secret could not be looked up");
                self.engine.counts.could_not_take(1);
                Err(NotTaken::NotStored.into())
            }
        }
    }

    /// Hands a read delivery in, and returns when it is handled and durable.
    async fn take(&self, from: Receiver, body: Vec<u8>, delivery: Delivery) -> Result<(), Refusal> {
        let arriving = Arriving {
            from,
            body,
            delivery,
            received_at: self.engine.context.now(),
        };
        Ok(self.ingest.take(arriving).await?)
    }

    /// Keeps why a request of a known integration was refused, where its team can see it.
    fn note(&self, from: &Receiver, refusal: &Refusal) {
        note(&self.engine, from, refusal.status().as_u16(), refusal.to_string());
    }
}

/// A fault of our own at this edge costs a request its 2xx as much as one behind it, and counts as much.
async fn count_faults(State(hooks): State<Hooks>, request: Request, next: Next) -> Response {
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    answered.unwrap_or_else(|panic| {
        hooks.engine.counts.could_not_take(1);
        std::panic::resume_unwind(panic)
    })
}

/// The secret of `Authorization: Bearer SECRET`, or the password of `Basic`.
fn secret_in(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(rest.trim())
        .ok()?;
    let (_, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some(password.to_owned())
}
