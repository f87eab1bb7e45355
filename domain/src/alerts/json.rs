//! Our own plain JSON, as one would send it with curl, and what Apprise's `json://` sends.
//!
//! `title` (or Apprise's `message`), `severity` (or `type`), `dedup_key`, `status`, `details`, `link`. Other members are ignored.

use super::{AlertEvent, Delivery, Malformed, Status, body, text, times};
use chrono::{DateTime, Utc};

const STATUS_WORDS: &[&str] = &["firing", "acknowledged", "resolved"];

/// Reads one request. Without `dedup_key` the key is derived from the service and the title, so that the same title is the same
/// alert; `service` is any text that stays the same for the service.
///
/// # Errors
/// What is wrong with it, for the sender.
pub fn parse(body: &[u8], service: &str, received_at: DateTime<Utc>) -> Result<Delivery, Malformed> {
    let alert = body::object(body)?;
    let given_title = body::text(&alert, "title")?.filter(|title| text::title(title).is_some());
    let message = body::text(&alert, "message")?.filter(|message| text::first_line(message).is_some());
    let severity = [body::text(&alert, "severity")?, body::text(&alert, "type")?]
        .into_iter()
        .flatten()
        .find_map(text::title);
    let given_key = body::text(&alert, "dedup_key")?.filter(|key| !key.trim().is_empty());
    let status = status(body::text(&alert, "status")?)?;
    let details = body::map(&alert, "details")?;
    let link = body::text(&alert, "link")?.and_then(text::link);

    // Whoever names the key need not say again what it is about when it ends.
    let whole = given_title.or(message);
    let (key, title) = match (given_key, whole) {
        (None, None) => {
            return Err(Malformed::Missing {
                field: "title".to_owned(),
            });
        }
        (Some(_), None) if status == Status::Firing => {
            return Err(Malformed::Missing {
                field: "title".to_owned(),
            });
        }
        (Some(key), whole) => (text::key(key), whole),
        (None, Some(whole)) => (text::digest(&[service, &text::clean(whole)]), Some(whole)),
    };
    let title = match given_title {
        Some(title) => text::title(title),
        None => title.and_then(text::first_line),
    };
    let labels = details
        .into_iter()
        .flat_map(body::named_texts)
        .chain(message.map(|message| ("message".to_owned(), message.to_owned())));
    let started_at = times::read_or_received(None, received_at);
    Ok(Delivery {
        group: key.clone(),
        group_title: None,
        alerts: vec![AlertEvent {
            key,
            title,
            severity_word: severity,
            status,
            labels: text::labels(labels),
            link,
            started_at,
            ended_at: (status == Status::Resolved).then_some(started_at),
        }],
        left_out: 0,
    })
}

fn status(word: Option<&str>) -> Result<Status, Malformed> {
    match word.map(|word| word.trim().to_lowercase()).as_deref() {
        None | Some("") => Ok(Status::Firing),
        Some(word) => word.parse().map_err(|_| Malformed::UnknownWord {
            field: "status".to_owned(),
            expected: STATUS_WORDS,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<AlertEvent, String> {
        let received = "2026-11-21T05:00:00Z".parse().unwrap();
        parse(body.as_bytes(), "checkout", received)
            .map(|mut delivery| delivery.alerts.remove(0))
            .map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_key_is_derived_from_service_and_title() {
        let one = read(r#"{"title":"Disk full"}"#).unwrap();
        assert_eq!(
            one.key,
            read(r#"{"title":"Disk full","status":"RESOLVED"}"#).unwrap().key
        );
        assert_ne!(one.key, read(r#"{"title":"Disk empty"}"#).unwrap().key);
        let long = format!(r#"{{"title":"{}"}}"#, "a".repeat(3000));
        assert_ne!(
            read(&long).unwrap().key,
            read(&long.replacen('a', "", 1)).unwrap().key
        );
    }

    #[test]
    fn faults_are_sentences() {
        for (body, sentence) in [
            (
                r#"{"severity":"critical"}"#,
                "“title” is missing or empty, and is needed",
            ),
            (
                r#"{"dedup_key":"x"}"#,
                "“title” is missing or empty, and is needed",
            ),
            (r#"{"title":["x"]}"#, "“title” must be text"),
            (r#"{"title":"x","details":"str"}"#, "“details” must be an object"),
            (
                r#"{"title":"x","status":"closed"}"#,
                "“status” must be one of firing, acknowledged, resolved",
            ),
        ] {
            assert_eq!(read(body), Err(sentence.to_owned()));
        }
    }

    #[test]
    fn a_named_alert_resolves_without_a_title() {
        let event = read(r#"{"dedup_key":"x","status":"resolved"}"#).unwrap();
        assert_eq!(event.title, None);
        assert_eq!(event.ended_at, Some(event.started_at));
    }
}
