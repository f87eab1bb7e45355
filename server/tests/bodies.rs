//! What a body may be at the door for alerts: large, odd, told twice, at the wrong address; and that nothing it says is lost.

use crate::site::{Site, header};
use domain::Severity;
use domain::teams::IntegrationKind;
use engine::db::sql;
use engine::teams::integrations;
use engine::transaction;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::{Value, json};
use testing::{TestApp, both_databases};

const MIB: usize = 1024 * 1024;

/// Where an integration takes alerts.
async fn door(app: &TestApp, kind: IntegrationKind) -> String {
    let made = transaction!(app.engine, |tx| integrations::create(
        tx,
        app.id("checkout"),
        kind,
        ""
    )
    .await?);
    let (_, secret) = made.expect("an integration");
    match kind {
        IntegrationKind::PagerDuty => secret.reveal().to_owned(),
        other => other.source().address("", secret.reveal()),
    }
}

async fn send(site: &Site, path: &str, body: impl Into<reqwest::Body>) -> u16 {
    let sent = site.post(path).body(body).send().await;
    sent.expect("an answer").status().as_u16()
}

fn firing(key: &str, severity: &str) -> Value {
    alert(key, severity, "firing")
}

fn alert(key: &str, severity: &str, status: &str) -> Value {
    json!({
        "status": status,
        "labels": { "alertname": format!("Alert {key}"), "severity": severity, "pod": "checkout-7d9f6c5b8-x2x4z", "namespace": "shop" },
        "annotations": { "summary": format!("Trouble with {key}"), "runbook_url": "https://runbooks.example.com/checkout", "description": "The share of requests that fail is above what was agreed. ".repeat(6) },
        "startsAt": "2026-03-02T08:59:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "https://prometheus.example.com/graph?g0.expr=up",
        "fingerprint": key,
    })
}

/// As Alertmanager writes it: the group's own members stand around its alerts.
fn group(alerts: &[Value]) -> String {
    let alerts = serde_json::to_string(alerts).expect("alerts");
    format!(
        r#"{{"receiver":"kintsugi","status":"firing","alerts":{alerts},"groupLabels":{{"job":"shop"}},"commonLabels":{{}},
            "commonAnnotations":{{}},"externalURL":"https://am.example.com","version":"4","groupKey":"{{}}:{{job=\"shop\"}}","truncatedAlerts":0}}"#
    )
}

/// Title, severity and state of all incidents, in their order.
async fn incidents(app: &TestApp) -> Vec<(String, Severity, String)> {
    let mut tx = app.engine.read().await.expect("a transaction");
    let all = sql("SELECT title, severity, state FROM incidents ORDER BY number").all(&mut tx);
    all.await.expect("incidents")
}

async fn keys(app: &TestApp) -> Vec<String> {
    let mut tx = app.engine.read().await.expect("a transaction");
    let keys: Vec<(String,)> = sql("SELECT dedup_key FROM alerts WHERE open ORDER BY dedup_key")
        .all(&mut tx)
        .await
        .expect("alerts");
    keys.into_iter().map(|(key,)| key).collect()
}

both_databases! {
    async fn an_alert_that_is_named_twice_in_one_body_is_one_alert(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let path = door(app, IntegrationKind::Alertmanager).await;
        let twice = [firing("f", "critical"), firing("f", "critical"), firing("o", "critical")];
        assert_eq!(send(&site, &path, group(&twice)).await, 200);
        assert_eq!(keys(app).await, ["f", "o"]);
        let all = incidents(app).await;
        assert_eq!((all.len(), all[0].1), (1, Severity::Sev1), "{all:?}");
        let over = [firing("f", "critical"), alert("f", "critical", "resolved")];
        assert_eq!(send(&site, &path, group(&over)).await, 200);
        assert_eq!(keys(app).await, ["o"], "what comes last counts");
    }

    async fn a_body_of_sixteen_mebibytes_is_handled_whole(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let path = door(app, IntegrationKind::Alertmanager).await;
        let usual: Vec<Value> = (0..1_500).map(|number| firing(&format!("f{number:05}"), "critical")).collect();
        let body = group(&usual);
        assert!(body.len() > MIB, "as a large outage sends it");
        assert_eq!(send(&site, &path, body).await, 200);
        assert_eq!(app.count("SELECT COUNT(*) FROM alerts WHERE open").await, 1_500);
        // Many small ones: no statement has more arguments than a database takes.
        let small: Vec<Value> = (0..9_000).map(|number| json!({ "labels": { "severity": "info" }, "fingerprint": format!("s{number}") })).collect();
        assert_eq!(send(&site, &path, group(&small)).await, 200);
        assert_eq!(app.count("SELECT COUNT(*) FROM alerts WHERE open").await, 10_500);
        let all = incidents(app).await;
        assert_eq!(all.len(), 1, "{all:?}");
        app.settle().await;
        assert_eq!(app.subjects("ana").len(), 1, "{:?}", app.subjects("ana"));
        assert_eq!(app.count("SELECT COUNT(*) FROM payloads WHERE fault IS NOT NULL").await, 0);
    }

    async fn three_and_a_half_thousand_alerts_below_the_line_wake_nobody(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let path = door(app, IntegrationKind::Alertmanager).await;
        let many: Vec<Value> = (0..3_500).map(|number| json!({ "labels": { "severity": "info" }, "fingerprint": format!("f{number}") })).collect();
        for _ in 0..2 {
            assert_eq!(send(&site, &path, group(&many)).await, 200);
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM alerts WHERE open AND times_received = 2").await, 3_500);
        let over: Vec<Value> = (0..3_500).map(|number| json!({ "status": "resolved", "labels": {}, "fingerprint": format!("f{number}") })).collect();
        assert_eq!(send(&site, &path, group(&over)).await, 200);
        app.settle().await;
        assert_eq!(app.subjects("ana"), [""; 0]);
        let all = incidents(app).await;
        assert_eq!((all.len(), all[0].2.as_str()), (1, "resolved"), "{all:?}");
    }

    async fn of_a_body_that_is_too_long_the_beginning_is_handled_and_people_are_woken(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let path = door(app, IntegrationKind::Alertmanager).await;
        let padding = "x".repeat(100_000);
        let long: Vec<Value> = (0..180).map(|number| {
            let mut alert = firing(&format!("f{number}"), "info");
            alert["annotations"]["padding"] = padding.clone().into();
            alert
        }).collect();
        let body = group(&long);
        assert!(body.len() > 16 * MIB);
        assert_eq!(send(&site, &path, body).await, 200);
        app.settle().await;
        let story = app.story(1).await;
        let said = story.timeline.iter().any(|entry| matches!(entry.event, domain::incidents::timeline::Event::RequestCut { read } if read > 150));
        assert!(said, "{:?}", story.timeline);
        assert_eq!(app.subjects("ana").len(), 1, "what was not read may be worse");
        // The group's key stands at its end: what comes next joins.
        assert_eq!(send(&site, &path, group(&[firing("later", "info")])).await, 200);
        assert_eq!(incidents(app).await.len(), 1);
        // Of other forms nothing can be read in part; what it is about is said all the same.
        let path = door(app, IntegrationKind::Json).await;
        let body = format!(r#"{{"title":"Disk full","severity":"critical","details":{{"log":"{}"}}}}"#, "x".repeat(16 * MIB));
        assert_eq!(send(&site, &path, body).await, 413);
        let last = incidents(app).await.pop().expect("an incident");
        assert!(last.0.contains("“Disk full”") && last.1 == Severity::Sev1, "{last:?}");
        app.settle().await;
        assert!(app.subjects("ana").iter().any(|subject| subject.contains("Disk full")), "{:?}", app.subjects("ana"));
    }

    async fn a_body_with_too_many_values_wakes_by_its_title(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let path = door(app, IntegrationKind::Json).await;
        let body = format!(r#"{{"title":"Queue full","details":{{"l":[{}0]}}}}"#, "0,".repeat(150_000));
        assert_eq!(send(&site, &path, body).await, 400);
        app.settle().await;
        let subjects = app.subjects("ana");
        assert!(subjects.iter().any(|subject| subject.contains("Queue full")), "{subjects:?}");
    }

    async fn odd_types_cost_no_page(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let plain = door(app, IntegrationKind::Json).await;
        let path = door(app, IntegrationKind::Alertmanager).await;
        let key = door(app, IntegrationKind::PagerDuty).await;
        for (path, body, taken) in [
            (plain.as_str(), json!({ "title": "A", "severity": 1, "details": [], "dedup_key": 7 }), 202),
            (&plain, json!({ "title": 404, "severity": "critical", "link": [], "message": {} }), 202),
            (&path, json!({ "version": 4, "receiver": 1, "groupKey": "b", "groupLabels": [], "alerts": [{ "status": "firing", "labels": [], "annotations": { "summary": "B" }, "fingerprint": "b" }] }), 200),
            (&path, json!({ "version": 4, "groupKey": "c", "commonLabels": "x", "alerts": { "0": { "labels": { "alertname": "C", "severity": 1 }, "annotations": [] }, "4": null } }), 200),
            ("/v2/enqueue", json!({ "routing_key": key, "event_action": "trigger", "payload": { "summary": 500, "source": 7, "severity": "critical", "component": [], "custom_details": [] } }), 202),
        ] {
            assert_eq!(send(&site, path, body.to_string()).await, taken, "{body}");
        }
        let titles: Vec<String> = incidents(app).await.into_iter().map(|(title, ..)| title).collect();
        assert_eq!(titles, ["A", "404", "B", "C", "500"]);
    }

    async fn a_body_at_the_wrong_door_is_what_it_is(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let plain = door(app, IntegrationKind::Json).await;
        let path = door(app, IntegrationKind::Alertmanager).await;
        // Alertmanager's, and Grafana's, which has a title besides.
        let mut group: Value = serde_json::from_str(&group(&[firing("f", "critical")])).expect("a group");
        group["title"] = "[FIRING:1] (blue)".into();
        assert_eq!(send(&site, &plain, group.to_string()).await, 202);
        group["alerts"] = json!([alert("f", "critical", "resolved")]);
        assert_eq!(send(&site, &plain, group.to_string()).await, 202);
        let event = json!({ "event_action": "trigger", "dedup_key": "p", "payload": { "summary": "P", "source": "s", "severity": "error" } });
        assert_eq!(send(&site, &path, event.to_string()).await, 200);
        assert_eq!(send(&site, &plain, json!({ "event_action": "resolve", "dedup_key": "p" }).to_string()).await, 202);
        assert_eq!(send(&site, &path, json!({ "event_action": "resolve", "dedup_key": "p" }).to_string()).await, 200);
        assert_eq!(send(&site, &path, json!({ "title": "J", "dedup_key": "j" }).to_string()).await, 200);
        assert_eq!(send(&site, &path, json!({ "status": "resolved", "dedup_key": "j" }).to_string()).await, 200);
        let all = incidents(app).await;
        let titles: Vec<_> = all.iter().map(|(title, _, state)| (title.as_str(), state.as_str())).collect();
        assert_eq!(titles, [("Trouble with f", "resolved"), ("P", "resolved"), ("J", "resolved")]);
        // What is not read yet is named.
        let sns = json!({ "Type": "Notification", "TopicArn": "arn:aws:sns:1", "Message": "Disk full" });
        let answer = site.post(&plain).body(sns.to_string()).send().await.expect("an answer");
        assert_eq!(answer.status(), 400);
        assert!(answer.text().await.expect("a problem").contains("Amazon SNS"));
        let kuma = json!({ "heartbeat": { "status": 0 }, "monitor": { "id": 1, "name": "Shop" }, "msg": "[Shop] [Down]" });
        assert_eq!(send(&site, &path, kuma.to_string()).await, 200);
        assert_eq!(incidents(app).await.last().expect("one").0, "Shop");
    }

    async fn white_space_around_a_title_makes_no_other_alert(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let path = door(app, IntegrationKind::Json).await;
        for title in ["Disk full", "Disk full\n", " Disk full\r\n"] {
            assert_eq!(send(&site, &path, json!({ "title": title }).to_string()).await, 202);
        }
        assert_eq!(app.count("SELECT times_received FROM alerts").await, 3);
        assert_eq!(send(&site, &path, json!({ "title": "Disk full\n", "status": "resolved" }).to_string()).await, 202);
        assert_eq!(app.count("SELECT COUNT(*) FROM alerts WHERE open").await, 0);
    }

    async fn an_end_in_the_future_is_cut_at_the_time_of_receipt(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let path = door(app, IntegrationKind::Alertmanager).await;
        assert_eq!(send(&site, &path, group(&[firing("f", "critical")])).await, 200);
        let mut over = alert("f", "critical", "resolved");
        over["endsAt"] = "2026-03-02T20:00:00Z".into();
        assert_eq!(send(&site, &path, group(&[over])).await, 200);
        let story = app.story(1).await;
        assert_eq!(story.alerts[0].ended_at, Some(app.engine.context.now()));
    }

    async fn a_page_has_its_alerts_name_whatever_else_is_missing(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let plain = door(app, IntegrationKind::Json).await;
        let path = door(app, IntegrationKind::Alertmanager).await;
        let key = door(app, IntegrationKind::PagerDuty).await;
        for (path, body) in [
            (plain.as_str(), json!({ "title": "Name 1" })),
            (&plain, json!({ "message": "Name 2\nand a long tale" })),
            (&path, json!({ "groupKey": "3", "alerts": [{ "labels": { "alertname": "Name 3" } }] })),
            (&path, json!({ "groupKey": "4", "alerts": [{ "annotations": { "description": "Name 4 is described" } }] })),
        ] {
            assert!(send(&site, path, body.to_string()).await < 300, "{body}");
        }
        // One without a source and without a severity is refused by PagerDuty's rules, and wakes all the same.
        let event = json!({ "routing_key": key, "event_action": "trigger", "payload": { "summary": "Name 5" } });
        assert_eq!(send(&site, "/v2/enqueue", event.to_string()).await, 400);
        app.settle().await;
        let subjects = app.subjects("ana");
        for name in ["Name 1", "Name 2", "Name 3", "Name 4", "Name 5"] {
            assert!(subjects.iter().any(|subject| subject.contains(name)), "{name}: {subjects:?}");
        }
    }

    async fn who_sends_too_much_or_too_slowly_is_asked_for_it_again(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        for (kind, busy) in [(IntegrationKind::Alertmanager, 503), (IntegrationKind::Grafana, 503), (IntegrationKind::Json, 429), (IntegrationKind::PagerDuty, 429)] {
            let door = door(app, kind).await;
            let event = json!({ "routing_key": door, "event_action": "trigger", "payload": { "summary": "P", "source": "s", "severity": "error" } });
            let (path, body) = match kind {
                IntegrationKind::PagerDuty => ("/v2/enqueue", event.to_string()),
                IntegrationKind::Json => (door.as_str(), json!({ "title": "J" }).to_string()),
                _ => (door.as_str(), group(&[firing("f", "critical")])),
            };
            // Nothing can be stored yet, so what comes in waits, and of one integration only so much.
            let mut held = app.engine.begin().await.expect("a transaction");
            if held.is_postgres() {
                sql("LOCK TABLE payloads IN EXCLUSIVE MODE").run(&mut held).await.expect("a lock");
            }
            let mut sent: FuturesUnordered<_> = (0..300).map(|_| site.post(path).body(body.clone()).send()).collect();
            let turned_away = sent.next().await.expect("one of them").expect("an answer");
            drop(held);
            let mut answers: Vec<_> = sent.map(|answer| answer.expect("an answer")).collect().await;
            answers.push(turned_away);
            let turned_away: Vec<_> = answers.iter().filter(|answer| !answer.status().is_success()).collect();
            assert!(!turned_away.is_empty());
            for answer in turned_away {
                assert_eq!(answer.status(), busy, "{kind:?}");
                assert!(!header(answer, "retry-after").is_empty());
            }
        }
    }
}
