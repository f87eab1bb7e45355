//! The demo keeps its promises.

mod moved;

use chrono::{DateTime, TimeDelta, Utc};
use demo::{Company, NoDemo};
use domain::Severity;
use domain::action_items::ActionState;
use domain::incidents::timeline::Event;
use domain::incidents::{Relation, State};
use domain::people::Role;
use domain::postmortems::{PostmortemState, SectionKind};
use engine::action_items::Board;
use engine::notifications::outbox;
use engine::oncall::schedules;
use engine::{action_items, incidents, people, postmortems, teams};
use moved::{Moved, TUESDAY, move_company_in, move_in};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that one could read, as text.
async fn told(moved: &Moved) -> String {
    let mut text = String::new();
    for story in moved.stories().await {
        let incident = &story.incident;
        text += &format!(
            "{} {} {} {}\n",
            incident.label(),
            incident.title,
            incident.severity,
            incident.state
        );
        for entry in &story.timeline {
            text += &format!(
                "  {} {:?} {:?}\n",
                entry.happened_at, entry.actor_name, entry.event
            );
        }
        let mut tx = moved.engine.read().await.expect("a transaction");
        if let Ok(document) = postmortems::read(&mut tx, incident.number).await {
            text += &format!("  {:?} {:?}\n", document.postmortem, document.sections);
        }
    }
    text
}

#[tokio::test]
async fn the_same_seed_on_the_same_day_is_the_same_company() {
    let (one, other, another) = tokio::join!(move_in(TUESDAY, 1), move_in(TUESDAY, 1), move_in(TUESDAY, 2));
    let (one, other, another) = (told(&one).await, told(&other).await, told(&another).await);
    assert!(one == other, "two companies of one seed differ");
    assert!(one != another, "the seed changes nothing");
}

#[tokio::test]
async fn it_moves_in_on_any_day_at_any_hour() {
    for now in [
        "2027-01-01T00:00:01Z",
        "2028-02-29T23:59:59Z",
        "2026-03-29T01:30:00Z",
    ] {
        let moved = move_in(now, 3).await;
        let now: DateTime<Utc> = now.parse().expect("an instant");
        let stories = moved.stories().await;
        assert_eq!(stories.len(), 61, "{now}");
        let first = stories.first().map(|story| now - story.incident.opened_at);
        assert!(
            first.is_some_and(|ago| ago > TimeDelta::days(175)),
            "{now}: {first:?}"
        );
    }
}

#[tokio::test]
async fn nobody_moves_into_a_house_with_people_in_it() {
    let moved = move_in(TUESDAY, 1).await;
    let company = Company::read(false).unwrap_or_else(|problem| panic!("{problem}"));
    let again = demo::load(&moved.engine, &moved.clock, company, moved.now, 1).await;
    assert!(matches!(again, Err(NoDemo::NotEmpty)));
}

/// Moving in is what takes its time, so one company is looked at from all sides.
#[tokio::test]
async fn one_company_keeps_all_promises() {
    let mut moved = move_in(TUESDAY, 1).await;
    assert_eq!(moved.take().incidents, 61);
    there_are_teams_services_people_and_incidents_as_promised(&moved).await;
    what_can_become_of_an_incident_has_become_of_one(&moved).await;
    postmortems_are_in_every_state_and_their_factors_come_back(&moved).await;
    backlogs_are_in_every_stage_of_health(&moved).await;
    the_past_is_not_mailed_at_the_start(&moved).await;
}

async fn there_are_teams_services_people_and_incidents_as_promised(moved: &Moved) {
    let mut tx = moved.engine.read().await.expect("a transaction");
    let people = people::active(&mut tx).await.expect("people");
    let zones: BTreeSet<_> = people.iter().map(|person| &person.time_zone).collect();
    assert_eq!((people.len(), zones.len()), (14, 3));
    for role in Role::ALL {
        assert!(people.iter().any(|person| person.role == *role), "{role}");
    }
    assert_eq!(teams::all(&mut tx).await.expect("teams").len(), 4);
    assert_eq!(teams::services(&mut tx).await.expect("services").len(), 12);
    assert_eq!(schedules::all(&mut tx).await.expect("schedules").len(), 12);
    drop(tx);

    let stories = moved.stories().await;
    assert_eq!(stories.len(), 61);
    let mut severities = BTreeMap::<String, usize>::new();
    for story in &stories {
        *severities.entry(story.incident.severity.to_string()).or_default() += 1;
    }
    for (severity, (fewest, most)) in [
        ("SEV1", (4, 8)),
        ("SEV2", (10, 22)),
        ("SEV3", (20, 34)),
        ("SEV4", (4, 12)),
        ("SEV5", (1, 5)),
    ] {
        let count = severities.get(severity).copied().unwrap_or(0);
        assert!((fewest..=most).contains(&count), "{count} of {severity}");
    }
    let open: Vec<_> = stories
        .iter()
        .filter(|story| story.incident.state != State::Resolved)
        .collect();
    assert!(open.len() <= 4, "{} are open", open.len());
    let happened = |is: fn(&Event) -> bool| {
        stories
            .iter()
            .any(|story| story.timeline.iter().any(|entry| is(&entry.event)))
    };
    assert!(
        happened(|event| matches!(event, Event::PolicyRanOut)),
        "one that nobody had until somebody saw it"
    );
    let mut tx = moved.engine.read().await.expect("a transaction");
    let nobody_has = incidents::nobody_has(&mut tx).await.expect("incidents");
    assert!(
        nobody_has.is_empty(),
        "no page of the demo says that nobody has one"
    );
    drop(tx);
    assert!(
        happened(|event| matches!(event, Event::Reopened { .. })),
        "one that was not over"
    );
    assert!(
        happened(|event| matches!(event, Event::Escalated { by_hand: false, .. })),
        "one that moved on"
    );
    assert!(
        happened(|event| matches!(event, Event::StatusUpdate { .. })),
        "status updates"
    );
    let under_way = stories
        .last()
        .map(|story| (story.incident.severity, story.incident.state));
    assert_eq!(under_way, Some((Severity::Sev2, State::Triggered)));
}

async fn what_can_become_of_an_incident_has_become_of_one(moved: &Moved) {
    let stories = moved.stories().await;
    let events = || {
        stories
            .iter()
            .flat_map(|story| story.timeline.iter().map(|entry| &entry.event))
    };
    let is_linked = |as_what: Relation| {
        events().any(|event| matches!(event, Event::Linked { how, .. } if *how == as_what))
    };
    for (what, happened) in [
        (
            "a handover that was accepted",
            events().any(|event| matches!(event, Event::HandoverAccepted { .. })),
        ),
        (
            "one that was not",
            events().any(|event| matches!(event, Event::HandoverNotTaken { .. })),
        ),
        (
            "a redaction",
            events().any(|event| matches!(event, Event::TextRedacted { .. })),
        ),
        (
            "a duplicate",
            events().any(|event| matches!(event, Event::DuplicateOf { .. })),
        ),
        (
            "one that was entered afterwards",
            events().any(|event| matches!(event, Event::EnteredAfterwards)),
        ),
        ("two that are related", is_linked(Relation::Related)),
        ("one that another caused", is_linked(Relation::CausedBy)),
    ] {
        assert!(happened, "{what}");
    }
    let entries = || stories.iter().flat_map(|story| &story.timeline);
    assert!(
        entries().any(|entry| entry.edited_at.is_some()),
        "a note that was changed"
    );
    assert!(
        entries().any(|entry| entry.pinned_at.is_some()),
        "an entry that is pinned"
    );
    assert!(
        entries().all(|entry| !format!("{:?}", entry.event).contains("fennel-and-chard")),
        "what was redacted is nowhere"
    );
}

async fn postmortems_are_in_every_state_and_their_factors_come_back(moved: &Moved) {
    let mut states = BTreeMap::<PostmortemState, usize>::new();
    let mut named = BTreeMap::<String, usize>::new();
    for story in moved.stories().await {
        let mut tx = moved.engine.read().await.expect("a transaction");
        let Ok(document) = postmortems::read(&mut tx, story.incident.number).await else {
            continue;
        };
        *states.entry(document.postmortem.state).or_default() += 1;
        for factor in &document.factors {
            *named.entry(factor.name.clone()).or_default() += 1;
        }
        let summary = document
            .sections
            .iter()
            .find(|text| text.kind == SectionKind::Summary);
        assert!(
            summary.is_some_and(|text| text.body.len() > 80),
            "{}",
            document.postmortem.title
        );
        assert!(
            !document
                .sections
                .iter()
                .any(|text| text.body.contains("{+") || text.body.contains("{-"))
        );
    }
    assert_eq!(states.len(), PostmortemState::ALL.len());
    assert!(states[&PostmortemState::Published] >= 12, "{states:?}");
    let recurring = named.values().filter(|times| **times >= 2).count();
    assert!(recurring >= 6, "{named:?}");
}

async fn backlogs_are_in_every_stage_of_health(moved: &Moved) {
    let mut tx = moved.engine.read().await.expect("a transaction");
    let today = moved.now.date_naive();
    let over_limit = |board: &Board| {
        board
            .columns
            .iter()
            .filter(|(column, cards)| {
                column
                    .card_limit
                    .is_some_and(|limit| cards.len() > usize::try_from(limit).unwrap_or(0))
            })
            .count()
    };
    let overdue = |board: &Board| {
        let cards = board.columns.iter().flat_map(|(_, cards)| cards);
        let late =
            cards.filter(|card| card.item.state.is_open() && card.item.due_on.is_some_and(|due| due < today));
        late.count()
    };
    let cards = |board: &Board| board.columns.iter().map(|(_, cards)| cards.len()).sum::<usize>();
    let mut boards = BTreeMap::new();
    let mut states = BTreeSet::new();
    for team in ["payments", "platform", "storefront", "delivery"] {
        let board = action_items::whole_board(&mut tx, team).await.expect("a board");
        states.extend(
            board
                .columns
                .iter()
                .flat_map(|(_, cards)| cards)
                .map(|card| card.item.state),
        );
        states.extend(board.declined.iter().map(|card| card.item.state));
        boards.insert(team, board);
    }
    let figures: Vec<_> = boards
        .iter()
        .map(|(team, board)| (*team, cards(board), over_limit(board), overdue(board)))
        .collect();
    assert_eq!(
        (over_limit(&boards["payments"]), overdue(&boards["payments"])),
        (0, 0),
        "{figures:?}"
    );
    assert!(over_limit(&boards["platform"]) >= 1, "{figures:?}");
    assert!(overdue(&boards["storefront"]) >= 4, "{figures:?}");
    assert!(cards(&boards["delivery"]) <= 3, "{figures:?}");
    assert_eq!(states.len(), ActionState::ALL.len(), "{states:?}");
}

#[tokio::test]
async fn what_is_rarely_seen_moves_in_too() {
    let moved = move_company_in(TUESDAY, 1, true).await;
    let stories = moved.stories().await;
    assert_eq!(stories.len(), 65);
    assert!(
        stories.iter().any(|story| story.timeline.len() > 300),
        "a long timeline"
    );
    assert!(
        stories
            .iter()
            .any(|story| story.incident.title.chars().count() > 175),
        "a long title"
    );
}

async fn the_past_is_not_mailed_at_the_start(moved: &Moved) {
    moved.settle().await;
    let mut tx = moved.engine.read().await.expect("a transaction");
    let mails = outbox::recent(&mut tx, None, 10_000).await.expect("mails");
    let fresh = mails.iter().filter(|mail| mail.created_at >= moved.now).count();
    assert!((1..=8).contains(&fresh), "{fresh} mails at the start");
    assert!(mails.len() < 150, "{} mails were kept", mails.len());
}
