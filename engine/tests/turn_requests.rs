//! Cover me, swap, away: asked by mail, taken by the first who accepts.

#![allow(clippy::unwrap_used, reason = "a story that stumbles fails")]

use chrono::{DateTime, Utc};
use domain::ids::{PersonId, RequestId, ScheduleId};
use domain::oncall::{Layer, Schedule};
use domain::people::Role;
use engine::oncall::calendar::{self, Of};
use engine::oncall::overrides::{self, Draft};
use engine::oncall::requests::{self, Accepted, Asked};
use engine::oncall::{Refused, away, covers, feeds, schedules, store, untaken};
use engine::{teams, transaction};
use testing::{TestApp, both_databases, days, hours, minutes, refusal_of};

/// It is Monday, 2 March 2026, 09:00 UTC: Ana has a week, then Bo, then Cy.
async fn made(app: &TestApp) -> ScheduleId {
    for name in ["ana", "bo", "cy"] {
        app.responder(name).await;
    }
    let team = app.team("payments", &["ana", "bo", "cy"]).await;
    let rota = Schedule {
        time_zone: chrono_tz::UTC,
        layers: vec![Layer::weekly(
            ["ana", "bo", "cy"].iter().map(|name| app.id(name)),
            "2026-03-02T09:00:00".parse().unwrap(),
        )],
        overrides: Vec::new(),
    };
    transaction!(app.engine, |tx| store::create(tx, team, "Primary", &rota).await?).unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn who(app: &TestApp, id: ScheduleId, moment: &str) -> Vec<PersonId> {
    let mut tx = app.engine.read().await.unwrap();
    let (_, rota) = schedules::load(&mut tx, id).await.unwrap();
    rota.on_call(at(moment)).into_iter().collect()
}

async fn ask(app: &TestApp, name: &str, asked: &Asked) -> engine::Result<RequestId> {
    let person: PersonId = app.id(name);
    transaction!(app.by(person).await, |tx| requests::ask(tx, asked).await?)
}

async fn accept(app: &TestApp, name: &str, id: RequestId) -> Accepted {
    let person: PersonId = app.id(name);
    transaction!(app.by(person).await, |tx| requests::accept(tx, id).await?).unwrap()
}

async fn ask_for(app: &TestApp, name: &str, whose: &str, asked: &Asked) -> engine::Result<RequestId> {
    let (person, whose): (PersonId, PersonId) = (app.id(name), app.id(whose));
    transaction!(app.by(person).await, |tx| requests::ask_for(tx, whose, asked)
        .await?)
}

async fn cancel(app: &TestApp, name: &str, id: RequestId) -> engine::Result<()> {
    let person: PersonId = app.id(name);
    transaction!(app.by(person).await, |tx| covers::cancel(tx, id).await?)
}

/// What nobody has taken, and this person is asked to see to.
async fn open_for(app: &TestApp, name: &str) -> Vec<RequestId> {
    let person = app.person(name).await;
    let mut tx = app.engine.read().await.unwrap();
    let open = untaken::for_person(&mut tx, &person).await.unwrap();
    open.into_iter().map(|request| request.id).collect()
}

both_databases! {
    async fn what_was_arranged_otherwise_meanwhile_is_not_accepted(app) {
        let id = made(app).await;
        let weeks = [("2026-03-09T09:00:00Z", "2026-03-16T09:00:00Z"), ("2026-03-16T09:00:00Z", "2026-03-23T09:00:00Z")];
        let [bos, cys] = weeks.map(|(from, to)| (at(from), at(to)));
        let cover = Asked { schedule: id, span: bos, whom: Vec::new(), instead: None, note: String::new() };
        let swap = Asked { whom: vec![app.id("cy")], instead: Some(cys), ..cover.clone() };
        let (cover, swap) = (ask(app, "bo", &cover).await.unwrap(), ask(app, "bo", &swap).await.unwrap());
        let give_to_ana = async |(from, to)| {
            let draft = Draft::by(app.id("ana"), (from, to));
            transaction!(app.engine, |tx| overrides::add(tx, id, &draft).await?).unwrap();
        };
        // Cy has not their own turn any more, so nothing is swapped.
        give_to_ana(cys).await;
        assert_eq!(accept(app, "cy", swap).await, Accepted::Otherwise);
        assert_eq!(who(app, id, "2026-03-10T09:00:00Z").await, [app.id::<PersonId>("bo")]);
        // A part of what Bo asked for is still theirs.
        let noon = at("2026-03-12T12:00:00Z");
        give_to_ana((bos.0, noon)).await;
        give_to_ana((noon, bos.1)).await;
        assert_eq!(accept(app, "cy", cover).await, Accepted::Otherwise);
        assert_eq!(who(app, id, "2026-03-13T09:00:00Z").await, [app.id::<PersonId>("ana")]);
        // Nobody was put down as whoever took it.
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(requests::find(&mut tx, cover).await.unwrap().taken_by, None);
    }

    async fn the_first_who_accepts_has_the_turn_and_both_know(app) {
        let id = made(app).await;
        app.settle().await;
        let asked = Asked {
            schedule: id,
            span: (at("2026-03-02T09:00:00Z"), at("2026-03-09T09:00:00Z")),
            whom: Vec::new(),
            instead: None,
            note: "My daughter has her first day at school.".to_owned(),
        };
        assert!(matches!(refusal_of(&ask(app, "bo", &asked).await), Some(Refused::NotYourTurn)));
        app.pass(hours(1)).await;
        let request = ask(app, "ana", &asked).await.unwrap();
        app.settle().await;
        let subject = "[Kintsugi] Ana asks for somebody to take a turn on Primary";
        for name in ["bo", "cy"] {
            assert!(app.subjects(name).iter().any(|found| found == subject), "{:?}", app.subjects(name));
        }
        assert!(app.subjects("ana").iter().all(|found| found != subject));
        // Cy comes by the link in the mail, Bo a moment later.
        let mail = app.mailbox("cy").into_iter().find(|mail| mail.subject == subject).unwrap();
        let token = mail.text.split("/on-call/offers/").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        let mut tx = app.engine.read().await.unwrap();
        let (linked, person) = requests::by_link(&mut tx, &token).await.unwrap();
        drop(tx);
        assert_eq!((linked.id, person.id), (request, app.id("cy")));
        assert_eq!((accept(app, "cy", request).await, accept(app, "bo", request).await), (Accepted::Now, Accepted::TooLate));
        let (ana, cy): (PersonId, PersonId) = (app.id("ana"), app.id("cy"));
        assert_eq!((who(app, id, "2026-03-02T09:30:00Z").await, who(app, id, "2026-03-02T10:30:00Z").await), (vec![ana], vec![cy]));
        app.settle().await;
        assert!(app.subjects("ana").iter().any(|found| found.contains("no longer on call for Primary")), "{:?}", app.subjects("ana"));
        // The calendar says that it is by an override, and whose it is.
        let mut tx = app.engine.read().await.unwrap();
        let week = (at("2026-03-02T09:00:00Z"), at("2026-03-16T09:00:00Z"));
        let seen = calendar::turns(&mut tx, Of::Schedule(id), week).await.unwrap();
        let told: Vec<(String, bool)> = seen.iter().map(|turn| (turn.people[0].name.clone(), turn.is_overridden)).collect();
        assert_eq!(told, [("Ana".to_owned(), false), ("Cy".to_owned(), true), ("Bo".to_owned(), false)]);
        let mine = calendar::turns(&mut tx, Of::Person(cy), week).await.unwrap();
        assert_eq!(mine.len(), 1);
    }

    async fn a_swap_is_done_when_the_other_accepts(app) {
        let id = made(app).await;
        let theirs = (at("2026-03-09T09:00:00Z"), at("2026-03-16T09:00:00Z"));
        let (ana, bo): (PersonId, PersonId) = (app.id("ana"), app.id("bo"));
        let asked = Asked {
            schedule: id,
            span: (at("2026-03-23T09:00:00Z"), at("2026-03-30T09:00:00Z")),
            whom: vec![bo],
            instead: Some(theirs),
            note: String::new(),
        };
        let wrong = Asked { whom: vec![app.id("cy")], ..asked.clone() };
        assert!(matches!(refusal_of(&ask(app, "ana", &wrong).await), Some(Refused::NoTurnToSwap)));
        let request = ask(app, "ana", &asked).await.unwrap();
        let cy: PersonId = app.id("cy");
        let by_another = transaction!(app.by(cy).await, |tx| requests::accept(tx, request).await?);
        assert!(by_another.is_err(), "a swap is for whoever was asked");
        assert_eq!(accept(app, "bo", request).await, Accepted::Now);
        assert_eq!((who(app, id, "2026-03-10T09:00:00Z").await, who(app, id, "2026-03-24T09:00:00Z").await), (vec![ana], vec![bo]));
    }

    async fn a_cover_is_cancelled_by_either_of_the_two_and_by_whoever_may_change_the_schedule(app) {
        let id = made(app).await;
        app.administrator("root").await;
        app.responder("dee").await;
        let asked = Asked {
            schedule: id,
            span: (at("2026-03-09T09:00:00Z"), at("2026-03-16T09:00:00Z")),
            whom: Vec::new(),
            instead: None,
            note: String::new(),
        };
        let (bo, cy): (PersonId, PersonId) = (app.id("bo"), app.id("cy"));
        let told = |name: &str| app.subjects(name).iter().filter(|subject| subject.contains("on call for Primary")).count();
        for by in ["bo", "cy", "root"] {
            app.pass(minutes(20)).await;
            let request = ask(app, "bo", &asked).await.unwrap();
            assert_eq!(accept(app, "cy", request).await, Accepted::Now);
            assert_eq!(who(app, id, "2026-03-10T09:00:00Z").await, [cy]);
            assert!(matches!(cancel(app, "dee", request).await, Err(engine::Error::NotAllowed(_))));
            app.pass(minutes(1)).await;
            app.mail.clear();
            cancel(app, by, request).await.unwrap();
            cancel(app, by, request).await.unwrap();
            assert_eq!(who(app, id, "2026-03-10T09:00:00Z").await, [bo]);
            assert_eq!(accept(app, "cy", request).await, Accepted::TooLate);
            app.pass(minutes(1)).await;
            assert_eq!((told("bo"), told("cy")), (usize::from(by != "bo"), usize::from(by != "cy")), "cancelled by {by}");
        }
    }

    async fn of_a_cover_that_is_cancelled_what_has_passed_stays_and_of_a_swap_each_has_their_own_turn_again(app) {
        let id = made(app).await;
        let (ana, bo, cy): (PersonId, PersonId, PersonId) = (app.id("ana"), app.id("bo"), app.id("cy"));
        let week = (at("2026-03-02T09:00:00Z"), at("2026-03-09T09:00:00Z"));
        let running = Asked { schedule: id, span: week, whom: Vec::new(), instead: None, note: String::new() };
        let cover = ask(app, "ana", &running).await.unwrap();
        assert_eq!(accept(app, "cy", cover).await, Accepted::Now);
        app.pass(hours(2)).await;
        cancel(app, "ana", cover).await.unwrap();
        assert_eq!((who(app, id, "2026-03-02T10:00:00Z").await, who(app, id, "2026-03-02T12:00:00Z").await), (vec![cy], vec![ana]));
        let swap = Asked {
            span: (at("2026-03-23T09:00:00Z"), at("2026-03-30T09:00:00Z")),
            whom: vec![bo],
            instead: Some((at("2026-03-09T09:00:00Z"), at("2026-03-16T09:00:00Z"))),
            ..running.clone()
        };
        let swap = ask(app, "ana", &swap).await.unwrap();
        assert_eq!(accept(app, "bo", swap).await, Accepted::Now);
        assert_eq!((who(app, id, "2026-03-10T09:00:00Z").await, who(app, id, "2026-03-24T09:00:00Z").await), (vec![ana], vec![bo]));
        cancel(app, "bo", swap).await.unwrap();
        assert_eq!((who(app, id, "2026-03-10T09:00:00Z").await, who(app, id, "2026-03-24T09:00:00Z").await), (vec![bo], vec![ana]));
        // What is over is not cancelled.
        let again = ask(app, "ana", &running).await.unwrap();
        assert_eq!(accept(app, "cy", again).await, Accepted::Now);
        app.clock.pass(days(8));
        cancel(app, "ana", again).await.unwrap();
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(requests::find(&mut tx, again).await.unwrap().state, "taken");
    }

    async fn a_member_of_the_team_asks_for_somebody_else_who_is_told(app) {
        let id = made(app).await;
        app.responder("dee").await;
        let olga = app.someone("olga", Role::Observer).await;
        transaction!(app.engine, |tx| teams::members::add(tx, app.id("payments"), olga).await?).unwrap();
        app.settle().await;
        let asked = Asked {
            schedule: id,
            span: (at("2026-03-09T09:00:00Z"), at("2026-03-16T09:00:00Z")),
            whom: Vec::new(),
            instead: None,
            note: "Bo is ill.".to_owned(),
        };
        for name in ["dee", "olga"] {
            assert!(matches!(ask_for(app, name, "bo", &asked).await, Err(engine::Error::NotAllowed(_))), "{name}");
        }
        assert!(matches!(refusal_of(&ask_for(app, "ana", "cy", &asked).await), Some(Refused::NotTheirTurn(name)) if name == "Cy"));
        let request = ask_for(app, "ana", "bo", &asked).await.unwrap();
        app.settle().await;
        let mail = |name: &str, about: &str| app.mailbox(name).into_iter().find(|mail| mail.subject == format!("[Kintsugi] Ana asks {about} on Primary"));
        let to_cy = mail("cy", "for somebody to take Bo’s turn").unwrap();
        assert!(to_cy.text.contains("Bo is on call for Primary, and Ana asks you to take it:") && to_cy.text.contains("Bo is ill."), "{}", to_cy.text);
        let to_bo = mail("bo", "for somebody to take your turn").unwrap();
        assert!(to_bo.text.contains(&format!("/on-call/requests/{request}")) && to_bo.text.contains("Bo is ill."), "{}", to_bo.text);
        assert!(mail("bo", "for somebody to take Bo’s turn").is_none() && app.subjects("ana").iter().all(|subject| !subject.contains("Ana asks")));
        let (ana, bo, cy): (PersonId, PersonId, PersonId) = (app.id("ana"), app.id("bo"), app.id("cy"));
        let mut tx = app.engine.read().await.unwrap();
        let found = requests::find(&mut tx, request).await.unwrap();
        assert_eq!((found.asked_by, found.entered_by), (bo, Some(ana)));
        for person in [ana, bo] {
            let open = requests::open_of(&mut tx, person).await.unwrap();
            assert_eq!(open.into_iter().map(|open| open.id).collect::<Vec<_>>(), [request]);
        }
        drop(tx);
        assert_eq!(accept(app, "bo", request).await, Accepted::TooLate, "it is his");
        assert_eq!(accept(app, "cy", request).await, Accepted::Now);
        assert_eq!(who(app, id, "2026-03-10T09:00:00Z").await, [cy]);
        // And a swap in their name.
        let swap = Asked {
            span: (at("2026-03-16T09:00:00Z"), at("2026-03-23T09:00:00Z")),
            whom: vec![ana],
            instead: Some((at("2026-03-23T09:00:00Z"), at("2026-03-30T09:00:00Z"))),
            ..asked
        };
        let swap = ask_for(app, "bo", "cy", &swap).await.unwrap();
        assert_eq!(accept(app, "ana", swap).await, Accepted::Now);
        assert_eq!((who(app, id, "2026-03-17T09:00:00Z").await, who(app, id, "2026-03-24T09:00:00Z").await), (vec![ana], vec![cy]));
    }

    async fn what_was_asked_in_their_name_they_take_back(app) {
        let id = made(app).await;
        let asked = Asked {
            schedule: id,
            span: (at("2026-03-09T09:00:00Z"), at("2026-03-16T09:00:00Z")),
            whom: Vec::new(),
            instead: None,
            note: String::new(),
        };
        let request = ask_for(app, "ana", "bo", &asked).await.unwrap();
        let bo: PersonId = app.id("bo");
        transaction!(app.by(bo).await, |tx| requests::withdraw(tx, request).await?).unwrap();
        assert_eq!(accept(app, "cy", request).await, Accepted::TooLate);
        assert_eq!(who(app, id, "2026-03-10T09:00:00Z").await, [bo]);
    }

    async fn a_member_asks_for_each_turn_of_somebody_who_is_away(app) {
        made(app).await;
        app.responder("dee").await;
        let bo: PersonId = app.id("bo");
        let span = (at("2026-03-05T00:00:00Z"), at("2026-04-15T00:00:00Z"));
        let away_for = async |name: &str| {
            let person: PersonId = app.id(name);
            transaction!(app.by(person).await, |tx| away::away_for(tx, bo, span, "Bo is away").await?)
        };
        assert!(matches!(away_for("dee").await, Err(engine::Error::NotAllowed(_))));
        assert_eq!(away_for("ana").await.unwrap().len(), 2, "that of the 9th, and that of the 30th");
        assert_eq!(away_for("cy").await.unwrap(), [], "what is asked for already is not asked twice");
        let others = async |name: &str| -> Vec<String> {
            let person = app.person(name).await;
            let mut tx = app.engine.read().await.unwrap();
            let others = away::others(&mut tx, &person).await.unwrap();
            others.into_iter().map(|other| other.name).collect()
        };
        assert_eq!(others("ana").await, ["Bo", "Cy"]);
        assert!(others("dee").await.is_empty());
    }

    async fn whoever_is_away_asks_for_each_turn_once(app) {
        let id = made(app).await;
        let ana: PersonId = app.id("ana");
        let span = (at("2026-03-05T00:00:00Z"), at("2026-04-15T00:00:00Z"));
        let away = async || transaction!(app.by(ana).await, |tx| away::away(tx, span, "Away").await?).unwrap();
        let asked = away().await;
        assert_eq!(asked.len(), 3, "the rest of this week, that of the 23rd, and the beginning of one in April");
        assert_eq!(away().await, [], "what is asked for already is not asked twice");
        transaction!(app.by(ana).await, |tx| requests::withdraw(tx, asked[0]).await?).unwrap();
        assert_eq!(accept(app, "bo", asked[0]).await, Accepted::TooLate);
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(requests::offered_to(&mut tx, app.id("bo")).await.unwrap().len(), 2);
        drop(tx);
        app.clock.pass(days(30));
        assert_eq!(accept(app, "bo", asked[1]).await, Accepted::TooLate, "it is over");
        assert_eq!(who(app, id, "2026-03-24T09:00:00Z").await, [ana]);
    }

    async fn what_nobody_takes_is_told_once_to_those_who_may_give_it_a_week_before(app) {
        let id = made(app).await;
        app.settle().await;
        let (ana, bo, cy): (PersonId, PersonId, PersonId) = (app.id("ana"), app.id("bo"), app.id("cy"));
        let asked = Asked {
            schedule: id,
            span: (at("2026-03-23T09:00:00Z"), at("2026-03-30T09:00:00Z")),
            whom: Vec::new(),
            instead: None,
            note: String::new(),
        };
        let request = ask(app, "ana", &asked).await.unwrap();
        let decline = async |name: &str| {
            let person: PersonId = app.id(name);
            transaction!(app.by(person).await, |tx| untaken::decline(tx, request).await?)
        };
        decline("cy").await.unwrap();
        assert!(decline("ana").await.is_err(), "she was not asked");
        assert!(open_for(app, "bo").await.is_empty(), "it is three weeks ahead");
        let told = |name: &str| app.subjects(name).iter().filter(|subject| subject.contains("Nobody has taken Ana’s turn on Primary")).count();
        app.pass(days(13)).await;
        assert_eq!((told("ana"), told("bo"), told("cy")), (0, 0, 0));
        app.pass(days(1)).await;
        assert_eq!((told("ana"), told("bo"), told("cy")), (0, 1, 1));
        app.pass(days(1)).await;
        assert_eq!((told("bo"), told("cy")), (1, 1), "once");
        assert_eq!(open_for(app, "bo").await, [request]);
        assert!(open_for(app, "ana").await.is_empty(), "it is hers");
        // Another team does not see to it; who may not change the schedule gives nothing away.
        app.responder("dee").await;
        assert!(open_for(app, "dee").await.is_empty());
        let give = async |name: &str, to: PersonId| {
            let person: PersonId = app.id(name);
            transaction!(app.by(person).await, |tx| untaken::give(tx, request, to).await?)
        };
        assert!(matches!(give("dee", cy).await, Err(engine::Error::NotAllowed(_))));
        assert_eq!(give("bo", cy).await.unwrap(), Accepted::Now);
        assert_eq!(give("bo", bo).await.unwrap(), Accepted::TooLate);
        assert_eq!(who(app, id, "2026-03-24T09:00:00Z").await, [cy]);
        assert!(open_for(app, "bo").await.is_empty(), "it is taken");
        app.settle().await;
        assert!(app.subjects("cy").iter().any(|subject| subject.contains("You are on call for Primary")), "{:?}", app.subjects("cy"));
        assert!(who(app, id, "2026-03-22T09:00:00Z").await != [ana]);
    }

    async fn what_an_override_gave_to_somebody_is_not_told_as_open(app) {
        let id = made(app).await;
        let (from, to) = (at("2026-03-23T09:00:00Z"), at("2026-03-30T09:00:00Z"));
        let asked = Asked { schedule: id, span: (from, to), whom: Vec::new(), instead: None, note: String::new() };
        ask(app, "ana", &asked).await.unwrap();
        let bo: PersonId = app.id("bo");
        app.pass(days(13)).await;
        transaction!(app.by(bo).await, |tx| requests::take(tx, id, (from, to)).await?).unwrap();
        app.pass(days(2)).await;
        assert!(open_for(app, "cy").await.is_empty());
        assert!(app.subjects("cy").iter().all(|subject| !subject.contains("Nobody has taken")), "{:?}", app.subjects("cy"));
    }

    async fn a_calendar_of_turns_is_read_by_its_address_until_it_is_revoked(app) {
        let id = made(app).await;
        let (ana, bo): (PersonId, PersonId) = (app.id("ana"), app.id("bo"));
        let secret = transaction!(app.by(bo).await, |tx| feeds::create(tx, Of::All).await?).unwrap();
        let read = async |token: &str| {
            let mut tx = app.engine.read().await.unwrap();
            feeds::read(&mut tx, token).await
        };
        let first = read(secret.reveal()).await.unwrap();
        assert!(first.contains("SUMMARY:On call: Primary") && first.contains("DTSTART:20260309T090000Z"), "{first}");
        assert_eq!(read(secret.reveal()).await.unwrap(), first, "nothing changed");
        let of = |text: &str, key: &str| -> Vec<String> {
            let unfolded = text.replace("\r\n ", "");
            unfolded.lines().filter_map(|line| line.strip_prefix(key)).map(str::to_owned).collect()
        };
        // Bo gives his first turn away: it is gone, the others keep their names, and are newer.
        let turn = (at("2026-03-09T09:00:00Z"), at("2026-03-16T09:00:00Z"));
        transaction!(app.by(ana).await, |tx| overrides::add(tx, id, &Draft::by(ana, turn)).await?).unwrap();
        let second = read(secret.reveal()).await.unwrap();
        let (before, after) = (of(&first, "UID:"), of(&second, "UID:"));
        assert_eq!(before[1..], after[..]);
        let sequence = |text: &str| of(text, "SEQUENCE:")[0].parse::<i64>().unwrap();
        assert!(sequence(&second) > sequence(&first));
        let feed = {
            let by = app.by(bo).await;
            let mut tx = by.read().await.unwrap();
            feeds::mine(&mut tx).await.unwrap().remove(0)
        };
        transaction!(app.by(ana).await, |tx| feeds::revoke(tx, feed.id).await?).unwrap();
        assert!(read(secret.reveal()).await.is_ok(), "it is not Ana's");
        transaction!(app.by(bo).await, |tx| feeds::revoke(tx, feed.id).await?).unwrap();
        assert!(read(secret.reveal()).await.is_err());
    }
}
