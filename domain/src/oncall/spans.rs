//! Half-open spans of time.

use chrono::{DateTime, Utc};

/// From `from` to before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

impl Span {
    /// `None` if there is nothing between.
    pub fn new(from: DateTime<Utc>, to: DateTime<Utc>) -> Option<Self> {
        (from < to).then_some(Self { from, to })
    }

    pub fn within(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to))
    }
}

/// The same time in as few spans as can be, in order. Spans that touch are one.
pub(super) fn union(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort();
    let mut united: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match united.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => united.push(span),
        }
    }
    united
}

/// The span cut wherever there is a border.
pub(super) fn pieces(span: Span, borders: impl IntoIterator<Item = DateTime<Utc>>) -> Vec<Span> {
    let mut borders: Vec<_> = borders.into_iter().chain([span.from, span.to]).collect();
    borders.sort_unstable();
    borders.dedup();
    borders
        .windows(2)
        .filter_map(|pair| Span::new(pair[0], pair[1]))
        .collect()
}
