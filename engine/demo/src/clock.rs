//! Clocks of the demo: one that is led through the past, and the machine's, shifted so that a picture can be taken again.

use chrono::{DateTime, TimeDelta, Utc};
use engine::Clock;
use engine::context::MachineClock;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Stands still until it is set. In microseconds.
#[derive(Clone, Debug)]
pub struct LedClock(Arc<AtomicI64>);

impl LedClock {
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self(Arc::new(AtomicI64::new(instant.timestamp_micros())))
    }

    pub fn set(&self, instant: DateTime<Utc>) {
        self.0.store(instant.timestamp_micros(), Ordering::SeqCst);
    }
}

impl Clock for LedClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap_or_default()
    }
}

/// The machine's clock, so much later or earlier.
#[derive(Debug, Default)]
pub struct ShiftedClock(TimeDelta);

impl ShiftedClock {
    /// Reads `instant` now and goes on from there; without one it is the machine's.
    pub fn from(instant: Option<DateTime<Utc>>) -> Self {
        Self(instant.map_or_else(TimeDelta::zero, |instant| instant - MachineClock.now()))
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> DateTime<Utc> {
        MachineClock.now() + self.0
    }
}
