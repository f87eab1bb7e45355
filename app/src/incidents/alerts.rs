//! The alerts of an incident, with labels and links.

use crate::components::{AsidePart, Badge, Fold, SeverityBadge, TimeForm, TimeOf, Tone};
use chrono_tz::Tz;
use domain::alerts::{Link, Status, said};
use domain::incidents::Alert;
use domain::references::{Piece, pieces};
use engine::incidents::{AlertCount, Story};
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Alerts that are seen at once.
const SHOWN: usize = 8;

#[component]
pub fn AlertsPart(story: Arc<Story>, zone: Tz) -> impl IntoView {
    let AlertCount {
        all_of_them: all,
        not_over: firing,
    } = story.alert_count;
    let over = !story.incident.state.is_open();
    let title = match (all, firing) {
        (0, _) => "Alerts".to_owned(),
        (1, 0) => "Alert resolved".to_owned(),
        (all, 0) => format!("Alerts, all {all} resolved"),
        (all, firing) if over => format!("Alerts, {firing} of {all} firing at the end"),
        (all, firing) if all == firing => format!("Alerts, {firing} firing"),
        (all, firing) => format!("Alerts, {firing} of {all} firing"),
    };
    let mut shown = story.alerts.clone();
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

/// Alerts that whoever was just woken sees.
const SHOWN_TO_WHOEVER_WAKES: usize = 3;

/// What the first alerts say and where to look, as somebody needs it who was just woken.
#[component]
pub fn LinkedAlerts(alerts: Vec<Alert>, count: AlertCount, zone: Tz, is_open: bool) -> impl IntoView {
    let AlertCount {
        all_of_them: all,
        not_over: firing,
    } = count;
    let how_many = match (all, firing) {
        (..=1, _) => None,
        (all, 0) => Some(format!("All {all} alerts are resolved.")),
        (all, firing) if all == firing => Some(format!("{all} alerts are firing.")),
        (all, firing) => Some(format!("{firing} of {all} alerts are firing.")),
    };
    let rows = alerts
        .into_iter()
        .take(SHOWN_TO_WHOEVER_WAKES)
        .map(|alert| view! { <SaidByAlert alert zone is_open /> })
        .collect_view();
    (all > 0).then(|| {
        view! {
            <section class="woken-by" aria-label="What the alerts say">
                {how_many.map(|words| view! { <p class="quiet">{words}</p> })}
                <ul class="alert-list">{rows}</ul>
            </section>
        }
    })
}

#[component]
fn SaidByAlert(alert: Alert, zone: Tz, is_open: bool) -> impl IntoView {
    let said = said(
        &alert.title,
        alert.link.as_deref(),
        &alert.links,
        &alert.annotations,
        &alert.labels,
    );
    let words = said
        .words
        .into_iter()
        .map(|words| view! { <p dir="auto"><Linked text=words /></p> });
    view! {
        <li>
            <p class="alert-title"><bdi>{alert.title}</bdi></p>
            <p class="alert-state small quiet">
                <AlertBadge status=alert.status over=!is_open />
                <span>"since " <TimeOf at=alert.started_at zone /></span>
            </p>
            {words.collect_view()}
            <FurtherLinks links=said.links />
            <Rows rows=said.rows />
        </li>
    }
}

/// A text whose addresses can be followed.
#[component]
fn Linked(text: String) -> impl IntoView {
    pieces(&text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Url(url) => {
                let (href, url) = (url.to_owned(), url.to_owned());
                view! { <a href=href rel="noopener noreferrer nofollow">{url}</a> }.into_any()
            }
            other => other.text().to_owned().into_any(),
        })
        .collect_view()
}

#[component]
fn AlertBadge(status: Status, over: bool) -> impl IntoView {
    match status {
        Status::Firing if over => view! { <Badge tone=Tone::Plain>"firing when it was resolved"</Badge> },
        Status::Firing => view! { <Badge tone=Tone::Broken>"firing"</Badge> },
        Status::Acknowledged => view! { <Badge tone=Tone::Worked>"acknowledged"</Badge> },
        Status::Resolved => view! { <Badge tone=Tone::Mended>"resolved"</Badge> },
    }
}

#[component]
fn AlertRow(alert: Alert, zone: Tz, over: bool) -> impl IntoView {
    let state = view! { <AlertBadge status=alert.status over /> };
    // The labels stand below as the machine said them, and its own link is the title.
    let said = said(
        &alert.title,
        None,
        &alert.links,
        &alert.annotations,
        &BTreeMap::new(),
    );
    let words = said
        .words
        .into_iter()
        .map(|words| view! { <p class="small" dir="auto"><Linked text=words /></p> });
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
            {words.collect_view()}
            <FurtherLinks links=said.links />
            <Rows rows=said.rows />
            <Labels labels=alert.labels />
        </li>
    }
}

/// Names and values.
#[component]
fn Rows(rows: Vec<(String, String)>) -> impl IntoView {
    (!rows.is_empty()).then(|| {
        let rows = rows
            .into_iter()
            .map(|(name, value)| view! { <div><dt><bdi>{name}</bdi></dt><dd dir="auto"><Linked text=value /></dd></div> })
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
