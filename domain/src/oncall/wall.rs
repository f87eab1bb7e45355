//! From the reading of a clock on the wall to an instant.

use chrono::{DateTime, Days, LocalResult, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Serialize, Serializer};

/// Wall times are written like this.
pub const FORMAT: &str = "%Y-%m-%dT%H:%M";

/// What the reading of a local clock stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    Once(DateTime<Utc>),
    /// In a fold: the clock was set back, and read it a second time.
    Twice(DateTime<Utc>, DateTime<Utc>),
    /// In a gap: the clock was set forward over it. This is when.
    Never(DateTime<Utc>),
}

/// The instants at which the local clock reads `wall`.
pub fn read(zone: Tz, wall: NaiveDateTime) -> Reading {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(at) => Reading::Once(at.to_utc()),
        LocalResult::Ambiguous(one, other) => {
            Reading::Twice(one.min(other).to_utc(), one.max(other).to_utc())
        }
        LocalResult::None => Reading::Never(end_of_gap(zone, wall)),
    }
}

/// The first instant at which the local clock reads `wall` or something later.
///
/// Once: that instant. In a fold (the clock was set back): the first of the two. In a gap (the clock was set forward): the first
/// instant after it, however far into the gap. An earlier wall time never gets a later instant.
pub fn instant(zone: Tz, wall: NaiveDateTime) -> DateTime<Utc> {
    match read(zone, wall) {
        Reading::Once(at) | Reading::Twice(at, _) | Reading::Never(at) => at,
    }
}

/// The reading of the local clock at an instant.
pub fn reading(zone: Tz, at: DateTime<Utc>) -> NaiveDateTime {
    let utc = at.naive_utc();
    let offset = zone.offset_from_utc_datetime(&utc).fix();
    // At the very ends of the calendar there is no other reading.
    utc.checked_add_offset(offset).unwrap_or(utc)
}

/// Looks for the instant at which the clock jumps over `wall`. The longest jump known is a day, and no offset is beyond one.
fn end_of_gap(zone: Tz, wall: NaiveDateTime) -> DateTime<Utc> {
    let near = wall.and_utc();
    let Some((mut before, mut after)) = near
        .checked_sub_days(Days::new(3))
        .zip(near.checked_add_days(Days::new(3)))
    else {
        return near;
    };
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if reading(zone, middle) >= wall {
            after = middle;
        } else {
            before = middle;
        }
    }
    // Transitions are at whole seconds; `wall` may not be.
    DateTime::from_timestamp(after.timestamp(), 0).unwrap_or(after)
}

/// `YYYY-MM-DDTHH:MM`, for serde.
pub(super) fn write<S: Serializer>(wall: &NaiveDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&wall.format(FORMAT))
}

pub(super) fn write_some<S: Serializer>(
    wall: &Option<NaiveDateTime>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match wall {
        Some(wall) => write(wall, serializer),
        None => serializer.serialize_none(),
    }
}

/// The zone's name, for serde.
pub(super) fn write_name<S: Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(zone.name())
}

pub(super) fn write_zone<S: Serializer>(zone: &Option<Tz>, serializer: S) -> Result<S::Ok, S::Error> {
    zone.map(Tz::name).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_time_is_the_first_instant_that_reads_it_or_later() {
        for (zone, wall, at) in [
            (Tz::Europe__Berlin, "2025-01-06T09:00:00", "2025-01-06T08:00:00Z"),
            // A gap from 02:00 to 03:00: its begin is in it, its end is not.
            (Tz::Europe__Berlin, "2025-03-30T01:59:00", "2025-03-30T00:59:00Z"),
            (Tz::Europe__Berlin, "2025-03-30T02:00:00", "2025-03-30T01:00:00Z"),
            (Tz::Europe__Berlin, "2025-03-30T02:59:00", "2025-03-30T01:00:00Z"),
            (
                Tz::Europe__Berlin,
                "2025-03-30T02:59:59.5",
                "2025-03-30T01:00:00Z",
            ),
            (Tz::Europe__Berlin, "2025-03-30T03:00:00", "2025-03-30T01:00:00Z"),
            // A fold from 02:00 to 03:00, likewise.
            (Tz::Europe__Berlin, "2025-10-26T01:59:00", "2025-10-25T23:59:00Z"),
            (Tz::Europe__Berlin, "2025-10-26T02:00:00", "2025-10-26T00:00:00Z"),
            (Tz::Europe__Berlin, "2025-10-26T02:59:00", "2025-10-26T00:59:00Z"),
            (Tz::Europe__Berlin, "2025-10-26T03:00:00", "2025-10-26T02:00:00Z"),
            // Half an hour, a quarter, a whole day.
            (
                Tz::Australia__Lord_Howe,
                "2025-10-05T02:10:00",
                "2025-10-04T15:30:00Z",
            ),
            (Tz::Asia__Kathmandu, "1986-01-01T00:07:00", "1985-12-31T18:30:00Z"),
            (Tz::Pacific__Apia, "2011-12-30T12:00:00", "2011-12-30T10:00:00Z"),
        ] {
            let at: DateTime<Utc> = at.parse().unwrap();
            assert_eq!(instant(zone, wall.parse().unwrap()), at, "{zone} {wall}");
        }
    }
}
