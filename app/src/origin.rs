//! Form posts from other sites are refused by comparing where they come from with the host they go to. So forms work at
//! localhost, at a name on the local network and behind a proxy, and nobody has to list these.

use crate::answer::{error_page, problem_json, wants_json};
use crate::state::App;
use crate::visitor::is_behind_trusted_proxy;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use url::Url;

const SENTENCE: &str =
    "This form was sent from another site, so nothing was done. Open the page here and send it again.";

/// Middleware for everything that browsers use.
pub async fn same_origin(State(app): State<App>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if changes_something(request.method()) {
        let behind_proxy = is_behind_trusted_proxy(request.extensions(), &app.installation);
        let ours = our_hosts(
            headers,
            request.uri().host(),
            behind_proxy,
            &app.engine.context.base_url,
        );
        if !is_from_here(headers, &ours) {
            return if wants_json(headers) {
                problem_json(StatusCode::FORBIDDEN, SENTENCE, None)
            } else {
                error_page(StatusCode::FORBIDDEN, "Not from here", SENTENCE)
            };
        }
    }
    next.run(request).await
}

fn changes_something(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Host and port that the request was sent to, as the browser knows them.
fn our_hosts(
    headers: &HeaderMap,
    authority: Option<&str>,
    behind_proxy: bool,
    base_url: &Url,
) -> Vec<String> {
    let mut hosts = Vec::new();
    // HTTP/2 has the authority where HTTP/1.1 has the header.
    hosts.extend(
        text(headers, header::HOST.as_str())
            .or(authority)
            .map(without_default_port),
    );
    if behind_proxy {
        hosts.extend(text(headers, "x-forwarded-host").map(without_default_port));
    }
    hosts.extend(authority_of(base_url));
    hosts
}

/// What the browser says about where a request was made. A page of another site cannot write any of these headers.
fn is_from_here(headers: &HeaderMap, ours: &[String]) -> bool {
    let is_ours = |address: &str| {
        Url::parse(address)
            .ok()
            .and_then(|url| authority_of(&url))
            .is_some_and(|host| ours.contains(&host))
    };
    // “null” is what is left where a browser was told to keep its origin to itself.
    match text(headers, header::ORIGIN.as_str()).filter(|origin| *origin != "null") {
        Some(origin) => is_ours(origin),
        None => match (
            text(headers, "sec-fetch-site"),
            text(headers, header::REFERER.as_str()),
        ) {
            (Some(site), _) => matches!(site, "same-origin" | "none"),
            (None, Some(referer)) => is_ours(referer),
            (None, None) => !headers.contains_key(header::ORIGIN),
        },
    }
}

fn authority_of(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// Browsers leave out the port that the scheme has anyway.
fn without_default_port(host: &str) -> String {
    let host = host.trim().to_ascii_lowercase();
    let plain = host.strip_suffix(":443").or_else(|| host.strip_suffix(":80"));
    plain.map(str::to_owned).unwrap_or(host)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_from_elsewhere_are_told_from_ours() {
        let base: Url = "https://kintsugi.example.com".parse().unwrap();
        // Host, trusted X-Forwarded-Host, Origin, Sec-Fetch-Site, Referer.
        for (host, forwarded, origin, site, referer, from_here) in [
            ("localhost:3000", "", "http://localhost:3000", "", "", true),
            (
                "127.0.0.1:3000",
                "",
                "http://127.0.0.1:3000",
                "same-origin",
                "",
                true,
            ),
            ("pager.lan:3000", "", "http://pager.lan:3000", "", "", true),
            ("[::1]:3000", "", "http://[::1]:3000", "", "", true),
            ("example.com:443", "", "https://example.com", "", "", true),
            (
                "127.0.0.1:3000",
                "pager.example.org",
                "https://pager.example.org",
                "",
                "",
                true,
            ),
            ("127.0.0.1:3000", "", "https://kintsugi.example.com", "", "", true),
            (
                "localhost:3000",
                "",
                "http://localhost:4000",
                "same-site",
                "",
                false,
            ),
            ("localhost:3000", "", "https://evil.example", "", "", false),
            (
                "localhost:3000",
                "",
                "https://localhost.evil.example:3000",
                "",
                "",
                false,
            ),
            (
                "localhost:3000",
                "",
                "https://evil.example",
                "same-origin",
                "",
                false,
            ),
            ("localhost:3000", "", "null", "", "", false),
            ("localhost:3000", "", "null", "cross-site", "", false),
            ("localhost:3000", "", "null", "same-origin", "", true),
            (
                "localhost:3000",
                "",
                "",
                "cross-site",
                "http://localhost:3000/",
                false,
            ),
            ("localhost:3000", "", "", "", "http://localhost:3000/login", true),
            ("localhost:3000", "", "", "", "https://evil.example/", false),
            // A program that is no browser has no cookie that another site could use.
            ("localhost:3000", "", "", "", "", true),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [
                ("host", host),
                ("x-forwarded-host", forwarded),
                ("origin", origin),
                ("sec-fetch-site", site),
                ("referer", referer),
            ] {
                if !value.is_empty() {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            let ours = our_hosts(&headers, None, !forwarded.is_empty(), &base);
            assert_eq!(
                is_from_here(&headers, &ours),
                from_here,
                "{host} {origin} {site} {referer}"
            );
        }
    }

    #[test]
    fn only_a_trusted_proxy_says_which_host_was_meant() {
        let base: Url = "http://localhost:3000".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("host", "localhost:3000".parse().unwrap());
        headers.insert("x-forwarded-host", "evil.example".parse().unwrap());
        headers.insert("origin", "https://evil.example".parse().unwrap());
        assert!(!is_from_here(&headers, &our_hosts(&headers, None, false, &base)));
    }
}
