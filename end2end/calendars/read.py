"""Reads a calendar as programs do that know nothing of Kintsugi, and answers with all that happens in it.

The standard input is JSON, {"calendar", "from", "to"}; the answer is a list of {"uid", "summary", "from", "to"} in UTC.
"""

import json
import sys
from datetime import datetime, timezone

import icalendar
import recurring_ical_events


def instant(at):
    assert isinstance(at, datetime) and at.tzinfo is not None, f"{at} is no instant"
    return at.astimezone(timezone.utc)


def told(at):
    return instant(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_zones(calendar, events):
    """The zones that stand in the calendar read as those that everybody knows by these names."""
    missing = calendar.get_missing_tzids()
    assert not missing, f"zones that are named and not there: {missing}"
    written = {str(zone["TZID"]): zone.to_tz(lookup_tzid=False) for zone in calendar.timezones}
    for event in events:
        for key in ("DTSTART", "DTEND"):
            name = event[key].params.get("TZID")
            if name:
                reading = event[key].dt.replace(tzinfo=None)
                ours = reading.replace(tzinfo=written[name])
                assert instant(ours) == instant(event[key].dt), f"{reading} in {name}: {instant(ours)}"


def main():
    asked = json.load(sys.stdin)
    calendar = icalendar.Calendar.from_ical(asked["calendar"])
    for component in calendar.walk():
        assert not component.errors, component.errors
    events = calendar.walk("VEVENT")
    for event in events:
        for key in ("UID", "DTSTAMP", "SEQUENCE", "SUMMARY", "DTSTART", "DTEND"):
            assert key in event, f"{key} is missing: {event}"
        assert instant(event["DTSTART"].dt) < instant(event["DTEND"].dt), event
    uids = [str(event["UID"]) for event in events]
    assert len(set(uids)) == len(uids), "an event is there twice"
    check_zones(calendar, events)
    span = [datetime.fromisoformat(asked[key].replace("Z", "+00:00")) for key in ("from", "to")]
    found = recurring_ical_events.of(calendar).between(*span)
    json.dump(
        [
            {
                "uid": str(event["UID"]),
                "summary": str(event["SUMMARY"]),
                "from": told(event["DTSTART"].dt),
                "to": told(event["DTEND"].dt),
            }
            for event in found
        ],
        sys.stdout,
    )


main()
