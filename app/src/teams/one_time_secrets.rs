//! Secrets that are shown once: they travel from the form's answer to the page after it in a cookie that scripts cannot read, for
//! that page only, and are taken away when it has shown them. So they are in no address and in no history.

use crate::session::with_cookie;
use axum::http::HeaderMap;
use axum::response::Response;
use axum_extra::extract::CookieJar;
use domain::ids::IntegrationId;
use engine::secrets::Secret;

const COOKIE: &str = "kintsugi_once";

/// An integration, and its secret for the last time.
pub type Shown = (IntegrationId, String);

/// Sends secrets along to the page at `path`, where they can be read for `seconds`.
#[must_use]
pub fn give(
    response: Response,
    path: &str,
    secrets: &[(IntegrationId, &Secret)],
    seconds: i64,
    secure: bool,
) -> Response {
    let value: Vec<String> = secrets
        .iter()
        .map(|(id, secret)| format!("{id}.{}", secret.reveal()))
        .collect();
    with_cookie(response, COOKIE, &value.join("~"), path, seconds, secure)
}

/// The secrets that were sent along.
pub fn take(headers: &HeaderMap) -> Vec<Shown> {
    let jar = CookieJar::from_headers(headers);
    let value = jar
        .get(COOKIE)
        .map(|cookie| cookie.value().to_owned())
        .unwrap_or_default();
    value
        .split('~')
        .filter_map(|part| {
            let (id, secret) = part.split_once('.')?;
            let well_formed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
            let secret =
                (secret.len() <= 64 && secret.chars().all(well_formed)).then(|| secret.to_owned())?;
            Some((id.parse().ok()?, secret))
        })
        .collect()
}

/// Takes them away.
#[must_use]
pub fn forget(response: Response, path: &str, secure: bool) -> Response {
    with_cookie(response, COOKIE, "", path, 0, secure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_a_secret_is_taken() {
        let id = IntegrationId(uuid::Uuid::from_u128(7));
        let mut headers = HeaderMap::new();
        let value = format!("kintsugi_once={id}.abc-_9~{id}.<b>~nonsense");
        headers.insert("cookie", value.parse().unwrap());
        assert_eq!(take(&headers), [(id, "abc-_9".to_owned())]);
        assert!(take(&HeaderMap::new()).is_empty());
    }
}
