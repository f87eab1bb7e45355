//! Parts of sentences.

use crate::components::TimeForm;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::incidents::NoticedBy;
use domain::incidents::timeline::{Ended, PageReason, Via};

/// Why, where somebody said so.
pub(super) fn because(why: &str) -> String {
    if why.is_empty() {
        String::new()
    } else {
        format!(": {why}")
    }
}

pub(super) fn alerts_in_words(alerts: u64) -> String {
    match alerts {
        0 => "no alert".to_owned(),
        1 => "1 alert".to_owned(),
        alerts => format!("{alerts} alerts"),
    }
}

pub(super) fn was_mitigated(at: Option<DateTime<Utc>>, zone: Tz) -> String {
    at.map(|at| format!("; it was mitigated {}", TimeForm::Short.format(at, zone)))
        .unwrap_or_default()
}

/// What was known of its end before it was reopened.
pub(super) fn was(ended: &Ended, zone: Tz) -> String {
    let at = |word: &str, at: Option<DateTime<Utc>>| {
        at.map(|at| format!("{word} {}", TimeForm::Short.format(at, zone)))
    };
    let parts: Vec<String> = [
        at("mitigated", ended.mitigated_at),
        at("resolved", ended.resolved_at),
        ended.had_it.as_ref().map(|name| format!("{name} had it")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!(" (before: {})", parts.join(", "))
    }
}

pub(super) fn opened_by(noticed: NoticedBy, by: &str) -> String {
    match noticed {
        NoticedBy::Alert if by == "Kintsugi" => "for an alert".to_owned(),
        NoticedBy::Alert => format!("by {by}, after an alert"),
        NoticedBy::Staff => format!("by {by}"),
        NoticedBy::Customer => format!("by {by}; a customer noticed it first"),
    }
}

pub(super) const fn why(reason: PageReason) -> &'static str {
    match reason {
        PageReason::OnCall => "on call",
        PageReason::Named => "named by the policy",
        PageReason::SeverityRose => "because it became worse",
        PageReason::FiresAgain => "because it fires again",
        PageReason::StillFires => "because it still fires",
        PageReason::AskedAgain => "because they have not said that they still have it",
        PageReason::ByHand => "asked for by hand",
        PageReason::HandedOver => "asked to take it over",
        PageReason::PassedOn => "since whoever was paged before cannot take it",
    }
}

pub(super) const fn acknowledged(via: Via) -> &'static str {
    match via {
        Via::Page => "acknowledged",
        Via::Mail => "acknowledged from the mail",
        Via::Source => "took an acknowledgement from the alert source",
    }
}

pub(super) fn moment(at: Option<DateTime<Utc>>, zone: Tz) -> String {
    at.map_or_else(|| "unknown".to_owned(), |at| TimeForm::Short.format(at, zone))
}
