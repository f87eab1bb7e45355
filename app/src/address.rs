//! Reading an address: what stands in its path, and what it asks after the `?`. One that cannot be read was cut or typed by hand; its
//! sender gets a page of ours (a program, a problem), and never the words of a parser.

use crate::answer::trouble;
use axum::extract::{FromRequestParts, path, rejection};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use serde::de::DeserializeOwned;

/// Numbers, names and ids of a path. One that cannot be any is of nothing that is here.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<S, T> FromRequestParts<S> for Path<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(read)) => Ok(Self(read)),
            Err(refused) => Err(nothing_there(&refused)),
        }
    }
}

fn nothing_there(refused: &rejection::PathRejection) -> Response {
    use path::ErrorKind::{UnsupportedType, WrongNumberOfParameters};
    if let rejection::PathRejection::FailedToDeserializePathParams(fault) = refused
        && !matches!(
            fault.kind(),
            UnsupportedType { .. } | WrongNumberOfParameters { .. }
        )
    {
        tracing::debug!(%refused, "an address names nothing that can be here");
        return trouble(
            StatusCode::NOT_FOUND,
            "Not here",
            "There is nothing at this address. It may have been cut on its way, or typed by hand.",
        );
    }
    tracing::error!(%refused, "a route and its handler disagree");
    crate::answer::of_our_own()
}

/// What an address asks after the `?`.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S, T> FromRequestParts<S> for Query<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(read)) => Ok(Self(read)),
            Err(refused) => {
                tracing::debug!(%refused, "an address asks for what cannot be read");
                Err(trouble(
                    StatusCode::BAD_REQUEST,
                    "This address cannot be read",
                    "What stands after the “?” is none of what can be asked here. Take it away, or go on from the home page.",
                ))
            }
        }
    }
}
