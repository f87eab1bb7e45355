//! The first five minutes: one form, and an alert finds somebody.

#![allow(clippy::unwrap_used, reason = "a story that stumbles fails")]

use domain::teams::IntegrationKind;
use engine::alerts::source;
use engine::oncall::edit;
use engine::people::passwords;
use engine::setup::{self, First, Made, Refused};
use engine::transaction;
use testing::{TestApp, both_databases, days, refusal_of};

fn first() -> First {
    First {
        name: "Root".to_owned(),
        email: "Root@example.test".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        team: "Payments".to_owned(),
        service: "Checkout".to_owned(),
    }
}

async fn set_up(app: &TestApp, first: &First) -> engine::Result<Made> {
    let hash = passwords::hash(&app.engine.context, "correct horse battery", &first.email).await?;
    transaction!(app.engine, |tx| setup::first(tx, first, &hash).await?)
}

both_databases! {
    async fn after_set_up_an_alert_pages_the_administrator(app) {
        let mut tx = app.engine.read().await.unwrap();
        assert!(setup::is_needed(&mut tx).await.unwrap());
        drop(tx);
        let made = set_up(app, &first()).await.unwrap();
        assert!(made.is_new);
        let mut tx = app.engine.read().await.unwrap();
        assert!(!setup::is_needed(&mut tx).await.unwrap());
        for (kind, way) in [
            (IntegrationKind::Json, &made.json),
            (IntegrationKind::Alertmanager, &made.alertmanager),
            (IntegrationKind::PagerDuty, &made.pagerduty),
        ] {
            let secret = way.secret.as_ref().unwrap();
            let found = source(&mut tx, kind, secret.reveal()).await.unwrap().unwrap();
            assert_eq!(found.service_slug, "checkout");
        }
        drop(tx);
        // A week later too: somebody is always on call.
        for week in 1..=2 {
            app.post_json_with(made.json.secret.as_ref().unwrap().reveal(), r#"{"title":"It is slow","severity":"SEV2"}"#).await;
            app.settle().await;
            assert_eq!(app.subjects("root"), [format!("[SEV2] INC-{week} It is slow")]);
            app.mail.clear();
            transaction!(app.by(made.administrator.id).await, |tx| engine::incidents::resolve(tx, week).await?).unwrap();
            app.clock.pass(days(7));
            app.settle().await;
            app.mail.clear();
        }
    }

    async fn a_new_house_knows_its_next_steps_until_a_real_incident_is_over(app) {
        let made = set_up(app, &first()).await.unwrap();
        let steps = async || {
            let mut tx = app.engine.read().await.unwrap();
            setup::first_steps(&mut tx).await.unwrap()
        };
        let secret = made.json.secret.as_ref().unwrap().reveal();
        let new = steps().await.unwrap();
        assert_eq!(new.service.as_deref(), Some("checkout"));
        assert!(new.schedule.is_some());
        assert!(!(new.tried || new.source_connected || new.invited || new.shared));

        let test = format!(r#"{{"title":"{}","severity":"SEV3","dedup_key":"test"}}"#, setup::TEST_TITLE);
        app.post_json_with(secret, &test).await;
        let by = made.administrator.id;
        transaction!(app.by(by).await, |tx| engine::incidents::resolve(tx, 1).await?).unwrap();
        let tried = steps().await.unwrap();
        assert!(tried.tried && !tried.source_connected, "a test is no source");

        app.responder("bo").await;
        let schedule = new.schedule.unwrap();
        let bo = app.id("bo");
        transaction!(app.engine, |tx| {
            let drawn = edit::drawn(tx, schedule).await?;
            let (id, mut layer) = drawn.layers[0].clone();
            layer.turns.push(vec![bo]);
            let edit = edit::Edit {
                name: drawn.named.name,
                time_zone: drawn.named.time_zone.parse().unwrap(),
                layers: vec![edit::EditedLayer::Changed(id, layer)],
                begins: edit::Begins::Now,
                version: Some(drawn.version),
            };
            edit::save(tx, schedule, &edit).await?
        })
        .unwrap();
        app.post_json_with(secret, r#"{"title":"It is slow","severity":"SEV2"}"#).await;
        assert_eq!(steps().await.map(|steps| steps.are_done()), None, "all is done");
    }

    async fn a_house_where_something_was_mended_is_not_new(app) {
        let made = set_up(app, &first()).await.unwrap();
        app.post_json_with(made.json.secret.as_ref().unwrap().reveal(), r#"{"title":"It is slow","severity":"SEV2"}"#).await;
        let mut tx = app.engine.read().await.unwrap();
        let steps = setup::first_steps(&mut tx).await.unwrap().unwrap();
        assert!(steps.source_connected && !steps.invited);
        drop(tx);
        transaction!(app.by(made.administrator.id).await, |tx| engine::incidents::resolve(tx, 1).await?).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(setup::first_steps(&mut tx).await.unwrap(), None);
    }

    async fn set_up_again_changes_nothing_and_tells_no_secrets(app) {
        let made = set_up(app, &first()).await.unwrap();
        let again = set_up(app, &first()).await.unwrap();
        assert!(!again.is_new);
        assert_eq!(again.service, made.service);
        assert_eq!(again.json.integration, made.json.integration);
        assert!(again.json.secret.is_none() && again.alertmanager.secret.is_none() && again.pagerduty.secret.is_none());
        assert_eq!(app.count("SELECT COUNT(*) FROM integration_secrets").await, 3);
        let other = First { email: "mallory@example.test".to_owned(), ..first() };
        assert!(matches!(refusal_of(&set_up(app, &other).await), Some(Refused::AlreadyDone)));
    }

    async fn of_two_who_set_up_at_once_one_is_first(app) {
        let other = First { email: "other@example.test".to_owned(), ..first() };
        let mine = first();
        let (one, two) = tokio::join!(set_up(app, &mine), set_up(app, &other));
        assert!(one.is_ok() != two.is_ok());
        assert_eq!(app.count("SELECT COUNT(*) FROM people").await, 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM teams").await, 1);
    }

    async fn what_is_missing_is_said_beside_its_field(app) {
        for (form, field) in [
            (First { name: " ".to_owned(), ..first() }, "name"),
            (First { email: "root".to_owned(), ..first() }, "email"),
            (First { time_zone: "CET+1".to_owned(), ..first() }, "time_zone"),
            (First { team: "!".to_owned(), ..first() }, "team"),
            (First { service: String::new(), ..first() }, "service"),
        ] {
            assert_eq!(set_up(app, &form).await.unwrap_err().field(), Some(field));
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM people").await, 0);
    }
}
