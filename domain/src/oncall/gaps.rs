//! Times in which nobody is on call and somebody ought to be.

use super::restriction::windows;
use super::schedule::{Schedule, Shift};
use super::spans::{Span, pieces};
use super::wall;
use chrono::{DateTime, Utc};

impl<P: Clone + Ord> Schedule<P> {
    /// The gaps among shifts of this schedule that nobody meant. Meant are planned ones, and hours that lie outside the windows of
    /// every layer that is in effect; where no layer is in effect, none has windows either.
    pub fn gaps(&self, shifts: &[Shift<P>]) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
        let mut gaps: Vec<Span> = Vec::new();
        let empty = shifts
            .iter()
            .filter(|shift| shift.people.is_empty() && !shift.is_planned);
        for gap in empty.filter_map(|shift| Span::new(shift.from, shift.to)) {
            for piece in self.asked_for(gap) {
                match gaps.last_mut() {
                    Some(last) if last.to == piece.from => last.to = piece.to,
                    _ => gaps.push(piece),
                }
            }
        }
        gaps.into_iter().map(|gap| (gap.from, gap.to)).collect()
    }

    /// The parts of a span in which some layer asks for somebody.
    fn asked_for(&self, span: Span) -> Vec<Span> {
        let (mut in_effect, mut open) = (Vec::new(), Vec::new());
        for layer in &self.layers {
            let zone = layer.time_zone.unwrap_or(self.time_zone);
            let from = layer
                .effective_from
                .map_or(span.from, |at| wall::instant(zone, at));
            let until = layer
                .effective_until
                .map_or(span.to, |at| wall::instant(zone, at));
            let Some(effective) = Span::new(from, until).and_then(|effective| effective.within(span)) else {
                continue;
            };
            in_effect.push(effective);
            if layer.restrictions.is_empty() {
                open.push(effective);
            } else {
                let windows = windows(&layer.restrictions, zone, effective);
                open.extend(windows.into_iter().filter_map(|window| window.within(effective)));
            }
        }
        let borders: Vec<_> = in_effect
            .iter()
            .chain(&open)
            .flat_map(|span| [span.from, span.to])
            .collect();
        let has = |spans: &[Span], at| spans.iter().any(|span| span.from <= at && at < span.to);
        pieces(
            span,
            borders
                .into_iter()
                .filter(|at| span.from <= *at && *at <= span.to),
        )
        .into_iter()
        .filter(|piece| has(&open, piece.from) || !has(&in_effect, piece.from))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that stumbles fails")]

    use super::*;
    use crate::oncall::layer::Layer;
    use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

    const BUSINESS_HOURS: &str =
        r#"[{"kind":"daily","from":"09:00","to":"17:00","weekdays":["mon","tue","wed","thu","fri"]}]"#;
    const NIGHTS: &str = r#"[{"kind":"daily","from":"17:00","to":"09:00"}]"#;

    fn day(day: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2026, 3, day)
            .unwrap()
            .and_hms_opt(0, 0, 0)
            .unwrap()
    }

    fn layer(people: &[&'static str], windows: &str) -> Layer<&'static str> {
        Layer {
            restrictions: serde_json::from_str(windows).unwrap(),
            ..Layer::weekly(people.iter().copied(), day(2))
        }
    }

    /// Gaps of two weeks from Monday on, in hours since then.
    fn gaps(layers: Vec<Layer<&'static str>>, gone: &[&'static str]) -> Vec<(i64, i64)> {
        let schedule = Schedule {
            time_zone: chrono_tz::UTC,
            layers,
            overrides: Vec::new(),
        };
        let schedule = schedule.without(&gone.iter().copied().collect());
        let from = day(2).and_utc();
        let shifts = schedule.shifts_and_planned_gaps(from, from + TimeDelta::weeks(2));
        let since = |at: DateTime<Utc>| (at - from).num_hours();
        let gaps = schedule.gaps(&shifts).into_iter();
        gaps.map(|(from, to)| (since(from), since(to))).collect()
    }

    #[test]
    fn hours_outside_all_windows_are_meant_and_those_within_are_not() {
        let working = |week: i64| -> Vec<(i64, i64)> {
            (0..5)
                .map(|day| (week * 168 + day * 24 + 9, week * 168 + day * 24 + 17))
                .collect()
        };
        let ended = |mut layer: Layer<&'static str>, until| {
            layer.effective_until = Some(until);
            layer
        };
        let begun = |mut layer: Layer<&'static str>, from| {
            layer.effective_from = Some(from);
            layer
        };
        for (what, layers, gone, expected) in [
            ("all hours", vec![layer(&["ana", "bo"], "[]")], vec![], vec![]),
            (
                "all hours, the second left",
                vec![layer(&["ana", "bo"], "[]")],
                vec!["bo"],
                vec![(168, 336)],
            ),
            (
                "business hours",
                vec![layer(&["ana", "bo"], BUSINESS_HOURS)],
                vec![],
                vec![],
            ),
            (
                "business hours, the second left",
                vec![layer(&["ana", "bo"], BUSINESS_HOURS)],
                vec!["bo"],
                working(1),
            ),
            (
                "nights of somebody who left",
                vec![layer(&["ana"], BUSINESS_HOURS), layer(&["eve"], NIGHTS)],
                vec!["eve"],
                vec![
                    (0, 9),
                    (17, 33),
                    (41, 57),
                    (65, 81),
                    (89, 105),
                    (113, 129),
                    (137, 153),
                    (161, 177),
                ]
                .into_iter()
                .chain([
                    (185, 201),
                    (209, 225),
                    (233, 249),
                    (257, 273),
                    (281, 297),
                    (305, 321),
                    (329, 336),
                ])
                .collect(),
            ),
            (
                "all hours before, business hours since",
                vec![
                    ended(layer(&["eve"], "[]"), day(9)),
                    begun(layer(&["ana"], BUSINESS_HOURS), day(9)),
                ],
                vec![],
                vec![],
            ),
            (
                "a week between",
                vec![
                    ended(layer(&["eve"], "[]"), day(4)),
                    begun(layer(&["ana"], BUSINESS_HOURS), day(11)),
                ],
                vec![],
                vec![(48, 216)],
            ),
        ] {
            assert_eq!(gaps(layers, &gone), expected, "{what}");
        }
    }
}
