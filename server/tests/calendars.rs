//! Calendars are asked for over HTTP: what comes, what does not, and how far that is followed.

#![allow(clippy::unwrap_used)]

use crate::site::{Site, cookie_of};
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use engine::calendars::{Fetch, Fetched, MOST_BYTES, NotFetched, Wanted};
use engine::workers::calendars::read_due;
use server::calendars::{Fetcher, Reach};
use testing::{both_databases, minutes};

async fn calendar(headers: HeaderMap) -> impl IntoResponse {
    if headers.get("if-none-match").is_some_and(|mark| mark == "\"one\"") {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([("etag", "\"one\"")], "BEGIN:VCALENDAR\nEND:VCALENDAR\n").into_response()
}

const HOLIDAYS: &str = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nSUMMARY:Founders’ Day\nDTSTART;VALUE=DATE:20260304\nTRANSP:TRANSPARENT\nEND:VEVENT\nEND:VCALENDAR\n";

/// A web of its own.
async fn web() -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/away.ics", get(calendar))
        .route("/holidays.ics", get(async || HOLIDAYS))
        .route("/moved", get(async || Redirect::permanent("/away.ics")))
        .route("/round", get(async || Redirect::temporary("/round")))
        .route("/private", get(async || StatusCode::UNAUTHORIZED))
        .route("/broken", get(async || StatusCode::BAD_GATEWAY))
        .route("/large", get(async || "a".repeat(MOST_BYTES + 1)));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    at
}

fn wanted(address: &str, etag: Option<&str>) -> Wanted {
    Wanted {
        address: address.parse().unwrap(),
        etag: etag.map(str::to_owned),
        last_modified: None,
    }
}

#[tokio::test]
async fn what_comes_is_taken_and_what_does_not_is_told() {
    let (at, fetcher) = (web().await, Fetcher::new(Reach::ThisMachineToo).unwrap());
    for path in ["/away.ics", "/moved"] {
        let Ok(Fetched::New { bytes, etag, .. }) = fetcher.fetch(wanted(&format!("{at}{path}"), None)).await
        else {
            panic!("{path}");
        };
        assert!(bytes.starts_with(b"BEGIN:VCALENDAR"));
        assert_eq!(etag.as_deref(), Some("\"one\""));
    }
    let same = fetcher
        .fetch(wanted(&format!("{at}/away.ics"), Some("\"one\"")))
        .await;
    assert!(matches!(same, Ok(Fetched::Same)));
    for (path, expected) in [
        ("/nowhere", NotFetched::Gone),
        ("/private", NotFetched::LoggedInOnly(401)),
        ("/broken", NotFetched::Status(502)),
        ("/round", NotFetched::LeadsOn),
        ("/large", NotFetched::TooLarge),
    ] {
        let outcome = fetcher.fetch(wanted(&format!("{at}{path}"), None)).await;
        assert_eq!(outcome.err(), Some(expected), "{path}");
    }
    let nobody = fetcher.fetch(wanted("http://127.0.0.1:1/a", None)).await;
    assert_eq!(nobody.err(), Some(NotFetched::NoAnswer));
}

#[tokio::test]
async fn this_machine_is_not_asked() {
    let (at, fetcher) = (web().await, Fetcher::new(Reach::Others).unwrap());
    let by_name = at.replace("127.0.0.1", "localhost");
    for address in [&at, &by_name] {
        let outcome = fetcher.fetch(wanted(&format!("{address}/away.ics"), None)).await;
        assert_eq!(outcome.err(), Some(NotFetched::ThisMachine), "{address}");
    }
}

#[test]
fn an_address_is_in_no_debug_output() {
    let wanted = wanted("https://calendar.example.test/hush.ics?token=hush", None);
    assert!(!format!("{wanted:?}").contains("hush"));
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Sends a form, and answers with what stands on the page that comes.
async fn send(site: &Site, cookie: &str, path: &str, (kind, body): (&str, String)) -> (u16, String) {
    let sent = site
        .post(path)
        .header("cookie", cookie)
        .header("content-type", kind)
        .body(body);
    let answer = sent.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn file(text: &str) -> (&'static str, String) {
    let part = "--B\r\nContent-Disposition: form-data; name=\"files\"; filename=\"away.ics\"\r\n\r\n";
    (
        "multipart/form-data; boundary=B",
        format!("{part}{text}\r\n--B--\r\n"),
    )
}

both_databases! {
    async fn an_absence_is_read_shown_and_asked_cover_for_with_one_press(app) {
        app.usual_cast().await;
        let (site, bo, ana) = (Site::open(app).await, cookie_of(app, "bo").await, cookie_of(app, "ana").await);
        // What cannot be read is said beside the field.
        let (status, page) = send(&site, &bo, "/on-call/absence/files", file("<html>")).await;
        assert_eq!(status, 422);
        assert!(page.contains("This file cannot be read. It is a web page and no calendar."), "{page}");
        let (status, page) = send(&site, &bo, "/on-call/absence/files", ("multipart/form-data; boundary=B", "--B--\r\n".to_owned())).await;
        assert!(status == 422 && page.contains("Choose a file"), "{status}");
        let (status, page) = send(&site, &bo, "/on-call/absence/addresses", (FORM, "address=ftp://calendar.test".to_owned())).await;
        assert!(status == 422 && page.contains("value=\"ftp://calendar.test\"") && page.contains("field-error"));
        let away = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20260311\nDTEND;VALUE=DATE:20260314\nEND:VEVENT\nEND:VCALENDAR";
        assert_eq!(send(&site, &bo, "/on-call/absence/files", file(away)).await.0, 303);
        for path in ["/on-call/absence", "/on-call", "/on-call/away"] {
            let (_, page) = site.page(&bo, path).await;
            assert!(page.contains("Your calendar says you are away 11–13 March."), "{path}");
            assert!(page.contains("One turn falls into it: primary."), "{path}");
            let (_, others) = site.page(&ana, path).await;
            assert!(!others.contains("Your calendar says"), "{path}");
        }
        let (_, page) = site.page(&ana, "/on-call/readiness").await;
        assert!(page.contains("Bo is on call for primary while their calendar says they are away"), "{page}");
        let (_, page) = site.page(&bo, "/on-call/absence").await;
        let hidden = |name: &str| {
            let form = page.split("/on-call/absence/cover").nth(1).unwrap();
            let field = form.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
            field.split('"').next().unwrap().to_owned()
        };
        let pressed = format!("from={}&to={}", hidden("from"), hidden("to"));
        assert_eq!(send(&site, &bo, "/on-call/absence/cover", (FORM, "from=1&to=2".to_owned())).await.0, 422);
        assert_eq!(send(&site, &bo, "/on-call/absence/cover", (FORM, pressed)).await.0, 303);
        let (_, page) = site.page(&bo, "/on-call/away").await;
        assert!(page.contains("Cover is asked for, and nobody has taken it yet."), "{page}");
    }

    async fn turns_are_sent_as_invitations_to_whoever_switches_them_on(app) {
        app.usual_cast().await;
        let (site, bo, ana, root) = (Site::open(app).await, cookie_of(app, "bo").await, cookie_of(app, "ana").await, cookie_of(app, "root").await);
        let is_on = async |cookie: &str| {
            let (status, page) = site.page(cookie, "/on-call/calendars").await;
            assert_eq!(status, 200);
            let switch = page.split("name=\"sends\"").nth(1).unwrap();
            switch.split('>').next().unwrap().contains("checked")
        };
        assert!(!is_on(&bo).await, "off unless somebody wants it");
        let path = "/on-call/calendars/invitations";
        let sent = site.post(path).header("cookie", &bo).form(&[("sends", "on")]).send().await.unwrap();
        assert_eq!(sent.status(), 303);
        assert_eq!(crate::site::header(&sent, "location"), "/on-call/calendars#invitations");
        assert!(is_on(&bo).await && !is_on(&ana).await);
        let (_, log) = site.page(&root, "/settings/audit").await;
        assert!(log.contains("turns as invitations"), "{log}");
        app.pass(minutes(5)).await;
        assert_eq!(app.mailbox("bo").iter().filter(|mail| !mail.event.is_empty()).count(), 2);
        let (_, mails) = site.page(&bo, "/mail").await;
        assert!(mails.contains("On call for primary from"), "{mails}");
        assert_eq!(send(&site, &bo, path, (FORM, String::new())).await.0, 303);
        assert!(!is_on(&bo).await);
    }

    async fn the_holidays_of_a_team_stand_in_its_calendar_and_its_address_on_no_page(app) {
        app.usual_cast().await;
        let (site, ana) = (Site::open(app).await, cookie_of(app, "ana").await);
        let at = web().await;
        let form = format!("address={at}/holidays.ics%3Ftoken=hush");
        assert_eq!(send(&site, &ana, "/settings/teams/payments/holidays/addresses", (FORM, form)).await.0, 303);
        let fetcher = Fetcher::new(Reach::ThisMachineToo).unwrap();
        assert_eq!(read_due(&app.engine, &fetcher).await.unwrap(), 1);
        let (_, page) = site.page(&ana, "/settings/teams/payments/holidays").await;
        assert!(page.contains("127.0.0.1") && page.contains("Founders"), "{page}");
        assert!(!page.contains("hush"));
        for path in ["/on-call/calendar?team=payments&day=2026-03-04", "/settings/teams/payments"] {
            let (_, page) = site.page(&ana, path).await;
            assert!(page.contains("Holiday") && !page.contains("hush"), "{path}");
        }
        let (_, page) = site.page(&ana, "/on-call/calendar?by=week&day=2026-03-04").await;
        assert!(!page.contains("Holiday: "), "those of one team are not everybody's");
        let root = cookie_of(app, "root").await;
        let (_, log) = site.page(&root, "/settings/audit").await;
        assert!(log.contains("holidays from") && !log.contains("hush"));
        let (_, page) = site.page(&ana, "/teams/payments/load").await;
        assert!(!page.contains("On holidays"), "none has been yet");
    }
}
