//! From an empty database to a person who is paged, by plain forms.

#![allow(clippy::unwrap_used, reason = "a story that stumbles fails")]

use crate::browser::{Browser, form, option_of, words};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use testing::TestApp;
use tower::ServiceExt;

const FIRST: [(&str, &str); 7] = [
    ("code", "gold-seam"),
    ("name", "Root"),
    ("email", "root@example.test"),
    ("password", "correct horse battery"),
    ("time_zone", "Europe/Berlin"),
    ("team", "Über uns"),
    ("service", "Checkout"),
];

async fn set_up(test: &TestApp) -> Browser {
    let browser = Browser::open(test).await;
    assert_eq!(browser.post("/setup", &FIRST).await, "/setup/ready");
    browser
}

#[tokio::test]
async fn set_up_asks_for_its_code_and_shows_the_line_for_the_first_alert() {
    let test = TestApp::on_sqlite().await;
    let browser = Browser::open(&test).await;
    assert_eq!(browser.leads("/login").await, "/setup");
    assert_eq!(
        browser.leads("/settings/people").await,
        "/login?next=%2Fsettings%2Fpeople"
    );
    assert!(browser.get("/setup").await.contains("name=\"code\""));
    let mut wrong = FIRST;
    wrong[0].1 = "guessed";
    let page = browser.refused("/setup", &wrong).await;
    assert!(page.contains("The code is not the one that was printed"));
    assert!(page.contains("value=\"Über uns\""), "what was typed is kept");
    assert!(!page.contains("correct horse"), "but not the password");
    let mut short = FIRST;
    short[3].1 = "short";
    assert!(
        browser
            .refused("/setup", &short)
            .await
            .contains("field-password-error")
    );

    browser.post("/setup", &FIRST).await;
    let ready = browser.get("/setup/ready").await;
    assert!(
        ready.contains("https://kintsugi.example.test/json/"),
        "{}",
        words(&ready)
    );
    assert!(ready.contains("Only this machine can open these links."));
    assert_eq!(
        browser
            .post("/settings/mail/test", &[("back", "/setup/ready")])
            .await,
        "/setup/ready"
    );
    test.settle().await;
    assert_eq!(test.subjects("root"), ["[Kintsugi] A test mail"]);
    assert!(
        browser
            .get("/setup/ready")
            .await
            .contains("taken by the mail server")
    );

    let late = browser.another();
    assert!(late.refused("/setup", &FIRST).await.contains("set up already"));
    assert_eq!(late.leads("/setup").await, "/");
}

#[tokio::test]
async fn log_in_leads_back_and_log_out_ends_it() {
    let test = TestApp::on_sqlite().await;
    let browser = set_up(&test).await.another();
    let page = browser
        .refused("/login", &[("email", "root@example.test"), ("password", "wrong")])
        .await;
    assert!(page.contains("do not belong to an account"));
    assert!(page.contains("value=\"root@example.test\""));
    let right = [
        ("email", "root@example.test"),
        ("password", "correct horse battery"),
        ("next", "/on-call"),
    ];
    assert_eq!(browser.post("/login", &right).await, "/on-call");
    let page = browser.get("/on-call").await;
    assert!(
        page.contains("You have the pager: Über uns on call."),
        "{}",
        words(&page)
    );
    assert_eq!(browser.post("/logout", &[]).await, "/login");
    assert_eq!(browser.leads("/on-call").await, "/login?next=%2Fon-call");

    browser.get("/password/forgotten").await;
    let (status, _, _) = browser
        .send(
            "POST",
            "/password/forgotten",
            form(&[("email", "root@example.test")]),
        )
        .await;
    assert_eq!(status, StatusCode::OK);
    test.settle().await;
    let path = test.mailbox("root")[0].path_with("/password/reset/");
    browser.get(&path).await;
    assert!(
        browser
            .refused(&path, &[("password", "short")])
            .await
            .contains("at least 10 characters")
    );
    assert_eq!(
        browser
            .post(&path, &[("password", "a better one entirely")])
            .await,
        "/"
    );
    browser.get("/settings").await;
    assert!(
        browser
            .refused(&path, &[("password", "a better one entirely")])
            .await
            .contains("Ask for a new")
    );
}

#[tokio::test]
async fn a_secret_is_shown_once_and_can_be_replaced_and_revoked() {
    let test = TestApp::on_sqlite().await;
    let browser = set_up(&test).await;
    let service = "/settings/services/checkout";
    let made = browser
        .post(
            &format!("{service}/integrations"),
            &[("kind", "alertmanager"), ("name", "In Lisbon")],
        )
        .await;
    assert_eq!(made, service);
    let page = browser.get(service).await;
    assert!(page.contains("Copy this now"));
    let secret = page
        .split("https://kintsugi.example.test/alertmanager/")
        .find(|rest| !rest.starts_with('…') && !rest.starts_with('<'))
        .map(str::to_owned);
    assert!(secret.is_some());
    let page = browser.get(service).await;
    assert!(!page.contains("Copy this now") && page.contains("https://kintsugi.example.test/alertmanager/…"));
    let id = page
        .split("/integrations/")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    browser
        .post(&format!("{service}/integrations/{id}/replacement"), &[])
        .await;
    assert!(browser.get(service).await.contains("The one before, …"));
    browser
        .post(&format!("{service}/integrations/{id}/revocation"), &[])
        .await;
    assert!(browser.get(service).await.contains("revoked"));
}

#[tokio::test]
async fn people_teams_schedules_and_policies_are_made_by_forms() {
    let test = TestApp::on_sqlite().await;
    let browser = set_up(&test).await;
    for path in [
        "/settings",
        "/settings/profile",
        "/settings/people",
        "/settings/teams",
        "/settings/mail",
        "/settings/schedules",
        "/settings/policies",
        "/on-call",
    ] {
        browser.get(path).await;
    }
    let lea = [
        ("name", "Lea"),
        ("email", "lea@example.test"),
        ("role", "responder"),
        ("time_zone", "Asia/Tokyo"),
    ];
    browser.post("/settings/people", &lea).await;
    assert!(
        browser
            .refused("/settings/people", &lea)
            .await
            .contains("Somebody here has this e-mail address already.")
    );

    let team = "/settings/teams/%C3%BCber-uns";
    let page = browser.get(team).await;
    let lea_id = option_of(&page, "Lea, lea@example.test");
    browser
        .post(&format!("{team}/members"), &[("person", &lea_id)])
        .await;
    browser
        .post(&format!("{team}/members/{lea_id}/removal"), &[])
        .await;
    assert_eq!(
        browser
            .post(&format!("{team}/services"), &[("name", "Search")])
            .await,
        "/settings/services/search"
    );
    assert!(
        browser
            .refused(&format!("{team}/services"), &[("name", "search")])
            .await
            .contains("Search is taken.")
    );
    assert_eq!(
        browser.post("/settings/teams", &[("name", "Money")]).await,
        "/settings/teams/money"
    );
    browser
        .post("/settings/teams/money", &[("name", "Payments")])
        .await;

    let page = browser.get("/settings/schedules/new").await;
    let payments = option_of(&page, "Payments");
    let mut fields = vec![
        ("team", payments.as_str()),
        ("name", "Nights"),
        ("time_zone", "Europe/Berlin"),
        ("layers.0.unit", "week"),
        ("layers.0.every", "1"),
        ("layers.0.start", "2026-03-02T09:00"),
        ("layers.0.add", "Root, Lena"),
    ];
    assert!(
        browser
            .refused("/settings/schedules", &fields)
            .await
            .contains("Nobody is called “Lena”.")
    );
    fields[6].1 = "Root, Lea";
    let schedule = browser.post("/settings/schedules", &fields).await;
    let page = browser.get(&schedule).await;
    assert!(page.contains("Saved."));
    let schedule = schedule.split('?').next().unwrap_or_default();
    let lea_turn = option_of(&page, "Lea");
    browser.get(&format!("{schedule}/edit")).await;
    let cover = [
        ("person", lea_turn.as_str()),
        ("from", "2026-03-03T09:00"),
        ("to", "2026-03-04T09:00"),
    ];
    browser.post(&format!("{schedule}/overrides"), &cover).await;
    let backwards = [cover[0], ("from", "2026-03-04T09:00"), ("to", "2026-03-03T09:00")];
    let page = browser
        .refused(&format!("{schedule}/overrides"), &backwards)
        .await;
    assert!(page.contains("The end must be later") && page.contains("value=\"2026-03-04T09:00\""));
    assert!(
        browser
            .get("/on-call")
            .await
            .contains("Lea, Tue 3 Mar 09:00 to Wed 4 Mar 09:00")
    );

    let page = browser.get("/settings/policies/new").await;
    let on_call = option_of(&page, "On call: Nights");
    let steps = [
        ("team", payments.as_str()),
        ("name", "Day and night"),
        ("target", on_call.as_str()),
        ("target", ""),
        ("target", ""),
        ("delay", "5"),
        ("target", ""),
        ("target", ""),
        ("target", ""),
        ("delay", "5"),
        ("repeats", "1"),
    ];
    let policy = browser.post("/settings/policies", &steps).await;
    browser.get(&policy).await;
    assert!(
        browser
            .refused(&policy, &[("name", "Day"), ("repeats", "1")])
            .await
            .contains("Add at least one step.")
    );
    assert!(
        browser
            .refused(&format!("{schedule}/removal"), &[])
            .await
            .contains("still used by the policy Day and night")
    );
    browser.post(&format!("{policy}/removal"), &[]).await;
    browser.post(&format!("{schedule}/removal"), &[]).await;

    // Lea reads along: no forms but her own.
    test.settle().await;
    let invitation = test.mailbox("lea")[0].path_with("/invitations/");
    let reader = browser.another();
    reader.get(&invitation).await;
    reader
        .post(&invitation, &[("password", "four words that nobody")])
        .await;
    for path in [
        team,
        "/settings/services/checkout",
        "/settings/people",
        "/settings/teams",
        "/settings/mail",
    ] {
        let page = reader.get(path).await;
        let main = page
            .split("<main")
            .nth(1)
            .unwrap()
            .split("</main>")
            .next()
            .unwrap();
        assert!(!main.contains("<form"), "{path} has a form for an observer");
    }
    let (status, _, body) = reader
        .send("POST", "/settings/teams", form(&[("name", "Mine")]))
        .await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{}", words(&body));
    reader
        .post(
            "/settings/profile",
            &[("name", "Lea Lind"), ("time_zone", "Asia/Tokyo")],
        )
        .await;
    let wrong = [("current", "no"), ("password", "another good one")];
    assert!(
        reader
            .refused("/settings/password", &wrong)
            .await
            .contains("not the one you have now")
    );
    assert_eq!(reader.post("/settings/sessions/removal", &[]).await, "/login");
}

#[tokio::test]
async fn a_form_from_another_site_does_nothing() {
    let test = TestApp::on_sqlite().await;
    let browser = Browser::open(&test).await;
    let request = Request::post("/setup")
        .header("host", "localhost:3000")
        .header("origin", "https://evil.example")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form(&FIRST)))
        .unwrap();
    let response = browser.site.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(test.count("SELECT COUNT(*) FROM people").await, 0);
}
