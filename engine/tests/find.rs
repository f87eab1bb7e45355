//! Finding anything from anywhere.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::action_items::{ActionKind, Priority};
use domain::find::Kind;
use engine::find::{Found, find};
use engine::{action_items, postmortems, transaction};
use testing::{TestApp, both_databases};

async fn found(app: &TestApp, asked: &str) -> Found {
    let mut tx = app.engine.read().await.unwrap();
    let found = find(&mut tx, asked, 5).await.unwrap();
    assert!(tx.queries() <= 6, "{} queries for {asked}", tx.queries());
    found
}

async fn numbers(app: &TestApp, asked: &str) -> Vec<i64> {
    let found = found(app, asked).await;
    found
        .incidents
        .iter()
        .map(|listed| listed.incident.number)
        .collect()
}

async fn names(app: &TestApp, asked: &str) -> Vec<(Kind, String)> {
    let found = found(app, asked).await;
    found
        .named
        .into_iter()
        .map(|named| (named.kind, named.name))
        .collect()
}

async fn company(app: &TestApp) {
    app.usual_cast().await;
    app.service("Search index", "payments").await;
    app.fires("checkout", "Pool 2 is full", 3, "pool").await;
    app.fires("Search index", "Empty results", 3, "empty").await;
    let (ana, payments) = (app.id("ana"), app.id("payments"));
    let promise = action_items::Draft {
        title: "Raise the pool of checkout".to_owned(),
        owner: Some(ana),
        team: payments,
        kind: ActionKind::Prevent,
        priority: Priority::High,
        due_on: None,
        factor: None,
        proof: String::new(),
    };
    transaction!(app.by(ana).await, |tx| {
        action_items::add(tx, 1, &promise).await?;
        engine::incidents::resolve(tx, 1).await?;
        postmortems::start(tx, 1).await?;
    })
    .unwrap();
}

both_databases! {
    async fn an_incident_whose_number_is_said_stands_first(app) {
        company(app).await;
        for asked in ["2", "INC-2", "inc 2"] {
            assert_eq!(numbers(app, asked).await.first(), Some(&2), "{asked}");
        }
        assert_eq!(numbers(app, "2").await, [2, 1], "others whose words fit come after it");
        assert_eq!(numbers(app, "INC-7").await, Vec::<i64>::new());
    }

    async fn everything_with_a_name_is_found_by_its_beginnings(app) {
        company(app).await;
        let checkout = names(app, "check").await;
        assert_eq!(checkout[0], (Kind::Service, "checkout".to_owned()));
        assert!(checkout.contains(&(Kind::ActionItem, "Raise the pool of checkout".to_owned())));
        assert!(checkout.contains(&(Kind::Policy, "checkout".to_owned())));
        assert_eq!(names(app, "SEARCH in").await, [(Kind::Service, "Search index".to_owned())]);
        assert_eq!(names(app, "act-1").await, [(Kind::ActionItem, "Raise the pool of checkout".to_owned())]);
        assert_eq!(names(app, "primary").await, [(Kind::Schedule, "primary".to_owned())]);
        assert!(names(app, "bo").await.contains(&(Kind::Person, "Bo".to_owned())));
        assert!(names(app, "pool").await.iter().any(|(kind, _)| *kind == Kind::Postmortem));
        assert!(names(app, "payments").await.contains(&(Kind::Team, "payments".to_owned())));
    }

    async fn nothing_is_found_by_nothing(app) {
        company(app).await;
        for asked in ["", "  ", "-", "' OR 1=1 --", "no such thing"] {
            assert!(found(app, asked).await.is_empty(), "{asked}");
        }
    }
}
