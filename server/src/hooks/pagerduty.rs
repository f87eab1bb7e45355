//! PagerDuty's Events API v2, with its documented answers, so that a client works when only its host is changed.

use super::body::Reading;
use super::{Hooks, Refusal, Sender};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::alerts::{Door, pagerduty, read};
use domain::teams::IntegrationKind;
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

/// Whose event it is stands in the event, so its beginning is read first.
async fn take(hooks: &Hooks, headers: &HeaderMap, body: Body) -> Result<String, Refusal> {
    let mut reading = Reading::new(body, hooks.patience);
    reading.read_small().await?;
    let header_key = headers.get("x-routing-key").and_then(|key| key.to_str().ok());
    let Some(routing_key) = pagerduty::routing_key(&reading.bytes, header_key) else {
        // Without a key nobody knows whose it is; what is wrong with it is said all the same.
        let door = Door {
            kind: IntegrationKind::PagerDuty,
            service: "",
            has_key: false,
            received_at: hooks.engine.context.now(),
        };
        let fault = read(door, &reading.bytes, String::new).err();
        return Err(fault.map_or(Refusal::UnknownSecret, Refusal::Malformed));
    };
    let kind = IntegrationKind::PagerDuty;
    hooks.receive_on(kind, Some(&routing_key), headers, reading).await
}

fn refused(refusal: &Refusal) -> Response {
    let errors = match refusal {
        Refusal::Malformed(malformed) => malformed.errors(),
        Refusal::UnknownSecret => vec!["'routing_key' is not known here".to_owned()],
        other => vec![other.to_string()],
    };
    // PagerDuty says 400 to everything that is wrong with an event, an unknown key included.
    let status = match refusal {
        Refusal::TooLarge | Refusal::TooSlow | Refusal::NotTaken(_) => refusal.status(Sender::WaitsWhenTold),
        _ => StatusCode::BAD_REQUEST,
    };
    let answer = json!({ "status": "invalid event", "message": "Event object is invalid", "errors": errors });
    refusal.with_retry_after((status, Json(answer)).into_response())
}
