//! Which mails go first, whose claim counts, and what becomes of an answer that comes late.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::incidents::PageOutcome;
use domain::incidents::timeline::Via;
use domain::notifications::{NotificationKind, Urgency};
use domain::people::Person;
use engine::methods::Mailer;
use engine::notifications::{Draft, Words, outbox};
use engine::workers::Delivery;
use engine::{Context, Engine, health, incidents, transaction, workers};
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::sync::Arc;
use std::time::Duration;
use testing::{Mood, TestApp, TestClock, both_databases, minutes, seconds, until};

/// Longer than a test waits for anything.
const HANGING: Duration = Duration::from_secs(600);

/// Another run of the program on the same database, with a clock of its own.
fn another_node(app: &TestApp, clock: TestClock) -> (Engine, Mailer) {
    let here = &app.engine.context;
    let context = Context::with(
        Box::new(clock),
        StdRng::seed_from_u64(99),
        here.base_url.clone(),
        here.mail.clone(),
    );
    let sender = Mailer::new(&context.mail, Some(&app.mail.smtp_url())).unwrap();
    let engine = Engine {
        context: Arc::new(context),
        ..app.engine.clone()
    };
    (engine, sender)
}

fn somebody(app_person: &Person, name: &str) -> Person {
    Person {
        email: format!("{name}@example.test"),
        ..app_person.clone()
    }
}

/// A mail of the second urgency to an address.
async fn write_to(app: &TestApp, name: &str, message: &str) {
    let to = somebody(&app.person("ana").await, name);
    let wrote = transaction!(app.engine, |tx| outbox::put(
        tx,
        Draft {
            kind: NotificationKind::Digest,
            urgency: Urgency::Page,
            to: &to,
            incident: None,
            page: None,
            message: message.to_owned(),
            thread: None,
            words: Words {
                subject: message.to_owned(),
                text: message.to_owned(),
                html: message.to_owned(),
                calendar: None,
            },
        }
    ));
    wrote.unwrap();
    app.clock.pass(seconds(1));
}

async fn state_of_mails(app: &TestApp) -> Vec<(String, String)> {
    let mut tx = app.engine.read().await.unwrap();
    let mails = outbox::recent(&mut tx, None, 10).await.unwrap();
    let words = |mail: outbox::Notification| {
        (
            mail.state.as_str().to_owned(),
            mail.server_words.unwrap_or_default(),
        )
    };
    mails.into_iter().map(words).collect()
}

/// A page to Ana of which this node has an answer that it has not recorded.
async fn answered(app: &TestApp, mood: Mood) -> Delivery<Mailer> {
    app.usual_cast().await;
    app.mail.set_mood(mood);
    app.fires("checkout", "Slow", 2, "slow").await;
    let mut delivery = Delivery::new(&app.engine, &app.sender);
    assert_eq!(delivery.take().await.unwrap(), 1);
    assert!(delivery.ended().await);
    delivery
}

both_databases! {
    async fn a_late_not_now_does_not_reopen_what_another_node_sent(app) {
        let mut delivery = answered(app, Mood::Later).await;
        app.mail.set_mood(Mood::Takes);
        let (other, sender) = another_node(app, app.clock.clone());
        workers::run_due(&other, &sender).await.unwrap();
        assert_eq!(app.mailbox("ana").len(), 1);
        delivery.record().await;
        assert_eq!(state_of_mails(app).await, [("sent".to_owned(), "250 2.0.0 Accepted".to_owned())]);
        app.pass(minutes(2)).await;
        assert_eq!(app.mailbox("ana").len(), 1, "it is not sent again");
    }

    async fn a_mail_that_was_accepted_is_sent_whatever_another_node_was_told(app) {
        let mut delivery = answered(app, Mood::Takes).await;
        app.mail.set_mood(Mood::Refuses("ana@".to_owned()));
        let (other, sender) = another_node(app, app.clock.clone());
        workers::run_due(&other, &sender).await.unwrap();
        assert_eq!(app.story(1).await.pages[0].page.outcome, PageOutcome::Refused);
        delivery.record().await;
        assert_eq!(app.story(1).await.pages[0].page.outcome, PageOutcome::Accepted);
        assert_eq!(app.count("SELECT COUNT(*) FROM notifications WHERE state <> 'sent'").await, 0);
    }

    async fn a_page_that_was_put_off_while_somebody_acknowledged_is_taken_back(app) {
        let mut delivery = answered(app, Mood::Later).await;
        let bo = app.id("bo");
        transaction!(app.by(bo).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        delivery.record().await;
        let mails = state_of_mails(app).await;
        assert!(mails[0].0 == "failed" && mails[0].1.starts_with("Taken back"), "{mails:?}");
        app.mail.set_mood(Mood::Takes);
        app.pass(minutes(10)).await;
        assert!(app.mailbox("ana").is_empty(), "nobody is woken for what somebody has");
    }

    async fn a_page_that_was_accepted_while_somebody_acknowledged_was_sent(app) {
        let mut delivery = answered(app, Mood::Takes).await;
        let bo = app.id("bo");
        transaction!(app.by(bo).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        delivery.record().await;
        assert_eq!(state_of_mails(app).await[0].0, "sent");
        assert_eq!(app.story(1).await.pages[0].page.outcome, PageOutcome::Accepted);
    }

    async fn what_was_never_tried_goes_before_what_hangs(app) {
        app.usual_cast().await;
        app.mail.set_mood(Mood::DawdlesFor("hangs".to_owned(), HANGING));
        for number in 0..20 {
            write_to(app, &format!("hangs{number}"), &format!("to one that hangs {number}")).await;
        }
        let impatient = app.sender.clone().with_patience(Duration::from_millis(100));
        workers::run_due(&app.engine, &impatient).await.unwrap();
        app.clock.pass(minutes(1));
        write_to(app, "bo", "never tried").await;
        let mut delivery = Delivery::new(&app.engine, &app.sender);
        delivery.take().await.unwrap();
        until("it is tried at once", async || app.mailbox("bo").len() == 1).await;
    }

    async fn the_worst_is_not_behind_a_hundred_slow_mails(app) {
        app.usual_cast().await;
        app.mail.set_mood(Mood::DawdlesFor("hangs".to_owned(), HANGING));
        for number in 0..100 {
            write_to(app, &format!("hangs{number}"), &format!("slow {number}")).await;
        }
        let mut delivery = Delivery::new(&app.engine, &app.sender);
        assert!(delivery.take().await.unwrap() >= 10, "those are under way");
        // Five moderate ones to Ana hang, too.
        app.mail.set_mood(Mood::DawdlesFor("ana".to_owned(), HANGING));
        for number in 1..=5 {
            app.fires("checkout", "Slow", 3, &format!("slow {number}")).await;
        }
        delivery.take().await.unwrap();
        until("her mailbox hangs", async || !app.mailbox("ana").is_empty()).await;
        app.mail.set_mood(Mood::Takes);
        app.fires("checkout", "Down", 1, "down").await;
        delivery.take().await.unwrap();
        until("it is tried at once", async || app.subjects("ana").contains(&"[SEV1] INC-6 Down".to_owned())).await;
    }

    async fn mails_beside_the_pages_never_delay_a_page(app) {
        app.usual_cast().await;
        app.service("search", "payments").await;
        app.mail.set_mood(Mood::DawdlesFor("root".to_owned(), HANGING));
        // Nobody is to be paged for these, so the team is told.
        for number in 1..=40 {
            app.fires("search", "Empty", 2, &format!("empty {number}")).await;
        }
        app.fires("checkout", "Slow", 2, "slow").await;
        let mut delivery = Delivery::new(&app.engine, &app.sender);
        delivery.take().await.unwrap();
        until("it goes with the first", async || app.subjects("ana").contains(&"[SEV2] INC-41 Slow".to_owned())).await;
    }

    async fn one_mailbox_that_hangs_leaves_places_to_others(app) {
        app.usual_cast().await;
        app.mail.set_mood(Mood::DawdlesFor("hangs".to_owned(), HANGING));
        for number in 0..100 {
            write_to(app, "hangs", &format!("one of many {number}")).await;
        }
        write_to(app, "bo", "behind all of them").await;
        let mut delivery = Delivery::new(&app.engine, &app.sender);
        assert_eq!(delivery.take().await.unwrap(), 5, "four of those, and the one to Bo");
        until("it is tried at once", async || app.mailbox("bo").len() == 1).await;
        assert!(delivery.ended().await);
        assert_eq!(delivery.take().await.unwrap(), 0, "those four are under way still");
    }

    async fn clocks_that_differ_by_minutes_make_no_copies(app) {
        app.usual_cast().await;
        for minutes_off in [5, -5, 60] {
            // This node lives, and a mail server that does not answer yet has its mail.
            assert!(health::readiness(&app.engine).await.is_ready());
            app.mail.set_mood(Mood::FallsSilentAfterData);
            app.fires("checkout", "Slow", 2, &format!("slow {minutes_off}")).await;
            let mut delivery = Delivery::new(&app.engine, &app.sender);
            delivery.take().await.unwrap();
            until("the mail is under way", async || app.mailbox("ana").len() == 1).await;
            app.mail.set_mood(Mood::Takes);
            let clock = TestClock::at("2026-03-02T09:00:00Z");
            clock.pass(minutes(minutes_off));
            let (other, sender) = another_node(app, clock);
            let mut elsewhere = Delivery::new(&other, &sender);
            assert_eq!(elsewhere.take().await.unwrap(), 0, "{minutes_off} minutes off");
            assert_eq!(app.mailbox("ana").len(), 1);
            // It ends in good order, and another one goes on at once.
            health::end(&app.engine).await.unwrap();
            assert_eq!(elsewhere.take().await.unwrap(), 1);
            assert!(elsewhere.ended().await);
            elsewhere.record().await;
            assert_eq!(app.mailbox("ana").len(), 2);
            app.mail.clear();
        }
    }
}
