//! What the sources of a story tell: alerts that fire, and that they are over.

use crate::NoDemo;
use crate::cast::Cast;
use crate::deeds::UnderWay;
use crate::story::{Alert, Story};
use chrono::{DateTime, SecondsFormat, Utc};
use domain::alerts::group;
use engine::Tx;
use engine::alerts::{InboundRequest, take_one};
use engine::incidents::{self, Filter};
use serde_json::json;

pub async fn fire(
    tx: &mut Tx,
    cast: &Cast,
    story: &Story,
    alert: &Alert,
    now: &mut UnderWay,
) -> Result<(), NoDemo> {
    let at = tx.now();
    now.firing.insert(alert.key.clone(), (alert.clone(), at));
    tell(tx, cast, story, &[(alert.clone(), at)], None).await?;
    if now.opened.is_none() {
        // Nobody else writes at the same time, so the newest one is this one.
        let newest = incidents::list(
            tx,
            &Filter {
                open_only: true,
                ..Filter::default()
            },
        )
        .await?;
        now.opened = newest
            .first()
            .map(|listed| (listed.incident.number, listed.incident.id));
    }
    Ok(())
}

/// The alerts with these keys are over; none is all of them.
pub async fn quiet(
    tx: &mut Tx,
    cast: &Cast,
    story: &Story,
    keys: &[String],
    now: &mut UnderWay,
) -> Result<(), NoDemo> {
    let all = keys.is_empty();
    let over: Vec<String> = now
        .firing
        .keys()
        .filter(|key| all || keys.contains(key))
        .cloned()
        .collect();
    let over: Vec<_> = over.iter().filter_map(|key| now.firing.remove(key)).collect();
    if over.is_empty() {
        return Err(NoDemo::Unknown(format!(
            "an alert that fires among {}",
            keys.join(", ")
        )));
    }
    let ended = tx.now();
    tell(tx, cast, story, &over, Some(ended)).await
}

/// What Alertmanager would send, taken in as the server takes it in.
async fn tell(
    tx: &mut Tx,
    cast: &Cast,
    story: &Story,
    alerts: &[(Alert, DateTime<Utc>)],
    ended: Option<DateTime<Utc>>,
) -> Result<(), NoDemo> {
    let service = cast.service(&story.service)?;
    let status = if ended.is_some() { "resolved" } else { "firing" };
    let stamp = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let listed = alerts.iter().map(|(alert, started)| {
        let mut labels = alert.labels.clone();
        labels.insert("alertname".to_owned(), camel(&alert.key));
        labels.insert("severity".to_owned(), alert.severity.clone());
        labels.insert("service".to_owned(), service.source.service_slug.clone());
        json!({
            "status": status,
            "labels": labels,
            "annotations": {
                "summary": alert.title,
                "runbook_url": format!("https://runbooks.saltmarsh.example/{}", alert.key),
                "dashboard_url": format!("https://dashboards.saltmarsh.example/{}", service.source.service_slug),
            },
            "startsAt": stamp(*started),
            "endsAt": ended.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), stamp),
            "generatorURL": format!("https://prometheus.saltmarsh.example/graph?g0.expr={}", camel(&alert.key)),
            "fingerprint": format!("{}-{}-{}", story.key, alert.key, started.timestamp()),
        })
    });
    let body = json!({
        "version": "4",
        "receiver": "kintsugi",
        "status": status,
        "groupKey": format!("{{}}:{{incident=\"{}\"}}", story.key),
        "externalURL": "https://alertmanager.saltmarsh.example",
        "alerts": listed.collect::<Vec<_>>(),
    });
    let body = body.to_string().into_bytes();
    let received_at = tx.now();
    let delivery = group::parse(&body, received_at).map_err(|fault| NoDemo::Unknown(fault.to_string()))?;
    let arriving = InboundRequest {
        id: tx.new_id(),
        from: service.source.clone(),
        address: None,
        body,
        delivery,
        received_at,
    };
    Ok(take_one(tx, &arriving).await??)
}

/// `replication-lag` is `ReplicationLag` among alerts.
fn camel(key: &str) -> String {
    let words = key.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string());
        format!("{}{}", first.unwrap_or_default(), letters.as_str())
    });
    words.collect()
}
