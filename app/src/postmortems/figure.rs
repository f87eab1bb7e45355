//! The incident as a picture over the words.

use crate::components::{Phase, SeamFigure, SeamPart, SeamPoint, TimeForm};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::incidents::timeline::{Entry, Event};
use engine::incidents::Story;
use leptos::prelude::*;

#[component]
pub fn Figure(story: Story, zone: Tz) -> impl IntoView {
    let incident = &story.incident;
    let began = incident
        .impact_started_at
        .or(incident.detected_at)
        .unwrap_or(incident.opened_at);
    let first = story
        .timeline
        .iter()
        .map(|entry| entry.happened_at)
        .min()
        .unwrap_or(began)
        .min(began);
    let end = incident.resolved_at.unwrap_or(began).max(first);
    let seconds = |from: DateTime<Utc>, to: DateTime<Utc>| (to - from).num_seconds().max(0) as f64;
    let whole = seconds(first, end).max(1.0);
    let mended = incident.mitigated_at.unwrap_or(end).clamp(began, end);
    let had = incident.acknowledged_at.unwrap_or(mended).clamp(began, mended);
    let parts: Vec<SeamPart> = [
        (Phase::Before, first, began),
        (Phase::Broken, began, had),
        (Phase::Worked, had, mended),
        (Phase::Mended, mended, end),
    ]
    .map(|(phase, from, to)| SeamPart {
        phase,
        weight: seconds(from, to),
    })
    .into_iter()
    .filter(|part| part.weight > 0.0)
    .collect();
    // A stretch that was short is still seen.
    let least = parts.iter().map(|part| part.weight).sum::<f64>() * 0.02;
    let parts: Vec<SeamPart> = parts
        .into_iter()
        .map(|part| SeamPart {
            weight: part.weight.max(least),
            ..part
        })
        .collect();
    let points: Vec<SeamPoint> = story
        .timeline
        .iter()
        .filter(|entry| entry.happened_at <= end)
        .filter_map(|entry| {
            words(entry).map(|words| SeamPoint {
                at: seconds(first, entry.happened_at) / whole,
                time: TimeForm::Clock.format(entry.happened_at, zone),
                words,
                phase: Phase::from(entry.state),
            })
        })
        .collect();
    view! {
        <figure>
            <SeamFigure parts points />
            <figcaption class="quiet small">"From the first sign to the end. Every entry stands in the timeline below."</figcaption>
        </figure>
    }
}

/// What is worth a point, in a word or two.
fn words(entry: &Entry) -> Option<String> {
    Some(match &entry.event {
        Event::Opened { .. } => "opened".to_owned(),
        Event::Acknowledged { .. } => "acknowledged".to_owned(),
        Event::SeverityChanged { to, .. } => format!("now {to}"),
        Event::Mitigated => "mitigated".to_owned(),
        Event::Resolved { .. } => "resolved".to_owned(),
        Event::Decision { .. } => "decision".to_owned(),
        Event::StatusUpdate { .. } => "status update".to_owned(),
        Event::Reopened { .. } => "reopened".to_owned(),
        _ => return None,
    })
}
