//! Whether a promise was kept by the day that was said first. Days that were moved are shown beside it, not instead.

use chrono::NaiveDate;

words! {
    /// What became of a promise.
    pub enum Kept {
        OnTime = "on_time",
        Late = "late",
        /// Not done yet.
        Open = "open",
        Declined = "declined",
    }
}

impl Kept {
    pub const fn label(self) -> &'static str {
        match self {
            Self::OnTime => "On time",
            Self::Late => "Late",
            Self::Open => "Still open",
            Self::Declined => "Declined",
        }
    }
}

/// A promise that had a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// ACT-…
    pub number: i64,
    pub title: String,
    pub first_due: NaiveDate,
    /// How often the day was moved.
    pub moved: usize,
    /// The day on which it was done, where its owner is.
    pub done_on: Option<NaiveDate>,
    pub is_declined: bool,
}

impl Promise {
    pub fn kept(&self) -> Kept {
        match self.done_on {
            Some(day) if day <= self.first_due => Kept::OnTime,
            Some(_) => Kept::Late,
            None if self.is_declined => Kept::Declined,
            None => Kept::Open,
        }
    }
}

/// The day that was said first, of how the day was changed (from, to; in that order) and what it is now; and how often it was moved to
/// another one, also by way of none.
pub fn first_due(
    changes: &[(Option<NaiveDate>, Option<NaiveDate>)],
    now: Option<NaiveDate>,
) -> Option<(NaiveDate, usize)> {
    let said = changes
        .iter()
        .flat_map(|(was, became)| [*was, *became])
        .chain([now]);
    let first = said.flatten().next()?;
    let mut moved = 0;
    let mut last = None;
    for (was, became) in changes {
        last = was.or(last);
        if let Some(day) = became {
            moved += usize::from(last.is_some_and(|last| last != *day));
            last = Some(*day);
        }
    }
    Some((first, moved))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<NaiveDate> {
        (!text.is_empty()).then(|| text.parse().unwrap())
    }

    #[test]
    fn the_first_day_counts_however_often_it_is_moved() {
        for (changes, now, first, moved) in [
            (vec![], "2026-03-01", "2026-03-01", 0),
            (vec![], "", "", 0),
            (vec![("", "2026-03-01")], "2026-03-01", "2026-03-01", 0),
            (
                vec![("2026-03-01", "2026-03-08"), ("2026-03-08", "2026-04-01")],
                "2026-04-01",
                "2026-03-01",
                2,
            ),
            (
                vec![("2026-03-01", ""), ("", "2026-05-01")],
                "2026-05-01",
                "2026-03-01",
                1,
            ),
            (
                vec![("2026-03-01", ""), ("", "2026-03-01")],
                "2026-03-01",
                "2026-03-01",
                0,
            ),
        ] {
            let changes: Vec<_> = changes
                .iter()
                .map(|(was, became)| (day(was), day(became)))
                .collect();
            let expected = day(first).map(|first| (first, moved));
            assert_eq!(first_due(&changes, day(now)), expected, "{changes:?}");
        }
    }

    #[test]
    fn a_promise_is_kept_on_its_day() {
        for (done, declined, kept) in [
            ("2026-02-27", false, Kept::OnTime),
            ("2026-03-01", false, Kept::OnTime),
            ("2026-03-02", false, Kept::Late),
            ("", false, Kept::Open),
            ("", true, Kept::Declined),
        ] {
            let promise = Promise {
                number: 1,
                title: String::new(),
                first_due: day("2026-03-01").unwrap(),
                moved: 0,
                done_on: day(done),
                is_declined: declined,
            };
            assert_eq!(promise.kept(), kept, "{done}");
        }
    }
}
