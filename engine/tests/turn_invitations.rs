//! Turns as invitations: whoever wants them has a mail for each turn, which their calendar reads, and one more when it changes.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use chrono::{DateTime, Utc};
use domain::ids::{OverrideId, PersonId, ScheduleId};
use domain::oncall::{HandOffs, Layer, Schedule, Unit};
use engine::db::sql;
use engine::oncall::{invitations, overrides, rotations, store};
use engine::{deactivation, people, transaction, workers};
use testing::{Mail, TestApp, both_databases, days, hours, minutes};

/// It is Monday, 2 March 2026, 09:00 UTC: Ana has a week, then Bo. Bo wants his turns as invitations.
async fn cast(app: &TestApp) -> ScheduleId {
    app.administrator("root").await;
    for name in ["ana", "bo"] {
        app.responder(name).await;
    }
    app.team("payments", &["ana", "bo"]).await;
    let people = ["ana", "bo"].iter().map(|name| app.id(name));
    let layer = Layer::weekly(people, "2026-03-02T09:00:00".parse().unwrap());
    let schedule = made(app, "Primary", layer).await;
    switch(app, "bo", true).await;
    schedule
}

async fn made(app: &TestApp, name: &str, layer: Layer<PersonId>) -> ScheduleId {
    let team = app.id("payments");
    let rota = Schedule {
        time_zone: chrono_tz::Europe::Berlin,
        layers: vec![layer],
        overrides: Vec::new(),
    };
    transaction!(app.engine, |tx| store::create(tx, team, name, &rota).await?).unwrap()
}

async fn switch(app: &TestApp, name: &str, on: bool) {
    let person: PersonId = app.id(name);
    transaction!(app.by(person).await, |tx| invitations::want(tx, on).await?).unwrap();
}

/// Ana has it in that time.
async fn ana_has_it(app: &TestApp, schedule: ScheduleId, from: &str, to: &str) -> OverrideId {
    let draft = overrides::Draft::by(app.id("ana"), (at(from), at(to)));
    let root: PersonId = app.id("root");
    transaction!(app.by(root).await, |tx| overrides::add(tx, schedule, &draft)
        .await?)
    .unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Events that a person was mailed since the last look, in the order of their turns: method, beginning, end, sequence, name.
fn events(app: &TestApp, name: &str) -> Vec<String> {
    let mut found: Vec<String> = mails(app, name)
        .iter()
        .map(|mail| {
            let of = |key| line(mail, key);
            format!(
                "{} {} {} {} {}",
                of("DTSTART:"),
                of("DTEND:"),
                of("METHOD:"),
                of("SEQUENCE:"),
                of("SUMMARY:On call: ")
            )
        })
        .collect();
    found.sort();
    app.mail.clear();
    found
}

fn mails(app: &TestApp, name: &str) -> Vec<Mail> {
    let all = app.mailbox(name).into_iter();
    all.filter(|mail| !mail.event.is_empty()).collect()
}

fn line(mail: &Mail, key: &str) -> String {
    let unfolded = mail.event.replace("\r\n ", "");
    let found = unfolded.lines().find_map(|line| line.strip_prefix(key));
    found
        .unwrap_or_else(|| panic!("no {key} in {unfolded}"))
        .to_owned()
}

const FIRST: &str = "20260309T080000Z 20260316T080000Z REQUEST 0 Primary";
const SECOND: &str = "20260323T080000Z 20260330T070000Z REQUEST 0 Primary";

both_databases! {
    async fn turns_of_four_weeks_are_mailed_once_to_those_who_want_them(app) {
        cast(app).await;
        app.pass(minutes(4)).await;
        assert!(mails(app, "bo").is_empty(), "it may be switched off again in a moment");
        app.pass(minutes(1)).await;
        let first = &mails(app, "bo")[0];
        assert!(first.event.starts_with("text/calendar; method=REQUEST; charset=utf-8\n"), "{}", first.event);
        assert!(first.raw.contains("multipart/alternative"));
        assert_eq!(events(app, "bo"), [FIRST, SECOND]);
        app.pass(days(6)).await;
        assert!(events(app, "bo").is_empty(), "nothing is said twice");
        app.pass(days(2)).await;
        assert_eq!(events(app, "bo"), ["20260406T070000Z 20260413T070000Z REQUEST 0 Primary"], "the next one comes within four weeks");
        assert!(mails(app, "ana").is_empty());
    }

    async fn two_nodes_mail_a_turn_once(app) {
        cast(app).await;
        let round = || async { workers::invitations::run(&app.engine).await.unwrap() };
        tokio::join!(round(), round());
        app.clock.pass(minutes(5));
        tokio::join!(round(), round());
        app.settle().await;
        assert_eq!(events(app, "bo"), [FIRST, SECOND]);
    }

    async fn what_changes_is_mailed_once_it_has_stayed_so(app) {
        let schedule = cast(app).await;
        app.pass(minutes(5)).await;
        let begins = |mail: &Mail| line(mail, "DTSTART:") == "20260309T080000Z";
        let uid = line(mails(app, "bo").iter().find(|mail| begins(mail)).unwrap(), "UID:");
        events(app, "bo");
        // Somebody arranges, and arranges otherwise.
        let arranged = ana_has_it(app, schedule, "2026-03-15T08:00:00Z", "2026-03-16T08:00:00Z").await;
        app.pass(minutes(4)).await;
        let root: PersonId = app.id("root");
        transaction!(app.by(root).await, |tx| overrides::cancel(tx, schedule, arranged).await?).unwrap();
        app.pass(minutes(20)).await;
        assert!(events(app, "bo").is_empty());
        ana_has_it(app, schedule, "2026-03-15T08:00:00Z", "2026-03-16T08:00:00Z").await;
        app.pass(minutes(6)).await;
        assert_eq!(line(&mails(app, "bo")[0], "UID:"), uid, "it is the same turn");
        assert_eq!(events(app, "bo"), ["20260309T080000Z 20260315T080000Z REQUEST 1 Primary"]);
        // It begins later: another turn.
        ana_has_it(app, schedule, "2026-03-09T08:00:00Z", "2026-03-10T08:00:00Z").await;
        app.pass(minutes(6)).await;
        assert_eq!(events(app, "bo"), [
            "20260309T080000Z 20260315T080000Z CANCEL 2 Primary",
            "20260310T080000Z 20260315T080000Z REQUEST 0 Primary",
        ]);
        transaction!(app.engine, |tx| sql("UPDATE schedules SET name = 'Payments'").run(tx).await?).unwrap();
        app.pass(minutes(6)).await;
        assert_eq!(events(app, "bo"), [
            "20260310T080000Z 20260315T080000Z REQUEST 1 Payments",
            "20260323T080000Z 20260330T070000Z REQUEST 1 Payments",
        ]);
        // While it runs, only its end is worth a mail.
        app.pass(days(9)).await;
        events(app, "bo");
        transaction!(app.engine, |tx| sql("UPDATE schedules SET name = 'Primary'").run(tx).await?).unwrap();
        ana_has_it(app, schedule, "2026-03-14T08:00:00Z", "2026-03-15T08:00:00Z").await;
        app.pass(minutes(6)).await;
        assert_eq!(events(app, "bo")[0], "20260310T080000Z 20260314T080000Z REQUEST 2 Primary");
    }

    async fn a_schedule_that_is_deleted_goes_out_of_the_calendar(app) {
        let schedule = cast(app).await;
        app.pass(minutes(5)).await;
        events(app, "bo");
        // The first one runs by then, and stays.
        app.pass(days(7)).await;
        events(app, "bo");
        let root: PersonId = app.id("root");
        transaction!(app.by(root).await, |tx| rotations::delete(tx, schedule).await?).unwrap();
        app.pass(minutes(6)).await;
        let cancelled = mails(app, "bo").remove(0);
        assert!(cancelled.subject.contains("No longer on call for Primary"), "{}", cancelled.subject);
        assert_eq!(line(&cancelled, "STATUS:"), "CANCELLED");
        assert_eq!(events(app, "bo"), [
            "20260323T080000Z 20260330T070000Z CANCEL 1 Primary",
            "20260406T070000Z 20260413T070000Z CANCEL 1 Primary",
        ]);
        app.pass(days(1)).await;
        assert!(events(app, "bo").is_empty());
    }

    async fn switched_off_what_is_to_come_goes_out_of_the_calendar_and_comes_back(app) {
        cast(app).await;
        app.pass(minutes(5)).await;
        events(app, "bo");
        app.pass(days(8)).await;
        events(app, "bo");
        switch(app, "bo", false).await;
        app.pass(minutes(6)).await;
        let cancelled = mails(app, "bo").remove(0);
        assert!(cancelled.text.contains("You switched off turns as invitations"), "{}", cancelled.text);
        assert_eq!(events(app, "bo"), [
            "20260323T080000Z 20260330T070000Z CANCEL 1 Primary",
            "20260406T070000Z 20260413T070000Z CANCEL 1 Primary",
        ]);
        app.pass(days(1)).await;
        assert!(events(app, "bo").is_empty());
        switch(app, "bo", true).await;
        app.pass(minutes(6)).await;
        assert_eq!(events(app, "bo"), [
            "20260323T080000Z 20260330T070000Z REQUEST 2 Primary",
            "20260406T070000Z 20260413T070000Z REQUEST 2 Primary",
        ]);
    }

    async fn whoever_is_no_longer_here_is_mailed_nothing(app) {
        cast(app).await;
        app.pass(minutes(5)).await;
        events(app, "bo");
        let (root, bo): (PersonId, PersonId) = (app.id("root"), app.id("bo"));
        transaction!(app.by(root).await, |tx| deactivation::deactivate(tx, bo).await?).unwrap();
        app.pass(hours(1)).await;
        assert!(events(app, "bo").is_empty());
        // Back again, they get what they had, with a number that their calendar takes for newer.
        transaction!(app.by(root).await, |tx| people::changes::reactivate(tx, bo).await?).unwrap();
        app.pass(minutes(6)).await;
        assert_eq!(events(app, "bo"), [FIRST.replace("REQUEST 0", "REQUEST 2"), SECOND.replace("REQUEST 0", "REQUEST 2")]);
    }

    async fn a_turn_that_is_theirs_again_since_somebody_left_begins_when_they_left(app) {
        let schedule = cast(app).await;
        let dee = app.responder("dee").await;
        let draft = overrides::Draft::by(dee, (at("2026-03-09T08:00:00Z"), at("2026-03-12T08:00:00Z")));
        let root: PersonId = app.id("root");
        transaction!(app.by(root).await, |tx| overrides::add(tx, schedule, &draft).await?).unwrap();
        app.pass(minutes(5)).await;
        assert_eq!(events(app, "bo"), ["20260312T080000Z 20260316T080000Z REQUEST 0 Primary", SECOND]);
        app.pass(days(8)).await;
        events(app, "bo");
        transaction!(app.by(root).await, |tx| deactivation::deactivate(tx, dee).await?).unwrap();
        app.pass(minutes(6)).await;
        assert_eq!(events(app, "bo"), [
            "20260310T090500Z 20260316T080000Z REQUEST 0 Primary",
            "20260312T080000Z 20260316T080000Z CANCEL 1 Primary",
        ]);
        app.pass(hours(1)).await;
        assert!(events(app, "bo").is_empty(), "nothing is said twice");
    }

    async fn a_name_is_read_as_it_was_written(app) {
        cast(app).await;
        let names = "UPDATE people SET name = 'Bo \"the Bear\"; Müller, Ærøskøbing' WHERE email = 'bo@example.test'";
        transaction!(app.engine, |tx| {
            sql(names).run(tx).await?;
            sql("UPDATE schedules SET name = 'Payments, Europe; days\\nights and whatever else the people of Ærøskøbing may need'").run(tx).await?
        }).unwrap();
        app.pass(minutes(5)).await;
        let mail = &mails(app, "bo")[0];
        assert_eq!(
            line(mail, "SUMMARY:"),
            r"On call: Payments\, Europe\; days\\nights and whatever else the people of Ærøskøbing may need"
        );
        let attendee = line(mail, "ATTENDEE;");
        assert!(attendee.starts_with(r#"CN="Bo 'the Bear'; Müller, Ærøskøbing";"#), "{attendee}");
        assert!(mail.event.lines().all(|line| line.len() <= 75), "{}", mail.event);
    }

    async fn a_page_leaves_before_invitations_that_wait(app) {
        cast(app).await;
        app.service("checkout", "payments").await;
        app.policy("checkout").step("bo", minutes(5)).make().await;
        app.mail.go_away().await;
        app.pass(minutes(5)).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        let mut tx = app.engine.read().await.unwrap();
        let waiting: Vec<(String,)> = sql("SELECT kind FROM notifications WHERE state = 'waiting' ORDER BY urgency").all(&mut tx).await.unwrap();
        drop(tx);
        let kinds: Vec<&str> = waiting.iter().map(|(kind,)| kind.as_str()).collect();
        assert_eq!(kinds, ["page", "turn_invitation", "turn_invitation"]);
        app.mail.come_back();
        app.pass(minutes(5)).await;
        assert_eq!(mails(app, "bo").len(), 2, "and these are not lost");
    }

    async fn many_turns_leave_in_parts_the_nearest_first(app) {
        cast(app).await;
        let turns = ["ana", "bo"].iter().map(|name| vec![app.id(name)]).collect();
        let daily = HandOffs::Every { unit: Unit::Day, every: 1 };
        made(app, "Daily", Layer::rotating(turns, daily, "2026-03-02T10:00:00".parse().unwrap())).await;
        app.pass(minutes(5)).await;
        let first = events(app, "bo");
        // Two of the one, fourteen of the other; Ana's own do not count.
        assert_eq!(first.len(), 16);
        let hourly = HandOffs::Every { unit: Unit::Hour, every: 12 };
        let turns = ["ana", "bo"].iter().map(|name| vec![app.id(name)]).collect();
        made(app, "Half", Layer::rotating(turns, hourly, "2026-03-02T10:00:00".parse().unwrap())).await;
        app.pass(minutes(6)).await;
        let next = events(app, "bo");
        assert_eq!(next.len(), 20);
        app.pass(minutes(6)).await;
        let last = events(app, "bo");
        assert!(last.len() < 20 && next.last() < last.first(), "{next:?} {last:?}");
    }
}
