//! Private calendars of turns: read again, an event is the one that it was, or a newer one of it.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use chrono::{DateTime, Utc};
use domain::ids::{PersonId, ScheduleId};
use domain::oncall::{Change, Layer, Schedule};
use engine::oncall::calendar::Of;
use engine::oncall::overrides::{self, Draft};
use engine::oncall::{feeds, store};
use engine::workers::clean;
use engine::{deactivation, transaction};
use testing::{TestApp, both_databases, days, hours, seconds};

/// It is Monday, 2 March 2026, 09:00 UTC: each of these has a week, one after the other.
async fn made(app: &TestApp, zone: chrono_tz::Tz, people: &[&str]) -> ScheduleId {
    app.administrator("root").await;
    for name in ["ana", "bo"] {
        app.responder(name).await;
    }
    let team = app.team("payments", &["ana", "bo"]).await;
    let people = people.iter().map(|name| app.id(name));
    let rota = Schedule {
        time_zone: zone,
        layers: vec![Layer::weekly(people, "2026-03-02T09:00:00".parse().unwrap())],
        overrides: Vec::new(),
    };
    transaction!(app.engine, |tx| store::create(tx, team, "Primary", &rota).await?).unwrap()
}

async fn feed(app: &TestApp, name: &str, of: Of) -> String {
    let person: PersonId = app.id(name);
    let secret = transaction!(app.by(person).await, |tx| feeds::create(tx, of).await?).unwrap();
    secret.reveal().to_owned()
}

async fn text(app: &TestApp, feed: &str) -> String {
    let mut tx = app.engine.read().await.unwrap();
    feeds::read(&mut tx, feed).await.unwrap()
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Event {
    uid: String,
    from: String,
    to: String,
    sequence: i64,
    stamp: String,
    summary: String,
    description: String,
}

async fn events(app: &TestApp, feed: &str) -> Vec<Event> {
    let unfolded = text(app, feed).await.replace("\r\n ", "");
    let events = unfolded.split("BEGIN:VEVENT").skip(1);
    let event = |event: &str| {
        let of = |key: &str| {
            let line = event.lines().find_map(|line| line.strip_prefix(key));
            line.unwrap_or_else(|| panic!("no {key} in {event}")).to_owned()
        };
        Event {
            uid: of("UID:"),
            from: of("DTSTART:"),
            to: of("DTEND:"),
            sequence: of("SEQUENCE:").parse().unwrap(),
            stamp: of("DTSTAMP:"),
            summary: of("SUMMARY:"),
            description: of("DESCRIPTION:"),
        }
    };
    events.map(event).collect()
}

/// What makes it this event, and when it is.
fn times(events: &[Event]) -> Vec<[&str; 3]> {
    let times = events.iter();
    times
        .map(|event| [event.uid.as_str(), event.from.as_str(), event.to.as_str()])
        .collect()
}

async fn arrange(app: &TestApp, schedule: ScheduleId, change: Change<PersonId>, from: &str, to: &str) {
    let draft = Draft {
        change,
        layer: None,
        from: at(from),
        to: at(to),
    };
    transaction!(app.engine, |tx| overrides::add(tx, schedule, &draft).await?).unwrap();
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

both_databases! {
    async fn a_turn_without_an_end_is_one_event_whenever_it_is_read(app) {
        made(app, chrono_tz::UTC, &["ana"]).await;
        let mine = feed(app, "ana", Of::All).await;
        let first = events(app, &mine).await;
        assert_eq!(first.len(), 1);
        assert_eq!([first[0].from.as_str(), first[0].to.as_str()], ["20260302T090000Z", "20270101T000000Z"]);
        for span in [seconds(2), days(1)] {
            app.clock.pass(span);
            assert_eq!(events(app, &mine).await, first, "after {span}");
        }
        // The month has turned by which ends are looked for: another end, and a newer event.
        app.clock.pass(days(31));
        let later = events(app, &mine).await;
        assert_eq!(times(&later), [[first[0].uid.as_str(), "20260302T090000Z", "20270201T000000Z"]]);
        assert!(later[0].sequence >= first[0].sequence && later[0].stamp > first[0].stamp, "{later:?}");
        app.clock.pass(days(900));
        let late = events(app, &mine).await;
        assert_eq!((&late[0].uid, &late[0].from), (&first[0].uid, &first[0].from));
        assert!(late[0].to > later[0].to && late[0].stamp > later[0].stamp);
    }

    async fn no_turn_is_cut_where_the_calendar_ends(app) {
        let schedule = made(app, chrono_tz::UTC, &["ana", "bo"]).await;
        let all = feed(app, "ana", Of::Schedule(schedule)).await;
        let first = events(app, &all).await;
        app.clock.pass(seconds(2));
        assert_eq!(events(app, &all).await, first);
        app.clock.pass(days(1));
        assert_eq!(times(&events(app, &all).await)[..first.len()], times(&first)[..]);
        app.clock.pass(days(31));
        let later = events(app, &all).await;
        let known: Vec<[&str; 3]> = times(&later)
            .into_iter()
            .filter(|[uid, ..]| first.iter().any(|event| event.uid == *uid))
            .collect();
        assert!(known.len() + 6 > first.len(), "{later:?}");
        assert!(known.iter().all(|event| times(&first).contains(event)), "{known:?} {first:?}");
    }

    async fn a_calendar_in_a_zone_reads_the_same_until_something_changes(app) {
        let schedule = made(app, chrono_tz::Europe::Berlin, &["ana", "bo"]).await;
        let all = feed(app, "ana", Of::Schedule(schedule)).await;
        let first = text(app, &all).await;
        app.clock.pass(seconds(2));
        assert_eq!(text(app, &all).await, first);
    }

    async fn what_is_newer_stays_newer_when_the_audit_log_is_cleaned(app) {
        let schedule = made(app, chrono_tz::UTC, &["ana", "bo"]).await;
        let all = feed(app, "ana", Of::Schedule(schedule)).await;
        let ana = app.id("ana");
        arrange(app, schedule, Change::Cover { person: ana }, "2026-03-10T09:00:00Z", "2026-03-11T09:00:00Z").await;
        let before = events(app, &all).await;
        app.clock.pass(app.engine.context.retention.audit + hours(1));
        clean::run(&app.engine).await.unwrap();
        assert_eq!(app.count("SELECT COUNT(*) FROM audit_log WHERE subject = 'schedule'").await, 0);
        let after = events(app, &all).await;
        assert_eq!((after[0].sequence, &after[0].stamp), (before[0].sequence, &before[0].stamp));
        let now = app.engine.context.now();
        let draft = Draft::by(ana, (now, now + days(2)));
        transaction!(app.engine, |tx| overrides::add(tx, schedule, &draft).await?).unwrap();
        let changed = events(app, &all).await;
        assert!(changed[0].sequence > after[0].sequence && changed[0].stamp > after[0].stamp, "{changed:?}");
    }

    async fn somebody_who_comes_in_beside_makes_no_other_event(app) {
        let schedule = made(app, chrono_tz::UTC, &["ana", "bo"]).await;
        let (mine, all) = (feed(app, "ana", Of::All).await, feed(app, "ana", Of::Schedule(schedule)).await);
        let (own, theirs) = (events(app, &mine).await, events(app, &all).await);
        assert_eq!((theirs[2].from.as_str(), theirs[2].summary.as_str()), ("20260316T090000Z", "Primary: Ana"));
        let bo = app.id("bo");
        arrange(app, schedule, Change::Add { person: bo }, "2026-03-16T09:00:00Z", "2026-03-23T09:00:00Z").await;
        let after = events(app, &all).await;
        assert_eq!(times(&after), times(&theirs));
        assert!(after[2].summary.contains("Bo") && after[2].sequence > theirs[2].sequence, "{:?}", after[2]);
        // For a part of it, it is still one turn of hers.
        arrange(app, schedule, Change::Add { person: bo }, "2026-03-04T09:00:00Z", "2026-03-05T09:00:00Z").await;
        let after = events(app, &mine).await;
        assert_eq!(times(&after), times(&own));
        assert!(after[0].description.contains("Bo") && after[0].sequence > own[0].sequence, "{:?}", after[0]);
        assert_eq!(events(app, &all).await[0].uid, theirs[0].uid);
    }

    async fn the_turn_of_whoever_leaves_ends_when_they_left(app) {
        let schedule = made(app, chrono_tz::UTC, &["ana", "bo"]).await;
        let all = feed(app, "ana", Of::Schedule(schedule)).await;
        app.clock.pass(days(8));
        let before = events(app, &all).await;
        let (root, bo): (PersonId, PersonId) = (app.id("root"), app.id("bo"));
        transaction!(app.by(root).await, |tx| deactivation::deactivate(tx, bo).await?).unwrap();
        let left = events(app, &all).await;
        assert_eq!(times(&left)[1], [before[1].uid.as_str(), "20260309T090000Z", "20260310T090000Z"]);
        assert!(left[1].sequence > before[1].sequence);
        app.clock.pass(seconds(2));
        assert_eq!(events(app, &all).await, left);
    }
}
