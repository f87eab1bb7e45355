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
    /// Nobody has said yet how that came about.
    pub is_next_unseen: bool,
}

impl Chance {
    /// Whether it came back. `None`: its 90 days are not over, so it does not count yet.
    pub fn came_back(&self, now: DateTime<Utc>) -> Option<bool> {
        let until = self.from + WITHIN;
        let came_back = self.next.is_some_and(|next| next <= until);
        (came_back || until <= now).then_some(came_back)
    }
}

/// Of how many, and how many came back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Again {
    pub of: usize,
    pub came_back: usize,
    /// Of those that came back: nobody has said yet how.
    pub not_looked_at: usize,
}

impl Again {
    /// A chance counts when its 90 days are over, or when it came back before.
    pub fn count(chances: impl IntoIterator<Item = Chance>, now: DateTime<Utc>) -> Self {
        let mut again = Self::default();
        for chance in chances {
            if let Some(came_back) = chance.came_back(now) {
                again.of += 1;
                again.came_back += usize::from(came_back);
                again.not_looked_at += usize::from(came_back && chance.is_next_unseen);
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
            is_next_unseen: true,
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
            assert_eq!(again.not_looked_at, again.came_back, "{from} {next}");
        }
    }
}
