//! A weekly rotation as a form: what was typed, and its fields.

use super::zones;
use crate::answer::Problem;
use crate::components::{Choice, Field, FieldKind};
use crate::drawn::Drawn;
use crate::form::word;
use chrono::{NaiveTime, Weekday};
use domain::ids::PersonId;
use domain::oncall::Fault;
use domain::people::{Person, Role};
use engine::Error;
use engine::oncall::Refused;
use engine::oncall::rotations::Weekly;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    pub team: String,
    pub name: String,
    pub time_zone: String,
    pub hand_off_day: String,
    pub hand_off_time: String,
    /// In their order; the empty ones are left out.
    pub people: Vec<String>,
    pub drawn: String,
}

impl Drawn for Typed {
    const FIELDS: &'static [&'static str] = &["name", "time_zone", "hand_off_day", "hand_off_time", "people"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

impl Typed {
    pub fn of(weekly: Weekly) -> Self {
        Self {
            team: String::new(),
            name: weekly.name,
            time_zone: weekly.time_zone,
            hand_off_day: weekly.hand_off_day.to_string().to_lowercase(),
            hand_off_time: weekly.hand_off_time.format("%H:%M").to_string(),
            people: weekly.people.iter().map(PersonId::to_string).collect(),
            drawn: String::new(),
        }
    }

    /// Whether nothing but the name is another one than that of `now`.
    pub fn is_but_renamed(&self, now: &Self) -> bool {
        let rest = |typed: &Self| {
            let Self {
                time_zone,
                hand_off_day,
                hand_off_time,
                people,
                ..
            } = typed.clone();
            (time_zone, hand_off_day, hand_off_time, people)
        };
        rest(self) == rest(now)
    }

    /// Without the rows in which nobody was chosen.
    pub fn without_empty_rows(&self) -> Self {
        let mut trimmed = self.clone();
        trimmed.people.retain(|person| !person.is_empty());
        trimmed
    }

    pub fn weekly(&self) -> Result<Weekly, Error> {
        let fault = |field, fault| Refused::Schedule { field, fault };
        let time = self.hand_off_time.get(..5).unwrap_or(&self.hand_off_time);
        Ok(Weekly {
            name: self.name.clone(),
            time_zone: self.time_zone.clone(),
            hand_off_day: self
                .hand_off_day
                .parse::<Weekday>()
                .map_err(|_| fault("hand_off_day", Fault::NoWeekday))?,
            hand_off_time: NaiveTime::parse_from_str(time, "%H:%M")
                .map_err(|_| fault("hand_off_time", Fault::NoTimeOfDay))?,
            people: self
                .people
                .iter()
                .filter(|person| !person.is_empty())
                .map(|person| word("people", person))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// Whom a form offers for turns and covers: who only reads along is not put on call.
pub(super) fn may_be_on_call(person: &Person) -> bool {
    person.deactivated_at.is_none() && person.role != Role::Observer
}

/// The fields of a weekly rotation.
#[component]
pub(super) fn Rotation(
    typed: Typed,
    people: Vec<Person>,
    problem: Problem,
    /// Somebody covers just now, so that whose turn it is does not have the pager.
    #[prop(optional)]
    is_covered: bool,
) -> impl IntoView {
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        .iter()
        .zip([
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ])
        .map(|(short, long)| Choice::new(short.to_lowercase(), long))
        .collect();
    let mut rows: Vec<String> = typed
        .people
        .into_iter()
        .filter(|person| !person.is_empty())
        .collect();
    let filled = rows.len();
    rows.resize((filled + 2).max(4), String::new());
    let choices = |chosen: &str| -> Vec<Choice> {
        std::iter::once(Choice::new("", "Nobody"))
            .chain(
                people
                    .iter()
                    .filter(|person| may_be_on_call(person) || person.id.to_string() == chosen)
                    .map(|person| {
                        let gone = if person.deactivated_at.is_some() {
                            " (deactivated)"
                        } else {
                            ""
                        };
                        Choice::new(person.id, format!("{}{gone}", person.name))
                    }),
            )
            .collect()
    };
    let turns = rows
        .into_iter()
        .enumerate()
        .map(|(place, person)| {
            let label = match place {
                0 if is_covered => "Whose turn it is".to_owned(),
                0 => "Has the pager now".to_owned(),
                1 => "Then".to_owned(),
                place => format!("Turn {}", place + 1),
            };
            let error = (place == 0).then(|| problem.beside("people")).flatten();
            view! {
                <Field
                    name="people"
                    id=format!("turn-{place}")
                    label
                    kind=FieldKind::Select(choices(&person))
                    value=person
                    error
                />
            }
        })
        .collect_view();
    view! {
        <Field
            name="name"
            label="Name"
            value=typed.name
            required=true
            placeholder="Payments, first line"
            error=problem.beside("name")
        />
        <Field
            name="time_zone"
            label="Time zone"
            kind=FieldKind::Select(zones::choices())
            value=typed.time_zone
            hint="The hand-off stays at its time of day when the clocks change."
            error=problem.beside("time_zone")
        />
        <div class="form-row">
            <Field
                name="hand_off_day"
                label="Handed over every"
                kind=FieldKind::Select(days)
                value=typed.hand_off_day
                error=problem.beside("hand_off_day")
            />
            <Field
                name="hand_off_time"
                label="At"
                kind=FieldKind::Clock
                value=typed.hand_off_time
                required=true
                error=problem.beside("hand_off_time")
            />
        </div>
        <fieldset class="field">
            <legend class="field-label">"In turn, a week each"</legend>
            <div class="form-row">{turns}</div>
        </fieldset>
    }
}
