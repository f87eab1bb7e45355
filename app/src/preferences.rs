//! What a browser keeps for itself in cookies: the theme, whether single keys act, and that a form was saved. It holds before the log-in too, and on
//! pages that say what went wrong, so it is read once for every request and is at hand wherever a page is made.

pub mod saved;
mod shortcuts;
mod theme;

use crate::App;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;
use url::Url;

pub use theme::Theme;

/// A year; who uses the browser sets it anew now and then.
const COOKIE_SECONDS: i64 = 365 * 86_400;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/theme", post(theme::post))
        .route("/shortcuts", get(shortcuts::show).post(shortcuts::post))
}

/// The browser that asks, and the page that it looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Here {
    pub theme: Theme,
    /// Keys that act without Ctrl are wanted.
    pub single_keys: bool,
    /// Its keyboard has ⌘ where others have Ctrl.
    pub is_apple: bool,
    /// A form led here that was saved.
    pub is_saved: bool,
    /// Path and query to come back to from a form that stands on every page.
    pub back: String,
}

impl Default for Here {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            single_keys: true,
            is_apple: false,
            is_saved: false,
            back: "/".to_owned(),
        }
    }
}

tokio::task_local! {
    static HERE: Here;
}

/// Middleware: reads the cookies before anything else does.
pub async fn known(request: Request, next: Next) -> Response {
    let here = Here::of(&request);
    let says_saved = here.is_saved;
    let response = HERE.scope(here, next.run(request)).await;
    if says_saved {
        saved::said(response)
    } else {
        response
    }
}

/// The same for what goes on in a task of its own.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    HERE.scope(here(), work)
}

/// What is known of the browser that this page is made for.
pub fn here() -> Here {
    HERE.try_with(Clone::clone).unwrap_or_default()
}

impl Here {
    fn of(request: &Request) -> Self {
        let jar = CookieJar::from_headers(request.headers());
        let cookie = |name: &str| jar.get(name).map(|cookie| cookie.value().to_owned());
        // The address that a form was sent to is no page, so the way back leads to where the form stood.
        let back = if *request.method() == Method::GET {
            request.uri().path_and_query().map(ToString::to_string)
        } else {
            referring_path(request.headers())
        };
        let agent = request
            .headers()
            .get(header::USER_AGENT)
            .and_then(|agent| agent.to_str().ok());
        Self {
            theme: Theme::of(cookie(theme::COOKIE).as_deref()),
            single_keys: cookie(shortcuts::COOKIE).as_deref() != Some(shortcuts::OFF),
            is_apple: agent.is_some_and(|agent| agent.contains("Mac OS X")),
            is_saved: *request.method() == Method::GET && cookie(saved::COOKIE).as_deref() == Some("1"),
            back: back.unwrap_or_else(|| "/".to_owned()),
        }
    }
}

fn referring_path(headers: &HeaderMap) -> Option<String> {
    let referer = Url::parse(headers.get(header::REFERER)?.to_str().ok()?).ok()?;
    Some(match referer.query() {
        Some(query) => format!("{}?{query}", referer.path()),
        None => referer.path().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn asking(method: &str, uri: &str, headers: &[(&str, &str)]) -> Here {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Here::of(&request.body(Body::empty()).unwrap())
    }

    #[test]
    fn a_form_on_every_page_leads_back_to_a_page() {
        let shown = asking("GET", "/incidents?state=all", &[]);
        assert_eq!(shown.back, "/incidents?state=all");
        let from = [("referer", "http://localhost:3000/incidents/1?tab=alerts")];
        let refused = asking("POST", "/incidents/1/notes", &from);
        assert_eq!(refused.back, "/incidents/1?tab=alerts");
        assert_eq!(asking("POST", "/incidents/1/notes", &[]).back, "/");
    }

    #[test]
    fn what_a_browser_keeps_is_read_from_its_cookies() {
        let here = asking(
            "GET",
            "/",
            &[("cookie", "kintsugi_theme=dark; kintsugi_keys=off")],
        );
        assert_eq!((here.theme, here.single_keys), (Theme::Dark, false));
        let here = asking("GET", "/", &[("cookie", "kintsugi_theme=purple")]);
        assert_eq!((here.theme, here.single_keys), (Theme::System, true));
        let mac = [(
            "user-agent",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15",
        )];
        assert!(asking("GET", "/", &mac).is_apple && !here.is_apple);
        let saved = [("cookie", "kintsugi_saved=1")];
        assert!(asking("GET", "/", &saved).is_saved && !asking("POST", "/", &saved).is_saved);
    }
}
