//! Reading a form. One that cannot be read at all is stale or made by hand; its sender gets a page that says what to do.

use crate::answer::trouble;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::Response;
use serde::de::DeserializeOwned;

pub struct Form<T>(pub T);

impl<S, T> FromRequest<S> for Form<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        match axum_extra::extract::Form::from_request(request, state).await {
            Ok(axum_extra::extract::Form(read)) => Ok(Self(read)),
            Err(refused) => {
                tracing::debug!(%refused, "a form could not be read");
                Err(trouble(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "This form cannot be read",
                    "Nothing was changed. The page it came from may be an old one: go back, load it again and send it once more.",
                ))
            }
        }
    }
}
