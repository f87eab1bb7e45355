//! The mail server is down, slow, silent, refuses, or drops the connection after it took the mail.

use engine::mail::outbox::{self, Stored};
use engine::workers;
use std::collections::BTreeMap;
use std::time::Duration;
use testing::{Mood, Step, TestApp, both_databases, minutes, seconds};

async fn not_sent(app: &TestApp) -> Vec<Stored> {
    let mut tx = app.engine.read().await.unwrap();
    outbox::not_sent(&mut tx).await.unwrap()
}

/// How often each mail arrived, by its Message-ID.
fn arrived(app: &TestApp) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for mail in app.mail.all() {
        *times.entry(mail.message_id).or_default() += 1;
    }
    times
}

both_databases! {
    async fn ten_minutes_without_a_mail_server(app) {
        app.usual_cast().await;
        app.mail.go_away().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(2)).await;
        let waiting = not_sent(app).await;
        assert_eq!(waiting.len(), 1, "every page of the site shows it");
        assert!(waiting[0].attempts >= 4, "it is tried again and again: {}", waiting[0].attempts);
        assert!(waiting[0].server_words.is_some(), "with what went wrong");
        app.pass(minutes(4)).await;
        let paged: Vec<String> = app.story(1).await.pages.into_iter().map(|line| line.name).collect();
        assert_eq!(paged, ["Ana", "Bo"], "the policy does not wait for the mail server");
        app.pass(minutes(4)).await;
        app.mail.come_back();
        app.pass(minutes(1)).await;
        assert_eq!(arrived(app).values().collect::<Vec<_>>(), [&1, &1], "each mail arrives once");
        assert_eq!((app.mailbox("ana").len(), app.mailbox("bo").len()), (1, 1));
        assert!(not_sent(app).await.is_empty());
    }

    async fn a_slow_mail_server_is_waited_for(app) {
        app.usual_cast().await;
        app.mail.set_mood(Mood::PausesAfterData(Duration::from_millis(300)));
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        app.pass(minutes(2)).await;
        assert_eq!(app.mailbox("ana").len(), 1, "no copies while it only thinks");
    }

    async fn a_silent_mail_server_is_left_and_tried_again(app) {
        app.usual_cast().await;
        let sender = app.sender.clone().with_patience(Duration::from_millis(200));
        app.mail.set_mood(Mood::FallsSilentAfterData);
        app.fires("checkout", "Slow", 2, "slow").await;
        workers::run_due(&app.engine, &sender).await.unwrap();
        app.mail.set_mood(Mood::Refuses("bo@".to_owned()));
        app.clock.pass(seconds(60));
        workers::run_due(&app.engine, &sender).await.unwrap();
        let copies = app.mailbox("ana");
        assert_eq!(copies.len(), 2);
        assert_eq!(copies[0].message_id, copies[1].message_id);
        // The connection that was left in the middle is not used again: each answer belongs to its mail.
        app.clock.pass(minutes(5));
        workers::run_due(&app.engine, &sender).await.unwrap();
        let words: Vec<_> = app.story(1).await.pages.into_iter().map(|line| line.page.server_words.unwrap()).collect();
        assert!(words[0].starts_with("250 2.0.0 Accepted"), "{words:?}");
        assert!(words[1].contains("No such mailbox here"), "{words:?}");
    }

    async fn a_mail_server_that_is_slow_at_each_step_gets_the_mail(app) {
        app.usual_cast().await;
        // Each answer is well within the patience; all of them together are not.
        let sender = app.sender.clone().with_patience(Duration::from_millis(900));
        app.mail.set_mood(Mood::ThinksBeforeEach(Duration::from_millis(300)));
        app.fires("checkout", "Slow", 2, "slow").await;
        workers::run_due(&app.engine, &sender).await.unwrap();
        assert_eq!(app.mailbox("ana").len(), 1);
        assert_eq!(app.count("SELECT attempts FROM mails").await, 1, "at the first try");
    }

    async fn silence_at_any_step_is_given_up_and_the_mail_tried_again(app) {
        app.usual_cast().await;
        let sender = app.sender.clone().with_patience(Duration::from_millis(200));
        for (tries, step) in (1..).zip([Step::Connecting, Step::Ehlo, Step::Mail, Step::Recipient, Step::Data]) {
            app.mail.set_mood(Mood::SilentAt(step));
            if tries == 1 {
                app.fires("checkout", "Slow", 2, "slow").await;
            }
            workers::run_due(&app.engine, &sender).await.unwrap();
            let stuck = not_sent(app).await;
            let is_said = |mail: &Stored| mail.server_words.iter().all(|words| words.contains("did not answer"));
            assert!(stuck.iter().all(is_said), "{stuck:?}");
            assert_eq!(app.count("SELECT MAX(attempts) FROM mails").await, tries, "{step:?}");
            app.clock.pass(seconds(60));
        }
        app.mail.set_mood(Mood::Takes);
        workers::run_due(&app.engine, &sender).await.unwrap();
        assert_eq!(app.mailbox("ana").len(), 1);
    }

    async fn a_connection_that_was_closed_meanwhile_costs_no_try(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        app.mail.go_away().await;
        app.mail.come_back();
        app.fires("checkout", "Down", 1, "down").await;
        app.settle().await;
        assert_eq!(app.mailbox("ana").len(), 2);
        assert_eq!(app.count("SELECT MAX(attempts) FROM mails").await, 1);
    }

    async fn a_mail_server_that_says_later_for_ten_minutes(app) {
        app.usual_cast().await;
        app.mail.set_mood(Mood::Later);
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(10)).await;
        assert_eq!(not_sent(app).await.len(), 2);
        app.mail.set_mood(Mood::Takes);
        app.pass(minutes(1)).await;
        assert_eq!(arrived(app).values().collect::<Vec<_>>(), [&1, &1]);
    }

    async fn a_mail_server_that_refuses_everybody_leads_to_the_next_contact_and_to_the_banner(app) {
        app.usual_cast().await;
        app.mail.set_mood(Mood::Refuses("@".to_owned()));
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert_eq!(app.story(1).await.pages.len(), 2, "nobody waits for a delay");
        assert!(not_sent(app).await.len() >= 2);
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(engine::incidents::nobody_has(&mut tx).await.unwrap().len(), 1);
    }

    async fn dropping_after_data_makes_copies_with_one_message_id(app) {
        app.usual_cast().await;
        app.mail.set_mood(Mood::DropsAfterData);
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(1)).await;
        app.mail.set_mood(Mood::Takes);
        app.pass(minutes(2)).await;
        assert_eq!(arrived(app).len(), 1, "all copies are one mail");
        let copies = app.mailbox("ana").len();
        app.pass(minutes(1)).await;
        assert_eq!(app.mailbox("ana").len(), copies, "and they end");
    }
}

#[test]
fn a_mail_server_may_think_for_half_a_minute_before_each_answer() {
    assert!(engine::mail::sender::PATIENCE > Duration::from_secs(30));
}
