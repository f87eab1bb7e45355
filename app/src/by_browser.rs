//! Forms behind a link of a mail. Whoever has the link has no session that a form from elsewhere could misuse, so programs that follow links
//! and send forms are told from people by what every browser says of a form.

use crate::answer::error_page;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::Response;

/// A browser sent the form; what else does is refused, and changes nothing.
pub struct ByBrowser;

impl<S: Sync> FromRequestParts<S> for ByBrowser {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let headers = &parts.headers;
        if headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site") {
            return Ok(Self);
        }
        Err(error_page(
            StatusCode::FORBIDDEN,
            "Nothing was done",
            "This did not come from a button on the page of the link. Open the link in a browser and press the button there.",
        ))
    }
}
