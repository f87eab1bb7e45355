//! How heavy somebody's on call is: hours by kind, by the clock on their own wall.

use super::wall;
use crate::learning::{NIGHT_FROM, NIGHT_UNTIL, night_of};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

/// Time on call. Each instant counts once: a night of the weekend is neither a night nor a weekend's day, and a holiday is nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Mondays to Fridays, from 07:00 to 22:00.
    pub days: TimeDelta,
    /// Mondays to Fridays, else.
    pub nights: TimeDelta,
    /// Saturdays and Sundays, from 07:00 to 22:00.
    pub weekend_days: TimeDelta,
    pub weekend_nights: TimeDelta,
    /// Holidays from midnight to midnight, on whichever day of the week.
    pub holidays: TimeDelta,
}

impl Load {
    pub fn total(&self) -> TimeDelta {
        self.days + self.nights + self.weekend_days + self.weekend_nights + self.holidays
    }

    /// What costs sleep, a weekend or a holiday.
    pub fn hard(&self) -> TimeDelta {
        self.total() - self.days
    }

    /// Of one person's times on call, which may overlap; no day is a holiday.
    pub fn of(spans: &[(DateTime<Utc>, DateTime<Utc>)], zone: Tz) -> Self {
        Self::with_holidays(spans, zone, |_| false)
    }

    /// The same where some days are holidays.
    pub fn with_holidays(
        spans: &[(DateTime<Utc>, DateTime<Utc>)],
        zone: Tz,
        is_holiday: impl Fn(NaiveDate) -> bool,
    ) -> Self {
        let mut spans = spans.to_vec();
        spans.sort_unstable();
        let mut load = Self::default();
        let mut counted = DateTime::<Utc>::MIN_UTC;
        for (from, to) in spans {
            let mut at = from.max(counted);
            while at < to {
                let end = next_border(at, zone).min(to);
                *load.kind_at(at, zone, &is_holiday) += end - at;
                at = end;
            }
            counted = counted.max(to);
        }
        load
    }

    fn kind_at(
        &mut self,
        at: DateTime<Utc>,
        zone: Tz,
        is_holiday: impl Fn(NaiveDate) -> bool,
    ) -> &mut TimeDelta {
        let date = wall::reading(zone, at).date();
        if is_holiday(date) {
            return &mut self.holidays;
        }
        let day = date.weekday();
        match (
            matches!(day, Weekday::Sat | Weekday::Sun),
            night_of(at, zone).is_some(),
        ) {
            (false, false) => &mut self.days,
            (false, true) => &mut self.nights,
            (true, false) => &mut self.weekend_days,
            (true, true) => &mut self.weekend_nights,
        }
    }
}

impl AddAssign for Load {
    fn add_assign(&mut self, other: Self) {
        self.days += other.days;
        self.nights += other.nights;
        self.weekend_days += other.weekend_days;
        self.weekend_nights += other.weekend_nights;
        self.holidays += other.holidays;
    }
}

/// When the kind may change next: at midnight, in the morning or in the evening.
fn next_border(at: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let today = wall::reading(zone, at).date();
    let hours = [0, NIGHT_UNTIL, NIGHT_FROM];
    let borders = [0, 1, 2]
        .into_iter()
        .filter_map(|day| today.checked_add_days(Days::new(day)));
    let borders = borders.flat_map(|date| {
        hours.map(|hour| {
            wall::instant(
                zone,
                date.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()),
            )
        })
    });
    let later = borders.filter(|border| *border > at).min();
    later.unwrap_or(at + TimeDelta::hours(1))
}

/// Fewer incidents say nothing about who acts in them.
const FEW: usize = 5;

/// Where one person acts in more than half of the incidents, the team rests on them: in how many of how many. `acted`: who acted in which,
/// each pair once.
pub fn rests_on_one<P: Ord, I: Ord>(acted: &[(P, I)]) -> Option<(usize, usize)> {
    let incidents: BTreeSet<&I> = acted.iter().map(|(_, incident)| incident).collect();
    let mut of_each: BTreeMap<&P, usize> = BTreeMap::new();
    for (person, _) in acted {
        *of_each.entry(person).or_default() += 1;
    }
    let (most, all) = (of_each.into_values().max().unwrap_or_default(), incidents.len());
    (all >= FEW && most * 2 > all).then_some((most, all))
}

/// Whose turn comes next where all are to have had the same: whoever had the least of what costs sleep, then the least at all. The
/// order of those who had as much stays.
pub fn evened_out<P: Clone>(loads: &[(P, Load)]) -> Vec<P> {
    let mut order: Vec<&(P, Load)> = loads.iter().collect();
    order.sort_by_key(|(_, load)| (load.hard(), load.total()));
    order.into_iter().map(|(person, _)| person.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn hours(load: Load) -> [i64; 4] {
        [load.days, load.nights, load.weekend_days, load.weekend_nights].map(|time| time.num_hours())
    }

    #[test]
    fn a_team_rests_on_whoever_acts_in_more_than_half() {
        for (ana, bo, expected) in [
            (0..0, 0..0, None),
            (0..4, 0..0, None),
            (0..5, 0..0, Some((5, 5))),
            (0..3, 3..6, None),
            (0..4, 2..6, Some((4, 6))),
        ] {
            let acted = ana.map(|incident| ("ana", incident));
            let acted: Vec<(&str, u8)> = acted.chain(bo.map(|incident| ("bo", incident))).collect();
            assert_eq!(rests_on_one(&acted), expected, "{acted:?}");
        }
    }

    #[test]
    fn hours_are_counted_by_the_clock_of_whoever_serves() {
        let berlin = chrono_tz::Europe::Berlin;
        let tokyo = chrono_tz::Asia::Tokyo;
        for (spans, zone, expected) in [
            // A Monday from nine to five in Berlin is an evening and a night in Tokyo.
            (
                &[("2026-03-02T08:00:00Z", "2026-03-02T16:00:00Z")][..],
                berlin,
                [8, 0, 0, 0],
            ),
            (
                &[("2026-03-02T08:00:00Z", "2026-03-02T16:00:00Z")],
                tokyo,
                [5, 3, 0, 0],
            ),
            // A week: five days of 15 and nine hours, a weekend of 30 and 18.
            (
                &[("2026-03-01T23:00:00Z", "2026-03-08T23:00:00Z")],
                berlin,
                [75, 45, 30, 18],
            ),
            // From Friday evening to Saturday morning: two hours of Friday, seven of the weekend's night, three of its day.
            (
                &[("2026-03-06T21:00:00Z", "2026-03-07T09:00:00Z")],
                berlin,
                [0, 2, 3, 7],
            ),
            // The night in which the clock is set forward has an hour less.
            (
                &[("2026-03-28T21:00:00Z", "2026-03-29T05:00:00Z")],
                berlin,
                [0, 0, 0, 8],
            ),
            (
                &[("2026-03-28T21:00:00Z", "2026-03-29T06:00:00Z")],
                berlin,
                [0, 0, 1, 8],
            ),
            // Two schedules at once count once.
            (
                &[
                    ("2026-03-02T08:00:00Z", "2026-03-02T12:00:00Z"),
                    ("2026-03-02T10:00:00Z", "2026-03-02T14:00:00Z"),
                    ("2026-03-02T11:00:00Z", "2026-03-02T12:00:00Z"),
                ],
                berlin,
                [6, 0, 0, 0],
            ),
        ] {
            let spans: Vec<_> = spans.iter().map(|(from, to)| (at(from), at(to))).collect();
            assert_eq!(hours(Load::of(&spans, zone)), expected, "{spans:?} in {zone}");
        }
    }

    #[test]
    fn a_holiday_is_nothing_else_from_midnight_to_midnight() {
        let berlin = chrono_tz::Europe::Berlin;
        let christmas: NaiveDate = "2026-12-25".parse().unwrap();
        let saturday: NaiveDate = "2026-12-26".parse().unwrap();
        // From Thursday evening to Saturday evening.
        let spans = [(at("2026-12-24T19:00:00Z"), at("2026-12-26T19:00:00Z"))];
        for (days, expected, holidays) in [
            (vec![], [17, 11, 13, 7], 0),
            (vec![christmas], [2, 2, 13, 7], 24),
            (vec![christmas, saturday], [2, 2, 0, 0], 44),
        ] {
            let load = Load::with_holidays(&spans, berlin, |day| days.contains(&day));
            assert_eq!(
                (hours(load), load.holidays.num_hours()),
                (expected, holidays),
                "{days:?}"
            );
            assert_eq!(load.total().num_hours(), 48);
        }
    }

    #[test]
    fn whoever_had_the_least_of_nights_is_next() {
        let load = |days: i64, nights: i64| Load {
            days: TimeDelta::hours(days),
            nights: TimeDelta::hours(nights),
            ..Load::default()
        };
        let loads = [
            ("ana", load(10, 40)),
            ("bo", load(50, 10)),
            ("cy", load(20, 10)),
            ("dee", load(20, 10)),
        ];
        assert_eq!(evened_out(&loads), ["cy", "dee", "bo", "ana"]);
    }
}
