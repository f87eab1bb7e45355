//! Requests that get no 2xx: what their team can see of them, and that those which are our fault are counted.

use crate::site::Site;
use domain::ids::IntegrationId;
use domain::teams::IntegrationKind;
use engine::alerts::Refusal;
use engine::teams::integrations;
use engine::transaction;
use testing::{TestApp, both_databases, hours, until};

/// A JSON integration, and where it takes alerts.
struct Door {
    id: IntegrationId,
    path: String,
}

impl Door {
    async fn new(app: &TestApp) -> Self {
        let made = transaction!(app.engine, |tx| integrations::create(
            tx,
            app.id("checkout"),
            IntegrationKind::Json,
            ""
        )
        .await?);
        let (integration, secret) = made.expect("an integration");
        Self {
            id: integration.id,
            path: format!("/json/{}", secret.reveal()),
        }
    }

    /// Sends a body; answers with the status.
    async fn send(&self, site: &Site, body: &str) -> u16 {
        let sent = site.post(&self.path).body(body.to_owned()).send();
        sent.await.expect("an answer").status().as_u16()
    }
}

const GOOD: &str = r#"{"title":"Slow"}"#;

both_databases! {
    async fn the_last_twenty_refusals_are_kept_with_their_reason(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app).await;
        for number in 0..23 {
            app.clock.pass(testing::seconds(1));
            let body = if number == 22 { "[]" } else { r#"{"severity":"critical"}"# };
            assert_eq!(door.send(&site, body).await, 400);
        }
        until("the last of them is noted", async || refusals(app, &door).await.first().is_some_and(|last| !last.reason.contains("title"))).await;
        let kept = refusals(app, &door).await;
        assert_eq!(kept.len(), 20);
        assert!(kept[1].reason.contains("title"), "{kept:?}");
        assert!(kept.iter().all(|refusal| refusal.status == 400));
        app.settle().await;
        assert_eq!(told_of_refusals(app), 1, "{:?}", app.subjects("ana"));
    }

    async fn the_first_refused_request_is_told_to_the_team_and_stands_on_home(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app).await;
        let cookie = crate::site::cookie_of(app, "ana").await;
        let home = async || {
            let page = site.get("/").header("cookie", &cookie).send().await.expect("home");
            page.text().await.expect("a page")
        };
        assert!(!home().await.contains("requests are refused"));
        // One every four hours for two days.
        for number in 0..12 {
            assert_eq!(door.send(&site, "[]").await, 400);
            until("it is noted", async || refusals(app, &door).await.len() == number + 1).await;
            app.settle().await;
            if number == 0 {
                assert_eq!(told_of_refusals(app), 1, "the first: {:?}", app.subjects("ana"));
                let home = home().await;
                assert!(home.contains("requests are refused") && home.contains("not an object"), "{home}");
            }
            app.clock.pass(hours(4));
        }
        assert!((2..=3).contains(&told_of_refusals(app)), "once a day: {:?}", app.subjects("ana"));
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 0, "nothing of it says that it fires");
        app.clock.pass(hours(25));
        assert!(!home().await.contains("requests are refused"), "a day later it is no news");
    }

    async fn what_is_refused_and_says_that_it_fires_wakes_before_it_is_answered(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app).await;
        assert_eq!(door.send(&site, r#"{"title":"Disk full","severity":"critical","status":"firing""#).await, 400);
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 1, "on disk with the answer");
        app.settle().await;
        let pages = pages(app);
        assert!(pages.len() == 1 && pages[0].starts_with("[SEV1]") && pages[0].contains("Disk full"), "{pages:?}");
        // The same again joins it, and wakes nobody again while the policy goes on.
        assert_eq!(door.send(&site, r#"{"title":"Disk full","severity":"critical","status":"firing""#).await, 400);
        assert_eq!(door.send(&site, r#"{"title":"Disk full","status":"resolved""#).await, 400);
        app.settle().await;
        assert_eq!((app.count("SELECT COUNT(*) FROM incidents").await, self::pages(app).len()), (1, 1));
    }

    async fn a_replaced_secret_that_is_still_used_is_named_for_what_it_is(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app).await;
        assert_eq!(door.send(&site, GOOD).await, 202);
        until("its use is written down", async || app.count("SELECT COUNT(*) FROM integration_secrets WHERE last_used_at IS NOT NULL").await == 1).await;
        transaction!(app.engine, |tx| integrations::replace(tx, door.id).await?).expect("replaced");
        app.clock.pass(hours(25));
        app.settle().await;
        app.mail.clear();
        assert_eq!(door.send(&site, r#"{"title":"Disk full","severity":"critical"}"#).await, 401);
        until("it is noted", async || refusals(app, &door).await.len() == 1).await;
        let refusal = refusals(app, &door).await.remove(0);
        assert_eq!(refusal.status, 401);
        for word in ["was replaced", "worked until 3 March 2026, 09:00 UTC", "last used on 2 March 2026, 09:00 UTC"] {
            assert!(refusal.reason.contains(word), "{refusal:?}");
        }
        app.settle().await;
        assert_eq!(told_of_refusals(app), 1);
        assert!(pages(app).iter().any(|page| page.contains("Disk full")), "{:?}", app.subjects("ana"));
        // What it says is not taken for an alert of its own.
        assert_eq!(app.count("SELECT COUNT(*) FROM alerts").await, 1);
        // Replaced once more, it is still known.
        transaction!(app.engine, |tx| integrations::replace(tx, door.id).await?).expect("replaced");
        app.clock.pass(hours(1));
        assert_eq!(door.send(&site, "{}").await, 401);
        until("it is noted", async || refusals(app, &door).await.len() == 2).await;
    }

    async fn what_could_not_be_stored_is_noted_and_counted_and_is_no_reason_to_tell_the_team(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app).await;
        let other = Door::new(app).await;
        hide(app, "payloads").await;
        for _ in 0..6 {
            assert_eq!(door.send(&site, GOOD).await, 503);
        }
        show(app, "payloads").await;
        until("it is noted", async || refusals(app, &door).await.len() == 6).await;
        assert!(refusals(app, &door).await.iter().all(|refusal| refusal.status == 503 && refusal.reason.contains("Send it again")));
        // A secret that cannot be looked up is nobody's, and its request is not taken all the same.
        hide(app, "integration_secrets").await;
        assert_eq!(other.send(&site, GOOD).await, 503);
        show(app, "integration_secrets").await;
        assert_eq!(other.send(&site, GOOD).await, 202);
        app.settle().await;
        assert_eq!(told_of_refusals(app), 0, "{:?}", app.subjects("ana"));
        assert_eq!(taken(app).await, (1, 8));
    }

    async fn a_fault_of_our_own_at_the_edge_counts_as_not_taken(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app).await;
        // The edge asks for the time before it asks for anything else.
        app.clock.break_after(0);
        assert_eq!(door.send(&site, GOOD).await, 500);
        app.clock.mend();
        assert_eq!(door.send(&site, GOOD).await, 202);
        assert_eq!(taken(app).await, (1, 2));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_refused_waits_for_no_writer_and_a_hundred_refusals_are_two_writes() {
    let app = TestApp::on_sqlite().await;
    app.usual_cast().await;
    let site = Site::open(&app).await;
    let door = Door::new(&app).await;
    for counting in [
        "CREATE TABLE written (id BLOB)",
        "CREATE TRIGGER counting AFTER INSERT ON refusals BEGIN INSERT INTO written VALUES (new.id); END",
    ] {
        app.engine
            .db
            .run_outside_transactions(counting)
            .await
            .expect("a counter");
    }
    // Whoever would write waits until this ends.
    let held = app.engine.begin().await.expect("the writer");
    for _ in 0..100 {
        assert_eq!(door.send(&site, "[]").await, 400);
    }
    drop(held);
    until("they are noted", async || refusals(&app, &door).await.len() == 20).await;
    let written = app.count("SELECT COUNT(*) FROM written").await;
    assert!((20..=40).contains(&written), "{written}");
}

async fn refusals(app: &TestApp, door: &Door) -> Vec<Refusal> {
    let mut tx = app.engine.read().await.expect("a transaction");
    engine::alerts::refusals(&mut tx, door.id)
        .await
        .expect("refusals")
}

/// Pages in the mailbox of whoever is on call.
fn pages(app: &TestApp) -> Vec<String> {
    let mut subjects = app.subjects("ana");
    subjects.retain(|subject| subject.starts_with("[SEV"));
    subjects
}

/// How often a person was told that a source is refused again and again.
fn told_of_refusals(app: &TestApp) -> usize {
    let subjects = app.subjects("ana").into_iter();
    subjects.filter(|subject| subject.contains("refused")).count()
}

/// How many requests were taken, of how many that should have been.
async fn taken(app: &TestApp) -> (i64, i64) {
    let mut tx = app.engine.read().await.expect("a transaction");
    let share = engine::health::shares(&mut tx)
        .await
        .expect("shares")
        .alerts_accepted;
    (share.good, share.all)
}

/// A table that nobody finds stands for a database that does not answer.
async fn hide(app: &TestApp, table: &str) {
    let text = format!("ALTER TABLE {table} RENAME TO hidden");
    app.engine
        .db
        .run_outside_transactions(&text)
        .await
        .expect("hidden");
}

async fn show(app: &TestApp, table: &str) {
    let text = format!("ALTER TABLE hidden RENAME TO {table}");
    app.engine
        .db
        .run_outside_transactions(&text)
        .await
        .expect("shown");
}
