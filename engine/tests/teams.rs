//! Teams, services, integrations and their secrets.

#![allow(clippy::unwrap_used, reason = "a story that stumbles fails")]

use chrono::TimeDelta;
use domain::ids::{PolicyId, ServiceId, TeamId};
use domain::teams::IntegrationKind;
use engine::alerts::source;
use engine::people::tints;
use engine::teams::{self, Refused, integrations, members, services};
use engine::transaction;
use std::collections::BTreeSet;
use testing::{TestApp, both_databases, hours, minutes, refusal_of};

fn refusal<T>(answer: engine::Result<T>) -> Refused {
    refusal_of(&answer).cloned().expect("it was refused")
}

async fn opens(app: &TestApp, kind: IntegrationKind, secret: &str) -> bool {
    let mut tx = app.engine.read().await.unwrap();
    source(&mut tx, kind, secret).await.unwrap().is_some()
}

both_databases! {
    async fn a_team_begins_with_a_board(app) {
        let ana = app.responder("ana").await;
        let team = transaction!(app.engine, |tx| teams::create(tx, " Payments  & Co. ", &[ana]).await?).unwrap();
        assert_eq!((team.name.as_str(), team.slug.as_str()), ("Payments & Co.", "payments-co"));
        assert_eq!(app.count("SELECT COUNT(*) FROM board_columns").await, 4);
        assert_eq!(app.count("SELECT COUNT(*) FROM board_columns WHERE name = 'Doing' AND card_limit = 3").await, 1);

        // Another name that looks the same in an address gets a number; the same name is refused.
        let other = transaction!(app.engine, |tx| teams::create(tx, "Payments, Co", &[]).await?).unwrap();
        assert_eq!(other.slug, "payments-co-2");
        let same = transaction!(app.engine, |tx| teams::create(tx, "payments & co.", &[]).await?);
        assert_eq!(refusal(same), Refused::NameTaken("Payments & Co.".to_owned()));
        let none = transaction!(app.engine, |tx| teams::create(tx, "!!!", &[]).await?);
        assert_eq!(refusal(none), Refused::NameWithoutLetters);

        transaction!(app.engine, |tx| teams::rename(tx, team.id, "Money").await?).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(teams::find(&mut tx, "payments-co").await.unwrap().name, "Money");
    }

    async fn members_come_and_go(app) {
        let (ana, bo) = (app.responder("ana").await, app.responder("bo").await);
        let team: TeamId = app.team("payments", &["ana"]).await;
        transaction!(app.engine, |tx| {
            members::add(tx, team, bo).await?;
            members::add(tx, team, bo).await?;
            members::remove(tx, team, ana).await?
        })
        .unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let left: Vec<_> = members::of_team(&mut tx, team).await.unwrap();
        assert_eq!(left.iter().map(|person| person.id).collect::<Vec<_>>(), [bo]);
    }

    async fn people_of_a_team_have_tints_of_their_own_and_keep_them(app) {
        let names = ["ana", "bo", "chi", "dee", "eli", "fay", "gus", "hal"];
        for name in names {
            app.responder(name).await;
            app.pass(minutes(1)).await;
        }
        app.team("payments", &["bo", "dee", "eli", "gus", "hal"]).await;
        app.team("search", &["ana", "chi"]).await;
        let of = async |team: &[&str]| -> Vec<usize> {
            let tints = tints::now(&app.engine).await.unwrap();
            team.iter().map(|name| tints[&app.id(name)]).collect()
        };
        let payments = of(&["bo", "dee", "eli", "gus", "hal"]).await;
        assert_eq!(payments.iter().collect::<BTreeSet<_>>().len(), 5, "{payments:?}");
        let search = of(&["ana", "chi"]).await;
        assert_ne!(search[0], search[1]);

        app.responder("ida").await;
        app.team("ledger", &["ida", "ana"]).await;
        assert!(!tints::now(&app.engine).await.unwrap().contains_key(&app.id("ida")), "kept for a moment");
        app.pass(TimeDelta::seconds(2)).await;
        assert_eq!(of(&["bo", "dee", "eli", "gus", "hal"]).await, payments);
        let ledger = of(&["ida", "ana"]).await;
        assert_ne!(ledger[0], ledger[1]);
        assert_eq!(ledger[1], search[0]);
    }

    async fn a_service_takes_only_its_own_teams_policy(app) {
        app.usual_cast().await;
        let others = app.team("search", &[]).await;
        let service: ServiceId = app.id("checkout");
        let mut tx = app.engine.read().await.unwrap();
        let policy: PolicyId = teams::find_service(&mut tx, service).await.unwrap().policy_id.unwrap();
        drop(tx);
        let draft = services::Draft { policy: Some(policy), ..services::Draft::named("Index") };
        let refused = transaction!(app.engine, |tx| services::create(tx, others, &draft).await?);
        assert_eq!(refusal(refused), Refused::PolicyOfOtherTeam);
        let without = services::Draft::named("Index");
        let index = transaction!(app.engine, |tx| services::create(tx, others, &without).await?).unwrap();
        let taken = services::Draft::named("CHECKOUT");
        let refused = transaction!(app.engine, |tx| services::change(tx, index.id, &taken).await?);
        assert_eq!(refusal(refused), Refused::NameTaken("checkout".to_owned()));
        let quiet = services::Draft {
            page_from: domain::Severity::Sev1,
            resolves_with_alerts: false,
            ..services::Draft::named("Index 2")
        };
        transaction!(app.engine, |tx| services::change(tx, index.id, &quiet).await?).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let index = teams::find_service_by_slug(&mut tx, "index").await.unwrap();
        assert_eq!((index.name.as_str(), index.page_from), ("Index 2", domain::Severity::Sev1));
        assert!(!index.resolves_with_alerts);
    }

    async fn a_replaced_secret_works_for_a_day_beside_the_new_one(app) {
        app.usual_cast().await;
        let service: ServiceId = app.id("checkout");
        let kind = IntegrationKind::Alertmanager;
        let (integration, first) =
            transaction!(app.engine, |tx| integrations::create(tx, service, kind, "").await?).unwrap();
        assert_eq!(integration.name, "Alertmanager webhook");
        assert!(opens(app, kind, first.reveal()).await);
        assert!(!opens(app, IntegrationKind::Json, first.reveal()).await, "a secret opens its own kind only");

        let second = transaction!(app.engine, |tx| integrations::replace(tx, integration.id).await?).unwrap();
        app.clock.pass(hours(23));
        assert!(opens(app, kind, first.reveal()).await);
        assert!(opens(app, kind, second.reveal()).await);
        let mut tx = app.engine.read().await.unwrap();
        let shown = integrations::of_service(&mut tx, service).await.unwrap();
        drop(tx);
        let shown = shown.iter().find(|shown| shown.integration.id == integration.id).unwrap();
        assert_eq!(shown.hint, second.hint());
        assert_eq!(shown.replaced.len(), 1);
        assert_eq!(shown.replaced[0].0, first.hint());
        app.clock.pass(hours(1));
        assert!(!opens(app, kind, first.reveal()).await);
        assert!(opens(app, kind, second.reveal()).await);

        transaction!(app.engine, |tx| integrations::revoke(tx, integration.id).await?).unwrap();
        assert!(!opens(app, kind, second.reveal()).await);
        let again = transaction!(app.engine, |tx| integrations::replace(tx, integration.id).await?);
        assert_eq!(refusal(again), Refused::Revoked);
    }

    async fn a_routing_key_looks_like_pagerdutys(app) {
        app.usual_cast().await;
        let service: ServiceId = app.id("checkout");
        let kind = IntegrationKind::PagerDuty;
        let (_, key) = transaction!(app.engine, |tx| integrations::create(tx, service, kind, "Nagios").await?).unwrap();
        assert_eq!(key.reveal().len(), 32);
        assert!(key.reveal().chars().all(|letter| letter.is_ascii_alphanumeric()));
        assert!(opens(app, kind, key.reveal()).await);
        // What came in last is shown.
        app.fires("checkout", "It is slow", 2, "slow").await;
        let mut tx = app.engine.read().await.unwrap();
        let shown = integrations::of_service(&mut tx, service).await.unwrap();
        let heard = shown.iter().filter(|shown| shown.last_received_at.is_some());
        let kinds: Vec<_> = heard.map(|shown| shown.integration.kind).collect();
        assert_eq!(kinds, [IntegrationKind::Json]);
    }
}
