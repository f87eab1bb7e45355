//! Where a rotation stands: the turn that runs, when the round is through, and the same rotation told from that turn on.

use super::handoffs::{HandOffs, Unit};
use super::turns::Rotation;
use super::{Counts, Layer};
use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Tz;

/// Months that end early move hand-offs from the 29th on.
const IN_EVERY_MONTH: u32 = 28;

impl<P: Clone + Ord> Layer<P> {
    /// The same rotation, told from the turn that runs at an instant: whoever has it stands first, and `start` is when they took it.
    /// One that has not begun, or cannot be told so, stays as it is.
    #[must_use]
    pub fn from_running_turn(&self, zone: Tz, at: DateTime<Utc>) -> Self {
        let told = self.told_from(zone, at);
        told.unwrap_or_else(|| self.clone())
    }

    fn told_from(&self, zone: Tz, at: DateTime<Utc>) -> Option<Self> {
        let zone = self.time_zone.unwrap_or(zone);
        let is_open = self.counts == Counts::Open && !self.restrictions.is_empty();
        let by_month = matches!(
            self.hand_offs,
            HandOffs::Every {
                unit: Unit::Month,
                ..
            }
        );
        // Which periods are open depends on the week in which they are counted from.
        if is_open || by_month && self.start.day() > IN_EVERY_MONTH {
            return None;
        }
        let rotation = self.rotation()?;
        let number = rotation.number_at(zone, at)?;
        let turn = rotation.turn(number)?;
        let mut told = self.clone();
        told.start = rotation.hand_offs.reading(number)?;
        told.turns.rotate_left(turn);
        Some(told)
    }

    /// When everybody has had a turn since the one that runs: the next time that its turn would begin. `None` before the first.
    pub fn round_ends(&self, zone: Tz, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let zone = self.time_zone.unwrap_or(zone);
        let rotation = self.rotation()?;
        let number = rotation.number_at(zone, at)?;
        let turns = i64::try_from(self.turns.len()).ok()?;
        let running = rotation.turn(number);
        // Closed periods are nobody's turn: a round with them takes at most some weeks longer.
        let later = (number + turns..).take(self.turns.len() * 24 + 200);
        let mut same = later.skip_while(|later| running.is_some() && rotation.turn(*later) != running);
        rotation.hand_offs.instant(zone, same.next()?)
    }

    fn rotation(&self) -> Option<Rotation> {
        Rotation::new(
            &self.hand_offs,
            self.start,
            self.turns.len(),
            self.counts,
            &self.restrictions,
        )
    }
}

impl Rotation {
    /// The period that runs at an instant; `None` before the first.
    fn number_at(&self, zone: Tz, at: DateTime<Utc>) -> Option<i64> {
        let mut number = self.hand_offs.before(zone, at);
        if self.hand_offs.instant(zone, number)? > at {
            return None;
        }
        while self
            .hand_offs
            .instant(zone, number + 1)
            .is_some_and(|next| next <= at)
        {
            number += 1;
        }
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oncall::Schedule;
    use crate::oncall::draft::ScheduleDraft;
    use chrono::TimeDelta;

    fn rota(keys: &str) -> Schedule<String> {
        let json = format!(
            r#"{{"time_zone":"Europe/Berlin","layers":[{{"turns":[["ana"],["bo"],["cy","dee"]],"start":"2026-01-05T09:00",{keys}}}]}}"#
        );
        let read = ScheduleDraft::read(json.as_bytes()).unwrap();
        read.check(|name| Some(name.to_owned())).unwrap()
    }

    #[test]
    fn a_rotation_told_from_the_running_turn_is_the_same_from_then_on() {
        let at: DateTime<Utc> = "2026-03-28T07:59:00Z".parse().unwrap();
        for keys in [
            r#""unit":"week","every":1"#,
            r#""unit":"hour","every":7"#,
            r#""unit":"day","every":2"#,
            r#""unit":"month","every":1"#,
            r#""handoffs":[["mon","09:00"],["fri","17:00"]]"#,
            r#""unit":"day","every":1,"counts":"open","restrictions":[{"kind":"daily","from":"09:00","to":"17:00","weekdays":["mon","tue"]}]"#,
        ] {
            let before = rota(keys);
            let mut after = before.clone();
            after.layers[0] = before.layers[0].from_running_turn(before.time_zone, at);
            for days in [1, 30, 800] {
                let to = at + TimeDelta::days(days);
                assert_eq!(before.shifts(at, to), after.shifts(at, to), "{keys}");
            }
            let again = after.layers[0].from_running_turn(before.time_zone, at);
            assert_eq!(again, after.layers[0], "{keys}");
        }
    }

    #[test]
    fn a_round_is_through_when_the_same_turn_begins_again() {
        let at: DateTime<Utc> = "2026-03-24T12:00:00Z".parse().unwrap();
        for (keys, ends) in [
            (r#""unit":"week","every":1"#, "2026-04-13T07:00:00Z"),
            (r#""unit":"day","every":1"#, "2026-03-27T08:00:00Z"),
            (r#""unit":"month","every":1"#, "2026-06-05T07:00:00Z"),
        ] {
            let rota = rota(keys);
            let found = rota.layers[0].round_ends(rota.time_zone, at);
            assert_eq!(found, Some(ends.parse().unwrap()), "{keys}");
        }
    }
}
