//! What an alert does to the incident that it belongs to, over the incident's whole life.

#![allow(clippy::unwrap_used)]

use domain::incidents::State;
use engine::incidents;
use engine::transaction;
use testing::{TestApp, both_databases, minutes};

async fn resolve(app: &TestApp, number: i64) {
    let ana = app.id("ana");
    transaction!(app.engine, |tx| incidents::resolve(tx, number, ana).await?).unwrap();
}

async fn reopen(app: &TestApp, number: i64) {
    let ana = app.id("ana");
    transaction!(app.engine, |tx| incidents::reopen(tx, number, ana, None).await?).unwrap();
}

both_databases! {
    async fn a_reopened_incident_has_its_alerts_again(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        resolve(app, 1).await;
        reopen(app, 1).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 1, "a repeat is its own");
        assert_eq!(app.story(1).await.alerts[0].times_received, 2);
        app.tell("checkout", "Slow", 2, "slow", "acknowledged").await;
        assert_eq!(app.story(1).await.incident.state, State::Acknowledged);
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        assert_eq!(app.story(1).await.incident.state, State::Resolved);
        app.pass(minutes(20)).await;
        assert!(app.subjects("bo").is_empty(), "nobody is woken for what is over: {:?}", app.subjects("bo"));
    }

    async fn what_ended_while_an_incident_was_resolved_does_not_fire_in_it_again(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        resolve(app, 1).await;
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        reopen(app, 1).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM alerts WHERE open").await, 0);
        app.fires("checkout", "Slow", 2, "slow").await;
        assert_eq!(app.story(1).await.alerts.len(), 2, "it fires anew in the incident that is open");
    }

    async fn alerts_that_a_later_incident_has_stay_there(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        resolve(app, 1).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        reopen(app, 1).await;
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        assert_eq!(app.story(2).await.incident.state, State::Resolved);
        assert_eq!(app.story(1).await.incident.state, State::Triggered);
    }
}
