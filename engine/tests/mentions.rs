//! Whom a text speaks to, and who follows an incident.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::action_items::{ActionKind, ActionState, Evidence, Priority};
use domain::news::NewsKind;
use engine::incidents::{self, Draft, Writing};
use engine::{action_items, postmortems, transaction};
use testing::{TestApp, both_databases, minutes, seconds};

async fn acknowledged(app: &TestApp) {
    app.usual_cast().await;
    app.responder("lea").await;
    app.fires("checkout", "Slow", 2, "slow").await;
    app.pass(minutes(1)).await;
    transaction!(app.by(app.id("ana")).await, |tx| {
        incidents::acknowledge(tx, 1, domain::incidents::timeline::Via::Page).await?
    })
    .unwrap();
    app.pass(minutes(10)).await;
}

async fn write(app: &TestApp, by: &str, kind: Writing, text: &str) {
    let draft = Draft {
        kind,
        text,
        at: "",
        zone: chrono_tz::UTC,
        next_in: (kind == Writing::StatusUpdate).then(|| minutes(30)),
    };
    transaction!(app.by(app.id(by)).await, |tx| incidents::write_draft(
        tx, 1, &draft
    )
    .await?)
    .unwrap();
    app.pass(seconds(30)).await;
}

async fn all_that_is_kept(app: &TestApp) -> String {
    let mut tx = app.engine.read().await.unwrap();
    let rows: Vec<(String,)> = engine::db::sql(
        "SELECT text_body FROM notifications UNION ALL SELECT html_body FROM notifications UNION ALL SELECT CAST(news AS TEXT) FROM news",
    )
    .all(&mut tx)
    .await
    .unwrap();
    rows.into_iter().map(|(row,)| row).collect()
}

both_databases! {
    async fn whoever_is_named_in_a_note_is_mailed_once(app) {
        acknowledged(app).await;
        let before = app.subjects("bo").len();
        write(app, "ana", Writing::Note, "@bo, is the pool **full**?\n\n`@lea` is code").await;
        let mails = app.subjects("bo");
        assert_eq!(mails[before..], ["[SEV2] INC-1 Ana named you: Slow"]);
        let lea = app.subjects("lea");
        assert!(!lea.iter().any(|subject| subject.contains("named you")), "{lea:?}");
        // The text is changed, and speaks to somebody else as well.
        let seq = app.story(1).await.timeline.last().unwrap().seq;
        transaction!(app.by(app.id("ana")).await, |tx| {
            incidents::edit(tx, 1, seq, "@bo and @lea, is the pool full?", None).await?
        }).unwrap();
        app.pass(seconds(30)).await;
        assert_eq!(app.subjects("bo").len(), before + 1, "not again");
        assert!(app.subjects("lea").contains(&"[SEV2] INC-1 Ana named you: Slow".to_owned()));
    }

    async fn nobody_is_mailed_their_own_name_or_what_they_turned_off(app) {
        acknowledged(app).await;
        transaction!(app.by(app.id("bo")).await, |tx| {
            engine::news::turn_off(tx, app.id("bo"), &[NewsKind::Mentioned]).await?
        }).unwrap();
        let before = (app.subjects("ana").len(), app.subjects("bo").len());
        write(app, "ana", Writing::Note, "@ana and @bo").await;
        assert_eq!((app.subjects("ana").len(), app.subjects("bo").len()), before);
    }

    async fn a_status_update_reaches_whoever_follows(app) {
        acknowledged(app).await;
        for (who, follows) in [("bo", true), ("lea", true), ("lea", false), ("ana", true), ("bo", true)] {
            transaction!(app.by(app.id(who)).await, |tx| incidents::follow(tx, 1, follows).await?).unwrap();
        }
        let before = (app.subjects("ana").len(), app.subjects("bo").len(), app.subjects("lea").len());
        write(app, "ana", Writing::Note, "Nothing for those who wait").await;
        write(app, "ana", Writing::StatusUpdate, "Payments work again").await;
        assert_eq!(app.subjects("bo")[before.1..], ["[SEV2] INC-1 Status update: Slow"]);
        assert_eq!((app.subjects("ana").len(), app.subjects("lea").len()), (before.0, before.2));
        // Who is named hears of it by that.
        write(app, "ana", Writing::StatusUpdate, "@bo looks at the rest").await;
        assert_eq!(app.subjects("bo")[before.1 + 1..], ["[SEV2] INC-1 Ana named you: Slow"]);
    }

    async fn the_words_of_a_contributing_factor_speak_to_people(app) {
        acknowledged(app).await;
        let ana = app.by(app.id("ana")).await;
        transaction!(ana, |tx| {
            incidents::resolve(tx, 1).await?;
            postmortems::start(tx, 1).await?
        }).unwrap();
        app.pass(minutes(10)).await;
        let before = (app.subjects("bo").len(), app.subjects("lea").len());
        transaction!(ana, |tx| postmortems::name_factor(tx, 1, "A limit elsewhere", "@bo knows where it is").await?).unwrap();
        app.pass(minutes(10)).await;
        assert_eq!(app.subjects("bo")[before.0..], ["[SEV2] INC-1 Ana named you: Slow"]);
        assert!(app.mailbox("bo").last().unwrap().text.contains("/incidents/1/postmortem"));
        let factor = {
            let mut tx = app.engine.read().await.unwrap();
            let incident = incidents::find(&mut tx, 1).await.unwrap();
            postmortems::factors_of(&mut tx, incident.id).await.unwrap()[0].id
        };
        // Whoever was named is not told again, by the one form or by the other.
        for words in ["@bo and @lea know where it is", "@lea and @bo set it"] {
            transaction!(ana, |tx| postmortems::change_factor(tx, 1, factor, words).await?).unwrap();
            app.pass(minutes(10)).await;
        }
        // Named again with other words, neither are lost.
        let again = transaction!(ana, |tx| postmortems::name_factor(tx, 1, "a limit elsewhere", "@bo set it").await?);
        let said = "@lea and @bo set it".to_owned();
        assert_eq!(testing::refusal_of(&again), Some(&postmortems::Refused::NamedAlready(said)));
        app.pass(minutes(10)).await;
        assert_eq!((app.subjects("bo").len(), app.subjects("lea").len()), (before.0 + 1, before.1 + 1));
    }

    async fn what_is_said_of_an_action_item_speaks_to_people(app) {
        acknowledged(app).await;
        let ana = app.by(app.id("ana")).await;
        let promise = action_items::Draft {
            title: "Test the failover".to_owned(),
            owner: Some(app.id("ana")),
            team: app.id("payments"),
            kind: ActionKind::Prevent,
            priority: Priority::High,
            due_on: None,
            factor: None,
            proof: String::new(),
        };
        transaction!(ana, |tx| action_items::add(tx, 1, &promise).await?).unwrap();
        app.pass(minutes(10)).await;
        let before = (app.subjects("bo").len(), app.subjects("lea").len());
        let named = "[Kintsugi] ACT-1 Ana named you: Test the failover";
        let describe = async |text: &str| {
            let said = action_items::Description { description: text.to_owned(), ..Default::default() };
            transaction!(ana, |tx| action_items::describe(tx, 1, &said).await?).unwrap();
            app.pass(minutes(10)).await;
        };
        describe("@bo has the runbook; @ana does it").await;
        describe("@bo has the runbook. @Lea, too").await;
        assert_eq!(app.subjects("bo")[before.0..], [named]);
        assert_eq!(app.subjects("lea")[before.1..], [named]);
        assert!(app.mailbox("bo").last().unwrap().text.contains("/action-items/1"));

        transaction!(ana, |tx| action_items::comment(tx, 1, "It is in the cupboard, @bo, @bo").await?).unwrap();
        app.pass(minutes(10)).await;
        assert_eq!(app.subjects("bo")[before.0..], [named, named]);
        transaction!(ana, |tx| action_items::change_state(tx, 1, ActionState::Done, "").await?).unwrap();
        let bo = app.by(app.id("bo")).await;
        transaction!(bo, |tx| action_items::verify(tx, 1, Evidence::Drill, "@lea pulled the plug").await?).unwrap();
        app.pass(minutes(10)).await;
        assert_eq!(app.subjects("lea").last().unwrap(), "[Kintsugi] ACT-1 Bo named you: Test the failover");
    }

    async fn what_is_redacted_stands_in_no_mail(app) {
        acknowledged(app).await;
        write(app, "ana", Writing::Note, "@bo the password is hunter2").await;
        assert!(all_that_is_kept(app).await.contains("hunter2"));
        let seq = app.story(1).await.timeline.last().unwrap().seq;
        let draft = Draft { kind: Writing::Note, text: "@lea it is hunter2, too", at: "", zone: chrono_tz::UTC, next_in: None };
        transaction!(app.by(app.id("ana")).await, |tx| {
            incidents::write_draft(tx, 1, &draft).await?;
            incidents::redact(tx, 1, seq, "A password").await?;
            // This one nobody was told yet.
            incidents::redact(tx, 1, seq + 1, "A password").await?
        }).unwrap();
        app.pass(minutes(1)).await;
        assert!(!all_that_is_kept(app).await.contains("hunter2"));
    }
}
