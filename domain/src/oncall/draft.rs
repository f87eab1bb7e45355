//! A schedule as it is written in JSON, before it is known to be one.

use super::check::{Fault, InvalidSchedule};
use super::{
    Change, Counts, HandOffs, Layer, Moment, Override, OverrideKind, Restriction, Schedule, TimeOfDay, Unit,
    Weekday, wall,
};
use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::marker::PhantomData;

/// Everything may be missing or nonsense here; [`ScheduleDraft::check`] tells. `null` is as good as missing where a key may be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleDraft {
    pub time_zone: String,
    pub layers: Vec<Keyed<LayerDraft>>,
    pub overrides: Vec<Keyed<OverrideDraft>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LayerDraft {
    pub turns: Vec<Vec<String>>,
    pub unit: Option<String>,
    pub every: Option<i64>,
    pub handoffs: Option<Vec<EndDraft>>,
    /// Wall times are `YYYY-MM-DDTHH:MM`.
    pub start: String,
    pub counts: Option<String>,
    pub effective_from: Option<String>,
    pub effective_until: Option<String>,
    pub restrictions: Option<Vec<Keyed<RestrictionDraft>>>,
    pub level: Option<i64>,
    pub time_zone: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RestrictionDraft {
    pub kind: String,
    pub from: EndDraft,
    pub to: EndDraft,
    pub weekdays: Option<Vec<String>>,
}

/// An end of a window or a hand-off: `"17:00"` or `["fri", "17:00"]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum EndDraft {
    Time(String),
    WeekdayAndTime(String, String),
    Neither(IgnoredAny),
}

impl Default for EndDraft {
    fn default() -> Self {
        Self::Neither(IgnoredAny)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OverrideDraft {
    pub kind: String,
    pub layer: Option<i64>,
    pub person: Option<String>,
    pub with: Option<String>,
    /// Instants in RFC 3339.
    pub from: String,
    pub to: String,
}

/// Values by their keys; serde would take a list of them, too.
#[derive(Clone, Debug)]
pub struct Keyed<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Keyed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfKeys<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OfKeys<T> {
            type Value = Keyed<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("keys and values")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Keyed)
            }
        }

        deserializer.deserialize_map(OfKeys(PhantomData))
    }
}

impl ScheduleDraft {
    /// The schedule, if it is one. `person` finds people by what is written for them.
    ///
    /// # Errors
    /// The first fault, and the field it is in.
    pub fn check<P>(&self, person: impl Fn(&str) -> Option<P>) -> Result<Schedule<P>, InvalidSchedule> {
        let schedule = Schedule {
            time_zone: time_zone(&self.time_zone)?,
            layers: each(&self.layers, "layers", |layer| layer.0.check(&person))?,
            overrides: each(&self.overrides, "overrides", |exception| {
                exception.0.check(&person)
            })?,
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
    NaiveDateTime::parse_from_str(text, wall::FORMAT)
        .ok()
        // What is read more kindly than this is written in another way.
        .filter(|time| time.format(wall::FORMAT).to_string() == text)
        .ok_or(Fault::NoDateAndTime)
}

/// An instant in RFC 3339, in whatever offset.
///
/// # Errors
/// Anything else, such as a time without an offset.
pub fn instant(text: &str) -> Result<DateTime<Utc>, Fault> {
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.to_utc())
        .map_err(|_| Fault::NoInstant)
}

impl LayerDraft {
    /// The layer, if it is one; the path in the answer begins within the layer.
    ///
    /// # Errors
    /// The first fault.
    fn check<P>(&self, person: impl Fn(&str) -> Option<P>) -> Result<Layer<P>, InvalidSchedule> {
        let turns = each(&self.turns, "turns", |turn| {
            turn.iter()
                .map(|name| person(name).ok_or_else(|| Fault::NoPerson.of("")))
                .collect()
        })?;
        let reading = |field: &str, text: &str| wall_time(text).map_err(|fault| fault.of(field));
        let optional =
            |field: &str, text: &Option<String>| text.as_deref().map(|text| reading(field, text)).transpose();
        Ok(Layer {
            turns,
            hand_offs: self.hand_offs()?,
            start: reading("start", &self.start)?,
            counts: match &self.counts {
                Some(word) => word.parse().map_err(|_| Fault::NoCounts.of("counts"))?,
                None => Counts::All,
            },
            effective_from: optional("effective_from", &self.effective_from)?,
            effective_until: optional("effective_until", &self.effective_until)?,
            restrictions: each(
                self.restrictions.as_deref().unwrap_or_default(),
                "restrictions",
                |restriction| restriction.0.check(),
            )?,
            level: (self.level.map(u8::try_from).transpose()).map_err(|_| Fault::NoLevel.of("level"))?,
            time_zone: self.time_zone.as_deref().map(time_zone).transpose()?,
        })
    }

    fn hand_offs(&self) -> Result<HandOffs, InvalidSchedule> {
        if let Some(moments) = &self.handoffs {
            if self.unit.is_some() || self.every.is_some() {
                return Err(Fault::TwoSortsOfHandOffs.of("handoffs"));
            }
            let moments = each(moments, "handoffs", |moment| moment.weekday_and_time(""))?;
            return Ok(HandOffs::Weekly { moments });
        }
        let unit = self.unit.as_deref().unwrap_or_default();
        let every = self.every.filter(|every| *every > 0);
        Ok(HandOffs::Every {
            unit: unit.parse::<Unit>().map_err(|_| Fault::NoUnit.of("unit"))?,
            every: u32::try_from(every.ok_or_else(|| Fault::NoLength.of("every"))?)
                .map_err(|_| Fault::TooLong.of("every"))?,
        })
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
            "weekly" if self.weekdays.is_some() => Err(Fault::WeekdaysOfWeekly.of("weekdays")),
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
            Self::WeekdayAndTime(..) | Self::Neither(_) => Err(Fault::NoTimeOfDay.of(field)),
        }
    }

    fn weekday_and_time(&self, field: &str) -> Result<Moment, InvalidSchedule> {
        match self {
            Self::Time(_) | Self::Neither(_) => Err(Fault::NoWeekdayAndTime.of(field)),
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
    fn check<P>(&self, find: impl Fn(&str) -> Option<P>) -> Result<Override<P>, InvalidSchedule> {
        let kind = self.kind.parse().map_err(|_| Fault::NoOverrideKind.of("kind"))?;
        let person = || {
            let found = self.person.as_deref().and_then(&find);
            found.ok_or_else(|| Fault::NoPerson.of("person"))
        };
        let change = match kind {
            OverrideKind::Cover => Change::Cover { person: person()? },
            OverrideKind::Add => Change::Add { person: person()? },
            OverrideKind::Remove => Change::Remove { person: person()? },
            OverrideKind::Replace => Change::Replace {
                person: person()?,
                with: (self.with.as_deref().and_then(&find))
                    .ok_or_else(|| Fault::NobodyStandsIn.of("with"))?,
            },
            OverrideKind::Nobody if self.person.is_some() => return Err(Fault::PersonOfNobody.of("person")),
            OverrideKind::Nobody => Change::Nobody,
        };
        if kind != OverrideKind::Replace && self.with.is_some() {
            return Err(Fault::WithoutReplace.of("with"));
        }
        let instant = |field: &str, text: &str| instant(text).map_err(|fault| fault.of(field));
        Ok(Override {
            change,
            layer: (self.layer.map(usize::try_from).transpose()).map_err(|_| Fault::NoLayer.of("layer"))?,
            from: instant("from", &self.from)?,
            to: instant("to", &self.to)?,
        })
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
        .map(|(place, entry)| check(entry).map_err(|fault| fault.within(name, place)))
        .collect()
}
