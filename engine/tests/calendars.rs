//! Calendars that people have elsewhere: when they are away, which days are holidays, and what becomes of those that fail.

#![allow(clippy::unwrap_used, reason = "a story that stumbles fails")]

use chrono::{DateTime, Utc};
use domain::calendars::Unreadable;
use domain::ids::{CalendarId, PersonId, TeamId};
use engine::calendars::{self, Calendar, Fetch, Fetched, File, NotFetched, Refused, Wanted, Whose};
use engine::oncall::readiness::{self, Concern};
use engine::oncall::{absences, requests};
use engine::{load, setup, transaction, workers};
use std::sync::{Arc, Mutex};
use testing::{TestApp, both_databases, days, hours, minutes, refusal_of};

/// What the web answers now, and what it was asked.
#[derive(Clone)]
struct Web {
    answer: Arc<Mutex<Result<Fetched, NotFetched>>>,
    asked: Arc<Mutex<Vec<Wanted>>>,
}

impl Web {
    fn new() -> Self {
        Self {
            answer: Arc::new(Mutex::new(Err(NotFetched::NoAnswer))),
            asked: Arc::default(),
        }
    }

    fn says(&self, text: &str) {
        *self.answer.lock().unwrap() = Ok(Fetched::New {
            bytes: text.as_bytes().to_vec(),
            etag: Some("\"one\"".to_owned()),
            last_modified: None,
        });
    }

    fn fails(&self, why: NotFetched) {
        *self.answer.lock().unwrap() = Err(why);
    }
}

impl Fetch for Web {
    async fn fetch(&self, wanted: Wanted) -> Result<Fetched, NotFetched> {
        let is_known = wanted.etag.is_some();
        self.asked.lock().unwrap().push(wanted);
        match self.answer.lock().unwrap().clone() {
            Ok(_) if is_known => Ok(Fetched::Same),
            answer => answer,
        }
    }
}

fn calendar(events: &[&str]) -> String {
    let events: String = events
        .iter()
        .map(|lines| format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT\n"))
        .collect();
    format!("BEGIN:VCALENDAR\n{events}END:VCALENDAR\n")
}

/// Bo is away in the week in which the pager is theirs, from Wednesday to Friday, by the clock of Berlin.
const AWAY: &str = "UID:a\nSUMMARY:Dentist\nDTSTART;VALUE=DATE:20260311\nDTEND;VALUE=DATE:20260314";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn file(app: &TestApp, text: &str) -> engine::Result<File> {
    calendars::file(
        "away.ics",
        text.as_bytes().to_vec(),
        chrono_tz::Europe::Berlin,
        app.engine.context.now(),
    )
    .await
}

async fn add_address(app: &TestApp, by: &str, whose: Whose, address: &str) -> engine::Result<CalendarId> {
    transaction!(app.by(app.id(by)).await, |tx| calendars::add_address(
        tx, whose, address
    )
    .await?)
}

async fn add_file(app: &TestApp, by: &str, whose: Whose, text: &str) -> engine::Result<CalendarId> {
    let file = file(app, text).await?;
    transaction!(app.by(app.id(by)).await, |tx| calendars::add_file(
        tx, whose, &file
    )
    .await?)
}

async fn one(app: &TestApp, whose: Whose) -> Calendar {
    let mut tx = app.engine.read().await.unwrap();
    calendars::of(&mut tx, whose).await.unwrap().remove(0)
}

async fn away(app: &TestApp, name: &str) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let mut tx = app.engine.read().await.unwrap();
    calendars::absences_of(&mut tx, app.id(name)).await.unwrap()
}

async fn read_due(app: &TestApp, web: &Web) -> usize {
    let read = workers::calendars::read_due(&app.engine, web).await.unwrap();
    app.settle().await;
    read
}

fn absence() -> (DateTime<Utc>, DateTime<Utc>) {
    (at("2026-03-10T23:00:00Z"), at("2026-03-13T23:00:00Z"))
}

both_databases! {
    async fn turns_in_an_absence_are_found_told_and_asked_for(app) {
        app.usual_cast().await;
        let bo: PersonId = app.id("bo");
        add_file(app, "bo", Whose::Person(bo), &calendar(&[AWAY])).await.unwrap();
        assert_eq!(away(app, "bo").await, [absence()]);
        let mut tx = app.by(bo).await.read().await.unwrap();
        let found = absences::of_person(&mut tx, bo).await.unwrap();
        let told: Vec<String> = readiness::concerns(&mut tx).await.unwrap().values().flatten().map(|concern: &Concern| concern.words("UTC")).collect();
        drop(tx);
        assert_eq!((found.len(), found[0].span, found[0].turns.len(), found[0].asked), (1, absence(), 1, 0));
        assert_eq!(found[0].turns[0].1, absence(), "as far as it falls into it");
        let expected = "Bo is on call for primary while their calendar says they are away, from Tue 10 Mar, 23:00 UTC to Fri 13 Mar, 23:00 UTC.";
        assert!(told.iter().any(|line| line == expected), "{told:#?}");
        // Nobody else's, and nothing that the calendar does not say any more.
        assert!(transaction!(app.by(app.id("ana")).await, |tx| absences::ask_for_cover(tx, absence().0, absence().1).await?).is_err());
        let asked = transaction!(app.by(bo).await, |tx| absences::ask_for_cover(tx, absence().0, absence().1).await?).unwrap();
        assert_eq!(asked.len(), 1);
        let mut tx = app.by(bo).await.read().await.unwrap();
        let open = requests::open_of(&mut tx, bo).await.unwrap();
        assert_eq!((open[0].from_at, open[0].to_at, open[0].note.as_str()), (absence().0, absence().1, "I am away: 11–13 March."));
        assert_eq!(absences::of_person(&mut tx, bo).await.unwrap()[0].asked, 1);
        drop(tx);
        // Ana takes it: the rota is as she said, and nothing stands in the way any more.
        transaction!(app.by(app.id("ana")).await, |tx| requests::accept(tx, asked[0]).await?).unwrap();
        let mut tx = app.by(bo).await.read().await.unwrap();
        assert!(absences::of_person(&mut tx, bo).await.unwrap().is_empty());
    }

    async fn an_address_is_read_each_hour_and_fails_without_losing_what_it_said(app) {
        app.usual_cast().await;
        let (bo, web): (PersonId, Web) = (app.id("bo"), Web::new());
        let whose = Whose::Person(bo);
        web.says(&calendar(&[AWAY]));
        add_address(app, "bo", whose, "webcal://calendar.example.test/private-hush/away.ics").await.unwrap();
        assert_eq!(read_due(app, &web).await, 1);
        assert_eq!(away(app, "bo").await, [absence()]);
        assert_eq!(one(app, whose).await.label(), "calendar.example.test");
        assert_eq!(read_due(app, &web).await, 0, "not before an hour has passed");
        app.pass(minutes(66)).await;
        assert_eq!(read_due(app, &web).await, 1);
        assert_eq!(web.asked.lock().unwrap()[1].etag.as_deref(), Some("\"one\""), "it is asked whether it has changed");
        // A page for logging in, in the night: once is a moment's trouble, twice is told, once.
        web.says("<!doctype html><html><body>Log in");
        app.pass(days(1)).await;
        read_due(app, &web).await;
        let failing = one(app, whose).await;
        assert_eq!(failing.problem, Some(Unreadable::WebPage.to_string()));
        let subject = "[Kintsugi] The calendar of your absence cannot be read any more";
        let times = |app: &TestApp| app.subjects("bo").iter().filter(|found| *found == subject).count();
        assert_eq!(times(app), 0);
        for (why, told) in [(NotFetched::Gone, 1), (NotFetched::TooSlow, 1)] {
            web.fails(why);
            app.pass(minutes(66)).await;
            read_due(app, &web).await;
            assert_eq!(times(app), told);
        }
        let later = one(app, whose).await;
        assert_eq!((later.failing_since, later.problem), (failing.failing_since, Some(NotFetched::TooSlow.to_string())));
        assert_eq!(away(app, "bo").await, [absence()], "the last good state stays");
        let mail = app.mailbox("bo").into_iter().find(|mail| mail.subject == subject).unwrap();
        assert!(app.subjects("ana").iter().all(|found| found != subject));
        insta::assert_snapshot!("calendar_fails", format!("Subject: {}\n\n{}", mail.subject, mail.text));
        // It works again, and says less.
        web.says(&calendar(&[]));
        app.pass(minutes(66)).await;
        read_due(app, &web).await;
        let now = app.engine.context.now();
        let well = one(app, whose).await;
        assert_eq!((well.problem.clone(), well.failing_since, well.works_again(now)), (None, None, Some(now)));
        assert!(away(app, "bo").await.is_empty());
        assert_eq!(well.works_again(now + days(2)), None);
    }

    async fn the_address_stands_nowhere_in_the_clear(app) {
        app.usual_cast().await;
        let bo: PersonId = app.id("bo");
        add_address(app, "bo", Whose::Person(bo), "https://calendar.example.test/private-hush/away.ics?token=hush").await.unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let rows: Vec<(String, Vec<u8>)> = engine::db::sql("SELECT host, address FROM read_calendars").all(&mut tx).await.unwrap();
        assert_eq!(rows[0].0, "calendar.example.test");
        assert!(!rows[0].1.windows(4).any(|part| part == b"hush"));
        let all = engine::audit::list(&mut tx, &engine::audit::Filter::default(), 50).await.unwrap();
        let told = format!("{all:?}");
        assert!(told.contains("absence from") && told.contains("calendar.example.test") && !told.contains("hush"), "{told}");
        drop(tx);
        let sealed = transaction!(app.engine, |tx| setup::sealed::readable(tx).await?).unwrap();
        assert_eq!(sealed, (1, 0));
        // Under a changed key it opens still.
        assert_eq!(setup::sealed::change_key(&app.engine).await.unwrap(), 1);
        let web = Web::new();
        web.says(&calendar(&[AWAY]));
        read_due(app, &web).await;
        assert_eq!(web.asked.lock().unwrap()[0].address.as_str(), "https://calendar.example.test/private-hush/away.ics?token=hush");
    }

    async fn a_file_that_cannot_be_read_is_refused_and_changes_nothing(app) {
        app.usual_cast().await;
        let whose = Whose::Person(app.id("bo"));
        add_file(app, "bo", whose, &calendar(&[AWAY])).await.unwrap();
        let html = add_file(app, "bo", whose, "<html>").await;
        assert_eq!(refusal_of(&html), Some(&Refused::Unreadable(Unreadable::WebPage)));
        assert_eq!(refusal_of(&add_file(app, "bo", whose, &calendar(&[])).await), Some(&Refused::NoEvent));
        let large = vec![b' '; calendars::MOST_BYTES + 1];
        let now = app.engine.context.now();
        let large = calendars::file("a", large, chrono_tz::UTC, now).await;
        assert_eq!(refusal_of(&large), Some(&Refused::TooLarge));
        assert_eq!(refusal_of(&add_address(app, "bo", whose, "ftp://a.test").await), Some(&Refused::NotAnAddress));
        assert_eq!(away(app, "bo").await, [absence()]);
        // What recurs goes on, though nobody gives the file again; how it is called is not kept.
        let yearly = calendar(&["UID:b\nSUMMARY:Secret\nDTSTART;VALUE=DATE:20200601\nRRULE:FREQ=YEARLY"]);
        add_file(app, "bo", whose, &yearly).await.unwrap();
        assert_eq!(app.count("SELECT COUNT(*) FROM read_calendars WHERE text LIKE '%Secret%'").await, 0);
        app.clock.pass(days(200));
        read_due(app, &Web::new()).await;
        let span = (at("2027-05-31T22:00:00Z"), at("2027-06-01T22:00:00Z"));
        assert_eq!(away(app, "bo").await, [span]);
        // It is theirs alone.
        let id = one(app, whose).await.id;
        for (by, may) in [("ana", false), ("root", false), ("bo", true)] {
            let removed = transaction!(app.by(app.id(by)).await, |tx| calendars::remove(tx, whose, id).await?);
            assert_eq!(removed.is_ok(), may, "{by}");
        }
    }

    async fn any_number_of_holidays_is_kept(app) {
        app.usual_cast().await;
        let (root, team) = (app.id("root"), app.id("payments"));
        for count in 1..=5_usize {
            let days: Vec<String> = (1..=count).map(|day| format!("UID:{day}\nSUMMARY:Day {day}\nDTSTART;VALUE=DATE:202604{day:02}")).collect();
            let text = calendar(&days.iter().map(String::as_str).collect::<Vec<_>>());
            let now = app.engine.context.now();
            let file = calendars::file("days.ics", text.into_bytes(), chrono_tz::Tz::UTC, now).await.unwrap();
            let id = transaction!(app.by(root).await, |tx| calendars::add_file(tx, Whose::Team(team), &file).await?).unwrap();
            let mut tx = app.engine.read().await.unwrap();
            let span = (now.date_naive(), now.date_naive() + chrono::Days::new(300));
            assert_eq!(calendars::holidays_of(&mut tx, team, span).await.unwrap().len(), count);
            drop(tx);
            transaction!(app.by(root).await, |tx| calendars::remove(tx, Whose::Team(team), id).await?).unwrap();
        }
    }

    async fn holidays_of_a_team_are_counted_apart_and_stay_when_they_are_over(app) {
        app.usual_cast().await;
        app.responder("cy").await;
        let (team, web): (TeamId, Web) = (app.id("payments"), Web::new());
        let whose = Whose::Team(team);
        // A Wednesday, marked as free as Google does.
        let holiday = "UID:a\nSUMMARY:Founders’ Day\nDTSTART;VALUE=DATE:20260304\nTRANSP:TRANSPARENT";
        web.says(&calendar(&[holiday]));
        assert!(add_address(app, "cy", whose, "https://days.example.test/a.ics").await.is_err(), "it is for the team to say");
        add_address(app, "ana", whose, "https://days.example.test/a.ics").await.unwrap();
        read_due(app, &web).await;
        app.pass(days(8)).await;
        // The calendar has let go of it.
        web.says(&calendar(&["UID:b\nSUMMARY:Later\nDTSTART;VALUE=DATE:20260501"]));
        read_due(app, &web).await;
        let mut tx = app.engine.read().await.unwrap();
        let span = (at("2026-03-02T09:00:00Z").date_naive(), at("2026-12-31T00:00:00Z").date_naive());
        let found = calendars::holidays_of(&mut tx, team, span).await.unwrap();
        let found: Vec<String> = found.into_iter().map(|(day, name)| format!("{day} {name}")).collect();
        assert_eq!(found, ["2026-03-04 Founders’ Day", "2026-05-01 Later"]);
        let load = load::of_team(&mut tx, team, (at("2026-03-02T09:00:00Z"), at("2026-03-09T09:00:00Z"))).await.unwrap();
        drop(tx);
        let hours_of: Vec<_> = load.people.iter().map(|served| {
            let hours = served.hours;
            [hours.days, hours.nights, hours.weekend_days, hours.weekend_nights, hours.holidays].map(|time| time.num_hours())
        }).collect();
        // Ana's week, without the 15 hours of day and nine of night of that Wednesday.
        assert_eq!((hours_of[0], load.has_holidays), ([60, 36, 30, 18, 24], true));
        // The team is told when it fails; who is in no team of it is not.
        web.fails(NotFetched::LoggedInOnly(401));
        for _ in 0..2 {
            app.pass(hours(2)).await;
            read_due(app, &web).await;
        }
        let subject = "[Kintsugi] The holidays of payments cannot be read any more";
        let told = |name: &str| app.subjects(name).iter().filter(|found| *found == subject).count();
        assert_eq!((told("ana"), told("bo"), told("cy")), (1, 1, 0));
    }
}
