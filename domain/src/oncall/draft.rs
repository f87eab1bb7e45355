//! A schedule as it is written in a form or in JSON, before it is known to be one.

use super::check::{Fault, InvalidSchedule};
use super::{Layer, Override, OverrideKind, Restriction, Schedule, TimeOfDay, Unit, Weekday};
use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

/// Everything may be missing or nonsense here; [`ScheduleDraft::check`] tells.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ScheduleDraft {
    pub time_zone: String,
    pub layers: Vec<LayerDraft>,
    pub overrides: Vec<OverrideDraft>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct LayerDraft {
    pub turns: Vec<Vec<String>>,
    pub unit: String,
    pub every: i64,
    /// Wall times are `YYYY-MM-DDTHH:MM`.
    pub start: String,
    pub effective_from: Option<String>,
    pub effective_until: Option<String>,
    pub restrictions: Option<Vec<RestrictionDraft>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RestrictionDraft {
    pub kind: String,
    pub from: EndDraft,
    pub to: EndDraft,
    pub weekdays: Option<Vec<String>>,
}

/// An end of a window: `"17:00"` or `["fri", "17:00"]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum EndDraft {
    Time(String),
    WeekdayAndTime(String, String),
}

impl Default for EndDraft {
    fn default() -> Self {
        Self::Time(String::new())
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct OverrideDraft {
    pub kind: String,
    pub person: String,
    pub with: Option<String>,
    /// Instants in RFC 3339.
    pub from: String,
    pub to: String,
}

impl ScheduleDraft {
    /// The schedule, if it is one. `person` finds people by what is written for them.
    ///
    /// # Errors
    /// The first fault, and the field it is in.
    pub fn check<P: Clone + Ord>(
        &self,
        person: impl Fn(&str) -> Option<P>,
    ) -> Result<Schedule<P>, InvalidSchedule> {
        let schedule = Schedule {
            time_zone: time_zone(&self.time_zone)?,
            layers: each(&self.layers, "layers", |layer| layer.check(&person))?,
            overrides: each(&self.overrides, "overrides", |exception| exception.check(&person))?,
        };
        schedule.check()?;
        Ok(schedule)
    }
}

/// A zone of the tz database, by its name.
///
/// # Errors
/// Anything else, offsets included.
pub fn time_zone(name: &str) -> Result<Tz, InvalidSchedule> {
    name.parse().map_err(|_| Fault::NoZone.of("time_zone"))
}

/// `YYYY-MM-DDTHH:MM`, as a browser's field for date and time sends it.
///
/// # Errors
/// Anything else, seconds included.
pub fn wall_time(text: &str) -> Result<NaiveDateTime, Fault> {
    let sixteen = text.len() == 16 && text.is_ascii();
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M")
        .ok()
        .filter(|_| sixteen)
        .ok_or(Fault::NoDateAndTime)
}

impl LayerDraft {
    /// The layer, if it is one; the path in the answer begins within the layer.
    ///
    /// # Errors
    /// The first fault.
    pub fn check<P>(&self, person: impl Fn(&str) -> Option<P>) -> Result<Layer<P>, InvalidSchedule> {
        let turns = each(&self.turns, "turns", |turn| {
            turn.iter()
                .map(|name| person(name).ok_or_else(|| Fault::NoPerson.of("")))
                .collect()
        })?;
        let wall_time = |field: &str, text: &str| wall_time(text).map_err(|fault| fault.of(field));
        let optional = |field: &str, text: &Option<String>| {
            let given = text.as_deref().filter(|text| !text.is_empty());
            given.map(|text| wall_time(field, text)).transpose()
        };
        let layer = Layer {
            turns,
            unit: self.unit.parse::<Unit>().map_err(|_| Fault::NoUnit.of("unit"))?,
            every: u32::try_from(self.every).map_err(|_| Fault::NoLength.of("every"))?,
            start: wall_time("start", &self.start)?,
            effective_from: optional("effective_from", &self.effective_from)?,
            effective_until: optional("effective_until", &self.effective_until)?,
            restrictions: each(
                self.restrictions.as_deref().unwrap_or_default(),
                "restrictions",
                RestrictionDraft::check,
            )?,
        };
        layer.check()?;
        Ok(layer)
    }
}

impl RestrictionDraft {
    fn check(&self) -> Result<Restriction, InvalidSchedule> {
        match self.kind.as_str() {
            "daily" => Ok(Restriction::Daily {
                from: self.from.time("from")?,
                to: self.to.time("to")?,
                weekdays: self
                    .weekdays
                    .as_ref()
                    .map(|days| days.iter().map(|day| day.parse::<Weekday>()).collect())
                    .transpose()
                    .map_err(|_| Fault::NoWeekday.of("weekdays"))?,
            }),
            "weekly" => Ok(Restriction::Weekly {
                from: self.from.weekday_and_time("from")?,
                to: self.to.weekday_and_time("to")?,
            }),
            _ => Err(Fault::NoWindow.of("kind")),
        }
    }
}

impl EndDraft {
    fn time(&self, field: &str) -> Result<TimeOfDay, InvalidSchedule> {
        match self {
            Self::Time(time) => time.parse().map_err(|fault: Fault| fault.of(field)),
            Self::WeekdayAndTime(..) => Err(Fault::NoTimeOfDay.of(field)),
        }
    }

    fn weekday_and_time(&self, field: &str) -> Result<(Weekday, TimeOfDay), InvalidSchedule> {
        match self {
            Self::Time(_) => Err(Fault::NoWeekdayAndTime.of(field)),
            Self::WeekdayAndTime(day, time) => {
                let day = day.parse().map_err(|_| Fault::NoWeekday.of(field))?;
                Ok((day, time.parse().map_err(|fault: Fault| fault.of(field))?))
            }
        }
    }
}

impl OverrideDraft {
    /// The override, if it is one; the path in the answer begins within the override.
    ///
    /// # Errors
    /// The first fault.
    pub fn check<P>(&self, person: impl Fn(&str) -> Option<P>) -> Result<Override<P>, InvalidSchedule> {
        let kind = self.kind.parse().map_err(|_| Fault::NoOverrideKind.of("kind"))?;
        let instant = |field: &str, text: &str| {
            DateTime::parse_from_rfc3339(text)
                .map(|at| at.with_timezone(&Utc))
                .map_err(|_| Fault::NoInstant.of(field))
        };
        let with = match (&self.with, kind) {
            (Some(with), OverrideKind::Replace) => {
                Some(person(with).ok_or_else(|| Fault::NobodyStandsIn.of("with"))?)
            }
            (None, OverrideKind::Replace) => return Err(Fault::NobodyStandsIn.of("with")),
            (_, _) => None,
        };
        let checked = Override {
            kind,
            person: person(&self.person).ok_or_else(|| Fault::NoPerson.of("person"))?,
            with,
            from: instant("from", &self.from)?,
            to: instant("to", &self.to)?,
        };
        if checked.to <= checked.from {
            return Err(Fault::EndsTooEarly.of("to"));
        }
        Ok(checked)
    }
}

/// Checks each entry of a list, and puts its place before the path of a fault.
fn each<T, C>(
    list: &[T],
    name: &str,
    check: impl Fn(&T) -> Result<C, InvalidSchedule>,
) -> Result<Vec<C>, InvalidSchedule> {
    list.iter()
        .enumerate()
        .map(|(number, entry)| {
            check(entry).map_err(|fault| InvalidSchedule {
                field: format!("{name}[{number}].{}", fault.field)
                    .trim_end_matches('.')
                    .to_owned(),
                ..fault
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_to_decide_is_decided() {
        for (layer, field) in [
            (r#"{"turns":[["a","a"]],"restrictions":[]}"#, None),
            (
                r#"{"turns":[["a"]],"restrictions":[{"kind":"daily","from":"09:00","to":"17:00","weekdays":[]}]}"#,
                Some("restrictions[0].weekdays"),
            ),
            (
                r#"{"turns":[["a"]],"start":"2026-03-02T09:00:30"}"#,
                Some("start"),
            ),
            (r#"{"turns":[["a"],[""]]}"#, Some("turns[1]")),
            (
                r#"{"turns":[["a"]],"effective_until":"","effective_from":null}"#,
                None,
            ),
        ] {
            let mut draft: LayerDraft = serde_json::from_str(layer).unwrap();
            draft.unit = "week".to_owned();
            draft.every = 1;
            if draft.start.is_empty() {
                draft.start = "2026-03-02T09:00".to_owned();
            }
            let checked = draft.check(|name| (!name.is_empty()).then(|| name.to_owned()));
            assert_eq!(
                checked.err().map(|fault| fault.field).as_deref(),
                field,
                "{layer}"
            );
        }
    }
}
