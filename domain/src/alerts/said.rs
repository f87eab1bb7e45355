//! What an alert says, arranged for somebody who was just woken by it: what is wrong in words, what to open, and the rest as rows.

use super::Link;
use crate::references::is_url;
use serde::Serialize;
use std::collections::BTreeMap;

/// What an alert says, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Said {
    /// In sentences, the most telling first.
    pub words: Vec<String>,
    /// The runbook first, then dashboards.
    pub links: Vec<Link>,
    /// Further annotations, then labels: names and values.
    pub rows: Vec<(String, String)>,
}

/// Annotations that are sentences by themselves, in the order in which they are read.
const SENTENCES: [&str; 4] = ["summary", "description", "message", "details"];

/// What stands elsewhere on every page and in every mail.
const KNOWN: [&str; 2] = ["alertname", "severity"];

/// Arranges it. What says the same twice is said once.
pub fn said(
    title: &str,
    link: Option<&str>,
    links: &[Link],
    annotations: &BTreeMap<String, String>,
    labels: &BTreeMap<String, String>,
) -> Said {
    let mut said = Said::default();
    let sentences = SENTENCES.iter().filter_map(|name| annotations.get(*name));
    for sentence in sentences.filter(|sentence| !is_url(sentence)) {
        let sentence = sentence.trim();
        if !sentence.is_empty()
            && sentence != title.trim()
            && !said.words.iter().any(|other| other == sentence)
        {
            said.words.push(sentence.to_owned());
        }
    }
    let mut places: Vec<(u8, Link)> = Vec::new();
    for (name, value) in annotations {
        if is_url(value) {
            let (rank, text) = name_of_place(name);
            let href = value.trim().to_owned();
            places.push((rank, Link { href, text }));
        } else if !SENTENCES.contains(&name.as_str()) && !value.trim().is_empty() {
            said.rows.push((name.clone(), value.trim().to_owned()));
        }
    }
    let source = link.map(|href| Link {
        href: href.to_owned(),
        text: "Open in source".to_owned(),
    });
    places.extend(source.map(|link| (2, link)));
    places.extend(links.iter().map(|link| (3, link.clone())));
    places.sort_by_key(|(rank, _)| *rank);
    for (_, place) in places {
        if !said.links.iter().any(|other| other.href == place.href) {
            said.links.push(place);
        }
    }
    let labels = labels.iter().filter(|(name, value)| {
        !KNOWN.contains(&name.as_str()) && !value.trim().is_empty() && value.trim() != title.trim()
    });
    said.rows
        .extend(labels.map(|(name, value)| (name.clone(), value.trim().to_owned())));
    said
}

/// The runbook, a dashboard, or what the source calls it; the lower one stands first.
fn name_of_place(name: &str) -> (u8, String) {
    let plain = name.to_lowercase();
    if plain.starts_with("runbook") {
        (0, "Runbook".to_owned())
    } else if plain.starts_with("dashboard") {
        (1, "Dashboard".to_owned())
    } else {
        (3, name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn what_helps_at_three_in_the_morning_stands_first() {
        let annotations = map(&[
            ("summary", "Slow"),
            ("description", "p99 is over 4 s on eu-1"),
            ("message", "p99 is over 4 s on eu-1"),
            ("runbook_url", "https://x.example/run"),
            ("dashboardURL", "https://x.example/dash"),
            ("impact", "Checkout"),
            ("ticket", "https://x.example/t"),
            ("empty", " "),
        ]);
        let labels = map(&[
            ("alertname", "HighLatency"),
            ("severity", "critical"),
            ("service", "Slow"),
            ("env", "prod"),
        ]);
        let further = [
            Link {
                href: "https://x.example/run".to_owned(),
                text: "The same".to_owned(),
            },
            Link {
                href: "https://x.example/more".to_owned(),
                text: String::new(),
            },
        ];
        let said = said(
            "Slow",
            Some("https://x.example/g"),
            &further,
            &annotations,
            &labels,
        );
        assert_eq!(said.words, ["p99 is over 4 s on eu-1"]);
        let links: Vec<_> = said.links.iter().map(|link| link.text.as_str()).collect();
        assert_eq!(links, ["Runbook", "Dashboard", "Open in source", "ticket", ""]);
        let rows: Vec<_> = said
            .rows
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(rows, ["impact=Checkout", "env=prod"]);
    }

    #[test]
    fn an_alert_that_says_nothing_says_nothing() {
        let nothing = said("Slow", None, &[], &BTreeMap::new(), &BTreeMap::new());
        assert_eq!(nothing, Said::default());
    }
}
