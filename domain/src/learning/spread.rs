//! How long something took, over many: never a mean alone, which one long night moves for everybody.

/// Durations in seconds, the shortest first, and how many are not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    pub seconds: Vec<i64>,
    pub unknown: usize,
}

impl Spread {
    /// Durations below zero are not known: one of the two instants is wrong.
    pub fn of(all: impl IntoIterator<Item = Option<i64>>) -> Self {
        let mut spread = Self::default();
        for one in all {
            match one.filter(|seconds| *seconds >= 0) {
                Some(seconds) => spread.seconds.push(seconds),
                None => spread.unknown += 1,
            }
        }
        spread.seconds.sort_unstable();
        spread
    }

    /// The shortest duration that at least this many of a hundred stay within (nearest rank).
    pub fn percentile(&self, percent: usize) -> Option<i64> {
        let rank = (self.seconds.len() * percent).div_ceil(100);
        self.seconds.get(rank.max(1) - 1).copied()
    }

    pub fn median(&self) -> Option<i64> {
        self.percentile(50)
    }

    pub fn longest(&self) -> Option<i64> {
        self.seconds.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_durations_that_were_there() {
        let spread = Spread::of([Some(9), None, Some(1), Some(5), Some(-3), Some(100)]);
        assert_eq!((spread.seconds.clone(), spread.unknown), (vec![1, 5, 9, 100], 2));
        for (percent, seconds) in [
            (0, 1),
            (25, 1),
            (26, 5),
            (50, 5),
            (51, 9),
            (75, 9),
            (90, 100),
            (100, 100),
        ] {
            assert_eq!(spread.percentile(percent), Some(seconds), "{percent}");
        }
        assert_eq!(Spread::of([Some(7)]).median(), Some(7));
        assert_eq!(Spread::default().median(), None);
    }
}
