//! Alertmanager's webhook, version 4. It takes any 2xx for success, sends again what gets a 5xx, and drops what gets a 4xx.

use super::{Hooks, Sender, secret_in};
use app::address::Path;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::teams::IntegrationKind;

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
    let kind = IntegrationKind::Alertmanager;
    match hooks.receive(kind, secret, headers, body).await {
        Ok(_) => StatusCode::OK.into_response(),
        Err(refusal) => refusal.into_problem(Sender::of(kind, headers)),
    }
}
