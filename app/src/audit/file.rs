//! The audit log as CSV (RFC 4180): instants in UTC, a line for each part that differs.

use super::{AuditQuery, read, who_did};
use crate::App;
use crate::address::Query;
use crate::answer::{Answered, internal_error};
use crate::session::SignedIn;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
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
    let text = match written(lines) {
        Ok(text) => text,
        Err(error) => {
            tracing::error!(%error, "the audit log could not be written as CSV");
            return Ok(internal_error());
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"kintsugi-audit.csv\"",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, text).into_response())
}

fn written(lines: Vec<[String; 9]>) -> Result<Vec<u8>, csv::Error> {
    let mut file = csv::Writer::from_writer(Vec::new());
    for line in lines {
        file.write_record(line.map(harmless))?;
    }
    file.into_inner().map_err(|error| error.into_error().into())
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

/// A spreadsheet takes what begins like this for a formula (CWE-1236).
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_cell_is_taken_for_a_formula() {
        for (cell, kept) in [
            ("=1+1", "'=1+1"),
            ("@x", "'@x"),
            ("Payments", "Payments"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell.to_owned()), kept);
        }
    }
}
