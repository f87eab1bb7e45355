//! What the typed schedule comes to, beside the one that holds today.

use super::typed::Wrong;
use crate::components::{Cell, DataTable, Notice, Row, ScheduleBoard, ScheduleRow, ShiftBar, TimeForm};
use crate::zoned::zone_words;
use chrono::{DateTime, Datelike, Days, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::ids::PersonId;
use domain::oncall::{Difference, Schedule, Shift, differences, served, together, wall};
use domain::people::Person;
use domain::words::listed;
use engine::oncall::schedules::Named;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// How far the board and the sentences look.
const WEEKS: TimeDelta = TimeDelta::weeks(4);
const YEAR: TimeDelta = TimeDelta::days(365);
/// As many lines of one kind as anybody reads.
const MOST_LINES: usize = 5;

/// What is seen of an edit before it is saved.
pub(super) struct Seen {
    /// When it begins to hold; `None` where nothing changes, or all is new.
    pub begins: Option<DateTime<Utc>>,
    pub before: Option<Schedule<PersonId>>,
    pub after: Schedule<PersonId>,
    /// Whoever stands in a layer that is typed anew.
    pub named_in_it: Vec<PersonId>,
    /// Schedules that a policy names beside this one; of one that is made, the team's others.
    pub beside: Vec<(Named, Schedule<PersonId>)>,
}

impl Seen {
    /// Of a schedule that is made.
    pub fn new_one(after: Schedule<PersonId>, beside: Vec<(Named, Schedule<PersonId>)>) -> Self {
        Self {
            begins: None,
            before: None,
            named_in_it: after
                .layers
                .iter()
                .flat_map(|layer| layer.turns.iter().flatten().copied())
                .collect(),
            after,
            beside,
        }
    }
}

/// Names by ids.
#[derive(Clone)]
struct Names(BTreeMap<PersonId, String>);

impl Names {
    fn of(&self, id: PersonId) -> String {
        self.0.get(&id).cloned().unwrap_or_default()
    }
}

#[component]
pub(super) fn Preview(
    seen: Result<Seen, Wrong>,
    people: Vec<Person>,
    zone: Tz,
    now: DateTime<Utc>,
) -> impl IntoView {
    let names = Names(
        people
            .into_iter()
            .map(|person| (person.id, person.name))
            .collect(),
    );
    let body = match seen {
        Ok(seen) => view! { <Worked seen names zone now /> }.into_any(),
        Err(wrong) => {
            view! { <Notice lead="This cannot be worked out yet.">{wrong.sentence}</Notice> }.into_any()
        }
    };
    view! {
        <section id="rota-preview" class="stack" aria-label="What it comes to">
            <h2>"What it comes to"</h2>
            <p class="quiet small">{format!("Times are those of {}.", zone_words(zone.name()))}</p>
            {body}
        </section>
    }
}

#[component]
fn Worked(seen: Seen, names: Names, zone: Tz, now: DateTime<Utc>) -> impl IntoView {
    let span = (now, now + WEEKS);
    let after = seen.after.shifts_and_planned_gaps(span.0, span.1);
    let mut rows = vec![row("As typed here", &after, span, zone, &names)];
    let changes = seen.before.as_ref().map(|before| {
        let today = before.shifts_and_planned_gaps(span.0, span.1);
        rows.push(row("As it holds today", &today, span, zone, &names));
        rows.push(what_differs(&today, &after, span, zone, &names));
        differences(before, &seen.after, (now, now + YEAR))
    });
    let sentences = sentences(&seen, &after, &names, zone, now);
    let sentences = sentences
        .into_iter()
        .map(|(is_late, sentence)| view! { <li class=is_late.then_some("late")>{sentence}</li> })
        .collect_view();
    let holds = match (seen.begins, &changes) {
        (Some(at), _) => format!("Holds from {} on.", TimeForm::Short.format(at, zone)),
        (None, Some(_)) => "Nothing differs from the schedule that holds today.".to_owned(),
        (None, None) => "Holds as soon as it is made.".to_owned(),
    };
    let days = mondays(span, zone);
    let changes = changes.filter(|changes| !changes.is_empty());
    let changes = changes.map(|changes| view! { <Changes changes names=names.clone() zone /> });
    let year = seen.after.shifts(now, now + YEAR);
    view! {
        <p><strong>{holds}</strong></p>
        <ScheduleBoard label="The next four weeks" days now=None rows />
        <ul class="stack-tight">{sentences}</ul>
        {changes}
        <Shares year names />
    }
}

/// Sentences about what may not be meant; the worse ones first.
fn sentences(
    seen: &Seen,
    after: &[Shift<PersonId>],
    names: &Names,
    zone: Tz,
    now: DateTime<Utc>,
) -> Vec<(bool, String)> {
    let at = |at| TimeForm::Short.format(at, zone);
    let gaps = seen.after.gaps(after).into_iter();
    let gaps = gaps.map(|(from, to)| format!("Nobody is on call from {} to {}.", at(from), at(to)));
    let mut found = lines(gaps.collect());
    let year = seen.after.shifts(now, now + YEAR);
    let serve = served(&year);
    let mut never: Vec<PersonId> = seen.named_in_it.clone();
    never.retain(|person| !serve.contains_key(person));
    never.sort_unstable();
    never.dedup();
    let never = never
        .into_iter()
        .map(|person| format!("{} never serves in the next twelve months.", names.of(person)));
    found.extend(lines(never.collect()));
    for (named, other) in &seen.beside {
        let twice = together(after, &other.shifts(now, now + WEEKS));
        let twice = twice.into_iter().map(|(person, from, to)| {
            format!(
                "{} has this and {} at once from {} to {}.",
                names.of(person),
                named.name,
                at(from),
                at(to)
            )
        });
        found.extend(lines(twice.collect()));
    }
    found
}

/// The first few, and how many more there are.
fn lines(all: Vec<String>) -> Vec<(bool, String)> {
    let more = all.len().saturating_sub(MOST_LINES);
    let mut lines: Vec<(bool, String)> = all
        .into_iter()
        .take(MOST_LINES)
        .map(|line| (true, line))
        .collect();
    if more > 0 {
        lines.push((true, format!("And {more} more of that kind.")));
    }
    lines
}

fn row(
    name: &str,
    shifts: &[Shift<PersonId>],
    span: (DateTime<Utc>, DateTime<Utc>),
    zone: Tz,
    names: &Names,
) -> ScheduleRow {
    let bars = shifts.iter().map(|shift| bar(shift, span, zone, names)).collect();
    ScheduleRow {
        name: name.to_owned(),
        hint: String::new(),
        bars,
    }
}

fn bar(shift: &Shift<PersonId>, span: (DateTime<Utc>, DateTime<Utc>), zone: Tz, names: &Names) -> ShiftBar {
    let people: Vec<String> = shift.people.iter().map(|person| names.of(*person)).collect();
    let name = match (people.is_empty(), shift.is_planned) {
        (true, true) => "Nobody, as planned".to_owned(),
        (true, false) => "Nobody".to_owned(),
        _ => listed(&people),
    };
    let at = |at| TimeForm::Short.format(at, zone);
    ShiftBar {
        from: share(shift.from, span),
        to: share(shift.to, span),
        who: shift.people.first().map(|person| (person.0, people.join(", "))),
        words: format!("{name}, {} to {}", at(shift.from), at(shift.to)),
    }
}

/// Only those times at which it is another one than today.
fn what_differs(
    today: &[Shift<PersonId>],
    after: &[Shift<PersonId>],
    span: (DateTime<Utc>, DateTime<Utc>),
    zone: Tz,
    names: &Names,
) -> ScheduleRow {
    let mut bars = Vec::new();
    for shift in after {
        let beside = today
            .iter()
            .filter(|other| other.from < shift.to && other.to > shift.from);
        for other in beside.filter(|other| other.people != shift.people) {
            let part = Shift {
                from: shift.from.max(other.from),
                to: shift.to.min(other.to),
                ..shift.clone()
            };
            bars.push(bar(&part, span, zone, names));
        }
    }
    ScheduleRow {
        name: "What differs".to_owned(),
        hint: if bars.is_empty() {
            "nothing in these weeks".to_owned()
        } else {
            String::new()
        },
        bars,
    }
}

fn share(at: DateTime<Utc>, (from, to): (DateTime<Utc>, DateTime<Utc>)) -> f64 {
    let seconds = |span: TimeDelta| f64::from(i32::try_from(span.num_seconds()).unwrap_or(i32::MAX));
    seconds(at - from) / seconds(to - from).max(1.0)
}

fn mondays(span: (DateTime<Utc>, DateTime<Utc>), zone: Tz) -> Vec<(f64, String)> {
    let first = wall::reading(zone, span.0).date();
    (0..=28)
        .filter_map(|days| first.checked_add_days(Days::new(days)))
        .filter(|day| day.weekday() == chrono::Weekday::Mon)
        .map(|day| (wall::instant(zone, day.and_time(NaiveTime::MIN)), day))
        .filter(|(at, _)| *at > span.0 && *at < span.1)
        .map(|(at, day)| (share(at, span), day.format("%-d %b").to_string()))
        .collect()
}

/// Who gains and who loses what.
#[component]
fn Changes(changes: BTreeMap<PersonId, Difference>, names: Names, zone: Tz) -> impl IntoView {
    let at = move |at| TimeForm::Short.format(at, zone);
    let times = move |times: &[(DateTime<Utc>, DateTime<Utc>)]| -> String {
        let said: Vec<String> = times
            .iter()
            .take(3)
            .map(|(from, to)| format!("{} to {}", at(*from), at(*to)))
            .collect();
        match times.len() {
            0 => "–".to_owned(),
            count if count > 3 => format!("{} and {} more", said.join("; "), count - 3),
            _ => said.join("; "),
        }
    };
    let rows = changes
        .into_iter()
        .map(|(person, change)| {
            let name = names.of(person);
            view! {
                <Row>
                    <Cell>{name}</Cell>
                    <Cell label="Gets">{times(&change.gained)}</Cell>
                    <Cell label="Loses">{times(&change.lost)}</Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <h3>"Whose turns change"</h3>
        <p class="quiet small">"In the next twelve months. They are told when it is saved."</p>
        <DataTable caption="Whose turns change" headers=vec!["Who", "Gets", "Loses"]>{rows}</DataTable>
    }
}

/// Who serves how much.
#[component]
fn Shares(year: Vec<Shift<PersonId>>, names: Names) -> impl IntoView {
    let mut found: Vec<_> = served(&year).into_iter().collect();
    found.sort_by_key(|(_, served)| std::cmp::Reverse(served.time));
    let most = found
        .first()
        .map_or(1, |(_, served)| served.time.num_hours().max(1));
    let rows = found
        .into_iter()
        .map(|(person, served)| {
            let (name, hours) = (names.of(person), served.time.num_hours());
            view! {
                <Row>
                    <Cell>{name}</Cell>
                    <Cell label="Hours">{hours.to_string()} " " <meter min="0" max=most.to_string() value=hours.to_string() aria-hidden="true"></meter></Cell>
                    <Cell label="Turns">{served.turns.to_string()}</Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <h3>"The next twelve months"</h3>
        <DataTable caption="Who serves how much in the next twelve months" headers=vec!["Who", "Hours", "Turns"]>{rows}</DataTable>
    }
}
