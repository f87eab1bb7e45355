//! The index over number, title, services and label values.

use crate::Tx;
use crate::db::{dialect, sql};
use crate::error::Result;
use domain::incidents::Incident;

/// Longest text that is indexed of one incident, in characters; alerts with thousands of labels exist.
const MOST: usize = 20_000;

/// The words of a text: runs of letters and digits, in lower case. Both databases index these and nothing else,
/// so that they find the same.
pub fn words_of(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
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
        sql("SELECT title, labels FROM alerts WHERE incident_id = $1 ORDER BY started_at LIMIT 200")
            .bind(incident.id)
            .all(tx)
            .await?;
    let mut text = format!("inc {} {}", incident.number, incident.title);
    for (name,) in services {
        text.push(' ');
        text.push_str(&name);
    }
    for alert in alerts {
        text.push(' ');
        text.push_str(&alert.title);
        for value in alert.labels.values() {
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
    dialect::index_words(tx, incident.number, &words.join(" ")).await
}

#[derive(sqlx::FromRow)]
struct AlertWords {
    title: String,
    #[sqlx(json)]
    labels: std::collections::BTreeMap<String, String>,
}
