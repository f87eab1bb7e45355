//! What came back, by its address: what it asks for and is not here is said; and its file.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use crate::site::{Site, cookie_of, header};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::action_items::{ActionKind, Priority};
use domain::ids::{FactorId, TeamId};
use domain::postmortems::PostmortemState;
use engine::action_items::{self, Draft};
use engine::{incidents, learning, postmortems, transaction};
use testing::{TestApp, both_databases, days, minutes};

/// An incident whose document names a factor, which an action item answers.
async fn promised(app: &TestApp, factor: &str) {
    app.usual_cast().await;
    app.fires("checkout", "Slow", 2, "slow").await;
    let team: TeamId = app.id("payments");
    transaction!(app.by(app.id("ana")).await, |tx| {
        incidents::resolve(tx, 1).await?;
        postmortems::start(tx, 1).await?;
        postmortems::name_factor(tx, 1, factor, "").await?;
        let incident = incidents::find(tx, 1).await?;
        let named = postmortems::factors_of(tx, incident.id).await?;
        let draft = Draft {
            title: "Raise the pool".to_owned(),
            team,
            owner: None,
            kind: ActionKind::Prevent,
            priority: Priority::Low,
            due_on: None,
            factor: named.first().map(|named| named.id),
            proof: String::new(),
        };
        action_items::add(tx, 1, &draft).await?
    })
    .unwrap();
}

async fn published(app: &TestApp, number: i64) {
    transaction!(app.by(app.id("ana")).await, |tx| {
        postmortems::save_section(tx, number, "summary", 0, "It was slow.").await?;
        postmortems::change_state(tx, number, PostmortemState::InReview).await?;
        postmortems::change_state(tx, number, PostmortemState::Published).await?
    })
    .unwrap();
}

async fn factor_named(app: &TestApp, name: &str) -> FactorId {
    let mut tx = app.engine.read().await.unwrap();
    let known = postmortems::known_factors(&mut tx).await.unwrap();
    known.into_iter().find(|factor| factor.name == name).unwrap().id
}

both_databases! {
    async fn what_is_asked_for_and_not_here_is_not_taken_for_all(app) {
        app.usual_cast().await;
        let (site, cookie) = (Site::open(app).await, cookie_of(app, "ana").await);
        for path in ["/learning", "/learning.csv", "/learning/behind/due", "/learning/without-factors"] {
            for (asked, status, sentence) in [
                ("team=nosuch", 404, "There is no such team here."),
                ("service=nosuch", 404, "There is no such service here."),
                ("days=17", 400, "That cannot be chosen here."),
                ("by=person", 400, "That cannot be chosen here."),
                ("days=soon", 400, "This address cannot be read"),
            ] {
                let (answered, page) = site.page(&cookie, &format!("{path}?{asked}")).await;
                assert_eq!(answered, status, "{path}?{asked}");
                assert!(page.contains(sentence), "{path}?{asked}: {page}");
            }
            let asked = format!("{path}?days=365&team=payments&service=checkout&drills=on&by=week");
            assert_eq!(site.page(&cookie, &asked).await.0, 200, "{asked}");
            assert_eq!(site.page(&cookie, path).await.0, 200, "{path}");
        }
    }

    async fn the_page_says_in_words_what_is_looked_at(app) {
        app.usual_cast().await;
        let (site, cookie) = (Site::open(app).await, cookie_of(app, "ana").await);
        for (asked, words) in [
            ("", "The last 90 days · all teams · without drills and tests. From "),
            ("?days=30&team=payments", "The last 30 days · payments · without drills and tests. From "),
            (
                "?days=365&team=payments&service=checkout&drills=on",
                "The last 365 days · payments · checkout · drills and tests, too. From ",
            ),
        ] {
            let (_, page) = site.page(&cookie, &format!("/learning{asked}")).await;
            assert!(page.contains(words), "{asked}: {page}");
        }
    }

    async fn the_file_says_what_was_looked_at_and_all_that_the_page_says(app) {
        promised(app, "A limit").await;
        published(app, 1).await;
        app.pass(minutes(30)).await;
        app.fires("checkout", "Slow again", 2, "again").await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| {
            incidents::resolve(tx, 2).await?;
            postmortems::start(tx, 2).await?;
            postmortems::name_factor(tx, 2, "A limit", "").await?
        })
        .unwrap();
        published(app, 2).await;
        app.pass(minutes(30)).await;
        let (site, cookie) = (Site::open(app).await, cookie_of(app, "ana").await);
        let path = "/learning.csv?days=30&team=payments&service=checkout";
        let answer = site.get(path).header("cookie", &cookie).send().await.unwrap();
        let until = app.engine.context.now();
        let day = |at: DateTime<Utc>| at.with_timezone(&Tz::Europe__Berlin).date_naive();
        let (from, until) = (day(until - days(30)), day(until));
        let named = header(&answer, "content-disposition").to_owned();
        assert_eq!(named, format!("attachment; filename=\"learning-{from}-to-{until}-payments-checkout.csv\""));
        let file = answer.text().await.unwrap();
        let head = format!(
            "part,what,number,incident,services,found,said\r\nperiod,from,{from},,,,\r\nperiod,to,{until},,,,\r\n\
             scope,team,payments,,,,\r\nscope,service,checkout,,,,\r\nscope,drills and tests,left out,,,,\r\n"
        );
        assert!(file.starts_with(&head), "{file}");
        for line in [
            "came back,came back at the same service,1,,,,",
            "promises,due in the period,0,,,,",
        ] {
            assert!(file.contains(&format!("\r\n{line}\r\n")), "{line}: {file}");
        }
        for (part, what, number) in [
            ("promises", "\"done, and not yet verified\"", 0),
            ("where it waits", "SEV1 and SEV2 without a document", 0),
            ("where it waits", "in review for more than 14 days", 0),
            ("what we do not know", "documents that name no factor", 0),
            ("what we do not know", "factors that may be the same", 0),
            ("what we do not know", "open action items that nobody owns", 1),
        ] {
            assert!(file.contains(&format!("\r\n{part},{what},{number},,,,\r\n")), "{what}: {file}");
        }
        let met = file.lines().find(|line| line.starts_with("met again,")).unwrap();
        assert!(met.starts_with("met again,A limit,,INC-2,checkout,\"Came back while ACT-1 of INC-1 was open, for "), "{met}");
        assert!(met.ends_with(" by then.\",Not looked at yet"), "{met}");
        assert!(!file.contains("to review, unknown"), "what is always known is not counted as unknown: {file}");
    }

    async fn a_board_finds_a_factor_by_its_former_names(app) {
        promised(app, "A limit").await;
        let (site, cookie) = (Site::open(app).await, cookie_of(app, "ana").await);
        let seen = async |name: &str| site.page(&cookie, &format!("/teams/payments/backlog?factor={name}")).await;
        let (limit, ana) = (factor_named(app, "A limit").await, app.id("ana"));
        transaction!(app.by(ana).await, |tx| learning::rename(tx, limit, "No limit").await?).unwrap();
        for name in ["A+limit", "a+LIMIT", "No+limit"] {
            let (status, page) = seen(name).await;
            assert!(status == 200 && page.contains("Raise the pool"), "{name}: {page}");
            assert!(page.contains("<option value=\"No limit\" selected>"), "{name}: {page}");
        }
        transaction!(app.by(ana).await, |tx| postmortems::name_factor(tx, 1, "Unbounded", "").await?).unwrap();
        let other = factor_named(app, "Unbounded").await;
        let (_, page) = seen("Unbounded").await;
        assert!(page.contains("<option value=\"Unbounded\" selected>") && !page.contains("Raise the pool"), "{page}");
        transaction!(app.by(ana).await, |tx| learning::merge(tx, limit, other).await?).unwrap();
        for name in ["A+limit", "No+limit", "Unbounded"] {
            let (status, page) = seen(name).await;
            assert!(status == 200 && page.contains("Raise the pool"), "{name}: {page}");
        }
        let (status, page) = seen("Nothing+like+it").await;
        assert_eq!(status, 404);
        assert!(page.contains("There is no such factor here."), "{page}");
    }
}
