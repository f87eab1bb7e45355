//! Reading a form. One that cannot be read at all is stale or made by hand; its sender gets a page that says what to do.
//! Every field has a length here, whatever else its page says of it.

use crate::answer::error_page;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::Error;
use serde::de::DeserializeOwned;
use std::str::FromStr;
use url::form_urlencoded;

/// The longest that anybody writes is a section of a postmortem; its own sentence comes first, so that nothing typed is lost.
const MOST_CHARACTERS: usize = 200_000;
/// People of a rotation, steps of a policy and whom they reach are fields of their own.
const MOST_FIELDS: usize = 2_000;

pub struct Form<T>(pub T);

impl<S, T> FromRequest<S> for Form<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let sent = Bytes::from_request(Request::new(body), state)
            .await
            .map_err(IntoResponse::into_response)?;
        if let Some(refusal) = check_lengths(&sent) {
            return Err(refusal);
        }
        let mut request = Request::from_parts(parts, Body::from(sent.clone()));
        if sent.is_empty() {
            // A verb of a script may say nothing, and then it needs no type.
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers_mut().insert(header::CONTENT_TYPE, form);
        }
        match axum_extra::extract::Form::from_request(request, state).await {
            Ok(axum_extra::extract::Form(read)) => Ok(Self(read)),
            Err(refused) => {
                tracing::debug!(%refused, "a form could not be read");
                Err(error_page(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "This form cannot be read",
                    "Nothing was changed. The page it came from may be an old one: go back, load it again and send it once more.",
                ))
            }
        }
    }
}

/// A word of a list. One that is none of it is refused: what a form asks for never becomes something else.
///
/// # Errors
/// [`Error::NotAChoice`]
pub fn word<T: FromStr>(field: &'static str, typed: &str) -> Result<T, Error> {
    typed.trim().parse().map_err(|_| Error::NotAChoice(field))
}

/// The same where nothing may be chosen as well.
///
/// # Errors
/// [`Error::NotAChoice`]
pub fn word_or_none<T: FromStr>(field: &'static str, typed: &str) -> Result<Option<T>, Error> {
    match typed.trim() {
        "" => Ok(None),
        typed => word(field, typed).map(Some),
    }
}

/// What a checkbox sends; one that is not checked sends nothing.
///
/// # Errors
/// [`Error::NotAChoice`]
pub fn is_on(field: &'static str, typed: &str) -> Result<bool, Error> {
    match typed.trim() {
        "" | "off" => Ok(false),
        "on" => Ok(true),
        _ => Err(Error::NotAChoice(field)),
    }
}

/// Numbers that one may choose, and the one that is set where it is none of them.
pub fn with_the_set(numbers: &[i64], set: &str) -> Vec<i64> {
    let mut numbers = numbers.to_vec();
    if let Some(set) = set.parse().ok().filter(|set| *set > 0 && !numbers.contains(set)) {
        numbers.push(set);
        numbers.sort_unstable();
    }
    numbers
}

/// The refusal of a form that is too long, if it is.
pub(crate) fn check_lengths(sent: &[u8]) -> Option<Response> {
    let mut fields = 0;
    for (name, value) in form_urlencoded::parse(sent) {
        fields += 1;
        // Characters are counted only where there can be too many.
        let is_long = value.len() > MOST_CHARACTERS && value.chars().count() > MOST_CHARACTERS;
        if fields > MOST_FIELDS || is_long || name.len() > MOST_CHARACTERS {
            return Some(error_page(
                StatusCode::UNPROCESSABLE_ENTITY,
                "This form is too long",
                "Nothing was changed. A field holds up to 200,000 characters, and a form up to 2,000 fields: go back, shorten it \
                 and send it again.",
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::MOST_CHARACTERS;
    use domain::fields;

    #[test]
    fn what_is_too_long_for_its_field_is_told_so_by_its_own_sentence() {
        for field in fields::ALL {
            assert!(field.most * 2 <= MOST_CHARACTERS, "{}", field.name);
        }
    }
}
