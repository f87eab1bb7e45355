//! A turn as a message of one calendar program to another (RFC 5546, as mails carry it by RFC 6047): one event, one recipient.

use super::super::ical::{PROGRAM, in_utc};
use super::Saying;
use crate::Context;
use crate::people::reachable;
use chrono::{DateTime, Utc};
use domain::people::Person;
use icalendar::{Calendar, Component, Event, Property};

/// Times are in UTC: the event is one and does not come again, and each calendar shows it by its own clock.
pub(crate) fn event(
    context: &Context,
    to: &Person,
    saying: &Saying,
    turn_url: &str,
    now: DateTime<Utc>,
) -> String {
    let (method, status) = match saying.cancelled {
        Some(_) => ("CANCEL", "CANCELLED"),
        None => ("REQUEST", "CONFIRMED"),
    };
    let mut calendar = Calendar::empty();
    for (key, value) in [
        ("VERSION", "2.0"),
        ("PRODID", PROGRAM),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", method),
    ] {
        calendar.append_property(Property::new(key, value).done());
    }
    let from = &context.mail.mailbox;
    let mut event = Event::new();
    event
        .uid(&saying.uid)
        .summary(&format!("On call: {}", saying.turn.name))
        .append_property(in_utc("DTSTAMP", now))
        .append_property(Property::new("SEQUENCE", saying.sequence.to_string()).done())
        .append_property(Property::new("STATUS", status).done())
        .append_property(Property::new("TRANSP", "TRANSPARENT").done())
        .append_property(in_utc("DTSTART", saying.from))
        .append_property(in_utc("DTEND", saying.turn.to))
        .append_property(somebody(
            "ORGANIZER",
            from.name.as_deref().unwrap_or("Kintsugi"),
            from.email.as_ref(),
        ));
    if saying.cancelled.is_none() {
        event
            .description(&format!(
                "You have the pager for {}.\nIf you cannot: {turn_url}",
                saying.turn.name
            ))
            .url(&context.link(&format!("/settings/schedules/{}", saying.schedule)));
    }
    let mut attendee = somebody("ATTENDEE", &to.name, &to.email);
    // They asked for their turns, so there is nothing to accept, and nobody who reads an answer.
    for (key, value) in [
        ("CUTYPE", "INDIVIDUAL"),
        ("ROLE", "REQ-PARTICIPANT"),
        ("PARTSTAT", "ACCEPTED"),
        ("RSVP", "FALSE"),
    ] {
        attendee.add_parameter(key, value);
    }
    event.append_property(attendee);
    calendar.push(event.done());
    calendar.to_string()
}

/// By the address to which the mail goes, which is how a program knows its owner.
fn somebody(key: &str, name: &str, address: &str) -> Property {
    let address = reachable(address).map_or_else(|| address.to_owned(), |address| address.to_string());
    // No parameter can hold these (RFC 5545, 3.2).
    let name = name.replace(|letter: char| letter == '"' || letter.is_control(), "'");
    let mut property = Property::new(key, format!("mailto:{address}"));
    property.add_parameter("CN", &name);
    property
}
