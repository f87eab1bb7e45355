//! What Opsgenie's clients are answered.

use super::id_of;
use crate::alerts::refusal::Refusal;
use crate::alerts::source::{Answer, Exchange, Kept, Outcome, Told};
use crate::alerts::{AlertBatch, Malformed, Status};
use http::StatusCode;
use serde_json::{Value, json};

pub(super) fn answer(outcome: &Outcome<'_>, exchange: &Exchange) -> Answer {
    let with = |status, mut body: Value| {
        body["took"] = json!(exchange.took.as_secs_f64());
        body["requestId"] = json!(exchange.id);
        Answer::Json(status, body)
    };
    match outcome {
        Outcome::Taken(Told::Alerts(batch)) if batch.heartbeat.is_some() => with(
            StatusCode::ACCEPTED,
            json!({ "result": "PONG - Heartbeat received" }),
        ),
        Outcome::Taken(_) => with(
            StatusCode::ACCEPTED,
            json!({ "result": "Request will be processed" }),
        ),
        Outcome::Became(Some(kept)) => with(StatusCode::OK, json!({ "data": became(kept) })),
        Outcome::Became(None) => with(
            StatusCode::NOT_FOUND,
            json!({ "message": "No request with this id is kept here." }),
        ),
        Outcome::Refused { refusal, status } => {
            let (status, body) = refused(refusal, *status);
            with(status, body)
        }
    }
}

/// Its own words where clients look at them; else ours.
fn refused(refusal: &Refusal, status: StatusCode) -> (StatusCode, Value) {
    match refusal {
        Refusal::UnknownSecret => (StatusCode::FORBIDDEN, json!({ "message": refusal.to_string() })),
        Refusal::Malformed(Malformed::NoSuchAction) => {
            (StatusCode::NOT_FOUND, json!({ "message": refusal.to_string() }))
        }
        Refusal::Malformed(fault) => {
            let errors: Value = match fault {
                Malformed::Missing { field } => json!({ field.as_str(): refusal.to_string() }),
                _ => json!({ "body": refusal.to_string() }),
            };
            let message = "Request body is not processable.";
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                json!({ "message": message, "errors": errors }),
            )
        }
        _ => (status, json!({ "message": refusal.to_string() })),
    }
}

/// What was done, of a request that was kept: nothing is answered before it is.
fn became(kept: &Kept<'_>) -> Value {
    let alert = match kept.told {
        Told::Alerts(AlertBatch { alerts, .. }) => alerts.first(),
        _ => None,
    };
    let (action, status) = match alert {
        Some(alert) if alert.status == Status::Resolved => ("Close", "Closed alert"),
        Some(alert) if alert.status == Status::Acknowledged => ("Acknowledge", "Acknowledged alert"),
        Some(alert) if alert.is_partial => ("Update", "Updated alert"),
        _ => ("Create", "Created alert"),
    };
    let key = alert.map(|alert| alert.key.as_str());
    json!({
        "success": true,
        "isSuccess": true,
        "action": action,
        "status": status,
        "processedAt": kept.at,
        "alertId": key.map(id_of),
        "alias": key,
    })
}
