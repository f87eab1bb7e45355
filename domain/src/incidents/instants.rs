//! The five instants of an incident and the durations between them.

use super::State;
use chrono::{DateTime, Utc};

/// Each may be unknown. What is unknown stays unknown: nothing is made up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Instants {
    pub impact_started_at: Option<DateTime<Utc>>,
    pub detected_at: Option<DateTime<Utc>>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub mitigated_at: Option<DateTime<Utc>>,
    pub resolved_at: Option<DateTime<Utc>>,
}

words! {
    /// An instant that a person may correct.
    pub enum Correction {
        ImpactStart = "impact_start",
        Detected = "detected",
        Acknowledged = "acknowledged",
        Mitigated = "mitigated",
        Resolved = "resolved",
    }
}

impl Correction {
    pub const fn label(self) -> &'static str {
        match self {
            Self::ImpactStart => "Impact start",
            Self::Detected => "Detected",
            Self::Acknowledged => "Acknowledged",
            Self::Mitigated => "Mitigated",
            Self::Resolved => "Resolved",
        }
    }

    pub const fn of(self, instants: &Instants) -> Option<DateTime<Utc>> {
        match self {
            Self::ImpactStart => instants.impact_started_at,
            Self::Detected => instants.detected_at,
            Self::Acknowledged => instants.acknowledged_at,
            Self::Mitigated => instants.mitigated_at,
            Self::Resolved => instants.resolved_at,
        }
    }

    /// Whether an incident in this state has come to it, so that it may have an instant.
    pub const fn has_come(self, state: State) -> bool {
        match self {
            Self::ImpactStart | Self::Detected => true,
            Self::Acknowledged => !matches!(state, State::Triggered),
            Self::Mitigated => matches!(state, State::Mitigated | State::Resolved),
            Self::Resolved => matches!(state, State::Resolved),
        }
    }
}

/// Where durations are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountedFrom {
    ImpactStart,
    Detection,
}

impl CountedFrom {
    pub const fn label(self) -> &'static str {
        match self {
            Self::ImpactStart => "from impact start",
            Self::Detection => "from detection",
        }
    }
}

impl Instants {
    /// From impact start where it is known, else from detection.
    pub fn counted_from(&self) -> Option<(CountedFrom, DateTime<Utc>)> {
        self.impact_started_at
            .map(|at| (CountedFrom::ImpactStart, at))
            .or_else(|| self.detected_at.map(|at| (CountedFrom::Detection, at)))
    }

    /// Whole seconds to `instant`; `None` where either end is unknown. Never negative: clocks of sources run ahead.
    fn seconds_to(&self, instant: Option<DateTime<Utc>>) -> Option<i64> {
        let (_, from) = self.counted_from()?;
        Some((instant? - from).num_seconds().max(0))
    }

    pub fn seconds_to_acknowledge(&self) -> Option<i64> {
        self.seconds_to(self.acknowledged_at)
    }

    pub fn seconds_to_mitigate(&self) -> Option<i64> {
        self.seconds_to(self.mitigated_at)
    }

    pub fn seconds_to_resolve(&self) -> Option<i64> {
        self.seconds_to(self.resolved_at)
    }

    /// Checks that the known instants come in their order.
    ///
    /// # Errors
    /// Names the first pair that does not.
    pub fn check(&self) -> Result<(), OutOfOrder> {
        let noticed = [
            ("impact start", self.impact_started_at),
            ("detected", self.detected_at),
        ];
        let over = [("mitigated", self.mitigated_at), ("resolved", self.resolved_at)];
        // Things mend themselves, so that mitigation before anybody acknowledged is real.
        in_order(noticed.into_iter().chain(over))?;
        in_order(
            noticed
                .into_iter()
                .chain([("acknowledged", self.acknowledged_at)]),
        )
    }
}

/// Checks what is known of these against all that is known before.
fn in_order(instants: impl Iterator<Item = (&'static str, Option<DateTime<Utc>>)>) -> Result<(), OutOfOrder> {
    let known: Vec<_> = instants
        .filter_map(|(name, at)| at.map(|at| (name, at)))
        .collect();
    match known.windows(2).find(|pair| pair[1].1 < pair[0].1) {
        Some(pair) => Err(OutOfOrder {
            earlier: pair[0].0,
            later: pair[1].0,
        }),
        None => Ok(()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{later}” would come before “{earlier}”. Correct one of the two")]
pub struct OutOfOrder {
    pub earlier: &'static str,
    pub later: &'static str,
}

/// A duration as people say it: “41 s”, “12 min”, “1 h 12 min”, “3 d 4 h”.
pub fn spoken(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match () {
        () if minutes == 0 => format!("{seconds} s"),
        () if hours == 0 => format!("{minutes} min"),
        () if days == 0 && minutes % 60 == 0 => format!("{hours} h"),
        () if days == 0 => format!("{hours} h {} min", minutes % 60),
        () if hours % 24 == 0 => format!("{days} d"),
        () => format!("{days} d {} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<DateTime<Utc>> {
        Some(format!("2026-03-02T{text}Z").parse().unwrap())
    }

    #[test]
    fn durations_count_from_impact_where_it_is_known() {
        let mut instants = Instants {
            detected_at: at("09:05:00"),
            resolved_at: at("10:00:00"),
            ..Instants::default()
        };
        assert_eq!(instants.seconds_to_resolve(), Some(55 * 60));
        instants.impact_started_at = at("09:00:00");
        assert_eq!(instants.seconds_to_resolve(), Some(60 * 60));
        assert_eq!(instants.seconds_to_mitigate(), None);
        instants.acknowledged_at = at("08:59:00");
        assert_eq!(instants.seconds_to_acknowledge(), Some(0));
    }

    #[test]
    fn instants_out_of_order_are_named() {
        let instants = Instants {
            impact_started_at: at("09:30:00"),
            detected_at: at("09:05:00"),
            ..Instants::default()
        };
        assert_eq!(
            instants.check(),
            Err(OutOfOrder {
                earlier: "impact start",
                later: "detected"
            })
        );
        assert_eq!(Instants::default().check(), Ok(()));
        for (acknowledged, resolved, later) in [
            ("09:10:00", "09:04:00", Some("resolved")),
            ("09:04:00", "09:30:00", Some("acknowledged")),
            ("09:20:00", "09:10:00", None),
        ] {
            let instants = Instants {
                detected_at: at("09:05:00"),
                acknowledged_at: at(acknowledged),
                resolved_at: at(resolved),
                ..Instants::default()
            };
            assert_eq!(instants.check().err().map(|wrong| wrong.later), later);
        }
    }

    #[test]
    fn durations_are_said_in_words() {
        for (seconds, words) in [
            (41, "41 s"),
            (720, "12 min"),
            (4320, "1 h 12 min"),
            (7200, "2 h"),
            (273_600, "3 d 4 h"),
            (-5, "0 s"),
        ] {
            assert_eq!(spoken(seconds), words);
        }
    }
}
