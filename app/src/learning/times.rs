//! Figures of the incidents themselves: how long they took, how many there were, when people were woken.

use super::dots::Dots;
use super::number::LeadsTo;
use crate::components::{Cell, DataTable, Row, Tab, Tabs};
use domain::ids::{ServiceId, TeamId};
use domain::incidents::instants::spoken;
use domain::learning::{By, Figure, InWeek, NIGHT_FROM, NIGHT_UNTIL, OfTook, Spread, TimeTo};
use domain::teams::{Service, Team};
use engine::learning::{Group, Measured, Times, Week};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Names and addresses of what times are told apart by.
#[derive(Clone, Default)]
pub struct Groups {
    teams: BTreeMap<TeamId, (String, String)>,
    services: BTreeMap<ServiceId, (String, String)>,
}

impl Groups {
    pub fn of(teams: &[Team], services: &[Service]) -> Self {
        let teams = teams
            .iter()
            .map(|one| (one.id, (one.name.clone(), one.slug.clone())));
        let services = services
            .iter()
            .map(|one| (one.id, (one.name.clone(), one.slug.clone())));
        Self {
            teams: teams.collect(),
            services: services.collect(),
        }
    }

    pub fn name(&self, group: Group) -> String {
        let named =
            |named: Option<&(String, String)>| named.map(|(name, _)| name.clone()).unwrap_or_default();
        match group {
            Group::Severity(severity) => severity.0.to_string(),
            Group::Team(team) => named(self.teams.get(&team)),
            Group::Service(service) => named(self.services.get(&service)),
            Group::Week(monday) => monday.0.format("%-d %b %Y").to_string(),
        }
    }

    /// Where the numbers of a group lead.
    fn narrow(&self, to: &LeadsTo, group: Group) -> (LeadsTo, OfTook) {
        match group {
            Group::Severity(severity) => (to.clone(), OfTook::Severity(severity.0)),
            Group::Week(monday) => (to.clone(), OfTook::Week(monday.0)),
            Group::Team(team) => {
                let slug = self.teams.get(&team).map_or("", |(_, slug)| slug);
                (to.of_team(slug), OfTook::All)
            }
            Group::Service(service) => {
                let slug = self.services.get(&service).map_or("", |(_, slug)| slug);
                (to.of_service(slug), OfTook::All)
            }
        }
    }
}

/// `tabs` lead to other ways of telling them apart than `by`.
#[component]
pub fn TimesPart(times: Times, to: LeadsTo, groups: Groups, by: By, tabs: Vec<Tab>) -> impl IntoView {
    let measures = times
        .measures
        .into_iter()
        .map(|measured| view! { <Measure measured by groups=groups.clone() to=to.clone() /> })
        .collect_view();
    view! {
        <section aria-labelledby="times">
            <h2 id="times">"How long incidents took"</h2>
            <div class="stack"><Tabs label="Times told apart" tabs /> {measures}</div>
        </section>
        <section aria-labelledby="weeks">
            <h2 id="weeks">"Week by week"</h2>
            <Weeks weeks=times.weeks.into_iter().collect() to=to.clone() />
        </section>
        <section aria-labelledby="hours">
            <h2 id="hours">"Pages by the hour"</h2>
            <Hours pages=times.pages_by_hour to />
        </section>
    }
}

#[component]
fn Measure(measured: Measured, by: By, groups: Groups, to: LeadsTo) -> impl IntoView {
    let longest = measured.all.longest().unwrap_or(0);
    let (time, label) = (measured.to, measured.to.label());
    let mut rows: Vec<_> = measured
        .groups
        .into_iter()
        .map(|(group, spread)| {
            let (to, of) = groups.narrow(&to, group);
            (group, groups.name(group), to, of, spread)
        })
        .collect();
    if rows
        .iter()
        .any(|(group, ..)| matches!(group, Group::Team(_) | Group::Service(_)))
    {
        rows.sort_by(|one, other| one.1.cmp(&other.1));
    }
    let rows = rows
        .into_iter()
        .map(|(_, name, to, of, spread)| (name, to, of, spread));
    let rows = std::iter::once(("All".to_owned(), to.clone(), OfTook::All, measured.all))
        .chain(rows)
        .map(|(name, to, of, spread)| view! { <SpreadRow time name of spread longest to /> })
        .collect_view();
    let headers = vec![
        by.label(),
        "Known",
        "Unknown",
        "Half within",
        "9 of 10 within",
        "Slowest",
        "Each",
    ];
    view! {
        <h3>{label} <span class="quiet small">{format!(", {}", time.from())}</span></h3>
        <DataTable caption=label headers>{rows}</DataTable>
    }
}

#[component]
fn SpreadRow(
    time: TimeTo,
    name: String,
    of: OfTook,
    spread: Spread,
    longest: i64,
    to: LeadsTo,
) -> impl IntoView {
    let figure = |is_known| Figure::Took {
        to: time,
        is_known,
        of,
    };
    let words = |seconds: Option<i64>| match seconds {
        Some(seconds) => to.made_of(spoken(seconds), figure(true)),
        None => view! { "–" }.into_any(),
    };
    let (median, ninety, slowest) = (
        words(spread.median()),
        words(spread.percentile(90)),
        words(spread.longest()),
    );
    let known = to.number(spread.seconds.len(), figure(true));
    let unknown = to.number(spread.unknown, figure(false));
    let about = format!("{}, {name}", time.label());
    view! {
        <Row>
            <Cell><strong>{name}</strong></Cell>
            <Cell label="Known">{known}</Cell>
            <Cell label="Unknown">{unknown}</Cell>
            <Cell label="Half within">{median}</Cell>
            <Cell label="9 of 10 within">{ninety}</Cell>
            <Cell label="Slowest">{slowest}</Cell>
            <Cell><Dots spread longest about /></Cell>
        </Row>
    }
}

#[component]
fn Weeks(weeks: Vec<(chrono::NaiveDate, Week)>, to: LeadsTo) -> impl IntoView {
    if weeks.is_empty() {
        return view! { <p class="quiet">"Nothing was opened."</p> }.into_any();
    }
    let rows = weeks
        .into_iter()
        .rev()
        .map(|(monday, week)| {
            let number = |count, what| to.number(count, Figure::Week(monday, what));
            let incidents = number(week.incidents, InWeek::Incidents);
            let alerts = number(week.alerts, InWeek::Alerts);
            let nights = number(week.nights_woken, InWeek::NightsWoken);
            // Four narrow columns have room on a phone, too.
            view! {
                <tr>
                    <td><time datetime=monday.to_string()>{monday.format("%-d %b %Y").to_string()}</time></td>
                    <td>{incidents}</td>
                    <td>{alerts}</td>
                    <td>{nights}</td>
                </tr>
            }
        })
        .collect_view();
    let headers = vec!["Week from", "Incidents", "Alerts", "Nights woken"];
    view! {
        <DataTable caption="Opened week by week" headers>{rows}</DataTable>
        <p class="quiet small">{format!("A night is from {NIGHT_FROM}:00 to 0{NIGHT_UNTIL}:00 where the person is, and counts once for each person who was paged in it.")}</p>
    }
    .into_any()
}

/// Bars with a table beneath: by the clock of whoever got the page.
#[component]
fn Hours(pages: [usize; 24], to: LeadsTo) -> impl IntoView {
    let most = pages.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return view! { <p class="quiet">"Nobody was paged."</p> }.into_any();
    }
    let bars = pages
        .iter()
        .enumerate()
        .map(|(hour, count)| {
            let height = 40.0 * *count as f64 / most as f64;
            view! { <rect class="hour-bar" x=(hour * 12 + 1).to_string() y=(42.0 - height).to_string() width="10" height=height.to_string()><title>{format!("{hour:02}:00: {count}")}</title></rect> }
        })
        .collect_view();
    let counted = pages.iter().enumerate().filter(|(_, count)| **count > 0);
    let words = counted
        .enumerate()
        .map(|(place, (hour, count))| {
            let comma = (place > 0).then_some(", ");
            let figure = Figure::Hour(u32::try_from(hour).unwrap_or(0));
            view! { {comma} {format!("{hour:02}:00 ")} {to.number(*count, figure)} }
        })
        .collect_view();
    view! {
        <svg class="hours" viewBox="0 0 288 44" role="img" aria-label="Pages by the hour on the clock of whoever got them">
            <line class="dots-line" x1="0" x2="288" y1="43" y2="43" />
            {bars}
        </svg>
        <p class="small quiet">{words}</p>
    }
    .into_any()
}
