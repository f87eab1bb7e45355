//! How bad an alert is and what it is called, where its source leaves that open.

use super::Source;
use domain::Severity;
use domain::alerts::{AlertBatch, AlertEvent};

pub(super) fn severity_of(from: &Source, alert: &AlertEvent) -> Severity {
    alert.severity().unwrap_or(from.default_severity)
}

/// How bad what is new in a request is.
pub(super) fn worst_of(from: &Source, delivery: &AlertBatch, new: &[&AlertEvent]) -> Severity {
    let severities = new.iter().map(|alert| severity_of(from, alert));
    let worst = severities.max().unwrap_or(from.default_severity);
    // What was not read may be worse, so it wakes people whatever was.
    if delivery.is_cut {
        worst.max(from.page_from)
    } else {
        worst
    }
}

/// What several alerts share, else what the worst of them says.
pub(super) fn title_of(from: &Source, delivery: &AlertBatch, alerts: &[&AlertEvent]) -> String {
    // Of equally bad ones the first counts, which `max_by_key` would not give.
    let worst = alerts
        .iter()
        .rev()
        .max_by_key(|alert| severity_of(from, alert))
        .and_then(|alert| alert.title.clone());
    let title = match (alerts.len(), worst) {
        (..=1, worst) => worst,
        (_, _) if delivery.group_title.is_some() => delivery.group_title.clone(),
        (several, worst) => worst.map(|title| format!("{title} (and {} more)", several - 1)),
    };
    let title = title.unwrap_or_else(|| format!("{}: an alert without a title", from.service_name));
    title.chars().take(200).collect()
}

pub(super) fn title_of_one(alert: &AlertEvent) -> String {
    let title = alert.title.clone();
    title.unwrap_or_else(|| "An alert without a title".to_owned())
}
