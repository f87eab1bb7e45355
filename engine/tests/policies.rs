//! Policies that are changed while they page.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::escalation::{Policy, Step, Target};
use domain::ids::{PersonId, PolicyId};
use domain::incidents::timeline::Via;
use engine::oncall::policies;
use engine::{incidents, transaction};
use testing::{TestApp, both_databases, hours, minutes, seconds};

/// Changes the policy of checkout to these, with five minutes each.
async fn change(app: &TestApp, policy: PolicyId, people: &[&str]) {
    let steps = people.iter().map(|name| Step {
        delay_seconds: 300,
        targets: vec![Target::Person(app.id::<PersonId>(name))],
    });
    let changed = Policy {
        steps: steps.collect(),
        repeats: 0,
    };
    transaction!(app.engine, |tx| policies::change(
        tx, policy, "checkout", &changed
    )
    .await?)
    .unwrap();
    app.settle().await;
}

async fn with_cy(app: &TestApp) -> PolicyId {
    app.usual_cast().await;
    app.responder("cy").await;
    app.policy("checkout")
        .step("ana", minutes(5))
        .step("bo", minutes(5))
        .make()
        .await
}

fn paged(story: incidents::Story) -> Vec<String> {
    story.pages.into_iter().map(|sent| sent.name).collect()
}

both_databases! {
    async fn who_comes_into_the_step_that_was_paged_is_paged_now(app) {
        let policy = with_cy(app).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(2)).await;
        change(app, policy, &["cy", "bo"]).await;
        assert_eq!(paged(app.story(1).await), ["Ana", "Cy"]);
        app.pass(minutes(4)).await;
        assert_eq!(paged(app.story(1).await).len(), 2, "with the time of the step");
        app.pass(minutes(1)).await;
        assert_eq!(paged(app.story(1).await), ["Ana", "Cy", "Bo"]);
    }

    async fn who_comes_in_before_or_after_what_was_paged_is_paged(app) {
        let policy = with_cy(app).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(seconds(1)).await;
        change(app, policy, &["cy", "ana", "bo"]).await;
        assert_eq!(paged(app.story(1).await), ["Ana", "Cy"], "before");
        app.fires("checkout", "Down", 2, "down").await;
        app.pass(minutes(20)).await;
        assert_eq!(app.story(2).await.paging, incidents::Here::RanOut);
        app.responder("dee").await;
        change(app, policy, &["cy", "ana", "bo", "dee"]).await;
        assert_eq!(app.mailbox("dee").len(), 2, "after it had run out");
    }

    async fn a_change_that_names_nobody_new_pages_nobody(app) {
        let policy = with_cy(app).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(6)).await;
        change(app, policy, &["bo", "ana"]).await;
        assert_eq!(paged(app.story(1).await), ["Ana", "Bo"]);
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        change(app, policy, &["cy"]).await;
        app.pass(hours(1)).await;
        assert!(app.mailbox("cy").is_empty(), "somebody has it");
    }
}
