//! Who is signed in: the cookie, and the frame around what they see.

use crate::answer::{Failure, problem_json, redirect, wants_json};
use crate::banners;
use crate::components::{Frame, PersonBadge, Section};
use crate::state::App;
use crate::visitor::Visitor;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use chrono_tz::Tz;
use domain::people::{Permission, Person, Role, allows};
use engine::people::sessions;
use engine::secrets::Secret;
use engine::{Actor, Error, Tx, incidents, people, transaction};
use std::net::IpAddr;
use std::time::Duration;
use url::Url;

pub const COOKIE: &str = "kintsugi_session";
/// The cookie outlasts every session: when it is over, the server says.
const COOKIE_SECONDS: i64 = 180 * 86_400;

/// Whoever is signed in. As an argument of a handler it leads everybody else to the log-in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub person: Person,
    /// Names this session among the person's.
    pub token_hash: Vec<u8>,
    /// Where they are.
    pub address: Option<IpAddr>,
}

impl SignedIn {
    /// Whoever is signed in, as one who acts.
    pub fn actor(&self) -> Actor {
        Actor::Person {
            person: self.person.clone(),
            address: self.address,
        }
    }

    pub fn zone(&self) -> Tz {
        self.person.time_zone.parse().unwrap_or(chrono_tz::UTC)
    }

    /// Whether they may work on incidents; observers read along.
    pub fn may_act(&self) -> bool {
        allows(self.person.role, &[], Permission::ActOnIncident)
    }

    /// Whether the session has not ended since; a live stream asks now and then. While the database cannot say, it goes on.
    pub async fn is_still_signed_in(&self, app: &App) -> bool {
        let asked = async {
            let mut tx = app.engine.read().await?;
            sessions::is_good(&mut tx, &self.token_hash).await
        };
        let answer: engine::Result<bool> = asked.await;
        answer.unwrap_or(true)
    }

    pub fn is_administrator(&self) -> bool {
        self.person.role == Role::Administrator
    }

    /// Whether they may do it, for pages that show a button or not; actions ask themselves.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn may(&self, tx: &mut Tx, permission: Permission) -> engine::Result<bool> {
        match people::authorize(tx, &self.person, permission).await {
            Ok(()) => Ok(true),
            Err(Error::NotAllowed(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The frame of a page: who is signed in, open incidents, and what needs seeing to.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn frame(
        &self,
        tx: &mut Tx,
        title: impl Into<String>,
        section: Section,
    ) -> engine::Result<Frame> {
        Ok(self.frame_of(tx, title).await?.in_section(section))
    }

    /// The frame of a page that belongs to none of the sections.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn frame_of(&self, tx: &mut Tx, title: impl Into<String>) -> engine::Result<Frame> {
        let mut frame = Frame::new(title);
        frame.person = Some(PersonBadge {
            id: self.person.id.0,
            name: self.person.name.clone(),
            email: self.person.email.clone(),
            role: self.person.role,
        });
        let count = incidents::count_open(tx).await?;
        frame.open_incidents = usize::try_from(count.open).unwrap_or(0);
        frame.unacknowledged = usize::try_from(count.unacknowledged).unwrap_or(0);
        frame.banners = banners::now(tx, &self.person).await?;
        Ok(frame)
    }
}

/// Finds who is signed in by the cookie; `address`: where they are, as one who acts.
///
/// # Errors
/// [`Error::Database`]
pub async fn look(
    app: &App,
    headers: &HeaderMap,
    address: Option<IpAddr>,
) -> engine::Result<Option<SignedIn>> {
    let Some(token) = token(headers) else {
        return Ok(None);
    };
    let mut tx = app.engine.read().await?;
    let found = sessions::find(&mut tx, &token).await?;
    drop(tx);
    let Some(found) = found else {
        return Ok(None);
    };
    if found.is_worth_noting(app.engine.context.now()) {
        note_use(app, &found.token_hash).await;
    }
    Ok(Some(SignedIn {
        person: found.person,
        token_hash: found.token_hash,
        address,
    }))
}

/// How long a page waits to note that the session is used.
const NOTE_WITHIN: Duration = Duration::from_millis(500);

/// Pages can be read while nothing can be written: what could not be noted now is noted the next time.
async fn note_use(app: &App, token_hash: &[u8]) {
    let noting = async {
        let noted: engine::Result<()> =
            transaction!(app.engine, |tx| sessions::note_use(tx, token_hash).await?);
        noted
    };
    match tokio::time::timeout(NOTE_WITHIN, noting).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the use of a session could not be noted"),
        Err(_) => tracing::warn!("the use of a session could not be noted in time"),
    }
}

/// Finds who is signed in, for what a page asks by itself: the session does not last longer for it.
///
/// # Errors
/// [`Error::Database`]
pub async fn look_without_use(tx: &mut Tx, headers: &HeaderMap) -> engine::Result<Option<Person>> {
    let Some(token) = token(headers) else {
        return Ok(None);
    };
    Ok(sessions::find(tx, &token).await?.map(|found| found.person))
}

/// The token in the cookie.
pub fn token(headers: &HeaderMap) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    jar.get(COOKIE).map(|cookie| cookie.value().to_owned())
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let visitor = Visitor::of(&parts.headers, &parts.extensions, &app.installation);
        let found = look(app, &parts.headers, visitor.address).await;
        match found.map_err(|error| Failure(error).into_response())? {
            Some(signed_in) => Ok(signed_in),
            None => Err(to_the_door(parts)),
        }
    }
}

/// Pages lead to the log-in and back; islands and the live stream are told.
fn to_the_door(parts: &Parts) -> Response {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    if wants_json(&parts.headers) || is_live(path) {
        return problem_json(StatusCode::UNAUTHORIZED, "Log in first.", None);
    }
    let page = match parts.method {
        Method::GET => Some(path.to_owned()),
        // The browser has kept what was typed into the form there.
        _ => came_from(&parts.headers),
    };
    let Some(page) = page.filter(|page| page != "/") else {
        return redirect("/login");
    };
    let next: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
    redirect(&format!("/login?next={next}"))
}

/// The page whose form this is. Forms of other sites have been refused by now.
fn came_from(headers: &HeaderMap) -> Option<String> {
    let page = Url::parse(headers.get(header::REFERER)?.to_str().ok()?).ok()?;
    Some(match page.query() {
        Some(query) => format!("{}?{query}", page.path()),
        None => page.path().to_owned(),
    })
}

fn is_live(path: &str) -> bool {
    path.split('?')
        .next()
        .unwrap_or(path)
        .split('/')
        .any(|part| part == "live")
}

/// Puts a new session's cookie on the answer.
#[must_use]
pub fn with_session(response: Response, secret: &Secret, secure: bool) -> Response {
    with_cookie(response, COOKIE, secret.reveal(), "/", COOKIE_SECONDS, secure)
}

/// Takes the session's cookie away.
#[must_use]
pub fn without_session(response: Response, secure: bool) -> Response {
    with_cookie(response, COOKIE, "", "/", 0, secure)
}

/// Sets a cookie that scripts cannot read. The value is of letters, digits and `-_.~`.
pub(crate) fn with_cookie(
    mut response: Response,
    name: &str,
    value: &str,
    path: &str,
    seconds: i64,
    secure: bool,
) -> Response {
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn door(method: &str, path: &str, accept: &str) -> Response {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("accept", accept)
            .body(())
            .unwrap();
        to_the_door(&request.into_parts().0)
    }

    #[test]
    fn whoever_is_not_signed_in_is_led_to_the_log_in_and_back() {
        for (method, path, accept, status, location) in [
            (
                "GET",
                "/incidents?state=open",
                "text/html",
                303,
                Some("/login?next=%2Fincidents%3Fstate%3Dopen"),
            ),
            ("GET", "/", "text/html", 303, Some("/login")),
            ("POST", "/incidents/1/notes", "text/html", 303, Some("/login")),
            ("POST", "/incidents/1/notes", "application/json", 401, None),
            ("GET", "/incidents/1/live", "text/event-stream", 401, None),
            ("GET", "/live?incident=1", "*/*", 401, None),
        ] {
            let response = door(method, path, accept);
            assert_eq!(response.status().as_u16(), status, "{method} {path}");
            let found = response
                .headers()
                .get("location")
                .map(|value| value.to_str().unwrap());
            assert_eq!(found, location, "{method} {path}");
        }
    }

    #[test]
    fn whose_session_ended_under_a_form_is_led_back_to_its_page() {
        for (page, location) in [
            (
                "http://kintsugi.test/incidents/1?from=3#write",
                "/login?next=%2Fincidents%2F1%3Ffrom%3D3",
            ),
            ("http://kintsugi.test/", "/login"),
            ("no address", "/login"),
        ] {
            let request = Request::post("/incidents/1/notes")
                .header("referer", page)
                .body(())
                .unwrap();
            let response = to_the_door(&request.into_parts().0);
            assert_eq!(response.headers()["location"], location, "{page}");
        }
    }

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let response = with_cookie(redirect("/"), COOKIE, "abc", "/", 60, true);
        assert_eq!(
            response.headers()["set-cookie"],
            "kintsugi_session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
        );
        let response = with_cookie(redirect("/"), COOKIE, "abc", "/", 60, false);
        assert!(
            !response.headers()["set-cookie"]
                .to_str()
                .unwrap()
                .contains("Secure")
        );
    }
}
