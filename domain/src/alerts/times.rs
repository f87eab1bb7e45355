//! The many forms in which sources write a time.

use chrono::{DateTime, Days, NaiveDateTime, TimeZone, Utc};
use serde_json::Value;

/// The time that a source told, to the microsecond; `None` if it cannot be read or cannot be true: before the year 2000, or more
/// than a day ahead of us.
pub(super) fn read(told: Option<&Value>, received_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let time = match told? {
        Value::String(text) => from_text(text.trim())?,
        Value::Number(number) => from_number(number.as_f64()?, number.as_i64())?,
        _ => return None,
    };
    let time = DateTime::from_timestamp_micros(time.timestamp_micros())?;
    let first = Utc.with_ymd_and_hms(2000, 1, 1, 0, 0, 0).single()?;
    let last = received_at.checked_add_days(Days::new(1))?;
    (first..=last).contains(&time).then_some(time)
}

/// As [`read`], and the time of receipt where that has nothing: a time is never a reason to lose a page.
pub(super) fn read_or_received(told: Option<&Value>, received_at: DateTime<Utc>) -> DateTime<Utc> {
    read(told, received_at).unwrap_or_else(|| micros(received_at))
}

/// When a resolved alert ended; never before it began.
pub(super) fn ended(
    told: Option<&Value>,
    started_at: DateTime<Utc>,
    received_at: DateTime<Utc>,
) -> DateTime<Utc> {
    read_or_received(told, received_at).max(started_at)
}

fn micros(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time)
}

fn from_text(text: &str) -> Option<DateTime<Utc>> {
    // Nothing that is a time is longer, and some parsers are slow on what is.
    if text.len() > 64 {
        return None;
    }
    if let Ok(number) = text.parse::<f64>() {
        return from_number(number, text.parse().ok());
    }
    let text = text.to_uppercase();
    // An offset counts before a Z: PagerDuty's Python client writes both, as in `+00:00Z`.
    let text = text.trim_end_matches("UTC").trim_end_matches('Z').trim_end();
    for form in [
        "%Y-%m-%dT%H:%M:%S%.f%z",
        "%Y-%m-%d %H:%M:%S%.f %z",
        "%Y-%m-%d %H:%M:%S%.f%z",
    ] {
        if let Ok(time) = DateTime::parse_from_str(text, form) {
            return Some(time.to_utc());
        }
    }
    // Without any mark it is read as UTC, too: hours beside the truth are better than nothing.
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|time| time.and_utc())
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970: as seconds, 10^11 is the year 5138.
fn from_number(number: f64, whole: Option<i64>) -> Option<DateTime<Utc>> {
    if !number.is_finite() {
        return None;
    }
    if let Some(whole) = whole {
        return match whole.unsigned_abs() {
            0..100_000_000_000 => DateTime::from_timestamp(whole, 0),
            100_000_000_000..100_000_000_000_000 => DateTime::from_timestamp_millis(whole),
            100_000_000_000_000..100_000_000_000_000_000 => DateTime::from_timestamp_micros(whole),
            _ => Some(DateTime::from_timestamp_nanos(whole)),
        };
    }
    let micros = if number.abs() < 1e11 {
        number * 1e6
    } else {
        number * 1e3
    };
    // A cast saturates, and what is that far out is refused as untrue.
    #[allow(clippy::cast_possible_truncation)]
    DateTime::from_timestamp_micros(micros.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_read_in_all_their_forms() {
        let received = "2026-11-21T05:10:00Z".parse().unwrap();
        let five = Some("2026-11-21T05:00:00Z");
        for (told, read_as) in [
            (json!("2026-11-21T05:00:00Z"), five),
            (json!("2026-11-21t05:00:00z"), five),
            (json!("2026-11-21T06:00:00+01:00"), five),
            (json!("2026-11-20T23:00:00.000-0600"), five),
            (json!("2026-11-21T05:00:00+00:00Z"), five),
            (json!("2026-11-21 06:00:00 +0100"), five),
            (json!("2026-11-21 05:00:00 UTC"), five),
            (json!("2026-11-21 05:00:00"), five),
            (json!("2026-11-21T05:00:00"), five),
            (json!(1_795_237_200), five),
            (json!(1_795_237_200.0), five),
            (json!("1795237200"), five),
            (json!(1_795_237_200_000_i64), five),
            (json!("1795237200000"), five),
            (json!(1_795_237_200_000_000_i64), five),
            (
                json!("2026-11-21T05:00:00.123456789Z"),
                Some("2026-11-21T05:00:00.123456Z"),
            ),
            (json!("0001-01-01T00:00:00Z"), None),
            (json!("9999-12-31T23:59:59.999999999Z"), None),
            (json!("-0044-03-15T00:00:00Z"), None),
            (json!("2026-02-30T00:00:00Z"), None),
            (json!("2031-01-01T00:00:00Z"), None),
            (json!(1e300), None),
            (json!(-9e18), None),
            (json!(i64::MAX), None),
            (json!("NaN"), None),
            (json!("soon"), None),
            (json!(""), None),
            (json!(null), None),
            (json!([]), None),
        ] {
            let read_as = read_as.map(|text| text.parse::<DateTime<Utc>>().unwrap());
            assert_eq!(read(Some(&told), received), read_as, "{told}");
        }
    }
}
