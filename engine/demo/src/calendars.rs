//! Calendars that people and teams have elsewhere: somebody is away, and a team has holidays.

use crate::NoDemo;
use crate::cast::Cast;
use crate::company::Habits;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use engine::calendars::{self, Whose};
use engine::{Actor, Tx, people};
use std::fmt::Write;

/// As files that their calendars would export.
pub async fn give(tx: &mut Tx, cast: &Cast, habits: &Habits, now: DateTime<Utc>) -> Result<(), NoDemo> {
    let day = |from_now: TimeDelta| (now + from_now).date_naive();
    let away = &habits.away;
    let person = people::find(tx, cast.person(&away.person)?).await?;
    let zone = person.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let text = exported(&[(day(away.from.0), day(away.to.0), "Away")]);
    let file = calendars::file("away.ics", text.into_bytes(), zone, now).await?;
    let whose = Whose::Person(person.id);
    tx.acts_as(Actor::Person {
        person,
        address: None,
    });
    calendars::add_file(tx, whose, &file).await?;
    tx.acts_as(Actor::Kintsugi);

    let holidays = &habits.holidays;
    let days = holidays
        .days
        .iter()
        .map(|(from_now, name)| (day(from_now.0), name));
    let events: Vec<_> = days
        .map(|(day, name)| (day, day + TimeDelta::days(1), name.as_str()))
        .collect();
    let file = calendars::file(
        "holidays.ics",
        exported(&events).into_bytes(),
        chrono_tz::UTC,
        now,
    )
    .await?;
    calendars::add_file(tx, Whose::Team(cast.team(&holidays.team)?.id), &file).await?;
    Ok(())
}

fn exported(events: &[(NaiveDate, NaiveDate, &str)]) -> String {
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n".to_owned();
    for (from, to, name) in events {
        // Writing to a text never fails.
        let _ = write!(
            text,
            "BEGIN:VEVENT\r\nUID:{from}\r\nDTSTART;VALUE=DATE:{}\r\nDTEND;VALUE=DATE:{}\r\nSUMMARY:{name}\r\nEND:VEVENT\r\n",
            from.format("%Y%m%d"),
            to.format("%Y%m%d"),
        );
    }
    text.push_str("END:VCALENDAR\r\n");
    text
}
