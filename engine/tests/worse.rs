//! Who hears that an incident became worse.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::incidents::timeline::{Event, Via};
use engine::{incidents, transaction};
use testing::{Mood, both_databases, hours, minutes};

both_databases! {
    async fn who_has_it_is_told_that_it_became_worse_and_not_who_slept(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 3, "slow").await;
        app.pass(minutes(5)).await;
        let bo = app.id("bo");
        transaction!(app.by(bo).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        app.settle().await;
        app.mail.clear();
        app.fires("checkout", "Slow", 1, "slow").await;
        app.settle().await;
        assert_eq!(app.subjects("bo"), ["[SEV1] INC-1 Slow"]);
        assert!(app.mailbox("ana").is_empty(), "she has not answered before either");
        let text = &app.mailbox("bo")[0].text;
        assert!(text.contains("It became worse since it was acknowledged."), "{text}");
        assert!(!text.contains("If nobody acknowledges"), "{text}");
    }

    async fn where_who_has_it_cannot_be_mailed_others_are_told_that_it_became_worse(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 3, "slow").await;
        app.pass(minutes(5)).await;
        let bo = app.id("bo");
        transaction!(app.by(bo).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        app.settle().await;
        app.mail.clear();
        app.mail.set_mood(Mood::Refuses("bo@".to_owned()));
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        assert_eq!(app.subjects("ana"), ["[SEV2] INC-1 Slow"], "the first step that reaches anybody");
        app.mail.clear();
        app.policy("checkout").step("bo", minutes(5)).make().await;
        app.fires("checkout", "Slow", 1, "slow").await;
        app.settle().await;
        assert_eq!(app.subjects("ana"), ["[SEV1] INC-1 It became worse: Slow"], "the team");
    }

    async fn who_raises_the_severity_need_not_be_told(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 3, "slow").await;
        app.pass(minutes(5)).await;
        let bo = app.id("bo");
        transaction!(app.by(bo).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        app.settle().await;
        app.mail.clear();
        transaction!(app.by(bo).await, |tx| incidents::change_severity(tx, 1, domain::Severity::Sev1).await?).unwrap();
        app.settle().await;
        assert!(app.mailbox("bo").is_empty());
        assert_eq!(app.subjects("ana"), ["[SEV1] INC-1 Slow"]);
    }

    async fn a_worse_duplicate_is_told_to_whoever_has_the_other_and_pages_where_nobody_was_paged(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 3, "slow").await;
        app.pass(minutes(5)).await;
        let (ana, bo) = (app.id("ana"), app.id("bo"));
        transaction!(app.by(bo).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        app.fires("checkout", "Payments fail", 1, "payments").await;
        app.settle().await;
        app.mail.clear();
        transaction!(app.by(ana).await, |tx| incidents::mark_duplicate(tx, 2, 1).await?).unwrap();
        app.settle().await;
        assert_eq!(app.subjects("bo"), ["[SEV1] INC-1 Slow"]);
        app.fires("checkout", "Log grows", 5, "log").await;
        app.fires("checkout", "Disk full", 1, "disk").await;
        app.settle().await;
        app.mail.clear();
        transaction!(app.by(bo).await, |tx| incidents::mark_duplicate(tx, 4, 3).await?).unwrap();
        app.settle().await;
        assert_eq!(app.subjects("ana"), ["[SEV1] INC-3 Log grows"], "its policy had never begun");
    }

    async fn what_became_worse_after_the_policy_ran_out_wakes_people_again(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 3, "slow").await;
        app.pass(hours(2)).await;
        assert_eq!(app.story(1).await.timeline.iter().filter(|entry| entry.event == Event::PolicyRanOut).count(), 1);
        app.mail.clear();
        app.fires("checkout", "Slow", 3, "slow").await;
        app.settle().await;
        assert!(app.mail.all().is_empty(), "the same again");
        app.fires("checkout", "Slow", 1, "slow").await;
        app.settle().await;
        assert_eq!(app.subjects("ana"), ["[SEV1] INC-1 Slow"]);
    }
}
