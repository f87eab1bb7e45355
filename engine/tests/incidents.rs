//! What an incident goes through, and verbs that meet.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::Severity;
use domain::alerts::Status;
use domain::incidents::instants::Correction;
use domain::incidents::timeline::{Event, Via};
use domain::incidents::{IncidentRole, NoticedBy, State};
use engine::db::sql;
use engine::incidents::{self, ByHand, Refused, Writing};
use engine::transaction;
use testing::{TestApp, both_databases, minutes, refusal_of};

both_databases! {
    async fn the_same_key_joins_and_after_the_end_opens_a_new_one(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 3, "slow").await;
        app.fires("checkout", "Slow", 3, "slow").await;
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 1);
        assert_eq!(app.story(1).await.alerts[0].times_received, 2);
        app.tell("checkout", "Slow", 3, "slow", "resolved").await;
        let story = app.story(1).await;
        assert_eq!((story.incident.state, story.alerts[0].status), (State::Resolved, Status::Resolved));
        app.fires("checkout", "Slow", 3, "slow").await;
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 2);
        app.tell("checkout", "Unknown", 3, "never seen", "resolved").await;
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 2);
    }

    async fn an_alert_that_ends_after_its_incident_was_resolved_by_hand_is_told_there(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 3, "slow").await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::resolve(tx, 1).await?).unwrap();
        assert_eq!(app.story(1).await.alerts[0].status, Status::Firing);
        for _ in 0..2 {
            app.tell("checkout", "Slow", 3, "slow", "resolved").await;
        }
        let story = app.story(1).await;
        assert_eq!((story.alerts[0].status, story.incident.state), (Status::Resolved, State::Resolved));
        assert_eq!(story.timeline.iter().filter(|entry| matches!(entry.event, Event::AlertChanged { .. })).count(), 1);
        app.fires("checkout", "Slow", 3, "slow").await;
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 2);
    }

    async fn an_incident_somebody_has_a_role_in_waits_when_its_alerts_are_quiet(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 3, "slow").await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::take_role(tx, 1, IncidentRole::Commander, ana).await?).unwrap();
        app.tell("checkout", "Slow", 3, "slow", "resolved").await;
        let incident = app.story(1).await.incident;
        assert!(incident.alerts_quiet && incident.state.is_open());
        app.fires("checkout", "Slow", 3, "slow").await;
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 1, "it joins the open one");
        assert!(!app.story(1).await.incident.alerts_quiet);
    }

    async fn the_whole_story_is_in_the_timeline(app) {
        app.usual_cast().await;
        let (ana, bo, checkout) = (app.id("ana"), app.id("bo"), app.id("checkout"));
        let form = ByHand {
            title: "  Checkout is  slow ".to_owned(),
            severity: Severity::Sev3,
            services: vec![checkout],
            noticed_by: NoticedBy::Customer,
            impact_started_at: Some(app.engine.context.now() - minutes(10)),
        };
        transaction!(app.by(ana).await, |tx| incidents::open_by_hand(tx, &form).await?).unwrap();
        app.pass(minutes(2)).await;
        transaction!(app.by(ana).await, |tx| {
            incidents::acknowledge(tx, 1, Via::Page).await?;
            incidents::take_role(tx, 1, IncidentRole::Commander, bo).await?;
        }).unwrap();
        transaction!(app.by(bo).await, |tx| {
            incidents::change_severity(tx, 1, Severity::Sev2).await?;
            incidents::write(tx, 1, Writing::Note, "The **pool** is full").await?;
            incidents::write(tx, 1, Writing::Decision, "Roll back").await?;
        }).unwrap();
        transaction!(app.by(ana).await, |tx| incidents::write(tx, 1, Writing::StatusUpdate, "We are rolling back").await?).unwrap();
        app.pass(minutes(3)).await;
        transaction!(app.by(bo).await, |tx| incidents::mitigate(tx, 1).await?).unwrap();
        app.pass(minutes(5)).await;
        transaction!(app.by(bo).await, |tx| incidents::resolve(tx, 1).await?).unwrap();
        transaction!(app.by(ana).await, |tx| incidents::resolve(tx, 1).await?).unwrap();
        let incident = app.story(1).await.incident;
        assert_eq!(incident.title, "Checkout is slow");
        let seconds = (incident.seconds_to_acknowledge, incident.seconds_to_mitigate, incident.seconds_to_resolve);
        assert_eq!(seconds, (Some(12 * 60), Some(15 * 60), Some(20 * 60)), "from impact start");
        let story = app.story(1).await;
        let resolved = story.timeline.iter().filter(|entry| matches!(entry.event, Event::Resolved { .. })).count();
        assert_eq!(resolved, 1, "resolving twice is told once");
        let late = transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?);
        assert!(matches!(refusal_of(&late), Some(Refused::Resolved(1))));
    }

    async fn instants_are_corrected_by_hand_and_durations_follow(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 3, "slow").await;
        let ana = app.id("ana");
        app.pass(minutes(4)).await;
        transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        let began = app.engine.context.now() - minutes(34);
        transaction!(app.by(ana).await, |tx| incidents::correct_instant(tx, 1, Correction::ImpactStart, Some(began)).await?).unwrap();
        assert_eq!(app.story(1).await.incident.seconds_to_acknowledge, Some(34 * 60));
        let late = app.engine.context.now() - minutes(1);
        let wrong = transaction!(app.by(ana).await, |tx| incidents::correct_instant(tx, 1, Correction::ImpactStart, Some(late)).await?);
        assert!(matches!(refusal_of(&wrong), Some(Refused::OutOfOrder(_))));
        let ahead = app.engine.context.now() + minutes(1);
        let wrong = transaction!(app.by(ana).await, |tx| incidents::correct_instant(tx, 1, Correction::Resolved, Some(ahead)).await?);
        assert!(matches!(refusal_of(&wrong), Some(Refused::InTheFuture)));
        transaction!(app.by(ana).await, |tx| incidents::correct_instant(tx, 1, Correction::ImpactStart, None).await?).unwrap();
        assert_eq!(app.story(1).await.incident.seconds_to_acknowledge, Some(4 * 60), "unknown is allowed");
    }

    async fn an_instant_comes_with_its_state_and_in_its_order(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 3, "slow").await;
        let (ana, noticed) = (app.id("ana"), app.engine.context.now());
        app.pass(minutes(4)).await;
        let correct = async |which, to| {
            transaction!(app.by(ana).await, |tx| incidents::correct_instant(tx, 1, which, Some(to)).await?)
        };
        for which in [Correction::Acknowledged, Correction::Mitigated, Correction::Resolved] {
            let early = correct(which, noticed).await;
            assert!(matches!(refusal_of(&early), Some(Refused::NotYet(_))), "{which}: {early:?}");
        }
        transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        app.pass(minutes(4)).await;
        transaction!(app.by(ana).await, |tx| incidents::resolve(tx, 1).await?).unwrap();
        let early = correct(Correction::Resolved, noticed - minutes(1)).await;
        assert!(matches!(refusal_of(&early), Some(Refused::OutOfOrder(_))), "{early:?}");
        correct(Correction::Resolved, noticed + minutes(1)).await.unwrap();
        assert_eq!(app.story(1).await.incident.seconds_to_resolve, Some(60), "it was over before anybody acknowledged");
    }

    async fn a_form_drawn_before_another_correction_does_not_take_it_back(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 3, "slow").await;
        let (ana, bo, now) = (app.id("ana"), app.id("bo"), app.engine.context.now());
        let entries = app.story(1).await.timeline.len();
        let correct = async |by, drawn_from, to| {
            transaction!(app.by(by).await, |tx| incidents::correct_drawn_instant(tx, 1, Correction::ImpactStart, drawn_from, to).await?)
        };
        let (early, late) = (Some(now - minutes(9)), Some(now - minutes(3)));
        correct(ana, None, early).await.unwrap();
        let clash = correct(bo, None, late).await;
        assert!(matches!(refusal_of(&clash), Some(Refused::CorrectedMeanwhile { now, .. }) if *now == early), "{clash:?}");
        correct(bo, None, None).await.unwrap();
        assert_eq!(app.story(1).await.incident.impact_started_at, early, "what nobody edited stays");
        correct(bo, early, late).await.unwrap();
        assert_eq!(app.story(1).await.incident.impact_started_at, late);
        assert_eq!(app.story(1).await.timeline.len(), entries + 2);
    }

    async fn the_severity_of_what_is_over_is_put_right_and_wakes_nobody(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 4, "slow").await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| {
            incidents::resolve(tx, 1).await?;
            incidents::change_severity(tx, 1, Severity::Sev1).await?
        })
        .unwrap();
        app.pass(minutes(20)).await;
        let incident = app.story(1).await.incident;
        assert_eq!((incident.severity, incident.state), (Severity::Sev1, State::Resolved));
        assert!(app.mailbox("ana").is_empty() && app.mailbox("bo").is_empty());
    }

    async fn an_incident_is_theirs_who_run_what_is_broken(app) {
        app.usual_cast().await;
        app.team("search", &["bo"]).await;
        app.service("index", "search").await;
        app.fires("checkout", "Slow", 3, "slow").await;
        let (ana, checkout, index) = (app.id("ana"), app.id("checkout"), app.id("index"));
        let change = async |services: &[domain::ids::ServiceId]| {
            transaction!(app.by(ana).await, |tx| incidents::change_services(tx, 1, services).await?).unwrap();
            app.story(1).await.team.name
        };
        assert_eq!(change(&[checkout, index]).await, "payments", "it stays with whom it is while one is theirs");
        assert_eq!(change(&[index]).await, "search");
        let entries = app.story(1).await.timeline.len();
        assert_eq!(change(&[index]).await, "search");
        assert_eq!(app.story(1).await.timeline.len(), entries, "the same again is nothing");
    }

    async fn thousands_of_alerts_are_counted(app) {
        app.usual_cast().await;
        let (service, integration) = (app.id::<domain::ids::ServiceId>("checkout"), app.count("SELECT COUNT(*) FROM integrations").await);
        assert!(integration > 0);
        app.fires("checkout", "Slow", 3, "slow").await;
        let incident = app.story(1).await.incident.id;
        transaction!(app.engine, |tx| {
            let now = tx.now();
            for number in 0..1_200 {
                let id: domain::ids::AlertId = tx.new_id();
                let status = if number < 700 { Status::Resolved } else { Status::Firing };
                sql("INSERT INTO alerts (id, incident_id, service_id, dedup_key, title, severity, status, open, labels, started_at, times_received, last_received_at)
                     VALUES ($1, $2, $3, $4, 'Slow', 3, $5, $6, $7, $8, 1, $8)")
                    .bind(id)
                    .bind(incident)
                    .bind(service)
                    .bind(format!("key {number}"))
                    .bind(status)
                    .bind(status == Status::Firing)
                    .bind(engine::db::Arg::json(&serde_json::json!({})))
                    .bind(now)
                    .run(tx)
                    .await?;
            }
        })
        .unwrap();
        let story = app.story(1).await;
        assert_eq!((story.alert_count.all_of_them, story.alert_count.not_over), (1_201, 501));
        assert_eq!(story.alerts.len(), 500);
        assert!(story.alerts.iter().all(|alert| alert.status == Status::Firing), "what still fires comes first");
    }

    async fn reading_an_incident_takes_as_many_queries_however_long_its_story_is(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 3, "slow").await;
        let queries = async |app: &TestApp| {
            let mut tx = app.engine.read().await.unwrap();
            incidents::read(&mut tx, 1).await.unwrap();
            tx.queries()
        };
        let before = queries(app).await;
        let ana = app.id("ana");
        for number in 0..30 {
            let text = format!("note {number}");
            transaction!(app.by(ana).await, |tx| incidents::write(tx, 1, Writing::Note, &text).await?).unwrap();
        }
        assert_eq!(queries(app).await, before);
    }

    async fn what_wipes_out_a_handler_opens_a_bare_incident_that_pages(app) {
        app.usual_cast().await;
        // A fault of our own, made by taking a column away from under the handler.
        transaction!(app.engine, |tx| sql("ALTER TABLE alerts RENAME COLUMN times_received TO gone").run(tx).await?).unwrap();
        app.fires("checkout", "Slow", 4, "slow").await;
        transaction!(app.engine, |tx| sql("ALTER TABLE alerts RENAME COLUMN gone TO times_received").run(tx).await?).unwrap();
        app.settle().await;
        let story = app.story(1).await;
        assert!(story.timeline.iter().any(|entry| matches!(entry.event, Event::OpenedBare { .. })));
        assert_eq!(app.mailbox("ana").len(), 1);
        assert_eq!(app.count("SELECT COUNT(*) FROM payloads WHERE fault IS NOT NULL").await, 1);
    }

    async fn fifty_verbs_at_once_leave_one_story(app) {
        app.usual_cast().await;
        let ana = app.id("ana");
        for round in 0..10 {
            let number = i64::from(round) + 1;
            let key = format!("key {round}");
            app.fires("checkout", "Slow", 2, &key).await;
            app.clock.pass(minutes(5));
            let incident = app.story(number).await.incident.id;
            let engine = &app.engine;
            let ana = &app.by(ana).await;
            let verbs = (0..50).map(|turn| {
                let key = key.clone();
                async move {
                    match turn % 5 {
                        0 => transaction!(ana, |tx| incidents::acknowledge(tx, number, Via::Page).await?).map(drop),
                        1 => transaction!(engine, |tx| engine::paging::advance(tx, incident).await?),
                        2 => transaction!(ana, |tx| incidents::resolve(tx, number).await?),
                        3 => transaction!(ana, |tx| incidents::escalate(tx, number).await?),
                        _ => {
                            app.tell("checkout", "Slow", 2, &key, "resolved").await;
                            Ok(())
                        }
                    }
                }
            });
            for outcome in futures::future::join_all(verbs).await {
                match outcome {
                    Ok(()) => {}
                    Err(ref error) if matches!(error.refused(), Some(Refused::Resolved(_))) => {}
                    Err(error) => panic!("a verb failed: {error}"),
                }
            }
            let story = app.story(number).await;
            assert_eq!(story.incident.state, State::Resolved);
            let seqs: Vec<i64> = story.timeline.iter().map(|entry| entry.seq).collect();
            assert_eq!(seqs, (1..=story.incident.seq).collect::<Vec<_>>(), "no gap");
            let resolved = story.timeline.iter().filter(|entry| matches!(entry.event, Event::Resolved { .. })).count();
            assert_eq!(resolved, 1);
        }
    }

    async fn fifty_triggers_of_one_key_at_once_open_one_incident(app) {
        app.usual_cast().await;
        let triggers = (0..50).map(|_| app.fires("checkout", "Slow", 2, "slow"));
        futures::future::join_all(triggers).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 1);
        assert_eq!(app.story(1).await.alerts[0].times_received, 50);
    }

    async fn triggers_from_two_doors_at_once_open_one_incident(app) {
        app.usual_cast().await;
        let (other, _) = engine::alerts::Ingest::start(app.engine.clone());
        let through = |door: engine::alerts::Ingest, key: String| async move {
            let mut tx = app.engine.read().await.unwrap();
            let from = app.source(&mut tx, "checkout").await;
            drop(tx);
            let received_at = app.engine.context.now();
            let body = format!(r#"{{"title":"Slow","severity":"critical","dedup_key":"{key}"}}"#).into_bytes();
            let delivery = domain::alerts::json::parse(&body, "checkout", received_at).unwrap();
            door.take(engine::alerts::InboundRequest { id: app.engine.context.new_id(), from, address: None, body, delivery, received_at }).await.unwrap();
        };
        let doors = (0..50).map(|turn| {
            let door = if turn % 2 == 0 { app.ingest.clone() } else { other.clone() };
            through(door, format!("key {}", turn / 10))
        });
        futures::future::join_all(doors).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 5);
        assert_eq!(app.count("SELECT COUNT(*) FROM alerts WHERE open").await, 5);
    }
}
