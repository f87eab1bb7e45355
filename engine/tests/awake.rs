//! “I am awake”: one press for all that pages somebody, and one list for what comes then.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::incidents::{PageOutcome, State};
use engine::incidents;
use engine::transaction;
use testing::{TestApp, both_databases, minutes, seconds};

async fn states(app: &TestApp, numbers: std::ops::RangeInclusive<i64>) -> Vec<State> {
    let mut states = Vec::new();
    for number in numbers {
        states.push(app.story(number).await.incident.state);
    }
    states
}

both_databases! {
    async fn one_press_holds_all_and_what_comes_then_is_not_sent(app) {
        app.usual_cast().await;
        let ana = app.id("ana");
        for name in ["one", "two", "three"] {
            app.fires("checkout", name, 2, name).await;
        }
        app.pass(seconds(10)).await;
        assert_eq!(transaction!(app.by(ana).await, |tx| incidents::i_am_awake(tx).await?).unwrap(), 3);
        assert_eq!(states(app, 1..=3).await, [State::Acknowledged; 3]);
        let mails = app.subjects("ana").len();
        app.pass(minutes(2)).await;
        app.fires("checkout", "four", 2, "four").await;
        app.pass(minutes(1)).await;
        assert_eq!(app.subjects("ana").len(), mails, "she sees it on her list");
        assert_eq!(app.story(4).await.pages[0].page.outcome, PageOutcome::OnList);
        let mut tx = app.engine.read().await.unwrap();
        let awake = incidents::awake(&mut tx, ana).await.unwrap().unwrap();
        let list: Vec<i64> = incidents::came_for(&mut tx, ana, awake).await.unwrap().iter().map(|incident| incident.number).collect();
        assert_eq!(list, [1, 2, 3, 4], "one list that grows");
        drop(tx);
        // As bad as can be comes all the same.
        app.fires("checkout", "five", 1, "five").await;
        app.pass(seconds(10)).await;
        assert_eq!(app.subjects("ana")[mails..], ["[SEV1] INC-5 five"]);
        // The press takes what came since.
        assert_eq!(transaction!(app.by(ana).await, |tx| incidents::i_am_awake(tx).await?).unwrap(), 2);
    }

    async fn what_becomes_critical_leaves_the_list(app) {
        app.usual_cast().await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::i_am_awake(tx).await?).unwrap();
        app.fires("checkout", "one", 2, "one").await;
        app.pass(seconds(10)).await;
        assert!(app.subjects("ana").is_empty());
        transaction!(app.by(app.id("bo")).await, |tx| incidents::change_severity(tx, 1, domain::Severity::Sev1).await?).unwrap();
        app.pass(seconds(10)).await;
        assert_eq!(app.subjects("ana"), ["[SEV1] INC-1 one"]);
    }

    async fn the_policy_goes_on_where_nobody_takes_from_the_list(app) {
        app.usual_cast().await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::i_am_awake(tx).await?).unwrap();
        app.fires("checkout", "one", 2, "one").await;
        app.pass(minutes(6)).await;
        assert_eq!(app.subjects("bo"), ["[SEV2] INC-1 one"], "who is next is paged");
        assert!(app.subjects("ana").is_empty());
    }

    async fn after_a_quarter_of_an_hour_and_on_wish_pages_come_as_ever(app) {
        app.usual_cast().await;
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::i_am_awake(tx).await?).unwrap();
        app.pass(minutes(16)).await;
        app.fires("checkout", "one", 2, "one").await;
        app.pass(seconds(10)).await;
        assert_eq!(app.subjects("ana"), ["[SEV2] INC-1 one"]);
        transaction!(app.by(ana).await, |tx| {
            incidents::i_am_awake(tx).await?;
            incidents::i_am_asleep(tx).await?
        }).unwrap();
        app.fires("checkout", "two", 2, "two").await;
        app.pass(seconds(10)).await;
        assert_eq!(app.subjects("ana").last().unwrap(), "[SEV2] INC-2 two");
    }
}
