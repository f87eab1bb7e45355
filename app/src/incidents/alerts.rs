//! The alerts of an incident, with labels and links.

use crate::components::{AsidePart, Badge, Fold, SeverityBadge, TimeForm, TimeOf, Tone};
use chrono_tz::Tz;
use domain::alerts::{Link, Status};
use domain::incidents::Alert;
use engine::incidents::{AlertCount, Story};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Alerts that are seen at once.
const SHOWN: usize = 8;

#[component]
pub fn AlertsPart(story: Story, zone: Tz) -> impl IntoView {
    let AlertCount {
        all_of_them: all,
        not_over: firing,
    } = story.alert_count;
    let over = !story.incident.state.is_open();
    let title = match (all, firing) {
        (0, _) => "Alerts".to_owned(),
        (1, 0) => "Alert, quiet".to_owned(),
        (all, 0) => format!("Alerts, all {all} quiet"),
        (all, firing) if over => format!("Alerts, {firing} of {all} firing at the end"),
        (all, firing) if all == firing => format!("Alerts, {firing} firing"),
        (all, firing) => format!("Alerts, {firing} of {all} firing"),
    };
    let mut shown = story.alerts;
    let rest = shown.split_off(shown.len().min(SHOWN));
    let none = shown.is_empty();
    // What is neither seen nor folded away is not read.
    let read = i64::try_from(shown.len() + rest.len()).unwrap_or(i64::MAX);
    let folded = match (rest.len(), all - read) {
        (0, _) => String::new(),
        (rest, 0) => format!("{rest} more"),
        (rest, left) => format!("{rest} more; {left} others are in the timeline"),
    };
    let rows = move |alerts: Vec<Alert>| {
        alerts
            .into_iter()
            .map(|alert| view! { <AlertRow alert zone over /> })
            .collect_view()
    };
    view! {
        <AsidePart title id="alerts">
            {none.then(|| view! { <p class="quiet">"No alert came in for it."</p> })}
            <ul class="alert-list">{rows(shown)}</ul>
            {(!rest.is_empty()).then(|| view! {
                <Fold label=folded.clone()>
                    <ul class="alert-list">{rows(rest)}</ul>
                </Fold>
            })}
        </AsidePart>
    }
}

#[component]
fn AlertRow(alert: Alert, zone: Tz, over: bool) -> impl IntoView {
    let state = match alert.status {
        Status::Firing if over => view! { <Badge tone=Tone::Plain>"firing when it was resolved"</Badge> },
        Status::Firing => view! { <Badge tone=Tone::Broken>"firing"</Badge> },
        Status::Acknowledged => view! { <Badge tone=Tone::Worked>"acknowledged"</Badge> },
        Status::Resolved => view! { <Badge tone=Tone::Mended>"resolved"</Badge> },
    };
    let title = match alert.link {
        Some(link) => {
            view! { <a href=link rel="noopener noreferrer nofollow"><bdi>{alert.title}</bdi></a> }.into_any()
        }
        None => view! { <bdi>{alert.title}</bdi> }.into_any(),
    };
    let started = view! { <TimeOf at=alert.started_at zone /> };
    let when = match alert.ended_at {
        Some(at) => {
            // The day is said once.
            let same_day =
                at.with_timezone(&zone).date_naive() == alert.started_at.with_timezone(&zone).date_naive();
            let form = if same_day {
                TimeForm::Clock
            } else {
                TimeForm::Short
            };
            view! { "from " {started} " to " <TimeOf at zone form /> }.into_any()
        }
        None => view! { "since " {started} }.into_any(),
    };
    let again = (alert.times_received > 1).then(|| format!(", told {} times", alert.times_received));
    view! {
        <li>
            <p class="alert-title">{title}</p>
            <p class="alert-state small quiet">
                <SeverityBadge severity=alert.severity short=true />
                {state}
                <span>{when} {again}</span>
            </p>
            <Annotations annotations=alert.annotations />
            <FurtherLinks links=alert.links />
            <Labels labels=alert.labels />
        </li>
    }
}

/// What the source says at length. What is an address can be followed.
#[component]
fn Annotations(annotations: BTreeMap<String, String>) -> impl IntoView {
    (!annotations.is_empty()).then(|| {
        let rows = annotations
            .into_iter()
            .map(|(name, value)| {
                let is_link = value.starts_with("https://") || value.starts_with("http://");
                let value = if is_link && !value.contains(char::is_whitespace) {
                    let href = value.clone();
                    view! { <a href=href rel="noopener noreferrer nofollow">{value}</a> }.into_any()
                } else {
                    view! { <bdi>{value}</bdi> }.into_any()
                };
                view! { <div><dt><bdi>{name}</bdi></dt><dd>{value}</dd></div> }
            })
            .collect_view();
        view! { <dl class="alert-words small">{rows}</dl> }
    })
}

/// Places to look besides the one behind the title.
#[component]
fn FurtherLinks(links: Vec<Link>) -> impl IntoView {
    (!links.is_empty()).then(|| {
        let rows = links
            .into_iter()
            .map(|link| {
                let words = if link.text.is_empty() {
                    link.href.clone()
                } else {
                    link.text
                };
                view! { <li><a href=link.href rel="noopener noreferrer nofollow"><bdi>{words}</bdi></a></li> }
            })
            .collect_view();
        view! { <ul class="alert-links small">{rows}</ul> }
    })
}

/// As the machine said them.
#[component]
fn Labels(labels: BTreeMap<String, String>) -> impl IntoView {
    let labels = labels
        .into_iter()
        .map(|(name, value)| view! { <li><bdi>{format!("{name}={value}")}</bdi></li> })
        .collect_view();
    view! { <ul class="labels machine">{labels}</ul> }
}
