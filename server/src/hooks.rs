//! The edge for alert sources: authenticate, read, hand in, answer after the commit. What is each source's own stands in its folder
//! (`domain/src/alerts/sources`); here is one handler for all.

mod body;
mod opened;

use app::address::Path;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Json, Router};
use body::Reading;
use chrono::{DateTime, Utc};
use domain::alerts::{
    AlertBatch, Answer, Door, Exchange, Kept, NotTaken, Outcome, Refusal, SecretPlace, Told, glimpse,
};
use domain::teams::IntegrationKind;
use engine::Engine;
use engine::alerts::{InboundRequest, Ingest, Known, Source, Unread, known_secret, note, payloads};
use futures::FutureExt;
use opened::Opened;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How long a body's first MiB may take, and each further one. A sender on the slowest line has sent a page's worth long before.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What waits is handled well within it.
const RETRY_AFTER_SECONDS: &str = "2";

/// What the edge needs.
#[derive(Clone)]
pub struct Hooks {
    pub engine: Engine,
    pub ingest: Ingest,
    /// [`PATIENCE`], but for tests.
    pub patience: Duration,
}

/// The doors of all sources.
pub fn routes(hooks: Hooks) -> Router {
    let hooks = Arc::new(hooks);
    let mut router = Router::new();
    for kind in IntegrationKind::ALL {
        for door in kind.source().doors {
            router = router.route(door.path, opened(*kind, door));
            // A slash too many, as it is pasted, loses no alert.
            router = router.route(&format!("{}/", door.path), opened(*kind, door));
        }
    }
    router
        .route_layer(middleware::from_fn_with_state(Arc::clone(&hooks), count_faults))
        .method_not_allowed_fallback(post_only)
        .with_state(hooks)
}

/// Whether the path of some door begins with this.
pub fn begins_a_door(first: &str) -> bool {
    let doors = IntegrationKind::ALL.iter().flat_map(|kind| kind.source().doors);
    doors
        .into_iter()
        .any(|door| door.path.split('/').nth(1) == Some(first))
}

fn opened(kind: IntegrationKind, door: &'static Door) -> MethodRouter<Arc<Hooks>> {
    let methods = door
        .methods
        .iter()
        .filter_map(|method| MethodFilter::try_from(method.clone()).ok());
    let methods = methods.reduce(MethodFilter::or).unwrap_or(MethodFilter::POST);
    on(
        methods,
        move |State(hooks): State<Arc<Hooks>>, Path(path): Path<Vec<(String, String)>>, request: Request| async move {
            let (parts, body) = request.into_parts();
            let arriving = Arriving {
                id: hooks.engine.context.new_id(),
                kind,
                door,
                path,
                headers: Arc::new(parts.headers),
                method: parts.method,
                uri: parts.uri,
                reading: Reading::new(body, hooks.patience),
            };
            hooks.serve(arriving).await
        },
    )
}

async fn post_only() -> Response {
    app::answer::problem_json(
        StatusCode::METHOD_NOT_ALLOWED,
        "Alerts are sent by POST. Change the method and send it again.",
        None,
    )
}

/// A request at one of the doors.
struct Arriving {
    id: Uuid,
    kind: IntegrationKind,
    door: &'static Door,
    path: Vec<(String, String)>,
    headers: Arc<HeaderMap>,
    method: Method,
    uri: Uri,
    reading: Reading,
}

/// What came of a request.
enum Came {
    Taken(Told),
    /// It asked after an earlier one: what that told, and when it came.
    Became(Option<(Told, DateTime<Utc>)>),
}

impl Hooks {
    /// Takes a request, and answers as its source understands it, when it is handled and durable.
    async fn serve(&self, mut arriving: Arriving) -> Response {
        let begun = self.engine.context.running_for();
        let came = self.receive(&mut arriving).await;
        let exchange = Exchange {
            id: arriving.id,
            took: self.engine.context.running_for().saturating_sub(begun),
        };
        let answer = |outcome: &Outcome<'_>| answered((arriving.kind.source().answer)(outcome, &exchange));
        let refusal = match came {
            Ok(Came::Taken(told)) => return answer(&Outcome::Taken(&told)),
            Ok(Came::Became(kept)) => {
                let kept = kept.as_ref().map(|(told, at)| Kept { told, at: *at });
                return answer(&Outcome::Became(kept.as_ref()));
            }
            Err(refusal) => refusal,
        };
        let mut answer = answered(arriving.answer_to(&refusal, &exchange));
        if refusal.leaves_some_unread() {
            answer = app::answer::closing(answer);
        }
        if refusal.asks_for_it_again() {
            let seconds = HeaderValue::from_static(RETRY_AFTER_SECONDS);
            answer.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        answer
    }

    async fn receive(&self, arriving: &mut Arriving) -> Result<Came, Refusal> {
        let from = match self.authenticate(arriving).await? {
            Known::Opens(from) => from,
            Known::Replaced(former) => {
                // Whoever still has it is one of ours; what it says is not lost, but neither is it let in.
                if arriving.reading.read_small().await.is_ok() {
                    self.refused(&former.from, &arriving.reading.bytes, 401, former.to_string())
                        .await;
                }
                return Err(Refusal::UnknownSecret);
            }
        };
        let taken = self.take(&from, arriving).await;
        if let Err(refusal) = &taken {
            let exchange = Exchange {
                id: arriving.id,
                took: Duration::ZERO,
            };
            let status = arriving.answer_to(refusal, &exchange).status().as_u16();
            match refusal.asks_for_it_again() {
                true => note(&self.engine, &from, status, refusal.to_string()),
                // Whoever cannot sign knows an address, and is not listened to.
                false if *refusal == Refusal::WrongSignature => {
                    note(&self.engine, &from, status, refusal.to_string());
                }
                false => {
                    self.refused(&from, &arriving.reading.bytes, status, refusal.to_string())
                        .await
                }
            }
        }
        taken
    }

    /// What the secret opens, or opened once.
    async fn authenticate(&self, arriving: &mut Arriving) -> Result<Known, Refusal> {
        let secret = match arriving.secret().await? {
            Some(secret) => secret,
            None => return Err(self.without_secret(arriving)),
        };
        match known_secret(&self.engine, arriving.kind, &secret).await {
            Ok(found) => found.ok_or(Refusal::UnknownSecret),
            Err(error) => {
                tracing::error!(%error, "a secret could not be looked up");
                self.engine.counts.could_not_take(1);
                Err(NotTaken::NotStored.into())
            }
        }
    }

    /// Where the secret stands in the body, what is wrong with that is said, too, though nobody knows whose it is.
    fn without_secret(&self, arriving: &mut Arriving) -> Refusal {
        if !matches!(arriving.door.secret, SecretPlace::Body { .. }) {
            return Refusal::NoSecret;
        }
        let fault = arriving.opened(None, &self.engine).read().err();
        fault.unwrap_or(Refusal::NoSecret)
    }

    async fn take(&self, from: &Source, arriving: &mut Arriving) -> Result<Came, Refusal> {
        arriving.reading.read_all().await?;
        let packing = arriving.kind.source().packing.as_ref();
        body::check_headers(&arriving.headers, packing.map(|packing| packing.media))?;
        self.check_signature(from, arriving)?;
        let (told, body) = self.read(from, arriving).await?;
        let delivery = match &told {
            Told::Alerts(batch) => batch.clone(),
            Told::Nothing => AlertBatch::default(),
            Told::AsksAfter(id) => return self.what_became_of(from, *id).await.map(Came::Became),
        };
        let inbound = InboundRequest {
            id: arriving.id,
            from: from.clone(),
            address: arriving.address(),
            body,
            delivery,
            received_at: self.engine.context.now(),
        };
        self.ingest.take(inbound).await?;
        Ok(Came::Taken(told))
    }

    /// Over the bytes as they came, before anything is read of them.
    fn check_signature(&self, from: &Source, arriving: &Arriving) -> Result<(), Refusal> {
        let secret = from.signs_with(&self.engine).map_err(|error| {
            tracing::error!(%error, integration = %from.integration_id, "a signature could not be checked");
            self.engine.counts.could_not_take(1);
            NotTaken::NotStored
        })?;
        let (Some(secret), Some(signature)) = (secret, &from.kind.source().signature) else {
            return Ok(());
        };
        // Of what is longer than what is read whole, the signature cannot be checked.
        if arriving.reading.is_cut() {
            return Err(Refusal::TooLarge);
        }
        let now = self.engine.context.now();
        let (headers, body) = (&arriving.headers, &arriving.reading.bytes);
        match signature.fits(&secret, headers, body, now) {
            true => Ok(()),
            false => Err(Refusal::WrongSignature),
        }
    }

    /// Reads a request once more that was taken before, if it is kept.
    async fn what_became_of(
        &self,
        from: &Source,
        id: Uuid,
    ) -> Result<Option<(Told, DateTime<Utc>)>, Refusal> {
        let found = async {
            let mut tx = self.engine.read().await?;
            payloads::kept(&mut tx, from, id).await
        };
        let kept = found.await.map_err(|error| {
            tracing::error!(%error, "a request that was taken could not be looked up");
            NotTaken::NotStored
        })?;
        Ok(kept.and_then(|kept| {
            let at = kept.received_at;
            let told = Opened::again(from, id, kept)?.read().ok()?;
            Some((told, at))
        }))
    }

    /// Reads what came, beside other work where it is much, and takes it out of `reading` where it can be read.
    async fn read(&self, from: &Source, arriving: &mut Arriving) -> Result<(Told, Vec<u8>), Refusal> {
        let is_large = arriving.reading.is_large();
        let opened = arriving.opened(Some(from), &self.engine);
        let reads = move || (opened.read(), opened.body);
        let (read, bytes) = match is_large {
            false => reads(),
            true => tokio::task::spawn_blocking(reads)
                .await
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic())),
        };
        match read {
            Ok(told) => Ok((told, bytes)),
            Err(refusal) => {
                arriving.reading.bytes = bytes;
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

impl Arriving {
    /// The secret that it came with; where that stands in the body, its beginning is read first.
    async fn secret(&mut self) -> Result<Option<String>, Refusal> {
        let place = self.door.secret;
        if matches!(place, SecretPlace::Body { .. }) {
            self.reading.read_small().await?;
        }
        let found = place.find(&self.path, &self.headers, &self.reading.bytes);
        // So does white space around it.
        Ok(found.map(|secret| secret.trim().to_owned()))
    }

    /// What has to be known to read it, without what it came on.
    fn opened(&mut self, from: Option<&Source>, engine: &Engine) -> Opened {
        Opened {
            id: self.id,
            kind: self.kind,
            door: self.door,
            path: std::mem::take(&mut self.path),
            query: self.uri.query().unwrap_or_default().to_owned(),
            headers: Arc::clone(&self.headers),
            body: std::mem::take(&mut self.reading.bytes),
            end: self.reading.end.clone(),
            service: from.map(|from| from.service_id.to_string()),
            received_at: engine.context.now(),
        }
    }

    /// Method and address, where they say something of what it tells. No secret stands in such an address.
    fn address(&self) -> Option<String> {
        let is_part = self.door.tells_by_its_address() && self.door.secret != SecretPlace::Path;
        let target = self.uri.path_and_query()?;
        is_part.then(|| format!("{} {target}", self.method))
    }

    fn answer_to(&self, refusal: &Refusal, exchange: &Exchange) -> Answer {
        let source = self.kind.source();
        let agent = self.headers.get(header::USER_AGENT);
        let agent = agent.and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        let status = refusal.status((source.repeats)(agent));
        (source.answer)(&Outcome::Refused { refusal, status }, exchange)
    }
}

fn answered(answer: Answer) -> Response {
    match answer {
        Answer::Empty(status) => status.into_response(),
        Answer::Json(status, body) => (status, Json(body)).into_response(),
        Answer::Problem(status, sentence) => app::answer::problem_json(status, &sentence, None),
    }
}

/// A fault of our own at this edge costs a request its 2xx as much as one behind it, and counts as much.
async fn count_faults(State(hooks): State<Arc<Hooks>>, request: Request, next: Next) -> Response {
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    answered.unwrap_or_else(|panic| {
        hooks.engine.counts.could_not_take(1);
        std::panic::resume_unwind(panic)
    })
}
