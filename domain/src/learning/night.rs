//! Nights, by the clock of whoever is woken.

use chrono::{DateTime, Days, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;

/// A night begins at this hour, where somebody is.
pub const NIGHT_FROM: u32 = 22;
/// And is over at this one.
pub const NIGHT_UNTIL: u32 = 7;

/// The night that an instant lies in, by the day on whose evening it began.
pub fn night_of(at: DateTime<Utc>, zone: Tz) -> Option<NaiveDate> {
    let there = at.with_timezone(&zone);
    let day = there.date_naive();
    match there.hour() {
        NIGHT_FROM.. => Some(day),
        hour if hour < NIGHT_UNTIL => day.checked_sub_days(Days::new(1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_has_the_day_on_whose_evening_it_began() {
        let berlin = chrono_tz::Europe::Berlin;
        for (at, zone, night) in [
            ("2026-03-02T21:00:00Z", berlin, Some("2026-03-02")),
            ("2026-03-02T20:59:00Z", berlin, None),
            ("2026-03-03T05:59:00Z", berlin, Some("2026-03-02")),
            ("2026-03-03T06:00:00Z", berlin, None),
            ("2026-03-03T05:59:00Z", chrono_tz::Asia::Tokyo, None),
            // The clocks are set forward in this night.
            ("2026-03-29T01:30:00Z", berlin, Some("2026-03-28")),
        ] {
            let expected = night.map(|day| day.parse().unwrap());
            assert_eq!(night_of(at.parse().unwrap(), zone), expected, "{at}");
        }
    }
}
