//! How many factors came back within 90 days: of those with something done about them, and of those without.

use chrono::{DateTime, TimeDelta, Utc};

/// So long is waited whether a factor comes back.
pub const WITHIN: TimeDelta = TimeDelta::days(90);

/// With fewer than these nothing is compared.
pub const ENOUGH: usize = 20;

/// A factor that was met at a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chance {
    /// From when on it is watched: when the first thing about it was done, or, of those without, when that incident began.
    pub from: DateTime<Utc>,
    /// When the same factor was met next at the same service, after that.
    pub next: Option<DateTime<Utc>>,
}

/// Of how many, and how many came back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Again {
    pub of: usize,
    pub came_back: usize,
}

impl Again {
    /// A chance counts when its 90 days are over, or when it came back before.
    pub fn count(chances: impl IntoIterator<Item = Chance>, now: DateTime<Utc>) -> Self {
        let mut again = Self::default();
        for chance in chances {
            let until = chance.from + WITHIN;
            let came_back = chance.next.is_some_and(|next| next <= until);
            if came_back || until <= now {
                again.of += 1;
                again.came_back += usize::from(came_back);
            }
        }
        again
    }

    pub const fn is_enough(self) -> bool {
        self.of >= ENOUGH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ninety_days_are_waited() {
        let at = |day: &str| -> DateTime<Utc> { format!("{day}T12:00:00Z").parse().unwrap() };
        let chance = |from: &str, next: &str| Chance {
            from: at(from),
            next: (!next.is_empty()).then(|| at(next)),
        };
        let now = at("2026-06-01");
        for (from, next, expected) in [
            ("2026-01-01", "", (1, 0)),
            ("2026-01-01", "2026-02-01", (1, 1)),
            ("2026-01-01", "2026-04-01", (1, 1)),
            ("2026-01-01", "2026-04-02", (1, 0)),
            ("2026-05-01", "", (0, 0)),
            ("2026-05-01", "2026-05-20", (1, 1)),
            ("2026-03-03", "", (1, 0)),
            ("2026-03-04", "", (0, 0)),
        ] {
            let again = Again::count([chance(from, next)], now);
            assert_eq!((again.of, again.came_back), expected, "{from} {next}");
        }
    }
}
