//! The incident as a picture over the words: states, alerts, pages, and what people changed, on one axis.

use super::view::View;
use crate::components::{IncidentFigure, Lane, Mark, Phase, SeamPart, SeamPoint, Span, TimeForm};
use chrono::{DateTime, NaiveTime, Offset, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::incidents::timeline::{Entry, Event};
use engine::incidents::Story;
use leptos::prelude::*;

/// Marks in one lane; what people wrote in a long incident would be one smear.
const MOST_MARKS: usize = 40;

#[component]
pub fn Figure(view: View) -> impl IntoView {
    let (story, zone) = (&view.document.story, view.zone);
    let axis = Axis::of(story);
    let parts = axis.states(story);
    let points = axis.moments(story, zone);
    let lanes = vec![
        axis.alerts(story, zone),
        axis.marks(story, zone, "Pages", |event| matches!(event, Event::Paged { .. })),
        axis.marks(story, zone, "Changes", is_change),
    ];
    let ticks = ticks(axis.from, axis.to, zone);
    view! {
        <figure>
            <IncidentFigure parts points lanes ticks />
            <figcaption class="quiet small">"From the first sign to the end. A mark opens its entry in the timeline below."</figcaption>
        </figure>
    }
}

/// What people changed, and what they decided.
fn is_change(event: &Event) -> bool {
    matches!(
        event,
        Event::SeverityChanged { .. }
            | Event::RoleTaken { .. }
            | Event::Decision { .. }
            | Event::StatusUpdate { .. }
            | Event::ServicesChanged { .. }
            | Event::Escalated { by_hand: true, .. }
    )
}

/// From the first sign to the end.
struct Axis {
    from: DateTime<Utc>,
    began: DateTime<Utc>,
    to: DateTime<Utc>,
}

impl Axis {
    fn of(story: &Story) -> Self {
        let incident = &story.incident;
        let began = incident
            .impact_started_at
            .or(incident.detected_at)
            .unwrap_or(incident.opened_at);
        let first = story.timeline.iter().map(|entry| entry.happened_at).min();
        let from = first.unwrap_or(began).min(began);
        let to = incident
            .resolved_at
            .unwrap_or(began)
            .max(from + TimeDelta::seconds(1));
        Self { from, began, to }
    }

    fn share(&self, at: DateTime<Utc>) -> f64 {
        seconds(self.from, at) / seconds(self.from, self.to).max(1.0)
    }

    fn states(&self, story: &Story) -> Vec<SeamPart> {
        let incident = &story.incident;
        let end = self.to;
        let began = self.began.min(end);
        let mended = incident.mitigated_at.unwrap_or(end).clamp(began, end);
        let had = incident.acknowledged_at.unwrap_or(mended).clamp(began, mended);
        [
            (Phase::Before, self.from, began),
            (Phase::Broken, began, had),
            (Phase::Worked, had, mended),
            (Phase::Mended, mended, end),
        ]
        .into_iter()
        .map(|(phase, from, to)| SeamPart {
            phase,
            weight: seconds(from, to),
        })
        .filter(|part| part.weight > 0.0)
        .collect()
    }

    fn moments(&self, story: &Story, zone: Tz) -> Vec<SeamPoint> {
        self.within(story)
            .filter_map(|entry| {
                Some(SeamPoint {
                    at: self.share(entry.happened_at),
                    time: TimeForm::Clock.format(entry.happened_at, zone),
                    words: moment_words(&entry.event)?.to_owned(),
                    phase: Phase::from(entry.state),
                })
            })
            .collect()
    }

    fn alerts(&self, story: &Story, zone: Tz) -> Lane {
        let mut alerts: Vec<_> = story
            .alerts
            .iter()
            .filter(|alert| alert.started_at < self.to)
            .collect();
        alerts.sort_by_key(|alert| alert.started_at);
        let spans = alerts
            .into_iter()
            .map(|alert| {
                let from = alert.started_at.max(self.from);
                let to = alert.ended_at.unwrap_or(self.to).clamp(from, self.to);
                let clock = |at| TimeForm::Clock.format(at, zone);
                Span {
                    from: self.share(from),
                    to: self.share(to),
                    words: format!("{}, {} to {}", alert.title, clock(from), clock(to)),
                }
            })
            .collect();
        Lane {
            name: "Alerts".to_owned(),
            spans,
            marks: Vec::new(),
        }
    }

    fn marks(&self, story: &Story, zone: Tz, name: &str, is: fn(&Event) -> bool) -> Lane {
        let marks = self
            .within(story)
            .filter(|entry| is(&entry.event))
            .take(MOST_MARKS)
            .map(|entry| Mark {
                at: self.share(entry.happened_at),
                words: format!(
                    "{} {}",
                    TimeForm::Clock.format(entry.happened_at, zone),
                    mark_words(entry)
                ),
                href: format!("#entry-{}", entry.seq),
                phase: Phase::from(entry.state),
            })
            .collect();
        Lane {
            name: name.to_owned(),
            spans: Vec::new(),
            marks,
        }
    }

    /// What happened after the end, such as the postmortem, is no part of the picture.
    fn within<'a>(&self, story: &'a Story) -> impl Iterator<Item = &'a Entry> {
        let to = self.to;
        story.timeline.iter().filter(move |entry| entry.happened_at <= to)
    }
}

fn moment_words(event: &Event) -> Option<&'static str> {
    Some(match event {
        Event::Opened { .. } | Event::OpenedBare { .. } => "opened",
        Event::Acknowledged { .. } => "acknowledged",
        Event::Mitigated => "mitigated",
        Event::Resolved { .. } => "resolved",
        Event::Reopened { .. } => "reopened",
        _ => return None,
    })
}

fn mark_words(entry: &Entry) -> String {
    match &entry.event {
        Event::Paged { name, .. } => format!("paged {name}"),
        Event::SeverityChanged { to, .. } => format!("severity is now {to}"),
        Event::RoleTaken { role, name, .. } => format!("{name} is {}", role.label().to_lowercase()),
        Event::Decision { .. } => "decision".to_owned(),
        Event::StatusUpdate { .. } => "status update".to_owned(),
        Event::ServicesChanged { .. } => "services changed".to_owned(),
        Event::Escalated { .. } => "escalated by hand".to_owned(),
        _ => String::new(),
    }
}

fn seconds(from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    (to - from).num_seconds().max(0) as f64
}

/// Round times of the reader's clock, at most seven: places from 0 to 1, and words.
fn ticks(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz) -> Vec<(f64, String)> {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 3600;
    const DAY: i64 = 86_400;
    const STEPS: [i64; 15] = [
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        7 * DAY,
        28 * DAY,
    ];
    let whole = (to - from).num_seconds().max(1);
    let step = STEPS.into_iter().find(|step| whole / step <= 6).unwrap_or(whole);
    let offset = i64::from(from.with_timezone(&zone).offset().fix().local_minus_utc());
    let first = (from.timestamp() + offset).div_euclid(step) * step + step - offset;
    (0..)
        .map(|n| first + n * step)
        .take_while(|at| *at <= to.timestamp())
        .filter_map(|at| DateTime::from_timestamp(at, 0))
        .map(|at| {
            // Midnight says which day it begins.
            let there = at.with_timezone(&zone);
            let is_clock = step < DAY && there.time() != NaiveTime::MIN;
            let words = there
                .format(if is_clock { "%H:%M" } else { "%-d %b" })
                .to_string();
            (seconds(from, at) / whole as f64, words)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_times_of_the_readers_clock() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let words = |from, to, zone| {
            ticks(at(from), at(to), zone)
                .into_iter()
                .map(|(_, words)| words)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            words("2026-11-21T01:41:00Z", "2026-11-21T02:38:00Z", Tz::Europe__Berlin),
            ["02:50", "03:00", "03:10", "03:20", "03:30"]
        );
        assert_eq!(
            words("2026-11-20T21:10:00Z", "2026-11-21T01:50:00Z", Tz::Europe__Berlin),
            ["23:00", "21 Nov", "01:00", "02:00"]
        );
        assert_eq!(
            words("2026-11-20T01:41:00Z", "2026-11-24T02:38:00Z", Tz::Asia__Kolkata),
            ["21 Nov", "22 Nov", "23 Nov", "24 Nov"]
        );
        assert!(ticks(at("2026-11-21T01:41:00Z"), at("2026-11-21T01:41:01Z"), Tz::UTC).is_empty());
    }
}
