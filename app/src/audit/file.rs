//! The audit log as CSV (RFC 4180): instants in UTC, a line for each part that differs.

use super::{AuditQuery, read, who_did};
use crate::App;
use crate::address::Query;
use crate::answer::Answered;
use crate::csv_file::csv_file;
use crate::session::SignedIn;
use axum::extract::State;
use chrono::SecondsFormat;
use domain::audit::{Difference, differences};
use engine::audit::Entry;

/// Lines at most, newest first; a spreadsheet takes a million.
const MOST_LINES: usize = 1_000_000;
const AT_ONCE: usize = 1_000;

const HEADERS: [&str; 9] = [
    "at", "who", "from", "change", "kind", "name", "part", "before", "after",
];

pub async fn as_csv(State(app): State<App>, who: SignedIn, Query(asked): Query<AuditQuery>) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let mut filter = asked.filter()?;
    let mut lines = vec![HEADERS.map(str::to_owned)];
    loop {
        let entries = read(&mut tx, &filter, AT_ONCE).await?;
        filter.before = entries.last().map(|entry| entry.id);
        lines.extend(entries.iter().flat_map(lines_of));
        if entries.len() < AT_ONCE || lines.len() >= MOST_LINES {
            break;
        }
    }
    Ok(csv_file("kintsugi-audit", lines))
}

fn lines_of(entry: &Entry) -> Vec<[String; 9]> {
    let line = |difference: Option<Difference>| {
        let (part, was, became) = difference.map_or_else(Default::default, |difference| {
            (difference.part, difference.was, difference.became)
        });
        [
            entry.at.to_rfc3339_opts(SecondsFormat::Secs, true),
            who_did(entry),
            entry.address.clone().unwrap_or_default(),
            entry.change.to_string(),
            entry.subject.to_string(),
            entry.name.clone(),
            part,
            was.unwrap_or_default(),
            became.unwrap_or_default(),
        ]
    };
    let differences = differences(&entry.was.0, &entry.became.0);
    if differences.is_empty() {
        return vec![line(None)];
    }
    differences
        .into_iter()
        .map(|difference| line(Some(difference)))
        .collect()
}
