//! The index over number, title, services and label values.

use crate::Tx;
use crate::db::{dialect, sql};
use crate::error::Result;
use domain::incidents::Incident;

/// Longest text that is indexed of one incident, in characters; alerts with thousands of labels exist.
const MOST: usize = 20_000;
pub(crate) const MOST_ALERTS: usize = 200;

/// The words of a text: runs of letters and digits, in lower case. Both databases index these and nothing else,
/// so that they find the same.
pub fn words_of(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// The number in “142” or, with this word before it, in “INC-142”.
pub(crate) fn number_in(words: &[String], prefix: &str) -> Option<i64> {
    match words {
        [number] => number.parse().ok(),
        [word, number] if word == prefix => number.parse().ok(),
        _ => None,
    }
}

/// Reads the incident's words and puts them into the index.
pub(crate) async fn index(tx: &mut Tx, incident: &Incident) -> Result<()> {
    let services: Vec<(String,)> = sql(
        "SELECT s.name FROM services s JOIN incident_services i ON i.service_id = s.id
         WHERE i.incident_id = $1",
    )
    .bind(incident.id)
    .all(tx)
    .await?;
    let alerts: Vec<AlertWords> =
        sql("SELECT title, labels FROM alerts WHERE incident_id = $1 ORDER BY started_at LIMIT $2")
            .bind(incident.id)
            .bind(i64::try_from(MOST_ALERTS).unwrap_or(i64::MAX))
            .all(tx)
            .await?;
    let services = services.iter().map(|(name,)| name.as_str());
    let alerts = alerts.iter().map(|alert| (alert.title.as_str(), &alert.labels));
    let words = words_of_incident(incident, services, alerts);
    dialect::index_words(tx, incident.number, &words).await
}

/// Puts the words of an incident that was just opened into the index; the caller knows them.
pub(crate) fn index_new<'a>(
    tx: &mut Tx,
    incident: &Incident,
    service: &'a str,
    alerts: impl IntoIterator<Item = (&'a str, &'a Labels)>,
) {
    let words = words_of_incident(incident, [service], alerts);
    dialect::index_new_words(tx, incident.number, &words);
}

fn words_of_incident<'a>(
    incident: &Incident,
    services: impl IntoIterator<Item = &'a str>,
    alerts: impl IntoIterator<Item = (&'a str, &'a Labels)>,
) -> String {
    let mut text = format!("inc {} {}", incident.number, incident.title);
    for name in services {
        text.push(' ');
        text.push_str(name);
    }
    for (title, labels) in alerts {
        text.push(' ');
        text.push_str(title);
        for value in labels.values() {
            text.push(' ');
            text.push_str(value);
        }
        if text.len() > MOST {
            break;
        }
    }
    let mut words = words_of(&text.chars().take(MOST).collect::<String>());
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

type Labels = std::collections::BTreeMap<String, String>;

#[derive(sqlx::FromRow)]
struct AlertWords {
    title: String,
    #[sqlx(json)]
    labels: Labels,
}
