//! A layer as it is typed: its turns, hand-offs and windows.

use super::{MOMENTS, MOST};
use chrono::NaiveTime;
use domain::ids::{LayerId, PersonId};
use domain::oncall::draft::{EndDraft, Keyed, LayerDraft, RestrictionDraft, ScheduleDraft};
use domain::oncall::{Counts, HandOffs, Layer, Restriction, Weekday, wall};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedLayer {
    /// Of one that stands.
    pub id: String,
    /// That one in JSON, as it was drawn: what nobody edited stays as it is.
    pub was: String,
    pub turns: Vec<TypedTurn>,
    /// Names to be added.
    pub add: String,
    pub every: String,
    pub unit: String,
    pub start: String,
    pub moments: Vec<(String, String)>,
    pub windows: Vec<Window>,
    pub counts_open: bool,
    pub level: String,
    pub time_zone: String,
    pub from: String,
    pub until: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedTurn {
    /// Where it is to stand, as a number.
    pub place: String,
    /// Ids; none is a turn of nobody.
    pub people: Vec<String>,
}

/// Hours of days, or one stretch of the week where `of_week`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    pub of_week: bool,
    pub days: Vec<String>,
    pub from_day: String,
    pub from: String,
    pub to_day: String,
    pub to: String,
}

/// Rows of a layer by their numbers.
#[derive(Default)]
pub(super) struct Rows {
    turns: BTreeMap<usize, TypedTurn>,
    moments: BTreeMap<usize, (String, String)>,
    windows: BTreeMap<usize, Window>,
}

pub(super) fn place(text: &str) -> Option<usize> {
    text.parse().ok().filter(|place| *place < MOST)
}

impl TypedLayer {
    pub(super) fn take(&mut self, rows: &mut Rows, path: &[&str], value: String) {
        match path {
            ["id"] => self.id = value,
            ["was"] => self.was = value,
            ["add"] => self.add = value,
            ["every"] => self.every = value,
            ["unit"] => self.unit = value,
            ["start"] => self.start = minutes(&value),
            ["counts"] => self.counts_open = value == "on",
            ["level"] => self.level = value,
            ["time_zone"] => self.time_zone = value,
            ["from"] => self.from = minutes(&value),
            ["until"] => self.until = minutes(&value),
            [rows_of, number, field] => {
                let Some(number) = place(number) else { return };
                match (*rows_of, *field) {
                    ("turns", "place") => rows.turns.entry(number).or_default().place = value,
                    ("turns", "people") => {
                        let people = value.split_whitespace().map(str::to_owned);
                        rows.turns.entry(number).or_default().people.extend(people);
                    }
                    ("moments", "day") => rows.moments.entry(number).or_default().0 = value,
                    ("moments", "time") => rows.moments.entry(number).or_default().1 = clock(&value),
                    ("windows", field) => rows.windows.entry(number).or_default().take(field, value),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// Turns stand where their numbers say; of one number, the one that was moved there goes first.
    pub(super) fn with(mut self, rows: Rows) -> Self {
        let mut turns: Vec<(f64, TypedTurn)> = (1..)
            .zip(rows.turns.into_values())
            .map(|(place, turn)| {
                let place = f64::from(place);
                let said = turn.place.trim().parse::<f64>().unwrap_or(place);
                let moved = if said < place { -0.5 } else { 0.0 } + if said > place { 0.5 } else { 0.0 };
                (said + moved, turn)
            })
            .collect();
        turns.sort_by(|one, other| one.0.total_cmp(&other.0));
        self.turns = turns.into_iter().map(|(_, turn)| turn).collect();
        let is_said = |moment: &(String, String)| !moment.0.is_empty();
        self.moments = rows.moments.into_values().filter(is_said).collect();
        self.windows = rows.windows.into_values().collect();
        self
    }

    /// A layer as the form shows it.
    pub fn of(layer: &Layer<PersonId>) -> Self {
        let (every, unit, moments) = match &layer.hand_offs {
            HandOffs::Every { unit, every } => (every.to_string(), unit.to_string(), Vec::new()),
            HandOffs::Weekly { moments } => {
                let moments = moments.iter();
                let moments = moments.map(|(day, time)| (day.to_string(), time.to_string()));
                ("1".to_owned(), MOMENTS.to_owned(), moments.collect())
            }
        };
        let reading = |time: chrono::NaiveDateTime| time.format(wall::FORMAT).to_string();
        Self {
            turns: layer
                .turns
                .iter()
                .map(|turn| TypedTurn {
                    place: String::new(),
                    people: turn.iter().map(PersonId::to_string).collect(),
                })
                .collect(),
            every,
            unit,
            moments,
            start: reading(layer.start),
            windows: layer.restrictions.iter().map(Window::of).collect(),
            counts_open: layer.counts == Counts::Open,
            level: layer.level.map(|level| level.to_string()).unwrap_or_default(),
            time_zone: layer
                .time_zone
                .map(|zone| zone.name().to_owned())
                .unwrap_or_default(),
            from: layer.effective_from.map(reading).unwrap_or_default(),
            until: layer.effective_until.map(reading).unwrap_or_default(),
            ..Self::default()
        }
    }

    pub(super) fn standing(id: LayerId, layer: &Layer<PersonId>) -> Self {
        let typed = Self::of(layer);
        // As it is read again: what the form says in its own way is no edit.
        let read = ScheduleDraft {
            time_zone: "UTC".to_owned(),
            layers: vec![Keyed(typed.draft())],
            overrides: Vec::new(),
        };
        let read = read.check(|id| id.parse::<PersonId>().ok());
        let was = read.ok().and_then(|read| read.layers.into_iter().next());
        Self {
            id: id.to_string(),
            was: was.as_ref().map(json_of).unwrap_or_default(),
            ..typed
        }
    }

    pub(super) fn draft(&self) -> LayerDraft {
        let said = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let by_moments = self.unit == MOMENTS;
        let moments = self
            .moments
            .iter()
            .map(|(day, time)| EndDraft::WeekdayAndTime(day.clone(), time.clone()));
        LayerDraft {
            turns: self.turns.iter().map(|turn| turn.people.clone()).collect(),
            unit: (!by_moments).then(|| self.unit.clone()),
            every: (!by_moments).then(|| self.every.trim().parse().unwrap_or(0)),
            handoffs: by_moments.then(|| moments.collect()),
            start: self.start.clone(),
            counts: self.counts_open.then(|| Counts::Open.to_string()),
            effective_from: said(&self.from),
            effective_until: said(&self.until),
            restrictions: Some(self.windows.iter().map(|window| Keyed(window.draft())).collect()),
            level: said(&self.level).map(|level| level.parse().unwrap_or(-1)),
            time_zone: said(&self.time_zone),
        }
    }
}

impl Window {
    fn take(&mut self, field: &str, value: String) {
        match field {
            "kind" => self.of_week = value == "weekly",
            "days" => self.days.push(value),
            "from_day" => self.from_day = value,
            "from" => self.from = clock(&value),
            "to_day" => self.to_day = value,
            "to" => self.to = clock(&value),
            _ => {}
        }
    }

    fn of(restriction: &Restriction) -> Self {
        match restriction {
            Restriction::Daily { from, to, weekdays } => {
                let is_said = |day: &&Weekday| weekdays.as_ref().is_none_or(|days| days.contains(day));
                Self {
                    days: Weekday::ALL
                        .iter()
                        .filter(is_said)
                        .map(Weekday::to_string)
                        .collect(),
                    from: from.to_string(),
                    to: to.to_string(),
                    ..Self::default()
                }
            }
            Restriction::Weekly { from, to } => Self {
                of_week: true,
                from_day: from.0.to_string(),
                from: from.1.to_string(),
                to_day: to.0.to_string(),
                to: to.1.to_string(),
                ..Self::default()
            },
        }
    }

    /// What is typed, where it can be read.
    pub fn restriction(&self) -> Option<Restriction> {
        let (from, to) = (self.from.parse().ok()?, self.to.parse().ok()?);
        if self.of_week {
            return Some(Restriction::Weekly {
                from: (self.from_day.parse().ok()?, from),
                to: (self.to_day.parse().ok()?, to),
            });
        }
        let days: BTreeSet<Weekday> = self.days.iter().filter_map(|day| day.parse().ok()).collect();
        (!days.is_empty()).then_some(Restriction::Daily {
            from,
            to,
            weekdays: Some(days),
        })
    }

    fn draft(&self) -> RestrictionDraft {
        if self.of_week {
            return RestrictionDraft {
                kind: "weekly".to_owned(),
                from: EndDraft::WeekdayAndTime(self.from_day.clone(), self.from.clone()),
                to: EndDraft::WeekdayAndTime(self.to_day.clone(), self.to.clone()),
                weekdays: None,
            };
        }
        RestrictionDraft {
            kind: "daily".to_owned(),
            from: EndDraft::Time(self.from.clone()),
            to: EndDraft::Time(self.to.clone()),
            // All of them is every day.
            weekdays: (self.days.len() < Weekday::ALL.len()).then(|| self.days.clone()),
        }
    }
}

pub(super) fn json_of(layer: &Layer<PersonId>) -> String {
    serde_json::to_string(layer).unwrap_or_default()
}

/// Browsers may send seconds.
pub(super) fn minutes(typed: &str) -> String {
    let typed = typed.trim().replace(' ', "T");
    match typed.strip_suffix(":00") {
        Some(short) if short.matches(':').count() == 1 => short.to_owned(),
        _ => typed,
    }
}

fn clock(typed: &str) -> String {
    let typed = typed.trim();
    let read =
        NaiveTime::parse_from_str(typed, "%H:%M:%S").or_else(|_| NaiveTime::parse_from_str(typed, "%H:%M"));
    read.map_or_else(|_| typed.to_owned(), |time| time.format("%H:%M").to_string())
}
