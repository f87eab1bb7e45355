//! PagerDuty's Events API v2, with its documented answers, so that a client works when only its host is changed.

use super::{Hooks, Refusal, body};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::alerts::pagerduty;
use domain::teams::IntegrationKind;
use engine::secrets::Secret;
use serde_json::json;

pub async fn enqueue(State(hooks): State<Hooks>, headers: HeaderMap, body: Body) -> Response {
    match take(&hooks, &headers, body).await {
        Ok(key) => {
            let answer = json!({ "status": "success", "message": "Event processed", "dedup_key": key });
            (StatusCode::ACCEPTED, Json(answer)).into_response()
        }
        Err(refusal) => refused(&refusal),
    }
}

async fn take(hooks: &Hooks, headers: &HeaderMap, body: Body) -> Result<String, Refusal> {
    let bytes = body::read(headers, body, hooks.patience).await?;
    let header_key = headers.get("x-routing-key").and_then(|key| key.to_str().ok());
    let fresh_key = || Secret::routing_key(&hooks.engine.context).reveal().to_owned();
    let read = pagerduty::parse(&bytes, header_key, fresh_key, hooks.engine.context.now());
    let routing_key = pagerduty::routing_key(&bytes, header_key);
    let from = match (
        hooks
            .authenticate(IntegrationKind::PagerDuty, routing_key.as_deref())
            .await,
        &read,
    ) {
        // Without a key nobody knows whose it is; what else is wrong with it is said all the same.
        (Err(Refusal::UnknownSecret), Err(malformed)) if routing_key.is_none() => {
            return Err(malformed.clone().into());
        }
        (from, _) => from?,
    };
    let taken = async {
        let event = read?;
        hooks.take(from.clone(), bytes, event.delivery).await?;
        Ok(event.dedup_key)
    };
    taken.await.inspect_err(|refusal| hooks.note(&from, refusal))
}

fn refused(refusal: &Refusal) -> Response {
    let errors = match refusal {
        Refusal::Malformed(malformed) => malformed.errors(),
        Refusal::UnknownSecret => vec!["'routing_key' is not known here".to_owned()],
        other => vec![other.to_string()],
    };
    // PagerDuty says 400 to everything that is wrong with an event, an unknown key included.
    let status = match refusal {
        Refusal::TooLarge | Refusal::NotTaken(_) | Refusal::TooSlow => refusal.status(),
        _ => StatusCode::BAD_REQUEST,
    };
    let answer = json!({ "status": "invalid event", "message": "Event object is invalid", "errors": errors });
    refusal.with_retry_after((status, Json(answer)).into_response())
}
