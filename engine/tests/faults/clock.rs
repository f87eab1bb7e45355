//! The machine's clock is set forward an hour, and back.

use engine::notifications::outbox;
use testing::{Mood, TestApp, both_databases, hours, minutes, seconds};

/// Sets the clock back by this many hours.
fn back(app: &TestApp, by: i64) {
    app.clock.pass(-hours(by));
}

both_databases! {
    async fn a_page_that_waits_goes_out_soon_after_the_clock_went_back(app) {
        app.usual_cast().await;
        app.mail.set_mood(Mood::Later);
        app.clock.pass(hours(1));
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        back(app, 1);
        app.pass(seconds(20)).await;
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(outbox::not_sent(&mut tx).await.unwrap().len(), 1, "nothing waits in silence");
        drop(tx);
        app.mail.set_mood(Mood::Takes);
        app.pass(minutes(1)).await;
        assert_eq!(app.mailbox("ana").len(), 1, "once, and not in an hour");
    }

    async fn a_policy_goes_on_by_its_delay_after_the_clock_went_back(app) {
        app.usual_cast().await;
        app.clock.pass(hours(1));
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        back(app, 1);
        app.pass(minutes(4)).await;
        assert!(app.mailbox("bo").is_empty(), "nobody is hurried");
        app.pass(minutes(1)).await;
        assert_eq!((app.mailbox("ana").len(), app.mailbox("bo").len()), (1, 1), "nobody is forgotten");
        app.pass(minutes(9)).await;
        assert_eq!(app.story(1).await.pages.len(), 2);
    }

    async fn a_clock_that_jumps_ahead_makes_no_storm(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        app.clock.pass(hours(1));
        app.settle().await;
        assert_eq!(app.story(1).await.pages.len(), 2, "one step early, not all of them");
        back(app, 1);
        app.pass(minutes(9)).await;
        assert_eq!(app.story(1).await.pages.len(), 2);
        assert_eq!((app.mailbox("ana").len(), app.mailbox("bo").len()), (1, 1), "none is sent twice");
        app.pass(minutes(2)).await;
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(engine::incidents::nobody_has(&mut tx).await.unwrap().len(), 1, "the policy has run out in its time");
    }

    async fn lists_and_floods_of_a_fast_clock_end_when_it_is_put_right(app) {
        app.usual_cast().await;
        app.clock.pass(hours(1));
        for number in 1..=7 {
            app.fires("checkout", &format!("Broken {number}"), 2, &format!("key {number}")).await;
        }
        app.settle().await;
        back(app, 1);
        app.settle().await;
        let subjects = app.subjects("ana");
        assert_eq!(subjects.len(), 6, "five pages, and the list at once: {subjects:?}");
        app.fires("checkout", "Broken 8", 2, "key 8").await;
        app.settle().await;
        assert_eq!(app.mailbox("ana").len(), 7, "a page of its own: the flood was an hour ahead");
    }

    async fn an_incident_of_a_fast_clock_can_be_acknowledged_and_resolved(app) {
        app.usual_cast().await;
        app.clock.pass(hours(1));
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        back(app, 1);
        app.tell("checkout", "Slow", 2, "slow", "acknowledged").await;
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        app.pass(minutes(20)).await;
        assert!(app.story(1).await.incident.resolved_at.is_some());
        assert!(app.mailbox("bo").is_empty());
    }
}
