//! What somebody who leaves the house has, and who has it afterwards.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::ids::PersonId;
use domain::incidents::timeline::{Event, Via};
use domain::incidents::{IncidentRole, State};
use engine::deactivation::{self, Heir, Heirs};
use engine::oncall::calendar::{Of, Turn, running, turns};
use engine::{incidents, transaction};
use testing::{TestApp, both_databases, days, minutes};

/// Eve, whom nothing names, has INC-1.
async fn eve_has_one(app: &TestApp) -> PersonId {
    app.usual_cast().await;
    let eve = app.responder("eve").await;
    app.fires("checkout", "Slow", 2, "slow").await;
    app.settle().await;
    transaction!(app.by(eve).await, |tx| incidents::acknowledge(tx, 1, Via::Page)
        .await?)
    .unwrap();
    app.mail.clear();
    eve
}

both_databases! {
    async fn an_incident_does_not_stay_with_somebody_who_left(app) {
        let eve = eve_has_one(app).await;
        let standing = {
            let mut tx = app.engine.read().await.unwrap();
            deactivation::standing(&mut tx, eve).await.unwrap()
        };
        assert_eq!(standing.incidents, [(1, "Slow".to_owned())]);
        transaction!(app.engine, |tx| deactivation::hand_over(tx, eve, Heirs::default()).await?).unwrap();
        app.pass(minutes(5)).await;
        assert_eq!(app.subjects("ana"), ["[SEV2] INC-1 Slow"], "the policy starts anew");
        assert_eq!(app.subjects("bo"), ["[SEV2] INC-1 Slow"]);
        let story = app.story(1).await;
        assert_eq!((story.incident.state, story.has_it), (State::Triggered, None));
        let left = Event::HolderLeft { name: "Eve".to_owned() };
        assert!(story.timeline.iter().any(|entry| entry.event == left));
    }

    async fn it_is_handed_to_somebody_who_has_to_say_that_they_have_it(app) {
        let eve = eve_has_one(app).await;
        let asked = Some(app.id("bo"));
        transaction!(app.engine, |tx| deactivation::hand_over_and_ask(tx, eve, Heirs::default(), asked).await?).unwrap();
        app.pass(minutes(4)).await;
        assert_eq!(app.subjects("bo"), ["[SEV2] INC-1 Slow"]);
        assert!(app.mailbox("ana").is_empty());
        app.pass(minutes(1)).await;
        assert_eq!(app.subjects("ana"), ["[SEV2] INC-1 Slow"], "and when they do not, the policy begins");
        let eve_again = transaction!(app.engine, |tx| deactivation::hand_over_and_ask(tx, app.id("ana"), Heirs::default(), Some(eve)).await?);
        assert!(eve_again.unwrap_err().is_refusal(), "nothing is handed to who left");
    }

    async fn roles_of_somebody_who_left_are_free(app) {
        let eve = eve_has_one(app).await;
        let ana: PersonId = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::take_role(tx, 1, IncidentRole::Commander, ana).await?).unwrap();
        transaction!(app.by(eve).await, |tx| incidents::take_role(tx, 1, IncidentRole::Scribe, eve).await?).unwrap();
        transaction!(app.engine, |tx| deactivation::deactivate(tx, eve).await?).unwrap();
        let story = app.story(1).await;
        assert_eq!(story.incident.state, State::Acknowledged, "Ana has it");
        assert!(story.holder(IncidentRole::Scribe).is_none());
        let given = transaction!(app.by(ana).await, |tx| incidents::take_role(tx, 1, IncidentRole::Scribe, eve).await?);
        let refused = given.unwrap_err();
        assert_eq!((refused.field(), refused.is_refusal()), (Some("person"), true), "{refused}");
    }

    async fn whoever_left_had_the_pager_until_they_left_and_not_until_now(app) {
        app.usual_cast().await;
        let (ana, begins) = (app.id::<PersonId>("ana"), app.engine.context.now());
        app.clock.pass(days(2));
        let nobody = Heirs { schedules: Some(Heir::Nobody), ..Heirs::default() };
        transaction!(app.engine, |tx| deactivation::hand_over(tx, ana, nobody).await?).unwrap();
        app.clock.pass(days(2));
        let mut tx = app.engine.read().await.unwrap();
        let week = (begins, begins + days(7));
        let seen = async |tx: &mut engine::Tx, of: Of| -> Vec<(String, i64)> {
            let turns = turns(tx, of, week).await.unwrap().into_iter();
            let line = |turn: Turn| {
                let names: Vec<String> = turn.people.into_iter().map(|person| person.name).collect();
                (names.join(", "), (turn.to - turn.from).num_days())
            };
            turns.map(line).collect()
        };
        let two_days = ("Ana".to_owned(), 2);
        assert_eq!(seen(&mut tx, Of::Schedule(app.id("primary"))).await, [two_days.clone(), (String::new(), 5)]);
        assert_eq!(seen(&mut tx, Of::Person(ana)).await, [two_days]);
        drop(tx);
        // The clock is set back beyond the day on which she left.
        app.clock.pass(-days(3));
        let mut tx = app.engine.read().await.unwrap();
        let running = running(&mut tx, Of::Schedule(app.id("primary"))).await.unwrap();
        assert!(running.iter().all(|turn| turn.people.is_empty()), "{running:?}");
    }
}
