//! The list of incidents: open first, filtered by what the address says.

use crate::App;
use crate::address::Query;
use crate::answer::Answered;
use crate::components::{
    Badge, ButtonKind, ButtonLink, Choice, EmptyState, Field, FieldKind, PageHead, Phase, Seam, SeamPart,
    Section, SeverityBadge, StateBadge, Submit, Tab, Tabs, TickingSince, TimeOf, Tone, severity_choices,
};
use crate::render;
use crate::session::SignedIn;
use axum::extract;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::incidents::instants::spoken;
use domain::incidents::{Incident, State};
use domain::teams::{Service, Team};
use engine::incidents::{self, Filter, Listed, Place};
use engine::teams;
use islands::Ticker;
use leptos::prelude::*;
use serde::Deserialize;

/// What the address narrows the list to; words that mean nothing narrow nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    state: String,
    severity: String,
    service: String,
    team: String,
    q: String,
    /// Where the page before this one ended.
    after: String,
}

impl Asked {
    fn filter(&self) -> Filter {
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Filter {
            state: self.state.parse().ok(),
            open_only: self.shown() == "open",
            severity: self.severity.parse().ok(),
            service: filled(&self.service),
            team: filled(&self.team),
            words: self.q.clone(),
            after: self.after.parse().ok(),
        }
    }

    /// The state that is shown. Where none was asked for, the open ones are; who searches for words wants to find what is over, too.
    fn shown(&self) -> &str {
        match self.state.as_str() {
            "" if self.q.trim().is_empty() => "open",
            "" => "all",
            state => state,
        }
    }

    /// The address of this list in another state, or further down.
    fn address(&self, state: &str, after: Option<Place>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("state", state),
            ("severity", &self.severity),
            ("service", &self.service),
            ("team", &self.team),
            ("q", &self.q),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if let Some(after) = after {
            query.append_pair("after", &after.to_string());
        }
        format!("/incidents?{}", query.finish())
    }

    fn is_plain(&self) -> bool {
        self.severity.is_empty() && self.service.is_empty() && self.team.is_empty() && self.q.is_empty()
    }
}

pub async fn show(
    extract::State(app): extract::State<App>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Answered {
    let mut tx = app.by(&who).read().await?;
    let mut rows = incidents::list(&mut tx, &asked.filter()).await?;
    let (services, teams) = (teams::services(&mut tx).await?, teams::all(&mut tx).await?);
    let frame = who.frame(&mut tx, "Incidents", Section::Incidents).await?;
    let page = incidents::PAGE;
    let more = rows.len() > page;
    rows.truncate(page);
    let next = more
        .then(|| {
            rows.last()
                .map(|row| asked.address(&asked.state, Some(Place::of(&row.incident))))
        })
        .flatten();
    let (now, zone) = (app.engine.context.now(), who.zone());
    let may_open = who.may_act();
    Ok(render::page(StatusCode::OK, frame, move || {
        view! {
            <PageHead title="Incidents" actions=view! { {may_open.then(|| view! { <ButtonLink href="/incidents/new" kind=ButtonKind::Primary>"Open an incident"</ButtonLink> })} }.into_any() />
            <States asked=asked.clone() />
            <Narrow asked=asked.clone() services teams />
            <div id="incident-rows" data-fresh=""><IncidentRows rows asked now zone /></div>
            {next.map(|next| view! { <p class="buttons"><ButtonLink href=next>"Older incidents"</ButtonLink></p> })}
            <Ticker now=now.timestamp() />
        }
    }))
}

#[component]
fn States(asked: Asked) -> impl IntoView {
    let shown = asked.shown().to_owned();
    let each = State::ALL.iter().map(|state| (state.as_str(), state.label()));
    let tabs = std::iter::once(("open", "Open"))
        .chain(each)
        .chain([("all", "All")]);
    let tabs = tabs.map(|(state, label)| Tab {
        href: asked.address(state, None),
        label: label.to_owned(),
        count: None,
        current: shown == state,
    });
    view! { <Tabs label="Which incidents" tabs=tabs.collect() /> }
}

/// Search and filters; a plain form whose answer has an address.
#[component]
fn Narrow(asked: Asked, services: Vec<Service>, teams: Vec<Team>) -> impl IntoView {
    let narrowed = !asked.severity.is_empty() || !asked.service.is_empty() || !asked.team.is_empty();
    let any = |label: &str| vec![Choice::new("", label)];
    let severities = any("Any severity").into_iter().chain(severity_choices());
    let services = any("Any service")
        .into_iter()
        .chain(services.into_iter().map(|s| Choice::new(s.slug, s.name)));
    let teams = any("Any team")
        .into_iter()
        .chain(teams.into_iter().map(|t| Choice::new(t.slug, t.name)));
    view! {
        <form class="filters" method="get" action="/incidents" role="search">
            <input type="hidden" name="state" value=asked.state />
            <Field name="q" label="Search" kind=FieldKind::Search value=asked.q placeholder="Title, number, service or label" label_unseen=true class="grow" />
            <details class="filters-more" open=narrowed>
                <summary class=ButtonKind::Normal.class()>"Filters"</summary>
                <div class="filters-fields">
                    <Field name="service" label="Service" kind=FieldKind::Select(services.collect()) value=asked.service label_unseen=true />
                    <Field name="severity" label="Severity" kind=FieldKind::Select(severities.collect()) value=asked.severity label_unseen=true />
                    <Field name="team" label="Team" kind=FieldKind::Select(teams.collect()) value=asked.team label_unseen=true />
                </div>
            </details>
            <Submit kind=ButtonKind::Normal>"Show"</Submit>
        </form>
    }
}

#[component]
fn IncidentRows(rows: Vec<Listed>, asked: Asked, now: DateTime<Utc>, zone: Tz) -> impl IntoView {
    if rows.is_empty() {
        let nothing_at_all = asked.is_plain() && asked.state != "all" && asked.state != "resolved";
        return if nothing_at_all {
            view! {
                <EmptyState title="Nothing is broken that we know of">
                    "When an alert comes in or somebody opens an incident, it appears here."
                </EmptyState>
            }
            .into_any()
        } else {
            view! {
                <EmptyState title="No incident fits">
                    "Remove a word or a filter, or look at all incidents."
                </EmptyState>
            }
            .into_any()
        };
    }
    let rows = rows
        .into_iter()
        .map(|row| view! { <IncidentRow row now zone /> })
        .collect_view();
    view! { <ul class="incident-list">{rows}</ul> }.into_any()
}

/// One incident in a list.
#[component]
pub fn IncidentRow(
    row: Listed,
    now: DateTime<Utc>,
    zone: Tz,
    /// Nobody has it, and there is nobody left to page.
    #[prop(optional)]
    nobody_left: bool,
) -> impl IntoView {
    let incident = row.incident;
    let led = row.commander.filter(|_| incident.state.is_open());
    let when = if incident.state.is_open() {
        view! { "for " <TickingSince since=began(&incident) now /> }.into_any()
    } else {
        let took = incident
            .resolved_at
            .map(|end| spoken((end - began(&incident)).num_seconds()));
        let took = took.map(|took| view! { <br /> <span class="faint">{format!("took {took}")}</span> });
        view! { <TimeOf at=incident.opened_at zone /> {took} }.into_any()
    };
    view! {
        <li>
            <span class="incident-number quiet">{incident.label()}</span>
            <div class="incident-what">
                <a class="incident-title" href=format!("/incidents/{}", incident.number)>
                    <bdi>{incident.title.clone()}</bdi>
                </a>
                <div class="incident-more">
                    <SeverityBadge severity=incident.severity />
                    <StateBadge state=incident.state />
                    {incident.is_drill.then(|| view! { <Badge>"Drill"</Badge> })}
                    {nobody_left.then(|| view! { <strong class="late">"Nobody has this, and nobody is left to page"</strong> })}
                    {incident.alerts_quiet.then(|| view! { <Badge tone=Tone::Mended>"Alerts resolved"</Badge> })}
                    <span>{format!("{} · {}", row.services, row.team)}</span>
                    {led.map(|name| view! { <span>{format!("led by {name}")}</span> })}
                </div>
            </div>
            <Seam parts=seam_of(&incident, now) />
            <span class="incident-when">{when}</span>
        </li>
    }
}

fn began(incident: &Incident) -> DateTime<Utc> {
    incident
        .impact_started_at
        .or(incident.detected_at)
        .unwrap_or(incident.opened_at)
}

/// Red until somebody had it, blue until it was mended, gold from then on.
fn seam_of(incident: &Incident, now: DateTime<Utc>) -> Vec<SeamPart> {
    let from = began(incident);
    let end = incident.resolved_at.unwrap_or(now).max(from);
    let mended = incident
        .mitigated_at
        .or(incident.resolved_at)
        .unwrap_or(end)
        .clamp(from, end);
    let had = incident.acknowledged_at.unwrap_or(mended).clamp(from, mended);
    let seconds = |from: DateTime<Utc>, to: DateTime<Utc>| (to - from).num_seconds() as f64;
    let mut parts = vec![
        SeamPart {
            phase: Phase::Broken,
            weight: seconds(from, had),
        },
        SeamPart {
            phase: Phase::Worked,
            weight: seconds(had, mended),
        },
    ];
    if incident.mitigated_at.is_some() || incident.resolved_at.is_some() {
        // What is mended stays so: the gold part is seen however short the rest of it was.
        let gold = seconds(mended, end).max(seconds(from, mended) * 0.2).max(1.0);
        parts.push(SeamPart {
            phase: Phase::Mended,
            weight: gold,
        });
    } else if parts.iter().all(|part| part.weight <= 0.0) {
        parts[0].weight = 1.0;
    }
    parts
}
