//! The mail server is down, slow, silent, refuses, or drops the connection after it took the mail.

use domain::incidents::PageOutcome;
use domain::notifications::NotificationState;
use engine::incidents::{self, Here};
use engine::notifications::outbox::{self, Notification};
use engine::{transaction, workers};
use std::collections::BTreeMap;
use std::time::Duration;
use testing::{Mood, Step, TestApp, both_databases, hours, minutes, seconds};

async fn not_sent(app: &TestApp) -> Vec<Notification> {
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
        assert_eq!(app.count("SELECT attempts FROM notifications").await, 1, "at the first try");
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
            let is_said = |mail: &Notification| mail.server_words.iter().all(|words| words.contains("did not answer"));
            assert!(stuck.iter().all(is_said), "{stuck:?}");
            assert_eq!(app.count("SELECT MAX(attempts) FROM notifications").await, tries, "{step:?}");
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
        assert_eq!(app.count("SELECT MAX(attempts) FROM notifications").await, 1);
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

    async fn what_is_said_with_5xx_to_us_is_tried_again_and_the_policy_goes_on_by_its_delays(app) {
        app.usual_cast().await;
        for (number, mood) in (1..).zip([
            Mood::Says(Step::Connecting, "554 5.3.2 No service here"),
            Mood::Says(Step::Ehlo, "550 Go away"),
            Mood::Says(Step::Mail, "550 5.1.8 Sender address rejected: Domain not found"),
            Mood::Says(Step::Recipient, "554 5.7.1 Relay access denied"),
            Mood::Says(Step::Data, "554 5.7.1 We take no mail today"),
        ]) {
            app.mail.set_mood(mood.clone());
            // A conversation that was kept is greeted no more.
            app.mail.go_away().await;
            app.mail.come_back();
            app.fires("checkout", "Slow", 2, &format!("slow {number}")).await;
            app.settle().await;
            let pages = app.story(number).await.pages;
            let outcomes: Vec<_> = pages.iter().map(|sent| (sent.name.as_str(), sent.page.outcome)).collect();
            assert_eq!(outcomes, [("Ana", PageOutcome::Waiting)], "{mood:?}: nobody else is woken for it");
            app.mail.set_mood(Mood::Takes);
            app.pass(seconds(20)).await;
            assert_eq!(app.mailbox("ana").len(), 1, "{mood:?}: the mail server is well");
            assert!(app.mailbox("bo").is_empty());
            let bo = app.id("bo");
            transaction!(app.by(bo).await, |tx| incidents::resolve(tx, number).await?).unwrap();
            app.pass(minutes(10)).await;
            app.mail.clear();
        }
    }

    async fn who_is_refused_alike_one_after_the_other_gets_the_mail_when_the_server_is_well(app) {
        app.usual_cast().await;
        app.policy("checkout").step("ana", minutes(5)).step("bo", minutes(5)).repeating(3).make().await;
        app.mail.set_mood(Mood::Says(Step::Recipient, "550 5.1.1 User unknown"));
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert_eq!(app.story(1).await.pages.len(), 2, "nobody is tried twice within their own delay");
        app.mail.set_mood(Mood::Takes);
        app.pass(seconds(20)).await;
        for name in ["ana", "bo"] {
            assert!(app.subjects(name).contains(&"[SEV2] INC-1 Slow".to_owned()), "{name}");
        }
        let outcomes: Vec<_> = app.story(1).await.pages.into_iter().map(|sent| sent.page.outcome).collect();
        assert_eq!(outcomes, [PageOutcome::Accepted, PageOutcome::Accepted]);
        app.pass(minutes(5)).await;
        assert_eq!(app.story(1).await.pages.len(), 3, "the policy goes on by its delays");
    }

    async fn several_dead_addresses_in_a_row_hold_the_next_contact_up_no_longer_than_a_moment(app) {
        app.usual_cast().await;
        app.responder("old.one").await;
        app.responder("old.two").await;
        app.policy("checkout").step("old.one", minutes(5)).step("old.two", minutes(5)).step("ana", minutes(5)).make().await;
        app.mail.set_mood(Mood::Refuses("old.".to_owned()));
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert_eq!(app.subjects("ana"), ["[SEV2] INC-1 Slow"]);
        app.pass(minutes(2)).await;
        let refused = not_sent(app).await;
        let states: Vec<_> = refused.iter().map(|mail| mail.state).collect();
        assert_eq!(states, [NotificationState::Failed, NotificationState::Failed], "others got theirs, so it is about those two");
    }

    async fn a_policy_that_ran_out_by_refusals_alone_goes_round_again_once_the_server_is_well(app) {
        app.usual_cast().await;
        app.policy("checkout").step("ana", minutes(5)).make().await;
        app.mail.set_mood(Mood::Refuses("ana@".to_owned()));
        app.fires("checkout", "Slow", 2, "slow").await;
        app.mail.set_mood(Mood::Says(Step::Recipient, "550 No such mailbox here"));
        app.pass(minutes(30)).await;
        assert!(app.mail.all().is_empty());
        assert_eq!(app.story(1).await.paging, Here::RanOut);
        assert_eq!(app.story(1).await.pages.len(), 1, "it waits for the server");
        app.mail.set_mood(Mood::Takes);
        app.pass(minutes(15)).await;
        assert_eq!(app.story(1).await.pages.len(), 2);
        assert!(app.subjects("ana").contains(&"[SEV2] INC-1 Slow".to_owned()));
        app.pass(hours(2)).await;
        assert_eq!(app.story(1).await.pages.len(), 2, "once");
    }

    async fn one_dead_address_alone_is_told_to_the_team_and_tried_once_again(app) {
        app.usual_cast().await;
        app.policy("checkout").step("ana", minutes(5)).make().await;
        app.mail.set_mood(Mood::Refuses("ana@".to_owned()));
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert_eq!(app.subjects("bo"), ["[SEV2] INC-1 Nobody has this: Slow"]);
        app.pass(hours(2)).await;
        assert_eq!(app.subjects("bo").len(), 1);
        assert_eq!(app.story(1).await.pages.len(), 2);
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
    assert!(engine::methods::mail::PATIENCE > Duration::from_secs(30));
}
