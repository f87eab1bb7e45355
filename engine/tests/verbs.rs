//! A verb does what its button said when it was drawn, or nothing.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use chrono::TimeDelta;
use domain::ids::PersonId;
use domain::incidents::timeline::{Event, Via};
use domain::incidents::verb::{Drawn, Verb};
use domain::incidents::whom::Whom;
use domain::incidents::{IncidentRole, State};
use engine::incidents::{self, Refused, Writing};
use engine::{Error, transaction};
use testing::{TestApp, both_databases, minutes, refusal_of};

/// What a button for this role, or for none, carries now.
async fn drawn(app: &TestApp, role: Option<IncidentRole>) -> Drawn {
    let story = app.story(1).await;
    let held = role.and_then(|role| story.holder(role));
    Drawn::of(&story.incident, story.state_since)
        .held_by(held.map(|held| held.person_id), held.map(|held| held.taken_at))
}

/// What a form carries now that asks for help.
async fn drawn_of_responder(app: &TestApp) -> Drawn {
    let story = app.story(1).await;
    let has_it = story.has_it.as_ref().map(|holder| holder.person_id);
    Drawn::of(&story.incident, story.state_since).held_by(has_it, None)
}

fn refused(outcome: Result<(), Error>) -> Refused {
    refusal_of(&outcome).cloned().expect("it was refused")
}

/// Presses a button of the page that was drawn like this.
async fn press(app: &TestApp, by: PersonId, verb: Verb, drawn: Drawn) -> Result<(), Error> {
    transaction!(app.by(by).await, |tx| {
        incidents::must_fit(tx, 1, verb, Some(drawn)).await?;
        match verb {
            Verb::Acknowledge => {
                incidents::acknowledge(tx, 1, Via::Page).await?;
            }
            Verb::Escalate => incidents::escalate(tx, 1).await?,
            Verb::TakeRole(role) => incidents::take_role(tx, 1, role, by).await?,
            Verb::LeaveRole(role) => incidents::leave_role(tx, 1, role).await?,
            Verb::Mitigate => incidents::mitigate(tx, 1).await?,
            Verb::TakeBackMitigation => incidents::take_back_mitigation(tx, 1).await?,
            Verb::Resolve => incidents::resolve(tx, 1).await?,
            Verb::Reopen => incidents::reopen(tx, 1, "Not over", true).await?,
            Verb::StartPostmortem => engine::postmortems::start(tx, 1).await?,
            Verb::PageSomebody => incidents::page_somebody(tx, 1, Whom::Person(app.id("root")), "").await?,
            Verb::HandOver => incidents::hand_over(tx, 1, Whom::Person(app.id("root")), "").await?,
            Verb::Tick => {}
        }
    })
}

async fn firing(app: &TestApp) -> (PersonId, PersonId) {
    app.usual_cast().await;
    app.fires("checkout", "Slow", 2, "slow").await;
    (app.id("ana"), app.id("bo"))
}

const COMMAND: Verb = Verb::TakeRole(IncidentRole::Commander);

both_databases! {
    async fn of_two_who_escalate_and_acknowledge_nobody_is_woken_for_what_is_taken(app) {
        let (ana, bo) = firing(app).await;
        let page = drawn(app, None).await;
        press(app, bo, Verb::Acknowledge, page).await.unwrap();
        let before = app.story(1).await.pages.len();
        let why = refused(press(app, ana, Verb::Escalate, page).await);
        assert_eq!(why.to_string(), "Nobody further was paged: Bo has INC-1 by now. Page somebody if they need help.");
        let story = app.story(1).await;
        assert_eq!((story.incident.state, story.pages.len()), (State::Acknowledged, before));
        press(app, ana, Verb::Acknowledge, page).await.unwrap();
        let told = app.story(1).await.timeline.iter().filter(|entry| matches!(entry.event, Event::Acknowledged { .. })).count();
        assert_eq!(told, 1, "what is done already is no fault");
    }

    async fn command_is_not_taken_from_whoever_took_it_meanwhile(app) {
        let (ana, bo) = firing(app).await;
        let page = drawn(app, Some(IncidentRole::Commander)).await;
        press(app, bo, COMMAND, page).await.unwrap();
        let why = refused(press(app, ana, COMMAND, page).await);
        assert_eq!(why.to_string(), "Nothing was done: Bo is incident commander since the page was made.");
        // Whoever sees Bo there means it.
        press(app, ana, COMMAND, drawn(app, Some(IncidentRole::Commander)).await).await.unwrap();
        let anas = drawn(app, Some(IncidentRole::Commander)).await;
        press(app, bo, COMMAND, anas).await.unwrap();
        let why = refused(press(app, ana, Verb::LeaveRole(IncidentRole::Commander), anas).await);
        assert!(matches!(why, Refused::HeldByAnother { .. }), "{why:?}");
        assert_eq!(app.story(1).await.has_it.unwrap().name, "Bo");
    }

    async fn what_fires_again_is_not_resolved_by_a_button_that_called_it_quiet(app) {
        let (ana, _) = firing(app).await;
        press(app, ana, COMMAND, drawn(app, Some(IncidentRole::Commander)).await).await.unwrap();
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        let quiet = drawn(app, None).await;
        assert!(quiet.quiet);
        app.fires("checkout", "Slow", 2, "slow").await;
        let why = refused(press(app, ana, Verb::Resolve, quiet).await);
        assert_eq!(why, Refused::FiresAgain(1));
        assert!(app.story(1).await.incident.state.is_open());
    }

    async fn what_went_back_meanwhile_is_looked_at_first(app) {
        let (ana, bo) = firing(app).await;
        transaction!(app.by(ana).await, |tx| incidents::mitigate(tx, 1).await?).unwrap();
        let mitigated = drawn(app, None).await;
        transaction!(app.by(bo).await, |tx| incidents::escalate(tx, 1).await?).unwrap();
        let why = refused(press(app, ana, Verb::Resolve, mitigated).await);
        assert_eq!(why, Refused::WentBack { number: 1, now: State::Triggered });
        transaction!(app.by(ana).await, |tx| incidents::resolve(tx, 1).await?).unwrap();
        let over = drawn(app, None).await;
        transaction!(app.by(bo).await, |tx| incidents::reopen(tx, 1, "Not over", true).await?).unwrap();
        let why = refused(press(app, ana, Verb::StartPostmortem, over).await);
        assert!(matches!(why, Refused::WentBack { .. }), "{why:?}");
    }

    async fn what_was_something_else_meanwhile_is_looked_at_first_and_a_note_changes_nothing(app) {
        let (ana, bo) = firing(app).await;
        press(app, ana, Verb::Acknowledge, drawn(app, None).await).await.unwrap();
        let page = drawn(app, None).await;
        app.pass(minutes(1)).await;
        transaction!(app.by(bo).await, |tx| incidents::write(tx, 1, Writing::Note, "Looking").await?).unwrap();
        transaction!(app.by(bo).await, |tx| incidents::take_role(tx, 1, IncidentRole::Scribe, bo).await?).unwrap();
        assert_eq!(drawn(app, None).await, page, "neither a note nor who writes changes what it is");
        transaction!(app.by(bo).await, |tx| incidents::mitigate(tx, 1).await?).unwrap();
        transaction!(app.by(bo).await, |tx| incidents::take_back_mitigation(tx, 1).await?).unwrap();
        for verb in [Verb::Mitigate, Verb::Resolve] {
            let why = refused(press(app, ana, verb, page).await);
            assert_eq!(why, Refused::WentBack { number: 1, now: State::Acknowledged }, "{verb:?}");
        }
        press(app, ana, Verb::Mitigate, drawn(app, None).await).await.unwrap();
        let mitigated = drawn(app, None).await;
        transaction!(app.by(bo).await, |tx| incidents::resolve(tx, 1).await?).unwrap();
        transaction!(app.by(bo).await, |tx| incidents::reopen(tx, 1, "Not over", false).await?).unwrap();
        transaction!(app.by(bo).await, |tx| incidents::mitigate(tx, 1).await?).unwrap();
        let why = refused(press(app, ana, Verb::TakeBackMitigation, mitigated).await);
        assert!(matches!(why, Refused::WentBack { .. }), "{why:?}");
    }

    async fn a_role_that_went_round_is_not_left_by_an_old_button(app) {
        let (ana, bo) = firing(app).await;
        press(app, ana, COMMAND, drawn(app, Some(IncidentRole::Commander)).await).await.unwrap();
        let anas = drawn(app, Some(IncidentRole::Commander)).await;
        for person in [bo, ana] {
            app.pass(minutes(1)).await;
            transaction!(app.by(person).await, |tx| incidents::take_role(tx, 1, IncidentRole::Commander, person).await?).unwrap();
        }
        let why = refused(press(app, ana, Verb::LeaveRole(IncidentRole::Commander), anas).await);
        assert!(matches!(why, Refused::HeldByAnother { .. }), "{why:?}");
    }

    async fn help_is_asked_for_of_whoever_is_seen_to_have_it(app) {
        let (ana, bo) = firing(app).await;
        let nobodys = drawn_of_responder(app).await;
        press(app, bo, Verb::Acknowledge, drawn(app, None).await).await.unwrap();
        let pages = app.story(1).await.pages.len();
        let why = refused(press(app, ana, Verb::PageSomebody, nobodys).await);
        assert_eq!(why.to_string(), "Nobody was paged: INC-1 is with Bo since the page was made. Send it again if it still fits.");
        assert_eq!(app.story(1).await.pages.len(), pages);
        // Bo took it, and knows.
        press(app, bo, Verb::PageSomebody, nobodys).await.unwrap();
        let bos = drawn_of_responder(app).await;
        press(app, ana, Verb::HandOver, bos).await.unwrap();
        app.pass(minutes(1)).await;
        press(app, ana, COMMAND, drawn(app, Some(IncidentRole::Commander)).await).await.unwrap();
        let root = app.id("root");
        let why = refused(press(app, root, Verb::HandOver, bos).await);
        assert_eq!(why, Refused::WithAnother { number: 1, name: "Ana".to_owned() });
    }

    async fn a_press_within_a_second_of_the_change_asks_to_be_pressed_again(app) {
        let (ana, _) = firing(app).await;
        press(app, ana, Verb::Acknowledge, drawn(app, None).await).await.unwrap();
        let changing = Drawn { changing_at: Some(app.engine.context.now()), ..drawn(app, Some(IncidentRole::Commander)).await };
        app.clock.pass(TimeDelta::milliseconds(600));
        assert_eq!(refused(press(app, ana, COMMAND, changing).await), Refused::TooSoon);
        assert!(app.story(1).await.roles.is_empty());
        app.clock.pass(TimeDelta::milliseconds(400));
        press(app, ana, COMMAND, changing).await.unwrap();
        app.pass(minutes(1)).await;
        assert_eq!(app.story(1).await.roles.len(), 1);
    }
}
