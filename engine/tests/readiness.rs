//! What stands in the way of on call is found two weeks ahead, and told once.

#![allow(clippy::unwrap_used, reason = "a story that stumbles fails")]

use domain::ids::{PersonId, ScheduleId};
use engine::oncall::overrides::{self, Draft};
use engine::oncall::readiness::{self, Concern};
use engine::transaction;
use testing::{TestApp, both_databases, days};

async fn words(app: &TestApp) -> Vec<String> {
    let mut tx = app.engine.read().await.unwrap();
    let found = readiness::concerns(&mut tx).await.unwrap();
    found
        .values()
        .flatten()
        .map(|concern: &Concern| concern.words("UTC"))
        .collect()
}

async fn told(app: &TestApp) -> usize {
    let told = transaction!(app.engine, |tx| readiness::tell(tx).await?).unwrap();
    app.settle().await;
    told
}

both_databases! {
    async fn a_gap_ahead_and_who_cannot_be_woken_are_told_once(app) {
        app.usual_cast().await;
        let before = words(app).await;
        assert!(before.iter().all(|line| !line.contains("Nobody is on call")), "{before:?}");
        told(app).await;
        assert_eq!(told(app).await, 0, "what was told is not told again");
        // A gap that is meant is none; one of somebody who left is.
        let (schedule, root): (ScheduleId, PersonId) = (app.id("primary"), app.id("root"));
        let now = app.engine.context.now();
        let gap = Draft { change: domain::oncall::Change::Nobody, layer: None, from: now + days(1), to: now + days(2) };
        transaction!(app.by(root).await, |tx| overrides::add(tx, schedule, &gap).await?).unwrap();
        assert_eq!(words(app).await, before);
        transaction!(app.engine, |tx| engine::deactivation::deactivate(tx, app.id("ana")).await?).unwrap();
        let after = words(app).await;
        assert!(after.iter().any(|line| line.contains("on call for primary") || line.contains("primary has nobody")), "{after:?}");
        assert!(told(app).await > 0);
        let subject = "look at the next two weeks";
        assert!(app.subjects("bo").iter().any(|found| found.contains(subject)), "{:?}", app.subjects("bo"));
        assert_eq!(told(app).await, 0);
    }
}
