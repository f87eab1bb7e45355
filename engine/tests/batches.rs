//! Alerts that arrive together are handled in one transaction, with what they ask looked up for all of them and what they write
//! written together. What comes of it is what came of it one by one.

#![allow(clippy::unwrap_used)]

use domain::alerts::Status;
use engine::alerts::InboundRequest;
use engine::db::sql;
use futures::future::join_all;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use testing::{TestApp, both_databases};

/// Sixty requests about five keys in three groups, in some order: fire, repeat, become worse, are acknowledged, end.
async fn requests(app: &TestApp, seed: u64) -> Vec<InboundRequest> {
    let mut chance = StdRng::seed_from_u64(seed);
    let pattern = app.arriving("checkout", "Slow", "key").await;
    (0..60)
        .map(|_| {
            let mut arriving = pattern.clone();
            let key = chance.random_range(0..5);
            let alert = &mut arriving.delivery.alerts[0];
            alert.key = format!("key {key}");
            alert.title = Some(format!("Trouble {key}"));
            alert.status = match chance.random_range(0..8) {
                0 => Status::Acknowledged,
                1 | 2 => Status::Resolved,
                _ => Status::Firing,
            };
            // SEV1 waits for no list, and lists are part of what is compared.
            alert.severity_word = Some(format!("SEV{}", chance.random_range(2..=4)));
            arriving.delivery.group = format!("group {}", key % 3);
            arriving
        })
        .collect()
}

/// All that people see of it.
async fn outcome(app: &TestApp) -> Vec<String> {
    let mut tx = app.engine.read().await.unwrap();
    let mut seen = Vec::new();
    for text in [
        "SELECT 'incident ' || number || ' ' || title || ' ' || severity || ' ' || state || ' ' || seq FROM incidents",
        "SELECT 'alert ' || i.number || ' ' || a.dedup_key || ' ' || a.status || ' ' || a.severity || ' ' || a.times_received
         FROM alerts a JOIN incidents i ON i.id = a.incident_id",
        "SELECT 'page ' || i.number || ' ' || p.name || ' ' || g.step || ' ' || g.outcome FROM pages g
         JOIN incidents i ON i.id = g.incident_id JOIN people p ON p.id = g.person_id",
        "SELECT 'escalation ' || i.number || ' ' || e.step || ' ' || e.state FROM escalations e
         JOIN incidents i ON i.id = e.incident_id",
        "SELECT 'mail ' || m.to_address || ' ' || m.subject || ' ' || m.urgency FROM notifications m",
    ] {
        let rows: Vec<(String,)> = sql(text).all(&mut tx).await.unwrap();
        let mut rows: Vec<String> = rows.into_iter().map(|(row,)| row).collect();
        rows.sort_unstable();
        seen.extend(rows);
    }
    let incidents: i64 = sql("SELECT COUNT(*) FROM incidents")
        .scalar(&mut tx)
        .await
        .unwrap();
    for number in 1..=incidents {
        for entry in engine::incidents::read(&mut tx, number).await.unwrap().timeline {
            let event = serde_json::to_value(&entry.event).unwrap();
            let what = ["kind", "title", "status", "severity", "from", "to"]
                .iter()
                .filter_map(|field| Some(event.get(field)?.to_string()))
                .collect::<Vec<_>>();
            seen.push(format!(
                "entry {number} {} {} {}",
                entry.seq,
                what.join(" "),
                entry.state
            ));
        }
    }
    let payloads: i64 = sql("SELECT COUNT(*) FROM payloads")
        .scalar(&mut tx)
        .await
        .unwrap();
    seen.push(format!("{payloads} payloads"));
    seen
}

both_databases! {
    async fn together_they_come_to_what_they_come_to_one_by_one(app) {
        app.usual_cast().await;
        let alone = TestApp::on_sqlite().await;
        alone.usual_cast().await;
        for seed in 1..=8 {
            for arriving in requests(&alone, seed).await {
                alone.ingest.take(arriving).await.unwrap();
            }
            let together = requests(app, seed).await.into_iter().map(|arriving| app.ingest.take(arriving));
            assert!(join_all(together).await.iter().all(Result::is_ok));
            let (together, alone) = (outcome(app).await, outcome(&alone).await);
            for (together, alone) in together.iter().zip(&alone) {
                assert_eq!(together, alone, "seed {seed}");
            }
            assert_eq!(together.len(), alone.len(), "seed {seed}");
        }
        let numbers = outcome(app).await;
        assert!(numbers.iter().any(|line| line.starts_with("page ") && line.ends_with("gathered")), "{numbers:#?}");
    }

    async fn a_number_is_given_once_and_none_is_left_out(app) {
        let doors = app.many_services(4).await;
        for round in 0..3 {
            let mut arriving = Vec::new();
            for turn in 0..40 {
                let service = format!("service{}", turn % doors.len());
                arriving.push(app.arriving(&service, "Broken", &format!("{round} {turn}")).await);
            }
            assert!(join_all(arriving.into_iter().map(|one| app.ingest.take(one))).await.iter().all(Result::is_ok));
        }
        let mut tx = app.engine.read().await.unwrap();
        let numbers: Vec<(i64,)> = sql("SELECT number FROM incidents ORDER BY number").all(&mut tx).await.unwrap();
        assert_eq!(numbers, (1..=120).map(|number| (number,)).collect::<Vec<_>>());
        let gaps: i64 = sql("SELECT COUNT(*) FROM incidents i WHERE i.seq <> (SELECT COUNT(*) FROM timeline t WHERE t.incident_id = i.id)
            OR i.seq <> (SELECT MAX(seq) FROM timeline t WHERE t.incident_id = i.id)").scalar(&mut tx).await.unwrap();
        assert_eq!(gaps, 0);
    }

    async fn what_one_request_does_wrong_costs_no_other_anything(app) {
        app.usual_cast().await;
        let service = "checkout";
        // No format lets a key through twice; were one to, nobody else should notice.
        let mut wrong = app.arriving(service, "Twice", "twice").await;
        let same = wrong.delivery.alerts[0].clone();
        wrong.delivery.alerts.push(same);
        let mut arriving = Vec::new();
        for number in 0..40 {
            arriving.push(app.arriving(service, "Good", &format!("good {number}")).await);
        }
        arriving.insert(20, wrong);
        let taken = join_all(arriving.into_iter().map(|one| app.ingest.take(one))).await;
        assert!(taken.iter().all(Result::is_ok), "{taken:?}");
        assert_eq!(app.count("SELECT COUNT(*) FROM alerts WHERE title = 'Good'").await, 40);
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents WHERE title LIKE '%“Twice”%'").await, 1, "it wakes by its name");
        assert_eq!(app.count("SELECT COUNT(*) FROM payloads WHERE fault IS NOT NULL").await, 1);
    }

    async fn thousands_of_alerts_in_one_request_are_more_than_one_statement(app) {
        app.usual_cast().await;
        let mut arriving = app.arriving("checkout", "Slow", "key").await;
        let pattern = arriving.delivery.alerts[0].clone();
        arriving.delivery.alerts = (0..3_500)
            .map(|number| domain::alerts::AlertEvent { key: format!("key {number}"), severity_word: Some("SEV5".to_owned()), ..pattern.clone() })
            .collect();
        for _ in 0..2 {
            app.ingest.take(arriving.clone()).await.unwrap();
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM alerts WHERE times_received = 2").await, 3_500);
        assert_eq!(app.count("SELECT COUNT(*) FROM payloads WHERE fault IS NOT NULL").await, 0);
        app.settle().await;
        assert_eq!(app.subjects("ana"), [""; 0], "nothing of it wakes anybody");
    }
}
