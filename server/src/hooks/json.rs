//! Our own plain JSON: `title`, `severity`, `dedup_key`, `status`, `details`, `link`.

use super::{Hooks, Sender, secret_in};
use app::address::Path;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::teams::IntegrationKind;
use serde_json::json;

pub async fn by_address(
    State(hooks): State<Hooks>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    answer(&hooks, Some(&token), &headers, body).await
}

pub async fn by_header(State(hooks): State<Hooks>, headers: HeaderMap, body: Body) -> Response {
    answer(&hooks, secret_in(&headers).as_deref(), &headers, body).await
}

async fn answer(hooks: &Hooks, secret: Option<&str>, headers: &HeaderMap, body: Body) -> Response {
    match hooks.receive(IntegrationKind::Json, secret, headers, body).await {
        Ok(key) => (
            StatusCode::ACCEPTED,
            Json(json!({ "status": "accepted", "dedup_key": key })),
        )
            .into_response(),
        Err(refusal) => refusal.into_problem(Sender::of(IntegrationKind::Json, headers)),
    }
}
