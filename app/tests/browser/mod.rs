//! What stories over HTTP are told with.

#![allow(clippy::unwrap_used, reason = "a story that stumbles fails")]

use app::App;
use app::state::Installation;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use testing::TestApp;
use tower::ServiceExt;

/// A browser without JavaScript: it keeps cookies with their paths, and posts forms.
pub struct Browser {
    pub site: Router,
    cookies: Mutex<BTreeMap<String, (String, String)>>,
}

impl Browser {
    pub async fn open(test: &TestApp) -> Self {
        let installation = Installation {
            setup_code: Some("gold-seam".to_owned()),
            base_url_is_loopback: true,
            over_tls: false,
            trusted_proxies: Vec::new(),
            demo: None,
        };
        let app = App {
            engine: test.engine.clone(),
            installation: Arc::new(installation),
        };
        let site = app::routes(&app).with_state(app);
        Self {
            site,
            cookies: Mutex::default(),
        }
    }

    pub fn another(&self) -> Self {
        Self {
            site: self.site.clone(),
            cookies: Mutex::default(),
        }
    }

    pub async fn send(&self, method: &str, path: &str, body: String) -> (StatusCode, String, String) {
        let cookies: Vec<String> = self
            .cookies
            .lock()
            .unwrap()
            .iter()
            .filter(|(_, (under, _))| path.starts_with(under.as_str()))
            .map(|(name, (_, value))| format!("{name}={value}"))
            .collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:3000")
            .header("origin", "http://localhost:3000")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", cookies.join("; "))
            .body(Body::from(body))
            .unwrap();
        let response: Response<Body> = self.site.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap().to_owned();
            let under = rest
                .split("Path=")
                .nth(1)
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .to_owned();
            let mut cookies = self.cookies.lock().unwrap();
            if rest.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), (under, value));
            }
        }
        let status = response.status();
        let location = response
            .headers()
            .get("location")
            .map_or(String::new(), |to| to.to_str().unwrap().to_owned());
        let body = to_bytes(response.into_body(), 10_000_000).await.unwrap();
        (status, location, String::from_utf8(body.to_vec()).unwrap())
    }

    pub async fn get(&self, path: &str) -> String {
        let (status, location, body) = self.send("GET", path, String::new()).await;
        assert_eq!(status, StatusCode::OK, "{path} {location} {}", words(&body));
        assert!(!body.contains(" style="), "{path} has a style attribute");
        body
    }

    pub async fn leads(&self, path: &str) -> String {
        let (status, location, _) = self.send("GET", path, String::new()).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{path}");
        location
    }

    /// Posts and says where it led.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let (status, location, body) = self.send("POST", path, form(fields)).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{path} {}", words(&body));
        location
    }

    /// Posts what is refused, and gives back the page.
    pub async fn refused(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let (status, _, body) = self.send("POST", path, form(fields)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        body
    }
}

pub fn form(fields: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    form.finish()
}

/// The page's words, for a failure's message.
pub fn words(body: &str) -> String {
    body.split("<main")
        .nth(1)
        .unwrap_or(body)
        .chars()
        .take(2000)
        .collect()
}

pub fn option_of(page: &str, label: &str) -> String {
    let option = page
        .split("<option")
        .skip(1)
        .find(|option| option.contains(&format!(">{label}<")));
    let option = option.unwrap_or_else(|| panic!("no choice {label} in {}", words(page)));
    option.split('"').nth(1).unwrap().to_owned()
}
