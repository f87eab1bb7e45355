//! What cannot be a schedule, said before it is stored.

use super::{HandOffs, Layer, Restriction, Schedule};
use chrono::{NaiveDateTime, Timelike};
use std::collections::BTreeSet;

/// One fault, and the field it is in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {fault}")]
pub struct InvalidSchedule {
    /// A path with indices from 0, such as `layers[1].restrictions[0].to`.
    pub field: String,
    pub fault: Fault,
}

/// Each is a sentence to stand beside the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("Choose a time zone by its name, such as Europe/Berlin")]
    NoZone,
    #[error("Add at least one turn with somebody in it")]
    NoTurns,
    #[error("Write a list of turns, each a list of people")]
    NoListOfTurns,
    #[error("Choose hour, day, week or month")]
    NoUnit,
    #[error("A turn is at least 1 long, in whole numbers")]
    NoLength,
    #[error("A turn is at most 4294967295 long")]
    TooLong,
    #[error("Add at least one moment of the week, such as mon and 09:00")]
    NoHandOffs,
    #[error("Each moment of the week is listed once")]
    SameHandOff,
    #[error("Hand-offs come either at moments of the week or by unit and every")]
    TwoSortsOfHandOffs,
    #[error("Choose all or open")]
    NoCounts,
    #[error("Write a whole number from 0 to 99")]
    NoLevel,
    #[error("Give each layer a level, or none of them")]
    LevelMissing,
    #[error("Write a date and a time, such as 2026-03-02T09:00")]
    NoDateAndTime,
    #[error("This must be later than its beginning")]
    EndsTooEarly,
    #[error("Choose a daily or a weekly window")]
    NoWindow,
    #[error("Write a time from 00:00 to 23:59. Midnight at the end of a day is 00:00")]
    NoTimeOfDay,
    #[error("Write a weekday and a time, such as fri and 17:00")]
    NoWeekdayAndTime,
    #[error("Choose among mon, tue, wed, thu, fri, sat and sun")]
    NoWeekday,
    #[error("A weekly window has its weekdays in its ends")]
    WeekdaysOfWeekly,
    #[error("Choose cover, add, remove, replace or nobody")]
    NoOverrideKind,
    #[error("Choose a layer by its place; the first one is 0")]
    NoLayer,
    #[error("Choose a person")]
    NoPerson,
    #[error("Leave this out: nobody is nobody in particular")]
    PersonOfNobody,
    #[error("Choose who stands in")]
    NobodyStandsIn,
    #[error("Leave this out: only where one person is replaced does another stand in")]
    WithoutReplace,
    #[error("Write an instant, such as 2026-03-02T08:00:00Z")]
    NoInstant,
    #[error("Write a list")]
    NoList,
    #[error("Write keys and values in braces")]
    NoKeys,
    #[error("Remove this: it is no key that is known here")]
    UnknownKey,
    #[error("Say this once")]
    Repeated,
    #[error("Write a schedule in braces, as docs/on-call.md shows it")]
    NoSchedule,
    #[error("This is no JSON: look at line {line}, column {column}")]
    NoJson { line: usize, column: usize },
    #[error("This is more than can be worked out at once. Choose a shorter time")]
    TooMuch,
}

impl Fault {
    pub(super) fn of(self, field: impl Into<String>) -> InvalidSchedule {
        InvalidSchedule {
            field: field.into(),
            fault: self,
        }
    }
}

impl InvalidSchedule {
    pub(super) fn within(self, list: &str, place: usize) -> Self {
        let field = format!("{list}[{place}].{}", self.field);
        Self {
            field: field.trim_end_matches('.').to_owned(),
            ..self
        }
    }
}

impl<P> Schedule<P> {
    /// Whether this can be computed with.
    ///
    /// # Errors
    /// The first fault, layers before overrides.
    pub fn check(&self) -> Result<(), InvalidSchedule> {
        let has_levels = self.layers.iter().any(|layer| layer.level.is_some());
        for (place, layer) in self.layers.iter().enumerate() {
            let level = match layer.level {
                Some(100..) => Err(Fault::NoLevel.of("level")),
                None if has_levels => Err(Fault::LevelMissing.of("level")),
                _ => Ok(()),
            };
            layer
                .check()
                .and(level)
                .map_err(|fault| fault.within("layers", place))?;
        }
        for (place, exception) in self.overrides.iter().enumerate() {
            let fault = if exception.to <= exception.from {
                Fault::EndsTooEarly.of("to")
            } else if exception.layer.is_some_and(|layer| layer >= self.layers.len()) {
                Fault::NoLayer.of("layer")
            } else {
                continue;
            };
            return Err(fault.within("overrides", place));
        }
        Ok(())
    }
}

impl<P> Layer<P> {
    /// Whether this layer by itself can be computed with; the path in the answer begins within the layer.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self) -> Result<(), InvalidSchedule> {
        if self.turns.iter().all(Vec::is_empty) {
            return Err(Fault::NoTurns.of("turns"));
        }
        self.hand_offs.check()?;
        let times = [
            ("start", Some(self.start)),
            ("effective_from", self.effective_from),
            ("effective_until", self.effective_until),
        ];
        if let Some((field, _)) = times.into_iter().find(|(_, time)| time.is_some_and(has_seconds)) {
            return Err(Fault::NoDateAndTime.of(field));
        }
        if let Some((from, until)) = self.effective_from.zip(self.effective_until)
            && until <= from
        {
            return Err(Fault::EndsTooEarly.of("effective_until"));
        }
        let never_opens = |restriction: &Restriction| matches!(restriction, Restriction::Daily { weekdays: Some(weekdays), .. } if weekdays.is_empty());
        match self.restrictions.iter().position(never_opens) {
            Some(place) => Err(Fault::NoWeekday.of(format!("restrictions[{place}].weekdays"))),
            None => Ok(()),
        }
    }
}

impl HandOffs {
    fn check(&self) -> Result<(), InvalidSchedule> {
        match self {
            Self::Every { every: 0, .. } => Err(Fault::NoLength.of("every")),
            Self::Every { .. } => Ok(()),
            Self::Weekly { moments } if moments.is_empty() => Err(Fault::NoHandOffs.of("handoffs")),
            Self::Weekly { moments } => {
                let mut seen = BTreeSet::new();
                match moments.iter().position(|moment| !seen.insert(moment)) {
                    Some(place) => Err(Fault::SameHandOff.of(format!("handoffs[{place}]"))),
                    None => Ok(()),
                }
            }
        }
    }
}

fn has_seconds(time: NaiveDateTime) -> bool {
    time.second() != 0 || time.nanosecond() != 0
}
