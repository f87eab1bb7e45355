//! The calendar of on call: weeks and months, forward and back, in the reader's zone.

use super::shadows::ShadowLines;
use crate::App;
use crate::address::Query;
use crate::answer::Answered;
use crate::components::{ButtonKind, ButtonLink, PageHead, Section};
use crate::render;
use crate::session::SignedIn;
use crate::zoned::zone_words;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use domain::ids::{PersonId, ScheduleId, TeamId};
use domain::oncall::wall;
use domain::words::listed;
use engine::oncall::calendar::{Of, Turn, turns};
use engine::oncall::schedules;
use engine::oncall::shadows::{self, Shadow};
use engine::{Error, Tx, calendars, people, teams};
use leptos::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// `week` or `month`.
    by: String,
    /// A day of it.
    day: String,
    /// Of one schedule, team or person; of all without.
    schedule: String,
    team: String,
    person: String,
}

impl Asked {
    /// The address of the same calendar by week or month, at a day.
    fn address(&self, by_week: bool, day: NaiveDate) -> String {
        let mut address = format!(
            "/on-call/calendar?by={}&day={day}",
            if by_week { "week" } else { "month" }
        );
        for (name, value) in [
            ("schedule", &self.schedule),
            ("team", &self.team),
            ("person", &self.person),
        ] {
            if !value.is_empty() {
                address.push_str(&format!("&{name}={}", crate::address::encoded(value)));
            }
        }
        address
    }
}

/// What is looked at, what it is called, and whose holidays are marked.
async fn whose(tx: &mut Tx, asked: &Asked) -> Result<(Of, String, Option<TeamId>), Error> {
    if let Ok(id) = asked.schedule.parse::<ScheduleId>() {
        let named = schedules::find(tx, id).await?;
        return Ok((Of::Schedule(id), named.name, Some(named.team_id)));
    }
    if !asked.team.is_empty() {
        let team = teams::find(tx, &asked.team).await?;
        return Ok((Of::Team(team.id), team.name, Some(team.id)));
    }
    if let Ok(id) = asked.person.parse::<PersonId>() {
        let person = people::find(tx, id).await?;
        return Ok((Of::Person(id), person.name, None));
    }
    Ok((Of::All, "All schedules".to_owned(), None))
}

pub async fn show(State(app): State<App>, who: SignedIn, Query(asked): Query<Asked>) -> Answered {
    let zone = who.zone();
    let mut tx = app.by(&who).read().await?;
    let (of, name, team) = whose(&mut tx, &asked).await?;
    let today = wall::reading(zone, tx.now()).date();
    // Years beyond these are no calendar that anybody keeps.
    let day = asked
        .day
        .parse::<NaiveDate>()
        .ok()
        .filter(|day| (1990..=2200).contains(&day.year()));
    // A month of all schedules is more than anybody reads.
    let by_week = asked.by == "week" || asked.by.is_empty() && of == Of::All;
    let days = Shown::new(day.unwrap_or(today), by_week);
    let turns = turns(&mut tx, of, days.span(zone)).await?;
    let shadows = shadows::between(&mut tx, of, days.span(zone)).await?;
    let holidays = match team {
        Some(team) => calendars::holidays_of(&mut tx, team, days.all()).await?,
        None => BTreeMap::new(),
    };
    let mut frame = who
        .frame(&mut tx, format!("Calendar: {name}"), Section::OnCall)
        .await?;
    frame.wide = true;
    let me = who.person.id;
    Ok(render::page(StatusCode::OK, frame, move || {
        view! { <Page asked name days turns shadows holidays me today zone /> }
    }))
}

/// The days that are shown: whole weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shown {
    day: NaiveDate,
    by_week: bool,
    first: NaiveDate,
    count: u64,
}

impl Shown {
    fn new(day: NaiveDate, by_week: bool) -> Self {
        let monday = |day: NaiveDate| day - Days::new(u64::from(day.weekday().num_days_from_monday()));
        if by_week {
            return Self {
                day,
                by_week,
                first: monday(day),
                count: 7,
            };
        }
        let begin = day.with_day(1).unwrap_or(day);
        let end = begin + Months::new(1);
        let first = monday(begin);
        let weeks = ((end - first).num_days() + 6) / 7;
        Self {
            day,
            by_week,
            first,
            count: u64::try_from(weeks * 7).unwrap_or(42),
        }
    }

    fn span(self, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
        (
            midnight(self.first, zone),
            midnight(self.first + Days::new(self.count), zone),
        )
    }

    /// The first, and the one after the last.
    fn all(self) -> (NaiveDate, NaiveDate) {
        (self.first, self.first + Days::new(self.count))
    }

    fn earlier(self) -> NaiveDate {
        if self.by_week {
            self.first - Days::new(7)
        } else {
            self.day.with_day(1).unwrap_or(self.day) - Months::new(1)
        }
    }

    fn later(self) -> NaiveDate {
        if self.by_week {
            self.first + Days::new(7)
        } else {
            self.day.with_day(1).unwrap_or(self.day) + Months::new(1)
        }
    }

    fn title(self) -> String {
        if self.by_week {
            format!("Week of {}", self.first.format("%-d %B %Y"))
        } else {
            self.day.format("%B %Y").to_string()
        }
    }
}

fn midnight(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    wall::instant(zone, day.and_time(NaiveTime::MIN))
}

/// What is said of a day on which clocks are set.
fn clock_change(day: NaiveDate, zone: Tz) -> Option<&'static str> {
    let offset = |day| {
        let at = midnight(day, zone);
        zone.offset_from_utc_datetime(&at.naive_utc())
            .fix()
            .local_minus_utc()
    };
    let (before, after) = (offset(day), offset(day + Days::new(1)));
    match after.cmp(&before) {
        std::cmp::Ordering::Greater => Some("Clocks go forward"),
        std::cmp::Ordering::Less => Some("Clocks go back"),
        std::cmp::Ordering::Equal => None,
    }
}

#[component]
fn Page(
    asked: Asked,
    name: String,
    days: Shown,
    turns: Vec<Turn>,
    shadows: Vec<Shadow>,
    holidays: BTreeMap<NaiveDate, String>,
    me: PersonId,
    today: NaiveDate,
    zone: Tz,
) -> impl IntoView {
    let is_of_one = !asked.schedule.is_empty();
    let cells = (0..days.count)
        .map(|number| days.first + Days::new(number))
        .map(|day| {
            let span = (midnight(day, zone), midnight(day + Days::new(1), zone));
            let of_day = turns
                .iter()
                .filter(|turn| turn.from < span.1 && turn.to > span.0)
                .cloned()
                .collect();
            let is_beside = !days.by_week && day.month() != days.day.month();
            let holiday = holidays.get(&day).cloned();
            view! { <DayCell day span turns=of_day holiday me today zone is_of_one is_beside /> }
        })
        .collect_view();
    let (back, on) = (
        asked.address(days.by_week, days.earlier()),
        asked.address(days.by_week, days.later()),
    );
    let now = asked.address(days.by_week, today);
    let other = asked.address(!days.by_week, days.day);
    let class = if days.by_week {
        "calendar by-week"
    } else {
        "calendar"
    };
    view! {
        <PageHead title=name under=view! { {format!("Times are in {}.", zone_words(zone.name()))} }.into_any() />
        <div class="stack">
            <nav class="calendar-ways" aria-label="Other days">
                <ButtonLink href=back kind=ButtonKind::Small>"Earlier"</ButtonLink>
                <ButtonLink href=now kind=ButtonKind::Small>"Today"</ButtonLink>
                <ButtonLink href=on kind=ButtonKind::Small>"Later"</ButtonLink>
                <ButtonLink href=other kind=ButtonKind::Plain>{if days.by_week { "By month" } else { "By week" }}</ButtonLink>
            </nav>
            <h2>{days.title()}</h2>
            <ol class=class>{cells}</ol>
            <ShadowLines shadows zone />
        </div>
    }
}

#[component]
fn DayCell(
    day: NaiveDate,
    span: (DateTime<Utc>, DateTime<Utc>),
    turns: Vec<Turn>,
    holiday: Option<String>,
    me: PersonId,
    today: NaiveDate,
    zone: Tz,
    is_of_one: bool,
    is_beside: bool,
) -> impl IntoView {
    let lines = turns
        .into_iter()
        .map(|turn| view! { <TurnLine turn span me zone is_of_one /> })
        .collect_view();
    let class = if is_beside { "beside" } else { "" };
    let change = clock_change(day, zone).map(|words| view! { <p class="calendar-clock small">{words}</p> });
    view! {
        <li class=class aria-current=(day == today).then_some("date")>
            <p class="calendar-day">{day.format("%a %-d %b").to_string()}</p>
            {holiday.map(|name| view! { <p class="calendar-holiday small" dir="auto">"Holiday: " {name}</p> })}
            {change}
            <ul>{lines}</ul>
        </li>
    }
}

#[component]
fn TurnLine(
    turn: Turn,
    span: (DateTime<Utc>, DateTime<Utc>),
    me: PersonId,
    zone: Tz,
    is_of_one: bool,
) -> impl IntoView {
    let is_mine = turn.people.iter().any(|person| person.id == me);
    let is_gap = turn.people.is_empty() && !turn.is_planned;
    let names: Vec<&str> = turn.people.iter().map(|person| person.name.as_str()).collect();
    let who = match (names.is_empty(), turn.is_planned) {
        (true, true) => "nobody, as planned".to_owned(),
        (true, false) => "nobody".to_owned(),
        _ => listed(&names),
    };
    let clock = |at: DateTime<Utc>| at.with_timezone(&zone).format("%H:%M").to_string();
    let when = match (turn.from > span.0, turn.to < span.1) {
        (true, true) => format!("{}–{} ", clock(turn.from), clock(turn.to)),
        (true, false) => format!("from {} ", clock(turn.from)),
        (false, true) => format!("to {} ", clock(turn.to)),
        (false, false) => String::new(),
    };
    let class = match (is_gap, is_mine) {
        (true, _) => "calendar-turn late",
        (_, true) => "calendar-turn mine",
        _ => "calendar-turn",
    };
    // Gaps have nobody to take something from, but somebody may fill them.
    let href = format!(
        "/on-call/turn?schedule={}&at={}",
        turn.schedule.id,
        turn.from.max(span.0).timestamp()
    );
    let schedule =
        (!is_of_one).then(|| view! { <span class="quiet">{format!(" {}", turn.schedule.name)}</span> });
    let you = is_mine.then(|| view! { <span class="unseen">" (you)"</span> });
    let by_override = turn
        .is_overridden
        .then(|| view! { <span class="calendar-override">" override"</span> });
    view! {
        <li class=class>
            <a href=href>{when} <strong>{who}</strong> {you}</a>
            {schedule}
            {by_override}
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday_and_months_are_whole_weeks() {
        let day: NaiveDate = "2026-03-18".parse().unwrap();
        let (week, month) = (Shown::new(day, true), Shown::new(day, false));
        assert_eq!((week.first.to_string(), week.count), ("2026-03-16".to_owned(), 7));
        assert_eq!(
            (month.first.to_string(), month.count),
            ("2026-02-23".to_owned(), 42)
        );
        assert_eq!(
            (month.earlier().to_string(), month.later().to_string()),
            ("2026-02-01".to_owned(), "2026-04-01".to_owned())
        );
        let last: NaiveDate = "2026-01-31".parse().unwrap();
        assert_eq!(Shown::new(last, false).later().to_string(), "2026-02-01");
    }

    #[test]
    fn days_on_which_clocks_are_set_say_so() {
        for (day, says) in [
            ("2026-03-29", Some("Clocks go forward")),
            ("2026-10-25", Some("Clocks go back")),
            ("2026-10-26", None),
        ] {
            assert_eq!(
                clock_change(day.parse().unwrap(), Tz::Europe__Berlin),
                says,
                "{day}"
            );
        }
    }
}
