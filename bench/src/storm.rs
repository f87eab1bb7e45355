//! One incident that gets ten thousand alerts, a thousand in each message of Alertmanager's: the last thousand comes in as fast
//! as the first.

use crate::database::{Database, Kind};
use crate::figures::{Figures, Goal, median};
use crate::people;
use crate::server::{Server, client};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::time::Instant;
use testing::Mailboxes;

const MESSAGES: usize = 10;
const ALERTS: usize = 1000;
/// Incidents that get so many, one after the other.
const STORMS: usize = 5;

pub async fn measure(figures: &mut Figures, kind: Kind) -> Result<()> {
    let mail = Mailboxes::open().await;
    let database = Database::new(kind).await?;
    let doors = people::with_alertmanagers(&database, STORMS).await?;
    let server = Server::start(&database, &mail).await?;
    let (client, mut firsts, mut lasts) = (client(), Vec::new(), Vec::new());
    for door in server.all_at(&doors) {
        for number in 0..MESSAGES {
            let request = client.post(&door).header("content-type", "application/json");
            let request = request.body(message(number));
            let sent = Instant::now();
            let answer = request.send().await?;
            ensure!(answer.status().is_success(), "{door} answers {}", answer.status());
            let millis = sent.elapsed().as_secs_f64() * 1000.0;
            match number {
                0 => firsts.push(millis),
                number if number + 1 == MESSAGES => lasts.push(millis),
                _ => {}
            }
        }
    }
    let (first, last) = (median(&firsts), median(&lasts));
    let mut row = |name: &str, value, unit, goal| figures.add(&database.named(name), value, unit, goal);
    row(
        "a thousand alerts of one incident: the first thousand",
        first,
        "ms",
        Goal::None,
    )?;
    row(
        "a thousand alerts of one incident: the tenth thousand",
        last,
        "ms",
        Goal::None,
    )?;
    row(
        "a thousand alerts of one incident: the tenth, times the first",
        last / first,
        "",
        Goal::AtMost(1.5),
    )?;
    server.emptied().await?;
    drop(server);
    database.throw_away().await;
    Ok(())
}

/// A group that goes on: other alerts under the same name.
fn message(number: usize) -> String {
    let alerts: Vec<Value> = (0..ALERTS)
        .map(|n| {
            let instance = format!("node-{number}-{n}");
            json!({
                "status": "firing",
                "fingerprint": format!("{:016x}", number * ALERTS + n),
                "startsAt": "2026-11-01T10:00:00Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "labels": { "alertname": "NodeDown", "instance": instance, "severity": "critical" },
                "annotations": { "summary": format!("{instance} does not answer") },
            })
        })
        .collect();
    json!({
        "version": "4",
        "groupKey": "{}:{alertname=\"NodeDown\"}",
        "status": "firing",
        "receiver": "kintsugi",
        "groupLabels": { "alertname": "NodeDown" },
        "commonLabels": { "alertname": "NodeDown", "severity": "critical" },
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example.test",
        "alerts": alerts,
    })
    .to_string()
}
