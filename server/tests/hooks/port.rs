//! The door itself: bodies that never end, wrong verbs, and secrets that open nothing any more.

use super::case::{self, TOKEN};
use super::{Door, case_named, send};
use crate::site::{Site, header};
use domain::teams::IntegrationKind;
use engine::teams::integrations;
use engine::transaction;
use testing::{both_databases, hours, until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

both_databases! {
    async fn a_body_that_never_ends_is_cut_off_and_others_go_on(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Json).await;
        let body = case::from_parts(case_named("hostile/24-slow-body").generated());
        let mut slow = TcpStream::connect(("127.0.0.1", site.port)).await.expect("a connection");
        let head = format!(
            "POST /json/{} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            door.secret,
            body.len()
        );
        slow.write_all(head.as_bytes()).await.expect("the head is taken");
        let (mut answered, mut sending) = slow.into_split();
        let dripping = tokio::spawn(async move {
            let mut tick = tokio::time::interval(crate::site::PATIENCE / 5);
            for byte in body {
                tick.tick().await;
                if sending.write_all(&[byte]).await.is_err() {
                    return;
                }
            }
        });
        let other = site.post(&format!("/json/{}", door.secret)).body(r#"{"title":"Others go on"}"#).send();
        assert_eq!(other.await.expect("an answer").status(), 202);
        let mut answer = Vec::new();
        // Closing without an answer would be right too.
        let _ = answered.read_to_end(&mut answer).await;
        dripping.abort();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert_eq!(door.alerts(app).await.len(), 1);
        let noted = "SELECT COUNT(*) FROM refusals WHERE status = 408";
        until("its team can see it", async || app.count(noted).await == 1).await;
    }

    async fn a_sender_that_asks_first_is_told_to_go_on(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Json).await;
        let body = br#"{"title":"Asked first","dedup_key":"h"}"#;
        let mut stream = TcpStream::connect(("127.0.0.1", site.port)).await.expect("a connection");
        let head = format!(
            "POST /json/{} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
            door.secret,
            body.len()
        );
        stream.write_all(head.as_bytes()).await.expect("the head is taken");
        let mut first = [0; 25];
        stream.read_exact(&mut first).await.expect("an answer to the question");
        assert_eq!(&first, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(body).await.expect("the body is taken");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
        assert_eq!(door.alerts(app).await.len(), 1);
    }

    async fn an_oversized_body_without_a_length_is_refused_by_name(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Json).await;
        let chunks = (0..180).map(|_| Ok::<_, std::io::Error>(vec![b' '; 100_000]));
        let body = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
        let answer = site.post(&format!("/json/{}", door.secret)).body(body).send().await.expect("an answer");
        assert_eq!(answer.status(), 413);
        assert!(answer.text().await.expect("a body").contains("16 MiB"));
    }

    async fn a_wrong_verb_is_told_the_right_one(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Json).await;
        let answer = send(&site, &case_named("json/12-put-instead-of-post"), &door).await;
        assert_eq!((answer.status, answer.allow.as_str()), (405, "POST"));
        for path in ["/v2/enqueue", "/alertmanager/x"] {
            assert_eq!(header(&site.get(path).send().await.expect("an answer"), "allow"), "POST");
        }
    }

    async fn what_is_pasted_with_a_slash_or_a_blank_too_many_is_taken(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Json).await;
        for (number, path) in ["", "/", "%20", "%0A", "%0D%0A/"].into_iter().enumerate() {
            let body = format!(r#"{{"title":"Slow {number}"}}"#);
            let answer = site.post(&format!("/json/{}{path}", door.secret)).body(body).send().await.expect("an answer");
            assert_eq!(answer.status(), 202, "{path:?}");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 5);
    }

    async fn unknown_and_revoked_secrets_are_told_the_same(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        for (kind, path) in [(IntegrationKind::Json, "/json"), (IntegrationKind::Alertmanager, "/alertmanager")] {
            let door = Door::new(app, kind).await;
            transaction!(app.engine, |tx| integrations::revoke(tx, door.id).await?).expect("revoked");
            let mut answers = Vec::new();
            for secret in [door.secret.as_str(), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
                let sent = site.post(&format!("{path}/{secret}")).body(r#"{"title":"t"}"#).send();
                let answer = sent.await.expect("an answer");
                answers.push((answer.status().as_u16(), answer.text().await.expect("a body")));
            }
            assert_eq!(answers[0].0, 401);
            assert_eq!(answers[0], answers[1]);
        }
        // Another kind's secret opens nothing either.
        let door = Door::new(app, IntegrationKind::Json).await;
        let answer = site.post(&format!("/alertmanager/{}", door.secret)).body("{}").send().await;
        assert_eq!(answer.expect("an answer").status(), 401);
        let key = Door::new(app, IntegrationKind::PagerDuty).await;
        transaction!(app.engine, |tx| integrations::revoke(tx, key.id).await?).expect("revoked");
        let mut answers = Vec::new();
        for secret in [key.secret.as_str(), TOKEN] {
            let event = format!(
                r#"{{"routing_key":"{secret}","event_action":"trigger","payload":{{"summary":"s","source":"s","severity":"info"}}}}"#
            );
            let answer = site.post("/v2/enqueue").body(event).send().await.expect("an answer");
            answers.push((answer.status().as_u16(), answer.text().await.expect("a body")));
        }
        assert_eq!(answers[0].0, 400);
        assert_eq!(answers[0], answers[1]);
        assert_eq!(app.count("SELECT COUNT(*) FROM payloads").await, 0);
        assert_eq!(app.count("SELECT COUNT(*) FROM refusals").await, 0);
    }

    async fn a_replaced_secret_works_for_another_day(app) {
        app.usual_cast().await;
        let site = Site::open(app).await;
        let door = Door::new(app, IntegrationKind::Json).await;
        let fresh = transaction!(app.engine, |tx| integrations::replace(tx, door.id).await?).expect("replaced");
        let status = async |secret: &str| {
            let sent = site.post(&format!("/json/{secret}")).body(r#"{"title":"t"}"#).send();
            sent.await.expect("an answer").status().as_u16()
        };
        app.clock.pass(hours(23));
        assert_eq!((status(&door.secret).await, status(fresh.reveal()).await), (202, 202));
        app.clock.pass(hours(1));
        assert_eq!((status(&door.secret).await, status(fresh.reveal()).await), (401, 202));
    }
}
