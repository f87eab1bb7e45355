//! Paging somebody, handing over, and tasks: who has the incident keeps it until somebody says that they do.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::fields::{self, Unfit};
use domain::ids::{PersonId, ScheduleId, TeamId};
use domain::incidents::timeline::{Event, Via};
use domain::incidents::whom::Whom;
use domain::incidents::{IncidentRole, State};
use engine::incidents::{self, Acknowledged, Refused};
use engine::transaction;
use testing::{TestApp, both_databases, minutes, refusal_of, seconds};

fn refused_with<T>(outcome: engine::Result<T>) -> Refused {
    refusal_of(&outcome).cloned().unwrap()
}

/// Ana has it, and Lea is on call for nothing.
async fn taken(app: &TestApp) -> (PersonId, PersonId, PersonId) {
    app.usual_cast().await;
    app.responder("lea").await;
    app.fires("checkout", "Slow", 2, "slow").await;
    app.pass(minutes(1)).await;
    let ana = app.id("ana");
    transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 1, Via::Page)
        .await?)
    .unwrap();
    app.pass(minutes(10)).await;
    (ana, app.id("bo"), app.id("lea"))
}

async fn has_it(app: &TestApp) -> Option<String> {
    app.story(1).await.has_it.map(|holder| holder.name)
}

both_databases! {
    async fn whoever_is_paged_comes_beside_whoever_has_it(app) {
        let (ana, _, lea) = taken(app).await;
        let before = app.subjects("lea").len();
        transaction!(app.by(ana).await, |tx| incidents::page_somebody(tx, 1, Whom::Person(lea), " Knows\nthe gateway ").await?).unwrap();
        app.pass(seconds(10)).await;
        assert_eq!(app.subjects("lea")[before..], ["[SEV2] INC-1 Slow"]);
        assert!(app.mailbox("lea").last().unwrap().text.contains("Somebody on the incident asked for you."));
        let story = app.story(1).await;
        assert_eq!((story.incident.state, has_it(app).await.as_deref()), (State::Acknowledged, Some("Ana")));
        let told = story.timeline.iter().any(|entry| entry.event == Event::PagedByHand { whom: "Lea".into(), why: "Knows the gateway".into() });
        assert!(told, "the timeline says why");
        // Nothing goes on by itself.
        let pages = story.pages.len();
        app.pass(minutes(60)).await;
        assert_eq!(app.story(1).await.pages.len(), pages);
    }

    async fn a_team_and_a_schedule_can_be_paged_but_for_whoever_asks(app) {
        let (ana, ..) = taken(app).await;
        let team = Whom::Team(app.id::<TeamId>("payments"));
        transaction!(app.by(ana).await, |tx| incidents::page_somebody(tx, 1, team, "").await?).unwrap();
        let paged: Vec<_> = app.story(1).await.pages.iter().map(|page| page.name.clone()).collect();
        assert_eq!(paged, ["Ana", "Bo"]);
        // Ana is on call there.
        let schedule = Whom::Schedule(app.id::<ScheduleId>("primary"));
        let refused = transaction!(app.by(ana).await, |tx| incidents::page_somebody(tx, 1, schedule, "").await?);
        assert_eq!(refused_with(refused), Refused::ReachesNobody("primary".into()));
    }

    async fn an_incident_stays_until_whoever_was_asked_accepts(app) {
        let (ana, bo, lea) = taken(app).await;
        transaction!(app.by(ana).await, |tx| incidents::hand_over(tx, 1, Whom::Person(lea), "I have to sleep").await?).unwrap();
        app.pass(minutes(1)).await;
        assert_eq!(has_it(app).await.as_deref(), Some("Ana"), "Lea may be asleep");
        let refused = transaction!(app.by(bo).await, |tx| incidents::accept_handover(tx, 1).await?);
        assert_eq!(refused_with(refused), Refused::NotAskedToTakeOver);
        transaction!(app.by(lea).await, |tx| incidents::accept_handover(tx, 1).await?).unwrap();
        transaction!(app.by(lea).await, |tx| incidents::accept_handover(tx, 1).await?).unwrap();
        assert_eq!(has_it(app).await.as_deref(), Some("Lea"));
        app.pass(minutes(60)).await;
        assert!(app.subjects("ana").iter().any(|subject| subject.contains("Lea is the responder")), "{:?}", app.subjects("ana"));
        assert_eq!(app.story(1).await.incident.state, State::Acknowledged, "its time is not over any more");
    }

    async fn it_is_accepted_by_the_link_of_the_mail(app) {
        let (ana, _, lea) = taken(app).await;
        transaction!(app.by(ana).await, |tx| incidents::hand_over(tx, 1, Whom::Person(lea), "").await?).unwrap();
        app.pass(seconds(10)).await;
        let mail = app.mailbox("lea").pop().unwrap();
        assert!(mail.text.contains("Whoever has it asks you to take it over"), "{}", mail.text);
        let token = mail.text.split("/acknowledge/").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        let (_, outcome) = transaction!(app.engine, |tx| incidents::acknowledge_by_link(tx, &token).await?).unwrap();
        assert_eq!(outcome, Some(Acknowledged::Now));
        assert_eq!(has_it(app).await.as_deref(), Some("Lea"));
    }

    async fn the_policy_starts_where_nobody_accepts_in_time(app) {
        let (ana, bo, lea) = taken(app).await;
        transaction!(app.by(ana).await, |tx| incidents::hand_over(tx, 1, Whom::Person(lea), "").await?).unwrap();
        app.pass(minutes(4)).await;
        assert_eq!(app.story(1).await.incident.state, State::Acknowledged);
        let pages = app.story(1).await.pages.len();
        app.pass(minutes(2)).await;
        let story = app.story(1).await;
        assert_eq!(story.incident.state, State::Triggered);
        assert!(story.pages.len() > pages, "whoever is on call is paged");
        assert!(story.timeline.iter().any(|entry| entry.event == Event::HandoverNotTaken { whom: "Lea".into(), mitigated_before: None }));
        // Too late, and nobody is asked twice.
        let refused = transaction!(app.by(lea).await, |tx| incidents::accept_handover(tx, 1).await?);
        assert_eq!(refused_with(refused), Refused::NotAskedToTakeOver);
        transaction!(app.by(bo).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
    }

    async fn nobody_is_asked_any_more_once_it_is_over_or_taken_back(app) {
        let (ana, bo, lea) = taken(app).await;
        for whom in [lea, bo] {
            transaction!(app.by(ana).await, |tx| incidents::hand_over(tx, 1, Whom::Person(whom), "").await?).unwrap();
        }
        let refused = transaction!(app.by(lea).await, |tx| incidents::accept_handover(tx, 1).await?);
        assert_eq!(refused_with(refused), Refused::NotAskedToTakeOver, "Bo was asked after her");
        transaction!(app.by(ana).await, |tx| incidents::take_back_handover(tx, 1).await?).unwrap();
        transaction!(app.by(ana).await, |tx| incidents::hand_over(tx, 1, Whom::Person(lea), "").await?).unwrap();
        transaction!(app.by(ana).await, |tx| incidents::resolve(tx, 1).await?).unwrap();
        app.pass(minutes(30)).await;
        assert_eq!(app.story(1).await.incident.state, State::Resolved);
        let mut tx = app.engine.read().await.unwrap();
        assert!(incidents::handovers_due(&mut tx, 10).await.unwrap().is_empty());
    }

    async fn it_stays_with_whoever_has_it_whoever_asks(app) {
        let (ana, bo, lea) = taken(app).await;
        transaction!(app.by(bo).await, |tx| incidents::hand_over(tx, 1, Whom::Person(lea), "").await?).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let incident = incidents::find(&mut tx, 1).await.unwrap();
        let handover = incidents::handover_of(&mut tx, incident.id).await.unwrap().unwrap();
        drop(tx);
        assert_eq!((handover.from_id, handover.from_name.as_str()), (ana, "Ana"));
        let before = (app.subjects("ana").len(), app.subjects("bo").len());
        transaction!(app.by(lea).await, |tx| incidents::accept_handover(tx, 1).await?).unwrap();
        app.pass(seconds(10)).await;
        assert!(app.story(1).await.timeline.iter().any(|entry| entry.event == Event::HandoverAccepted { from: "Ana".into() }));
        assert_eq!((app.subjects("ana").len(), app.subjects("bo").len()), (before.0 + 1, before.1), "Ana can sleep");
    }

    async fn whoever_is_not_asked_any_more_is_told(app) {
        let (ana, bo, lea) = taken(app).await;
        let told = |name: &str| app.subjects(name).iter().filter(|subject| subject.contains("You need not take it over")).count();
        let ask = async |whom| transaction!(app.by(ana).await, |tx| incidents::hand_over(tx, 1, Whom::Person(whom), "").await?).unwrap();
        ask(lea).await;
        app.pass(seconds(10)).await;
        // Somebody else is asked instead, then nobody.
        ask(bo).await;
        app.pass(seconds(10)).await;
        assert_eq!((told("lea"), told("bo")), (1, 0));
        transaction!(app.by(ana).await, |tx| incidents::take_back_handover(tx, 1).await?).unwrap();
        app.pass(seconds(10)).await;
        assert_eq!((told("lea"), told("bo")), (1, 1));
        // Two are asked, and one of them takes it.
        let team = Whom::Team(app.id::<TeamId>("payments"));
        transaction!(app.by(lea).await, |tx| incidents::hand_over(tx, 1, team, "").await?).unwrap();
        app.pass(seconds(10)).await;
        transaction!(app.by(bo).await, |tx| incidents::accept_handover(tx, 1).await?).unwrap();
        app.pass(seconds(10)).await;
        assert_eq!((told("lea"), told("bo")), (1, 1), "Bo has it");
        // Whoever took it over learns of its end, as whoever was paged does.
        let before = app.subjects("bo").len();
        transaction!(app.by(lea).await, |tx| incidents::resolve(tx, 1).await?).unwrap();
        app.pass(seconds(10)).await;
        assert!(app.subjects("bo")[before..].iter().any(|subject| subject.contains("It is resolved")), "{:?}", app.subjects("bo"));
    }

    async fn whom_somebody_asked_for_still_comes_when_a_handover_is_taken_back(app) {
        let (ana, bo, lea) = taken(app).await;
        transaction!(app.by(ana).await, |tx| {
            incidents::page_somebody(tx, 1, Whom::Person(bo), "").await?;
            incidents::hand_over(tx, 1, Whom::Person(lea), "").await?;
            incidents::take_back_handover(tx, 1).await?;
        }).unwrap();
        let before = (app.subjects("bo").len(), app.subjects("lea").len());
        app.pass(seconds(10)).await;
        assert_eq!((app.subjects("bo").len(), app.subjects("lea").len()), (before.0 + 1, before.1), "Lea was not woken");
    }

    async fn who_is_to_lead_is_asked_first(app) {
        let (ana, bo, lea) = taken(app).await;
        let give = async |number, by, role, whom| transaction!(app.by(by).await, |tx| incidents::give_role(tx, number, role, whom).await?);
        give(1, ana, IncidentRole::Commander, lea).await.unwrap();
        app.pass(seconds(10)).await;
        assert_eq!(has_it(app).await.as_deref(), Some("Ana"), "Lea may be asleep");
        assert!(app.mailbox("lea").last().unwrap().text.contains("asks you to take it over"));
        give(1, lea, IncidentRole::Commander, lea).await.unwrap();
        assert_eq!(has_it(app).await.as_deref(), Some("Lea"));
        // The other roles wake nobody, and are given at once.
        give(1, ana, IncidentRole::Scribe, bo).await.unwrap();
        assert_eq!(app.story(1).await.holder(IncidentRole::Scribe).unwrap().person_id, bo);
        // What nobody has pages whoever is to lead.
        app.fires("checkout", "Down", 1, "down").await;
        app.pass(minutes(1)).await;
        give(2, ana, IncidentRole::Commander, lea).await.unwrap();
        app.pass(seconds(10)).await;
        assert_eq!(app.subjects("lea").last().unwrap(), "[SEV1] INC-2 Down");
        assert_eq!(app.story(2).await.incident.state, State::Triggered);
    }

    async fn what_nobody_has_is_not_handed_over(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        let bo = app.id("bo");
        let refused = transaction!(app.by(app.id("ana")).await, |tx| incidents::hand_over(tx, 1, Whom::Person(bo), "").await?);
        assert_eq!(refused_with(refused), Refused::NobodyHasIt);
    }

    async fn a_task_is_ticked_or_becomes_an_action_item(app) {
        let (ana, bo, _) = taken(app).await;
        for title in ["Call the data centre", " Raise the\nlimit "] {
            transaction!(app.by(ana).await, |tx| incidents::add_task(tx, 1, title).await?).unwrap();
        }
        let refused = transaction!(app.by(ana).await, |tx| incidents::add_task(tx, 1, " ").await?);
        assert_eq!(refusal_of(&refused), Some(&Unfit::Missing(fields::TASK)));
        let incident = app.story(1).await.incident.id;
        let tasks = async || {
            let mut tx = app.engine.read().await.unwrap();
            incidents::tasks_of(&mut tx, incident).await.unwrap()
        };
        let [call, raise] = tasks().await.try_into().unwrap();
        assert_eq!(raise.title, "Raise the limit");
        for _ in 0..2 {
            transaction!(app.by(bo).await, |tx| incidents::tick(tx, 1, call.id, true).await?).unwrap();
        }
        assert_eq!(tasks().await[0].done_by.as_deref(), Some("Bo"));
        let mut made = Vec::new();
        for _ in 0..2 {
            made.push(transaction!(app.by(bo).await, |tx| engine::action_items::from_task(tx, 1, raise.id).await?).unwrap());
        }
        assert_eq!(made, [1, 1], "once");
        assert_eq!(tasks().await[1].action_item, Some(1));
        let told: Vec<Event> = app.story(1).await.timeline.into_iter().map(|entry| entry.event).collect();
        assert_eq!(told.iter().filter(|event| matches!(event, Event::TaskDone { .. })).count(), 1);
        assert!(told.contains(&Event::ActionItemAdded { number: 1, title: "Raise the limit".into() }));
    }
}
