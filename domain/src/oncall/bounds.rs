//! How much work an answer is, before it is begun: nobody waits for the shifts of ten thousand years of hours.

use super::schedule::Schedule;
use super::{Fault, Layer, Override};
use chrono::{DateTime, TimeDelta, Utc};

/// Hand-offs, windows and ends of overrides. Five layers by the hour have nine tenths of it in ten years.
const MOST_BORDERS: i64 = 1_000_000;

/// Looks at a person or a layer, about a second's work.
const MOST_LOOKS: i64 = 200_000_000;

/// How far it is looked for the next change.
const AHEAD: TimeDelta = TimeDelta::days(401);

impl<P> Schedule<P> {
    /// Whether shifts of this range can be worked out at once.
    ///
    /// # Errors
    /// [`Fault::TooMuch`]
    pub fn within_bounds(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<(), Fault> {
        let minutes = (to - from).num_minutes().max(0);
        let mut borders = count(self.overrides.len()).saturating_mul(2);
        let mut people = count(self.layers.len()).saturating_add(overlapping(&self.overrides));
        for layer in &self.layers {
            borders = borders.saturating_add(layer.borders_at_most(minutes));
            people = people.saturating_add(layer.turns.iter().map(Vec::len).max().map_or(0, count));
        }
        let looks = borders.saturating_mul(people.saturating_add(1));
        if borders > MOST_BORDERS || looks > MOST_LOOKS {
            return Err(Fault::TooMuch);
        }
        Ok(())
    }

    /// Whether who is on call at an instant, and until when, can be worked out at once.
    ///
    /// # Errors
    /// [`Fault::TooMuch`]
    pub fn within_bounds_at(&self, at: DateTime<Utc>) -> Result<(), Fault> {
        self.within_bounds(
            at,
            at.checked_add_signed(AHEAD).unwrap_or(DateTime::<Utc>::MAX_UTC),
        )
    }
}

impl<P> Layer<P> {
    fn borders_at_most(&self, minutes: i64) -> i64 {
        let hand_offs = self
            .hand_offs
            .from(self.start)
            .map_or(0, |numbered| numbered.at_most(minutes));
        let windows = (minutes / (24 * 60) + 12).saturating_mul(count(self.restrictions.len()));
        hand_offs.saturating_add(windows).saturating_mul(2)
    }
}

/// How many overrides are in force together, at most.
fn overlapping<P>(overrides: &[Override<P>]) -> i64 {
    let ends = overrides
        .iter()
        .flat_map(|exception| [(exception.from, 1), (exception.to, -1)]);
    let mut ends: Vec<(DateTime<Utc>, i64)> = ends.collect();
    ends.sort_unstable();
    let together = ends.iter().scan(0, |now, (_, change)| {
        *now += change;
        Some(*now)
    });
    together.max().unwrap_or(0)
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
