//! What cannot be a schedule, said before it is stored.

use super::{Layer, OverrideKind, Restriction, Schedule};
use chrono::{NaiveDateTime, Timelike};

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
    #[error("Add at least one turn")]
    NoTurns,
    #[error("Each turn needs at least one person")]
    EmptyTurn,
    #[error("Choose hour, day, week or month")]
    NoUnit,
    #[error("A turn is at least 1 long")]
    NoLength,
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
    #[error("Choose cover, add, remove or replace")]
    NoOverrideKind,
    #[error("Choose a person")]
    NoPerson,
    #[error("Choose who stands in")]
    NobodyStandsIn,
    #[error("Write an instant, such as 2026-03-02T08:00:00Z")]
    NoInstant,
}

impl Fault {
    pub(super) fn of(self, field: impl Into<String>) -> InvalidSchedule {
        InvalidSchedule {
            field: field.into(),
            fault: self,
        }
    }
}

impl<P: Clone + Ord> Schedule<P> {
    /// Whether this can be computed with.
    ///
    /// # Errors
    /// The first fault, layers before overrides.
    pub fn check(&self) -> Result<(), InvalidSchedule> {
        for (number, layer) in self.layers.iter().enumerate() {
            layer.check().map_err(|fault| InvalidSchedule {
                field: format!("layers[{number}].{}", fault.field),
                ..fault
            })?;
        }
        for (number, exception) in self.overrides.iter().enumerate() {
            if exception.kind == OverrideKind::Replace && exception.with.is_none() {
                return Err(Fault::NobodyStandsIn.of(format!("overrides[{number}].with")));
            }
            if exception.to <= exception.from {
                return Err(Fault::EndsTooEarly.of(format!("overrides[{number}].to")));
            }
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
        if self.turns.is_empty() {
            return Err(Fault::NoTurns.of("turns"));
        }
        if let Some(empty) = self.turns.iter().position(Vec::is_empty) {
            return Err(Fault::EmptyTurn.of(format!("turns[{empty}]")));
        }
        if self.every == 0 {
            return Err(Fault::NoLength.of("every"));
        }
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
        for (number, restriction) in self.restrictions.iter().enumerate() {
            if let Restriction::Daily {
                weekdays: Some(weekdays),
                ..
            } = restriction
                && weekdays.is_empty()
            {
                return Err(Fault::NoWeekday.of(format!("restrictions[{number}].weekdays")));
            }
        }
        Ok(())
    }
}

fn has_seconds(time: NaiveDateTime) -> bool {
    time.second() != 0 || time.nanosecond() != 0
}
