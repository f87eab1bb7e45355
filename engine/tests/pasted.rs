//! Turns of many people at once, pasted as a table.

#![allow(clippy::unwrap_used, reason = "a story that stumbles fails")]

use domain::ids::{PastedId, PersonId, ScheduleId};
use engine::oncall::pasted::{self, Table};
use engine::oncall::{Refused, on_call_now, overrides};
use engine::transaction;
use testing::{TestApp, both_databases, hours, refusal_of};

/// It is Monday, 2 March 2026, 09:00 in UTC.
const TABLE: &str = "Who\tFrom\tTo\n\
    bo\t2026-03-02 08:00\t2026-03-02 12:00\n\
    bo + cy\t2026-03-02 12:00\t4h\n\
    cy\t2026-03-03 06:00\t14:00\n";

fn table(text: &str) -> Table {
    Table {
        text: text.to_owned(),
        zone: chrono_tz::UTC,
    }
}

async fn cast(app: &TestApp) -> ScheduleId {
    app.usual_cast().await;
    app.responder("cy").await;
    app.id("primary")
}

async fn arrange(app: &TestApp, by: &str, text: &str) -> engine::Result<PastedId> {
    let (schedule, table) = (app.id("primary"), table(text));
    transaction!(app.by(app.id(by)).await, |tx| pasted::arrange(
        tx, schedule, &table
    )
    .await?)
}

async fn on_call(app: &TestApp) -> Vec<PersonId> {
    let mut tx = app.engine.read().await.unwrap();
    let (_, people) = on_call_now(&mut tx, app.id("primary")).await.unwrap();
    people.into_iter().collect()
}

async fn left(app: &TestApp) -> usize {
    let mut tx = app.engine.read().await.unwrap();
    overrides::upcoming(&mut tx, app.id("primary"))
        .await
        .unwrap()
        .len()
}

fn sorted(mut people: Vec<PersonId>) -> Vec<PersonId> {
    people.sort();
    people
}

both_databases! {
    async fn all_turns_of_a_table_are_arranged_and_each_person_gets_one_mail(app) {
        cast(app).await;
        let (ana, bo, cy): (PersonId, PersonId, PersonId) = (app.id("ana"), app.id("bo"), app.id("cy"));
        arrange(app, "root", TABLE).await.unwrap();
        assert_eq!(on_call(app).await, [bo]);
        app.settle().await;
        for (name, turns) in [("bo", 1), ("cy", 2)] {
            let mails = app.mailbox(name);
            assert_eq!(mails.len(), 1, "{name}: {:?}", app.subjects(name));
            assert_eq!(mails[0].text.matches(" to ").count(), turns, "{name}: {}", mails[0].text);
        }
        app.clock.pass(hours(4));
        assert_eq!(on_call(app).await, sorted(vec![bo, cy]));
        app.clock.pass(hours(4));
        assert_eq!(on_call(app).await, [ana], "between them the rotation counts");
        app.clock.pass(hours(13));
        assert_eq!(on_call(app).await, [cy]);
    }

    async fn one_row_at_fault_arranges_nothing(app) {
        cast(app).await;
        for (text, refused) in [
            (format!("{TABLE}Zoe\t2026-03-04 06:00\t8h\n"), Refused::RowsAtFault(1)),
            (format!("{TABLE}ana\t2026-03-03 07:00\t8h\n"), Refused::RowsAtFault(2)),
            ("\n".to_owned(), Refused::Table(domain::oncall::pasted::TableFault::Empty)),
        ] {
            let done = arrange(app, "root", &text).await;
            assert_eq!(refusal_of(&done), Some(&refused), "{text}");
        }
        assert_eq!(left(app).await, 0);
        app.settle().await;
        assert!(app.mail.all().is_empty());
    }

    async fn what_is_left_of_a_table_is_taken_back_and_what_has_passed_stays(app) {
        let schedule = cast(app).await;
        let (ana, bo): (PersonId, PersonId) = (app.id("ana"), app.id("bo"));
        let other = overrides::Draft::by(bo, (app.engine.context.now() + hours(30), app.engine.context.now() + hours(31)));
        transaction!(app.by(ana).await, |tx| overrides::add(tx, schedule, &other).await?).unwrap();
        let id = arrange(app, "root", TABLE).await.unwrap();
        assert_eq!(left(app).await, 5);
        app.clock.pass(hours(1));
        transaction!(app.by(app.id("root")).await, |tx| pasted::remove(tx, schedule, id).await?).unwrap();
        assert_eq!(on_call(app).await, [ana]);
        assert_eq!(left(app).await, 1, "what was not of the table");
        assert_eq!(app.count("SELECT COUNT(*) FROM schedule_overrides WHERE person_id IS NOT NULL").await, 2, "the hour that has passed stays");
        transaction!(app.by(app.id("root")).await, |tx| pasted::remove(tx, schedule, id).await?).unwrap();
        assert_eq!(left(app).await, 1);
    }

    async fn a_table_is_pasted_and_taken_back_by_the_team_alone(app) {
        let schedule = cast(app).await;
        let row = "SELECT COUNT(*) FROM audit_log WHERE subject = 'schedule'";
        let before = app.count(row).await;
        assert!(matches!(arrange(app, "cy", TABLE).await, Err(engine::Error::NotAllowed(_))), "cy is in no team of it");
        let id = arrange(app, "root", TABLE).await.unwrap();
        let taken = transaction!(app.by(app.id("cy")).await, |tx| pasted::remove(tx, schedule, id).await?);
        assert!(matches!(taken, Err(engine::Error::NotAllowed(_))));
        assert_eq!(left(app).await, 4);
        assert_eq!(app.count(row).await - before, 1, "one row for all of it");
    }
}
