//! Reading an address: what stands in its path, and what it asks after the `?`. One that cannot be read was cut or typed by hand; its
//! sender gets a page of ours (a program, a problem), and never the words of a parser.

use crate::answer::error_page;
use axum::extract::{FromRequestParts, path, rejection};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
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
        return error_page(
            StatusCode::NOT_FOUND,
            "Not here",
            "There is nothing at this address. It may have been cut on its way, or typed by hand.",
        );
    }
    tracing::error!(%refused, "a route and its handler disagree");
    crate::answer::internal_error()
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
                Err(error_page(
                    StatusCode::BAD_REQUEST,
                    "This address cannot be read",
                    "What comes after the “?” is none of what can be asked here. Remove it, or go on from the home page.",
                ))
            }
        }
    }
}

/// What no header and no link may hold; slugs may have letters beyond ASCII.
const NOT_IN_AN_ADDRESS: &AsciiSet = &CONTROLS.add(b' ');

/// A path as a header or a link has it.
pub fn encoded(path: &str) -> String {
    utf8_percent_encode(path, NOT_IN_AN_ADDRESS).to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn slugs_beyond_ascii_become_addresses() {
        assert_eq!(
            super::encoded("/settings/teams/über uns"),
            "/settings/teams/%C3%BCber%20uns"
        );
    }
}
