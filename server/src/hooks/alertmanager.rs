//! Alertmanager's webhook, version 4. It takes any 2xx for success and drops what gets a 4xx.

use super::{Hooks, Refusal, body, secret_in};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::alerts::alertmanager;
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
    match take(hooks, secret, headers, body).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(refusal) => refusal.into_problem(),
    }
}

async fn take(hooks: &Hooks, secret: Option<&str>, headers: &HeaderMap, body: Body) -> Result<(), Refusal> {
    let from = hooks.authenticate(IntegrationKind::Alertmanager, secret).await?;
    let taken = async {
        let bytes = body::read(headers, body, hooks.patience).await?;
        let delivery = alertmanager::parse(&bytes, hooks.engine.context.now())?;
        hooks.take(from.clone(), bytes, delivery).await
    };
    taken.await.inspect_err(|refusal| hooks.note(&from, refusal))
}
