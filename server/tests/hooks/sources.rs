//! Each source's recorded requests, and what comes of them.

use super::{Door, case_named, json_of, number_of, replay_all, send};
use crate::site::Site;
use domain::Severity;
use domain::incidents::timeline::Event;
use domain::teams::IntegrationKind;
use engine::db::sql;
use engine::teams::integrations;
use testing::{both_databases, hours, until};

both_databases! {
    async fn alertmanagers_requests_in_order_leave_open_what_never_ended(app) {
        let doors = replay_all(app, "alertmanager", true).await;
        let door = doors.values().next().expect("one door");
        let open: Vec<_> = door.alerts(app).await.into_iter().filter(|alert| alert.open).collect();
        let mut names: Vec<_> = open.iter().map(|alert| alert.labels.0["alertname"].as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["CertExpiresSoon", "PodCrashLooping", "PodCrashLooping"]);
        // Six groups were six incidents, of which two are open.
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 6);
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents WHERE state <> 'resolved'").await, 2);
        let groups: std::collections::BTreeSet<_> = open.iter().map(|alert| alert.incident_id.to_string()).collect();
        assert_eq!(groups.len(), 2);
    }

    async fn pagerdutys_clients_work_when_their_host_is_changed(app) {
        replay_all(app, "pagerduty", true).await;
    }

    async fn plain_json_is_taken_from_whoever_can_post(app) {
        replay_all(app, "json", true).await;
    }

    async fn grafanas_requests_are_taken(app) {
        replay_all(app, "grafana", true).await;
        let never_open = "SELECT COUNT(*) FROM alerts WHERE dedup_key = '0b1c2d3e4f509911'";
        assert_eq!(app.count(never_open).await, 0);
    }

    async fn a_request_that_is_signed_wrongly_is_refused_and_opens_nothing(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Grafana).await;
        door.signs(app, "another secret").await;
        for name in ["grafana/01-single-firing", "grafana/07-signed-body"] {
            let answer = send(&site, &case_named(name), &door).await;
            assert_eq!(answer.status, 401, "{name}: {answer:?}");
        }
        let noted = "SELECT COUNT(*) FROM refusals WHERE status = 401";
        until("its team can see it", async || app.count(noted).await == 2).await;
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 0);
        let mut tx = app.engine.read().await.expect("a transaction");
        let kept = sql("SELECT signing_secret FROM integrations WHERE id = $1").bind(door.id);
        let kept: Vec<u8> = kept.scalar(&mut tx).await.expect("what is kept");
        drop(tx);
        assert!(!kept.windows(7).any(|part| part == b"another"), "it is sealed");
        door.signs(app, "test-secret").await;
        assert_eq!(send(&site, &case_named("grafana/07-signed-body"), &door).await.status, 200);
    }

    async fn uptime_kumas_requests_are_taken(app) {
        replay_all(app, "uptime_kuma", true).await;
        let titles = "SELECT COUNT(*) FROM incidents WHERE title IN ('Postgres: connect ECONNREFUSED 10.0.0.5:5432', 'Certificate shop.example.com will expire in 7 days')";
        assert_eq!(app.count(titles).await, 2, "its test opens nothing");
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents WHERE state = 'resolved'").await, 1);
    }

    async fn opsgenies_clients_work_when_their_host_is_changed(app) {
        replay_all(app, "opsgenie", true).await;
        let number = number_of(app, "Kassenserver antwortet nicht (Filiale 12)").await;
        let story = app.story(number).await;
        let noted: Vec<_> = story.timeline.iter().filter_map(|entry| match &entry.event {
            Event::AlertNoted { text, .. } => Some(text.as_str()),
            _ => None,
        }).collect();
        assert_eq!(noted, ["nina@example.com: on it", "nina@example.com: restarted the terminal", "nina@example.com: back"]);
    }

    async fn an_opsgenie_client_finds_out_what_became_of_its_request(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Opsgenie).await;
        let key = format!("GenieKey {}", door.secret);
        let asks = async |id: &str| {
            let asked = site.get(&format!("/v2/alerts/requests/{id}")).header("authorization", &key).send();
            json_of(asked.await.expect("an answer")).await
        };
        let told = async |path: &str, body: &str| {
            let told = site.post(path).header("authorization", &key).body(body.to_owned()).send();
            json_of(told.await.expect("an answer")).await
        };
        let (status, created) = told("/v2/alerts", r#"{"message":"Till does not answer","alias":"pos/12"}"#).await;
        assert_eq!(status, 202);
        let (status, became) = asks(created["requestId"].as_str().expect("an id")).await;
        assert_eq!((status, &became["data"]["isSuccess"], &became["data"]["alias"]), (200, &true.into(), &"pos/12".into()));
        // The id that it is told closes what it was told of.
        let id = became["data"]["alertId"].as_str().expect("an id").to_owned();
        let (status, closed) = told(&format!("/v2/alerts/{id}/close?identifierType=id"), "{}").await;
        assert_eq!(status, 202);
        let (_, became) = asks(closed["requestId"].as_str().expect("an id")).await;
        assert_eq!(became["data"]["action"], "Close");
        assert!(door.alerts(app).await.iter().all(|alert| !alert.open));
        assert_eq!(asks("70413a06-38d6-4c85-92b8-5ebc900d42e2").await.0, 404);
        // What another integration sent is not its to know.
        let other = Door::new(app, IntegrationKind::Opsgenie).await;
        let asked = site.get(&format!("/v2/alerts/requests/{}", created["requestId"].as_str().expect("an id")));
        let asked = asked.header("authorization", format!("GenieKey {}", other.secret)).send();
        assert_eq!(asked.await.expect("an answer").status(), 404);
    }

    async fn a_part_of_an_open_alert_changes_and_the_rest_stays(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Opsgenie).await;
        let send = async |method: &str, path: &str, body: &str| {
            let sent = site.client.request(method.parse().expect("a method"), site.address(path));
            let sent = sent.header("authorization", format!("GenieKey {}", door.secret)).body(body.to_owned()).send();
            assert_eq!(sent.await.expect("an answer").status(), 202, "{path}");
        };
        send("PUT", "/v2/alerts/a/message?identifierType=alias", r#"{"message":"Not open"}"#).await;
        assert!(door.alerts(app).await.is_empty(), "nothing opens by it");
        send("POST", "/v2/alerts", r#"{"message":"Slow","alias":"a","description":"As it began","priority":"P4"}"#).await;
        app.settle().await;
        assert_eq!(app.subjects("ana"), [""; 0]);
        send("PUT", "/v2/alerts/a/message?identifierType=alias", r#"{"message":"Slower"}"#).await;
        send("PUT", "/v2/alerts/a/priority?identifierType=alias", r#"{"priority":"P1"}"#).await;
        app.settle().await;
        let alert = &app.story(1).await.alerts[0];
        assert_eq!((alert.title.as_str(), alert.severity, alert.times_received), ("Slower", Severity::Sev1, 1));
        assert_eq!(alert.annotations.get("description").map(String::as_str), Some("As it began"));
        assert_eq!(app.subjects("ana").len(), 1, "it became worse");
    }

    async fn a_heartbeat_is_seen_with_when_it_was_last_heard(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Opsgenie).await;
        for name in ["nightly%20backup", "nightly%20backup", "cron"] {
            app.clock.pass(hours(1));
            let ping = site.get(&format!("/v2/heartbeats/{name}/ping")).header("authorization", format!("GenieKey {}", door.secret));
            let (status, answer) = json_of(ping.send().await.expect("an answer")).await;
            assert_eq!((status, &answer["result"]), (202, &"PONG - Heartbeat received".into()));
        }
        let mut tx = app.engine.read().await.expect("a transaction");
        let shown = integrations::of_service(&mut tx, app.id("checkout")).await.expect("integrations");
        let heard = shown.iter().flat_map(|shown| &shown.heartbeats);
        let heard: Vec<_> = heard.map(|heard| (heard.name.as_str(), app.engine.context.now() - heard.last_heard_at)).collect();
        assert_eq!(heard, [("cron", hours(0)), ("nightly backup", hours(1))]);
        assert_eq!(door.payloads(app).await.0, 0, "nothing else is kept of it");
    }

    async fn a_change_event_is_kept_and_pages_nobody(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::PagerDuty).await;
        for _ in 0..2 {
            let answer = send(&site, &case_named("pagerduty/18-python-change"), &door).await;
            assert_eq!(answer.status, 202, "{answer:?}");
        }
        app.settle().await;
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 0);
        let mut tx = app.engine.read().await.expect("a transaction");
        let changes = engine::alerts::change_events::of_service(&mut tx, app.id("checkout"), 20).await.expect("changes");
        assert_eq!(changes.len(), 1, "told twice, it is one");
        assert_eq!(changes[0].summary, "Deployed checkout 4.12.0 to prod-fra");
        assert_eq!(changes[0].details["build"], "8812");
        assert_eq!(changes[0].links[0].href, "https://ci.example.com/builds/8812");
    }

    async fn what_nobody_should_send_is_refused_or_stored_whole(app) {
        replay_all(app, "hostile", false).await;
    }
}
