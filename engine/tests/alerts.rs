//! What an alert does to the incident that it belongs to, over the incident's whole life.

#![allow(clippy::unwrap_used)]

use domain::alerts::Status;
use domain::incidents::timeline::{Event, Via};
use domain::incidents::{IncidentRole, State};
use engine::alerts::Ingest;
use engine::db::sql;
use engine::teams::services;
use engine::{incidents, transaction};
use testing::{TestApp, both_databases, hours, minutes};

async fn resolve(app: &TestApp, number: i64) {
    let ana = app.id("ana");
    transaction!(app.by(ana).await, |tx| incidents::resolve(tx, number).await?).unwrap();
}

async fn reopen(app: &TestApp, number: i64) {
    let ana = app.id("ana");
    transaction!(app.by(ana).await, |tx| incidents::reopen(
        tx,
        number,
        "It is not over",
        true
    )
    .await?)
    .unwrap();
}

async fn acknowledge(app: &TestApp, number: i64, name: &str) {
    let person = app.id(name);
    transaction!(app.by(person).await, |tx| incidents::acknowledge(
        tx,
        number,
        Via::Page
    )
    .await?)
    .unwrap();
}

async fn take_command(app: &TestApp, number: i64, name: &str) {
    acknowledge(app, number, name).await;
    let person = app.id(name);
    transaction!(app.by(person).await, |tx| incidents::take_role(
        tx,
        number,
        IncidentRole::Commander,
        person
    )
    .await?)
    .unwrap();
}

/// One more alert of the same group.
async fn join(app: &TestApp, key: &str) {
    let mut arriving = app.arriving("checkout", key, key).await;
    arriving.delivery.group = "the group".to_owned();
    app.ingest.take(arriving).await.unwrap();
}

async fn set_reminder(app: &TestApp, seconds: i64) {
    let service = app.id("checkout");
    transaction!(app.engine, |tx| {
        let set = engine::teams::find_service(tx, service).await?;
        let draft = services::Draft {
            policy: set.policy_id,
            remind_after_seconds: seconds,
            ..services::Draft::named(set.name)
        };
        services::change(tx, service, &draft).await?
    })
    .unwrap();
}

both_databases! {
    async fn what_two_nodes_are_told_at_once_is_recorded_once(app) {
        app.usual_cast().await;
        let (other, _worker) = Ingest::start(app.engine.clone());
        for number in 1..=10 {
            app.fires("checkout", "Slow", 2, &format!("slow-{number}")).await;
        }
        for status in [Status::Acknowledged, Status::Resolved] {
            for number in 1..=10 {
                let mut told = app.arriving("checkout", "Slow", &format!("slow-{number}")).await;
                told.delivery.alerts[0].status = status;
                let (here, there) = tokio::join!(app.ingest.take(told.clone()), other.take(told));
                assert_eq!((here, there), (Ok(()), Ok(())));
            }
        }
        for number in 1..=10 {
            let entries = app.story(number).await.timeline;
            let of_kind = |is_it: fn(&Event) -> bool| entries.iter().filter(|entry| is_it(&entry.event)).count();
            assert_eq!(of_kind(|event| matches!(event, Event::AlertChanged { .. })), 2, "INC-{number}");
            assert_eq!(of_kind(|event| matches!(event, Event::Acknowledged { .. })), 1, "INC-{number}");
            assert_eq!(of_kind(|event| matches!(event, Event::Resolved { .. })), 1, "INC-{number}");
        }
    }

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

    async fn what_fires_again_after_all_was_quiet_wakes_whoever_has_it_and_then_the_policy(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        take_command(app, 1, "bo").await;
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        assert!(app.story(1).await.incident.alerts_quiet, "it waits for bo");
        app.pass(hours(8)).await;
        app.mail.clear();
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert_eq!(app.subjects("bo"), ["[SEV2] INC-1 Slow"]);
        assert!(app.mailbox("bo")[0].text.contains("It fires again, and you had it."), "{}", app.mailbox("bo")[0].text);
        assert!(app.subjects("ana").is_empty());
        assert_eq!(app.story(1).await.incident.state, State::Triggered);
        app.pass(minutes(5)).await;
        assert_eq!(app.subjects("ana"), ["[SEV2] INC-1 Slow"], "then the policy, from its first step");
        acknowledge(app, 1, "bo").await;
        app.mail.clear();
        app.pass(minutes(30)).await;
        assert_eq!(app.subjects("ana"), ["[SEV2] INC-1 Bo is the responder: Slow"]);
        assert!(app.subjects("bo").is_empty());
    }

    async fn what_fires_again_after_it_was_mitigated_is_news(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        let bo = app.id("bo");
        transaction!(app.by(bo).await, |tx| incidents::mitigate(tx, 1).await?).unwrap();
        app.pass(minutes(1)).await;
        app.mail.clear();
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert!(app.subjects("bo").is_empty(), "the same alert says the same");
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        assert_eq!(app.story(1).await.incident.state, State::Resolved);
    }

    async fn a_new_alert_of_a_mitigated_group_wakes_whoever_has_it(app) {
        app.usual_cast().await;
        join(app, "first").await;
        let bo = app.id("bo");
        transaction!(app.by(bo).await, |tx| incidents::mitigate(tx, 1).await?).unwrap();
        app.pass(minutes(1)).await;
        app.mail.clear();
        join(app, "second").await;
        app.settle().await;
        assert_eq!(app.subjects("bo").len(), 1);
        let incident = app.story(1).await.incident;
        assert_eq!((incident.state, incident.mitigated_at), (State::Triggered, None));
    }

    async fn who_left_is_not_asked_once_more(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        take_command(app, 1, "bo").await;
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        let bo: domain::ids::PersonId = app.id("bo");
        transaction!(app.engine, |tx| sql("UPDATE people SET deactivated_at = $2 WHERE id = $1").bind(bo).bind(tx.now()).run(tx).await?).unwrap();
        app.mail.clear();
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert_eq!(app.subjects("ana"), ["[SEV2] INC-1 Slow"], "the policy at once");
    }

    async fn what_repeats_under_an_old_acknowledgement_reminds_whoever_has_it(app) {
        app.usual_cast().await;
        app.fires("checkout", "Backup failed", 2, "backup").await;
        acknowledge(app, 1, "bo").await;
        app.settle().await;
        app.mail.clear();
        app.pass(hours(3)).await;
        app.fires("checkout", "Backup failed", 2, "backup").await;
        app.settle().await;
        assert!(app.subjects("bo").is_empty(), "three hours are not four");
        app.pass(hours(21)).await;
        app.fires("checkout", "Backup failed", 2, "backup").await;
        app.settle().await;
        assert_eq!(app.subjects("bo"), ["[SEV2] INC-1 Backup failed"]);
        assert!(app.mailbox("bo")[0].text.contains("It still fires"));
        assert!(app.story(1).await.timeline.iter().any(|entry| matches!(entry.event, Event::StillFires { seconds } if seconds >= 23 * 3600)));
        app.fires("checkout", "Backup failed", 2, "backup").await;
        app.pass(minutes(5)).await;
        assert_eq!((app.subjects("bo").len(), app.subjects("ana").len()), (1, 1), "then the policy");
        // Who takes it again has it for as long again.
        acknowledge(app, 1, "ana").await;
        app.mail.clear();
        app.pass(hours(3)).await;
        app.fires("checkout", "Backup failed", 2, "backup").await;
        app.settle().await;
        assert!(app.subjects("ana").is_empty());
    }

    async fn a_service_says_how_old_an_acknowledgement_may_be(app) {
        app.usual_cast().await;
        set_reminder(app, 0).await;
        app.fires("checkout", "Backup failed", 2, "backup").await;
        acknowledge(app, 1, "bo").await;
        app.settle().await;
        app.mail.clear();
        app.pass(hours(48)).await;
        app.fires("checkout", "Backup failed", 2, "backup").await;
        app.settle().await;
        assert!(app.subjects("bo").is_empty(), "never");
        set_reminder(app, 3600).await;
        app.fires("checkout", "Backup failed", 2, "backup").await;
        app.settle().await;
        assert_eq!(app.subjects("bo").len(), 1);
    }

    async fn one_more_alert_under_an_acknowledged_incident_is_told_quietly(app) {
        app.usual_cast().await;
        join(app, "first").await;
        acknowledge(app, 1, "bo").await;
        app.pass(minutes(1)).await;
        app.mail.clear();
        join(app, "second").await;
        join(app, "third").await;
        app.settle().await;
        let told = app.subjects("bo");
        assert_eq!(told.len(), 1, "once in ten minutes: {told:?}");
        assert!(told[0].starts_with("[SEV2] INC-1 One more alert: "), "{told:?}");
        assert_eq!(app.story(1).await.incident.state, State::Acknowledged);
        assert!(app.subjects("ana").is_empty());
        assert_eq!(app.count("SELECT COUNT(*) FROM pages WHERE outcome <> 'dropped' AND outcome <> 'accepted'").await, 0);
    }

    async fn newer_words_of_a_repeat_are_kept(app) {
        app.usual_cast().await;
        app.post_json("checkout", r#"{"title":"Disk 91 % full","dedup_key":"d","annotations":{"host":"db-7"},"links":[{"href":"https://graphs.example/1","text":"Graph"}]}"#).await;
        app.post_json("checkout", r#"{"title":"Disk 97 % full","dedup_key":"d","annotations":{"host":"db-7","grows":"1 GB an hour"},"link":"https://runbooks.example/disk"}"#).await;
        let story = app.story(1).await;
        let alert = &story.alerts[0];
        assert_eq!((alert.title.as_str(), alert.times_received), ("Disk 97 % full", 2));
        assert_eq!(alert.annotations["grows"], "1 GB an hour");
        assert_eq!(alert.link.as_deref(), Some("https://runbooks.example/disk"));
        assert_eq!(story.incident.title, "Disk 91 % full", "its own title is a person's to change");
        let mut tx = app.engine.read().await.unwrap();
        let found = incidents::list(&mut tx, &incidents::Filter { words: "97".to_owned(), ..incidents::Filter::default() }).await.unwrap();
        assert_eq!(found.len(), 1, "they are found");
    }

    async fn what_a_source_says_at_length_stands_in_the_mail(app) {
        app.usual_cast().await;
        app.post_json("checkout", r#"{"title":"Disk full","severity":"SEV2","annotations":{"description":"Three\nlines <b>of</b>\ntext","runbook_url":"https://runbooks.example/disk"},
            "links":[{"href":"https://graphs.example/1","text":"Graph"},{"href":"https://graphs.example/2","text":"Logs"}]}"#).await;
        app.settle().await;
        let mail = app.mailbox("ana").remove(0);
        for line in ["  Three lines <b>of</b> text", "  Runbook: https://runbooks.example/disk", "  Open in source: https://graphs.example/1", "  Logs: https://graphs.example/2"] {
            assert!(mail.text.contains(line), "{line}: {}", mail.text);
        }
    }

    async fn the_same_fingerprint_at_two_integrations_of_two_teams_pages_both(app) {
        app.usual_cast().await;
        app.responder("cy").await;
        app.team("search", &["cy"]).await;
        app.service("lookup", "search").await;
        app.policy("lookup").step("cy", minutes(5)).make().await;
        for service in ["checkout", "lookup"] {
            app.fires(service, "Slow", 2, "same").await;
        }
        app.settle().await;
        assert_eq!((app.subjects("ana").len(), app.subjects("cy").len()), (1, 1));
        app.tell("lookup", "Slow", 2, "same", "resolved").await;
        assert_eq!(app.story(1).await.incident.state, State::Triggered);
        assert_eq!(app.story(2).await.incident.state, State::Resolved);
    }
}
