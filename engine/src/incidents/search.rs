//! The index over number, title, services and label values.

use crate::Tx;
use crate::db::changes::Changes;
use crate::db::{dialect, sql};
use crate::error::Result;
use domain::ids::ServiceId;
use domain::incidents::Incident;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest text that is indexed of one incident, in characters; alerts with thousands of labels exist.
const MOST: usize = 20_000;
pub(crate) const MOST_ALERTS: usize = 200;

/// The words of a text: runs of letters and digits, in lower case and without their accents. Both databases index these and nothing
/// else, so that they find the same. Where no blanks stand between words, as in Japanese, each two letters beside each other are one.
pub fn words_of(text: &str) -> Vec<String> {
    split(text, |run, words| {
        let letters: Vec<char> = run.chars().collect();
        match letters.as_slice() {
            [one] => words.push(one.to_string()),
            letters => words.extend(letters.windows(2).map(String::from_iter)),
        }
    })
}

/// The same for the index: the last letter of a run stands by itself as well, so that one letter finds it there too.
fn words_to_index(text: &str) -> Vec<String> {
    split(text, |run, words| {
        let letters: Vec<char> = run.chars().collect();
        words.extend(letters.windows(2).map(String::from_iter));
        words.extend(letters.last().map(char::to_string));
    })
}

fn split(text: &str, of_run: impl Fn(&str, &mut Vec<String>)) -> Vec<String> {
    let plain: String = text.nfkd().filter(|letter| !is_combining_mark(*letter)).collect();
    // Put together again, since Korean letters come apart as well.
    let plain: String = plain.nfc().flat_map(char::to_lowercase).collect();
    let mut words = Vec::new();
    for word in plain.split(|letter: char| !letter.is_alphanumeric()) {
        let mut rest = word;
        while let Some(first) = rest.chars().next() {
            let dense = is_written_without_blanks(first);
            let end = rest
                .find(|letter| is_written_without_blanks(letter) != dense)
                .unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            if dense {
                of_run(run, &mut words);
            } else {
                words.push(run.to_owned());
            }
            rest = after;
        }
    }
    words
}

/// Thai, Lao, Burmese, Khmer; kana and ideographs.
const fn is_written_without_blanks(letter: char) -> bool {
    matches!(letter,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// The number in “142” or, with this word before it, in “INC-142”.
pub(crate) fn number_in(words: &[String], prefix: &str) -> Option<i64> {
    match words {
        [number] => number.parse().ok(),
        [word, number] if word == prefix => number.parse().ok(),
        _ => None,
    }
}

/// Reads the incident's words and puts them into the index. Names of services are looked up when they are asked for, since they
/// change.
pub(crate) async fn index(tx: &mut Tx, incident: &Incident) -> Result<()> {
    let alerts: Vec<AlertWords> =
        sql("SELECT title, labels FROM alerts WHERE incident_id = $1 ORDER BY started_at LIMIT $2")
            .bind(incident.id)
            .bind(i64::try_from(MOST_ALERTS).unwrap_or(i64::MAX))
            .all(tx)
            .await?;
    let alerts = alerts.iter().map(|alert| (alert.title.as_str(), &alert.labels));
    let words = words_of_incident(incident, alerts);
    dialect::index_words(tx, incident.number, &words).await
}

/// Puts the words of an incident that was just opened into the index; the caller knows them.
pub(crate) fn index_new<'a>(
    changes: &mut Changes,
    incident: &Incident,
    alerts: impl IntoIterator<Item = (&'a str, &'a Labels)>,
) {
    let words = words_of_incident(incident, alerts);
    changes.index(incident.number, &words);
}

fn words_of_incident<'a>(
    incident: &Incident,
    alerts: impl IntoIterator<Item = (&'a str, &'a Labels)>,
) -> String {
    let mut text = format!("inc {} {}", incident.number, incident.title);
    for (title, labels) in alerts {
        text.push(' ');
        text.push_str(title);
        for (name, value) in labels {
            // As Alertmanager writes them: `env=prod`.
            text.push(' ');
            text.push_str(name);
            text.push(' ');
            text.push_str(value);
        }
        if text.len() > MOST {
            break;
        }
    }
    let mut words = words_to_index(&text.chars().take(MOST).collect::<String>());
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

/// Which services a word can mean, by the beginning of a word in their name.
pub(crate) async fn services_named(tx: &mut Tx, words: &[String]) -> Result<Vec<Vec<ServiceId>>> {
    let all: Vec<(ServiceId, String)> = sql("SELECT id, name FROM services").all(tx).await?;
    let all: Vec<_> = all
        .into_iter()
        .map(|(id, name)| (id, words_to_index(&name)))
        .collect();
    let meant = |word: &String| {
        let of_name = all
            .iter()
            .filter(|(_, name)| name.iter().any(|other| other.starts_with(word)));
        of_name.map(|(id, _)| *id).collect()
    };
    Ok(words.iter().map(meant).collect())
}

type Labels = std::collections::BTreeMap<String, String>;

#[derive(sqlx::FromRow)]
struct AlertWords {
    title: String,
    #[sqlx(json)]
    labels: Labels,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_however_they_are_written() {
        for (text, words) in [
            ("Error rate above 5 %", vec!["error", "rate", "above", "5"]),
            ("env=prod, db-3:9100", vec!["env", "prod", "db", "3", "9100"]),
            ("Müller ÅNGSTRÖM Ťažké", vec!["muller", "angstrom", "tazke"]),
            ("データベース", vec!["デー", "ータ", "タベ", "ベー", "ース"]),
            ("DB障害 東", vec!["db", "障害", "東"]),
            ("서울 장애", vec!["서울", "장애"]),
            ("ｆｕｌｌ", vec!["full"]),
            ("", vec![]),
        ] {
            let expected: Vec<String> = words
                .into_iter()
                .map(|word| word.nfkd().filter(|l| !is_combining_mark(*l)).nfc().collect())
                .collect();
            assert_eq!(words_of(text), expected, "{text}");
        }
        assert_eq!(words_to_index("障害"), ["障害", "害"]);
    }
}
