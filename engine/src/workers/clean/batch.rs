//! How much one transaction takes away: bodies may have ten bytes or a mebibyte, and disks differ.

use std::time::Duration;

/// A batch aims at this long in the writer; nothing should hold it over twice as long.
const AIM: Duration = Duration::from_millis(20);
const FEWEST: usize = 5;
const MOST: usize = 256;
/// A single row may be bigger.
pub const MOST_BYTES: i64 = 1024 * 1024;

#[derive(Debug)]
pub struct Pace {
    rows: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { rows: FEWEST }
    }
}

impl Pace {
    /// The first of the candidates, as many as may go together, and their bytes. Always one at least.
    pub fn next<'c, T>(&self, candidates: &'c [T], size: impl Fn(&T) -> i64) -> (&'c [T], i64) {
        let (mut rows, mut bytes) = (0, 0);
        for candidate in candidates.iter().take(self.rows) {
            let more = size(candidate);
            if rows > 0 && bytes + more > MOST_BYTES {
                break;
            }
            rows += 1;
            bytes += more;
        }
        (&candidates[..rows], bytes)
    }

    /// Twice as many rows while it is quick, a quarter as soon as it is not.
    pub fn took(&mut self, took: Duration) {
        let next = if took > AIM {
            self.rows / 4
        } else if took < AIM / 4 {
            self.rows * 2
        } else {
            self.rows
        };
        self.rows = next.clamp(FEWEST, MOST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_while_they_are_quick() {
        for (rows, millis, next) in [
            (5, 1, 10),
            (200, 1, 256),
            (100, 10, 100),
            (100, 21, 25),
            (8, 300, 5),
        ] {
            let mut pace = Pace { rows };
            pace.took(Duration::from_millis(millis));
            assert_eq!(pace.rows, next);
        }
    }

    #[test]
    fn a_batch_ends_at_its_rows_or_its_bytes_and_has_one_row_at_least() {
        let pace = Pace { rows: 200 };
        for (sizes, rows) in [
            (vec![10; 300], 200),
            (vec![MOST_BYTES; 5], 1),
            (vec![2 * MOST_BYTES, 1], 1),
            (vec![MOST_BYTES / 2; 5], 2),
            (vec![1, MOST_BYTES, 1], 1),
            (vec![], 0),
        ] {
            assert_eq!(pace.next(&sizes, |size| *size).0.len(), rows, "{sizes:?}");
        }
    }
}
