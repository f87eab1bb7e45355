//! What one team learned reaches the next incident: offered when a document is started, proposed with a press, shown while it goes on.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::action_items::{ActionKind, ActionState, Priority};
use domain::ids::FactorId;
use engine::action_items::{self, Draft};
use engine::learning::{self, LikeBy, LooksLike, Suggestion};
use engine::{Error, incidents, postmortems, transaction};
use testing::{TestApp, both_databases, hours, minutes};

/// An incident of a service that is over, with a document that names these factors.
async fn over(app: &TestApp, service: &str, title: &str, factors: &[&str]) -> i64 {
    app.fires(service, title, 2, title).await;
    app.pass(minutes(3)).await;
    let number = app.count("SELECT MAX(number) FROM incidents").await;
    app.tell(service, title, 2, title, "resolved").await;
    transaction!(app.by(app.id("ana")).await, |tx| {
        postmortems::start(tx, number).await?;
        for factor in factors {
            postmortems::name_factor(tx, number, factor, "").await?;
        }
    })
    .unwrap();
    number
}

async fn suggested(app: &TestApp, number: i64) -> Vec<Suggestion> {
    let mut tx = app.engine.read().await.unwrap();
    let incident = incidents::find(&mut tx, number).await.unwrap();
    learning::suggestions(&mut tx, incident.id).await.unwrap()
}

async fn like(app: &TestApp, number: i64) -> Vec<LooksLike> {
    let mut tx = app.engine.read().await.unwrap();
    let incident = incidents::find(&mut tx, number).await.unwrap();
    learning::looks_like(&mut tx, &incident).await.unwrap()
}

async fn factor(app: &TestApp, name: &str) -> FactorId {
    let mut tx = app.engine.read().await.unwrap();
    let known = postmortems::known_factors(&mut tx).await.unwrap();
    known.into_iter().find(|factor| factor.name == name).unwrap().id
}

/// Two teams, each with a service.
async fn two_teams(app: &TestApp) {
    app.usual_cast().await;
    app.team("shop", &["bo"]).await;
    app.service("catalogue", "shop").await;
}

both_databases! {
    async fn factors_of_the_service_are_suggested_first_and_those_named_already_are_not(app) {
        two_teams(app).await;
        over(app, "catalogue", "Pages are slow", &["Retry storm", "No limit on retries"]).await;
        over(app, "catalogue", "Pages fail", &["Retry storm"]).await;
        let here = over(app, "checkout", "Cards fail", &["Expired certificate"]).await;
        let now = over(app, "checkout", "Orders wait", &[]).await;
        let all = suggested(app, now).await;
        let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["Expired certificate", "Retry storm", "No limit on retries"]);
        assert_eq!((all[0].here, all[1].here, all[1].times), (Some(here), None, 2));
        assert!(all[1].services.contains("catalogue"));
        transaction!(app.by(app.id("ana")).await, |tx| postmortems::name_factor(tx, now, "retry storm", "").await?).unwrap();
        assert!(suggested(app, now).await.iter().all(|one| one.name != "Retry storm"));
    }

    async fn a_merged_factor_is_suggested_as_what_it_is_now(app) {
        two_teams(app).await;
        over(app, "checkout", "Cards fail", &["Expired certificate"]).await;
        over(app, "checkout", "Logins fail", &["Certificate expired"]).await;
        let now = over(app, "checkout", "Orders wait", &[]).await;
        let (one, other) = (factor(app, "Expired certificate").await, factor(app, "Certificate expired").await);
        transaction!(app.by(app.id("ana")).await, |tx| learning::merge(tx, other, one).await?).unwrap();
        let all = suggested(app, now).await;
        assert_eq!((all.len(), all[0].name.as_str(), all[0].times), (1, "Expired certificate", 2));
    }

    async fn what_helps_elsewhere_is_proposed_here_with_one_press(app) {
        two_teams(app).await;
        let there = over(app, "catalogue", "Pages are slow", &["Retry storm"]).await;
        let item = transaction!(app.by(app.id("bo")).await, |tx| {
            let incident = incidents::find(tx, there).await?;
            let named = postmortems::factors_of(tx, incident.id).await?;
            let draft = Draft {
                title: "Give retries a budget".to_owned(),
                owner: Some(app.id("bo")),
                team: incident.team_id,
                kind: ActionKind::Prevent,
                priority: Priority::High,
                due_on: None,
                factor: Some(named[0].id),
                proof: "A drill without a storm".to_owned(),
            };
            action_items::add(tx, there, &draft).await?
        }).unwrap();
        app.pass(hours(1)).await;
        let here = over(app, "checkout", "Cards fail", &["Retry storm", "Expired certificate"]).await;
        let (storm, certificate) = (factor(app, "Retry storm").await, factor(app, "Expired certificate").await);
        let ana = app.by(app.id("ana")).await;
        let propose = async |factor, like| transaction!(ana, |tx| learning::propose_here(tx, here, factor, like).await?);
        for (factor, like) in [(certificate, item), (storm, 999)] {
            assert!(matches!(propose(factor, like).await, Err(Error::NotFound(_))), "it does not answer that");
        }
        let made = propose(storm, item).await.unwrap();
        assert_eq!(propose(storm, item).await.unwrap(), made, "a second tap makes no second one");
        let mut tx = app.engine.read().await.unwrap();
        let card = action_items::find(&mut tx, made).await.unwrap().item;
        let incident = incidents::find(&mut tx, here).await.unwrap();
        assert_eq!((card.title.as_str(), card.proof.as_str(), card.owner_id), ("Give retries a budget", "A drill without a storm", None));
        assert_eq!((card.state, card.team_id), (ActionState::Proposed, app.id("payments")));
        let came_back = learning::of_incident(&mut tx, incident.id).await.unwrap();
        let elsewhere = &came_back.iter().find(|one| one.factor == storm).unwrap().elsewhere;
        assert_eq!((elsewhere.len(), elsewhere[0].number, elsewhere[0].here), (1, item, Some(made)));
    }

    async fn names_that_look_like_one_are_asked_about_until_somebody_decides(app) {
        two_teams(app).await;
        over(app, "checkout", "Cards fail", &["Expired certificate", "Certificate expired", "Retry storm", "Retries storm"]).await;
        let pairs = async || {
            let mut tx = app.engine.read().await.unwrap();
            let all = learning::lookalikes(&mut tx).await.unwrap();
            all.into_iter().map(|pair| pair.one.name).collect::<Vec<_>>()
        };
        assert_eq!(pairs().await, ["Certificate expired", "Retries storm"]);
        let (one, other) = (factor(app, "Expired certificate").await, factor(app, "Certificate expired").await);
        let (storm, storms) = (factor(app, "Retry storm").await, factor(app, "Retries storm").await);
        let ana = app.by(app.id("ana")).await;
        transaction!(ana, |tx| learning::merge(tx, one, other).await?).unwrap();
        for (one, other) in [(storm, storms), (storms, storm)] {
            transaction!(ana, |tx| learning::keep_apart(tx, one, other).await?).unwrap();
        }
        assert!(pairs().await.is_empty());
        let alone = transaction!(ana, |tx| learning::keep_apart(tx, storm, storm).await?);
        assert!(alone.is_err());
    }

    async fn an_open_incident_says_what_it_looks_like_and_what_was_said_then(app) {
        two_teams(app).await;
        let first = over(app, "checkout", "Cards fail", &[]).await;
        transaction!(app.by(app.id("ana")).await, |tx| {
            incidents::write(tx, first, incidents::Writing::StatusUpdate, "We look.").await?;
            incidents::write(tx, first, incidents::Writing::Decision, "Traffic to the second region").await?;
            incidents::write(tx, first, incidents::Writing::StatusUpdate, "It is over.").await?;
        }).unwrap();
        for other in ["The queue grows", "Logins are slow", "Nothing is printed"] {
            over(app, "checkout", other, &[]).await;
        }
        over(app, "catalogue", "Cards fail", &[]).await;
        app.tell("checkout", "Unlike anything", 2, "Cards fail", "firing").await;
        let again = app.count("SELECT MAX(number) FROM incidents").await;
        let found = like(app, again).await;
        assert_eq!(found.len(), 1, "not that of another service: {found:?}");
        assert_eq!((found[0].number, found[0].by, found[0].has_document), (first, LikeBy::Alert, true));
        assert_eq!(found[0].helped.as_deref(), Some("Traffic to the second region"), "decisions before updates");
        app.fires("checkout", "Cards fail (blue)", 2, "another key").await;
        let by_title = like(app, again + 1).await;
        assert_eq!((by_title.len(), by_title[0].number, by_title[0].by), (1, first, LikeBy::Title), "one that goes on is none to learn from");
    }
}
