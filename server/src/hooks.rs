//! The edge for alert sources: authenticate, read, hand in, answer after the commit.

mod alertmanager;
mod body;
mod json;
mod pagerduty;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::post;
use base64::Engine as _;
use body::Reading;
use domain::alerts::{Door, Inbound, Malformed, glimpse, read, read_cut};
use domain::teams::IntegrationKind;
use engine::Engine;
use engine::alerts::{InboundRequest, Ingest, Known, NotTaken, Source, Unread, known_secret, note};
use engine::secrets::Secret;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

/// How long a body's first MiB may take, and each further one. A sender on the slowest line has sent a page's worth long before.
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
    #[error("The body is longer than 16 MiB. Send fewer alerts at once.")]
    TooLarge,
    /// Its sender, or the way to us, may be faster the next time.
    #[error("The body did not arrive within ten seconds. Send it again.")]
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

/// What a sender does with an answer that asks for the same again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// It waits at 429 and 408, too, as curl does.
    Waits,
    /// It waits at 429, as PagerDuty's clients do.
    WaitsWhenTold,
    /// It sends again what gets a 5xx and drops all else, as Alertmanager and Grafana do.
    RepeatsServerFaultsOnly,
}

impl Sender {
    fn of(kind: IntegrationKind, headers: &HeaderMap) -> Self {
        let agent = headers
            .get(header::USER_AGENT)
            .and_then(|agent| agent.to_str().ok());
        let agent = agent.unwrap_or_default();
        match kind {
            IntegrationKind::PagerDuty => Self::WaitsWhenTold,
            IntegrationKind::Alertmanager => Self::RepeatsServerFaultsOnly,
            IntegrationKind::Json if agent.starts_with("Grafana") || agent.starts_with("Alertmanager") => {
                Self::RepeatsServerFaultsOnly
            }
            IntegrationKind::Json => Self::Waits,
        }
    }
}

impl Refusal {
    pub const fn status(&self, sender: Sender) -> StatusCode {
        match self {
            Self::UnknownSecret => StatusCode::UNAUTHORIZED,
            Self::Malformed(_) | Self::Broken => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Encoded | Self::WrongType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooSlow if matches!(sender, Sender::Waits) => StatusCode::REQUEST_TIMEOUT,
            Self::NotTaken(NotTaken::TooManyWaiting)
                if !matches!(sender, Sender::RepeatsServerFaultsOnly) =>
            {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::TooSlow | Self::NotTaken(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Whether the sender is asked for the same again, so that nothing is lost yet.
    const fn asks_for_it_again(&self) -> bool {
        matches!(self, Self::TooSlow | Self::NotTaken(_))
    }

    const fn leaves_some_unread(&self) -> bool {
        matches!(self, Self::UnknownSecret | Self::TooLarge | Self::TooSlow)
    }

    fn into_problem(self, sender: Sender) -> Response {
        let mut answer = app::answer::problem_json(self.status(sender), &self.to_string(), None);
        if self.leaves_some_unread() {
            answer = app::answer::closing(answer);
        }
        self.with_retry_after(answer)
    }

    /// Says when to come again, where that helps.
    fn with_retry_after(&self, mut answer: Response) -> Response {
        if self.asks_for_it_again() {
            let seconds = HeaderValue::from_static(RETRY_AFTER_SECONDS);
            answer.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        answer
    }
}

impl Hooks {
    /// Takes a request of the integration that the secret opens; returns when it is handled and durable, with the alert's key.
    async fn receive(
        &self,
        kind: IntegrationKind,
        secret: Option<&str>,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<String, Refusal> {
        self.receive_on(kind, secret, headers, Reading::new(body, self.patience))
            .await
    }

    async fn receive_on(
        &self,
        kind: IntegrationKind,
        secret: Option<&str>,
        headers: &HeaderMap,
        mut reading: Reading,
    ) -> Result<String, Refusal> {
        let from = match self.authenticate(kind, secret).await? {
            Known::Opens(from) => from,
            Known::Replaced(former) => {
                // Whoever still has it is one of ours; what it says is not lost, but neither is it let in.
                if reading.read_small().await.is_ok() {
                    self.refused(&former.from, &reading.bytes, 401, former.to_string())
                        .await;
                }
                return Err(Refusal::UnknownSecret);
            }
        };
        let taken = self.take(&from, headers, &mut reading).await;
        if let Err(refusal) = &taken {
            let status = refusal.status(Sender::of(kind, headers)).as_u16();
            match refusal.asks_for_it_again() {
                true => note(&self.engine, &from, status, refusal.to_string()),
                false => {
                    self.refused(&from, &reading.bytes, status, refusal.to_string())
                        .await
                }
            }
        }
        taken
    }

    /// What the secret opens, or opened once.
    async fn authenticate(&self, kind: IntegrationKind, secret: Option<&str>) -> Result<Known, Refusal> {
        let secret = secret.ok_or(Refusal::UnknownSecret)?;
        match known_secret(&self.engine, kind, secret).await {
            Ok(found) => found.ok_or(Refusal::UnknownSecret),
            Err(error) => {
                tracing::error!(%error, "a secret could not be looked up");
                self.engine.counts.could_not_take(1);
                Err(NotTaken::NotStored.into())
            }
        }
    }

    async fn take(
        &self,
        from: &Source,
        headers: &HeaderMap,
        reading: &mut Reading,
    ) -> Result<String, Refusal> {
        reading.read_all().await?;
        body::check_headers(headers)?;
        let (read, body) = self.read(from, reading).await?;
        let arriving = InboundRequest {
            from: from.clone(),
            body,
            delivery: read.delivery,
            received_at: self.engine.context.now(),
        };
        self.ingest.take(arriving).await?;
        Ok(read.dedup_key)
    }

    /// Reads what came, beside other work where it is much, and takes it out of `reading` where it can be read.
    async fn read(&self, from: &Source, reading: &mut Reading) -> Result<(Inbound, Vec<u8>), Refusal> {
        let (kind, service) = (from.kind, from.service_id.to_string());
        let received_at = self.engine.context.now();
        let is_large = reading.is_large();
        let (bytes, end) = (std::mem::take(&mut reading.bytes), reading.end.clone());
        let context = std::sync::Arc::clone(&self.engine.context);
        let reads = move || {
            let door = Door {
                kind,
                service: &service,
                has_key: true,
                received_at,
            };
            let read = match end.as_slice() {
                [] => {
                    let fresh_key = || Secret::routing_key(&context).reveal().to_owned();
                    read(door, &bytes, fresh_key).map_err(Refusal::Malformed)
                }
                end => match read_cut(door, &bytes, end) {
                    Some(delivery) => Ok(Inbound {
                        dedup_key: delivery.group.clone(),
                        delivery,
                    }),
                    None => Err(Refusal::TooLarge),
                },
            };
            (read, bytes)
        };
        let (read, bytes) = match is_large {
            false => reads(),
            true => tokio::task::spawn_blocking(reads)
                .await
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic())),
        };
        match read {
            Ok(read) => Ok((read, bytes)),
            Err(refusal) => {
                reading.bytes = bytes;
                Err(refusal)
            }
        }
    }

    /// Of a refused request of a known integration its team learns, and what seems to fire wakes people before it is answered:
    /// most sources drop what is refused.
    async fn refused(&self, from: &Source, body: &[u8], status: u16, reason: String) {
        note(&self.engine, from, status, reason.clone());
        let seen = glimpse(body);
        if !seen.fires {
            return;
        }
        let unread = Unread {
            from: from.clone(),
            reason,
            seen,
        };
        if let Err(error) = self.ingest.tell_of(unread).await {
            tracing::error!(%error, integration = %from.integration_id, "a refused request that seems to fire could wake nobody");
        }
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
