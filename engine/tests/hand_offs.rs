//! Somebody comes on call: they are told before and when it begins, and say that they can be reached.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::ids::{PersonId, ScheduleId};
use domain::incidents::timeline::Via;
use domain::news::NewsKind;
use engine::people::changes;
use engine::{hand_offs, incidents, news, transaction};
use testing::{Mail, TestApp, both_databases, days, hours, minutes};

/// The usual cast, whose schedule tells whoever comes on. Ana has the week, and Bo the next from Monday 09:00 UTC on.
async fn cast(app: &TestApp) -> ScheduleId {
    app.usual_cast().await;
    app.responder("cy").await;
    let team = app.id("payments");
    transaction!(app.engine, |tx| engine::teams::members::add(
        tx,
        team,
        app.id("cy")
    )
    .await?)
    .unwrap();
    let schedule = app.id("primary");
    transaction!(app.engine, |tx| hand_offs::tell_hand_offs(tx, schedule, true)
        .await?)
    .unwrap();
    // Ana's week has just begun.
    app.settle().await;
    let begun = mails(app, "ana", "You are on call for primary now").remove(0);
    transaction!(app.engine, |tx| hand_offs::can_be_reached(tx, &token(&begun))
        .await?)
    .unwrap();
    app.mail.clear();
    schedule
}

const NOT_REACHED: &str = "not said that they can be reached";

fn mails(app: &TestApp, name: &str, part: &str) -> Vec<Mail> {
    let all = app.mailbox(name).into_iter();
    all.filter(|mail| mail.subject.contains(part)).collect()
}

fn token(mail: &Mail) -> String {
    mail.path_with("/on-call/hand-offs/")
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned()
}

both_databases! {
    async fn whoever_comes_on_is_told_before_as_early_as_they_want_and_when_it_begins(app) {
        cast(app).await;
        app.pass(days(6) + hours(11)).await;
        assert_eq!(mails(app, "bo", "on call").len(), 0);
        app.pass(hours(2)).await;
        let ahead = mails(app, "bo", "on call");
        assert_eq!(ahead.len(), 1, "twelve hours before, unless they want it otherwise");
        assert!(ahead[0].text.contains("Mon 9 Mar, 10:00 (09:00 UTC)"), "{}", ahead[0].text);
        app.pass(hours(10)).await;
        assert_eq!(mails(app, "bo", "on call").len(), 1);
        app.pass(hours(2)).await;
        let begun = mails(app, "bo", "You are on call for primary now");
        assert_eq!(begun.len(), 1);
        assert!(begun[0].text.contains("until Mon 16 Mar, 10:00"), "{}", begun[0].text);
        app.pass(days(1)).await;
        assert_eq!(mails(app, "bo", "on call").len(), 2, "once each");
        // Ana wants to know two days before, and Bo not at all.
        let (ana, bo): (PersonId, PersonId) = (app.id("ana"), app.id("bo"));
        transaction!(app.by(ana).await, |tx| changes::set_shift_mail_hours(tx, ana, 48).await?).unwrap();
        transaction!(app.by(bo).await, |tx| news::turn_off(tx, bo, &[NewsKind::ShiftBegins]).await?).unwrap();
        app.pass(days(4)).await;
        assert_eq!(mails(app, "ana", "In 2 d you").len(), 1, "{:?}", app.subjects("ana"));
        app.pass(days(9)).await;
        assert_eq!(mails(app, "bo", "on call").len(), 2);
    }

    async fn a_schedule_that_tells_nobody_tells_nobody(app) {
        let schedule = cast(app).await;
        transaction!(app.engine, |tx| hand_offs::tell_hand_offs(tx, schedule, false).await?).unwrap();
        app.pass(days(8)).await;
        assert_eq!(mails(app, "bo", "on call").len(), 0);
    }

    async fn the_mail_says_what_is_open_what_happened_and_what_was_left(app) {
        let schedule = cast(app).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| {
            incidents::acknowledge(tx, 1, Via::Page).await?;
            hand_offs::leave_note(tx, schedule, "The disk of db-2\nis nearly full.").await?
        }).unwrap();
        app.pass(days(7) + minutes(1)).await;
        let begun = mails(app, "bo", "You are on call for primary now").remove(0);
        for words in ["SEV2 INC-1 Slow (responder: Ana)", "Before you it was Ana, with 1 incident that paged somebody", "The disk of db-2\nis nearly full."] {
            assert!(begun.text.replace("\r\n", "\n").contains(words), "{words} in {}", begun.text);
        }
        // What Ana has is taken over with one press.
        let mut tx = app.engine.read().await.unwrap();
        let hand_off = hand_offs::by_link(&mut tx, &token(&begun)).await.unwrap();
        let around = hand_offs::around(&mut tx, schedule, hand_off.from, hand_off.person.id).await.unwrap();
        drop(tx);
        assert!(around.is_left(&around.open[0]));
        transaction!(app.engine, |tx| hand_offs::take_over_by_link(tx, &token(&begun), 1).await?).unwrap();
        assert_eq!(app.story(1).await.has_it.unwrap().name, "Bo");
        app.pass(hours(1)).await;
        assert_eq!(mails(app, "cy", NOT_REACHED).len(), 0, "who takes something over can be reached");
    }

    async fn who_does_not_say_that_they_can_be_reached_is_told_of_to_the_team(app) {
        cast(app).await;
        app.pass(days(7) + minutes(20)).await;
        assert_eq!(mails(app, "cy", NOT_REACHED).len(), 0);
        app.pass(minutes(20)).await;
        let told = mails(app, "cy", NOT_REACHED);
        assert_eq!(told.len(), 1);
        assert!(told[0].text.contains("Bo came on call for primary and has not said") && told[0].text.contains("Since Mon 9 Mar, "), "{}", told[0].text);
        assert_eq!(mails(app, "bo", NOT_REACHED).len(), 0, "they know");
        app.pass(hours(5)).await;
        assert_eq!(mails(app, "cy", NOT_REACHED).len(), 1, "once");
    }

    async fn who_says_that_they_can_be_reached_is_left_alone(app) {
        cast(app).await;
        app.pass(days(7) + minutes(5)).await;
        let begun = mails(app, "bo", "You are on call for primary now").remove(0);
        let reached = transaction!(app.engine, |tx| hand_offs::can_be_reached(tx, &token(&begun)).await?).unwrap();
        assert!(reached.reached_at.is_some());
        let again = transaction!(app.engine, |tx| hand_offs::can_be_reached(tx, &token(&begun)).await?).unwrap();
        assert_eq!(again.reached_at, reached.reached_at, "twice is once");
        app.pass(hours(2)).await;
        assert_eq!(mails(app, "cy", NOT_REACHED).len(), 0);
    }

    async fn a_note_is_left_by_who_has_the_pager_or_their_team(app) {
        let schedule = cast(app).await;
        app.responder("dee").await;
        for (name, may) in [("ana", true), ("cy", true), ("dee", false), ("root", true)] {
            let by = app.by(app.id(name)).await;
            let done = transaction!(by, |tx| hand_offs::leave_note(tx, schedule, "Look at the disk").await?);
            assert_eq!(done.is_ok(), may, "{name}");
        }
        let ana = app.by(app.id("ana")).await;
        let long = "x".repeat(4_001);
        let refused = transaction!(ana, |tx| hand_offs::leave_note(tx, schedule, &long).await?);
        assert!(refused.unwrap_err().to_string().contains("4,000"));
        let ana = app.by(app.id("ana")).await;
        transaction!(ana, |tx| hand_offs::leave_note(tx, schedule, "  ").await?).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(hand_offs::note_of(&mut tx, schedule).await.unwrap(), None, "an empty one takes it away");
    }

    async fn a_note_is_for_whoever_comes_next_and_for_nobody_after(app) {
        let schedule = cast(app).await;
        let ana = app.by(app.id("ana")).await;
        transaction!(ana, |tx| hand_offs::leave_note(tx, schedule, "Look at the disk").await?).unwrap();
        app.pass(days(7) + minutes(5)).await;
        let of = |name: &str| mails(app, name, "You are on call for primary now").pop().unwrap().text;
        assert!(of("bo").contains("Look at the disk"));
        app.pass(days(7)).await;
        assert!(!of("ana").contains("Look at the disk"), "that was for Bo");
    }

    async fn whoever_takes_a_turn_now_is_told_that_it_is_theirs(app) {
        let schedule = cast(app).await;
        app.pass(hours(3)).await;
        let cy = app.id("cy");
        let now = app.engine.context.now();
        transaction!(app.by(cy).await, |tx| engine::oncall::requests::take(tx, schedule, (now, now + hours(5))).await?).unwrap();
        app.pass(minutes(2)).await;
        assert_eq!(mails(app, "cy", "You are on call for primary now").len(), 1);
    }
}
