//! Promises: made, moved, kept, and asked after when they are late.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::action_items::{ActionKind, ActionState, Evidence, Priority};
use domain::fields::{self, Unfit};
use engine::action_items::{self, ColumnDraft, Draft, Refused, Spot, Triage};
use engine::transaction;
use std::collections::BTreeSet;
use testing::{TestApp, both_databases, days, hours, refusal_of};

fn draft(app: &TestApp, title: &str, owner: &str, due_on: Option<&str>) -> Draft {
    Draft {
        title: title.to_owned(),
        owner: Some(app.id(owner)),
        team: app.id("payments"),
        kind: ActionKind::Prevent,
        priority: Priority::High,
        due_on: due_on.map(|day| day.parse().unwrap()),
        factor: None,
        proof: "No alert of this kind in 30 days".to_owned(),
    }
}

async fn incident(app: &TestApp) {
    app.usual_cast().await;
    app.fires("checkout", "Slow", 4, "slow").await;
}

both_databases! {
    async fn what_is_verified_was_done_before(app) {
        incident(app).await;
        let (ana, wanted) = (app.id("ana"), draft(app, "Raise the pool", "bo", None));
        let number = transaction!(app.by(ana).await, |tx| action_items::add(tx, 1, &wanted).await?).unwrap();
        let to = async |state| transaction!(app.by(ana).await, |tx| action_items::change_state(tx, number, state, "").await?);
        let early = to(ActionState::Verified).await;
        assert!(matches!(refusal_of(&early), Some(Refused::NoSuchStep { .. })), "{early:?}");
        to(ActionState::Done).await.unwrap();
        let unseen = to(ActionState::Verified).await;
        assert!(matches!(refusal_of(&unseen), Some(Refused::NoEvidence)), "{unseen:?}");
        let verify = async |who: &str, evidence, words: &str| {
            let by = app.by(app.id(who)).await;
            transaction!(by, |tx| action_items::verify(tx, number, evidence, words).await?)
        };
        for (who, evidence, words, refusal) in [
            ("bo", Evidence::Drill, "Cut the line: it held", Refused::OwnWord),
            ("ana", Evidence::Drill, "  ", Refused::NoEvidence),
            ("ana", Evidence::Link, "the graph", Refused::NoLink),
        ] {
            let refused = verify(who, evidence, words).await;
            assert_eq!(refusal_of(&refused), Some(&refusal), "{who} {words}");
        }
        let long = verify("ana", Evidence::Drill, &"x".repeat(2_001)).await;
        assert_eq!(refusal_of(&long), Some(&Unfit::TooLong(fields::EVIDENCE)));
        verify("ana", Evidence::Link, "Quiet since: https://graphs.example.test/pool").await.unwrap();
        verify("ana", Evidence::Drill, "Once more").await.unwrap();
        assert_eq!(app.count("SELECT COUNT(*) FROM action_item_verifications").await, 1, "once is enough");
    }

    async fn one_press_moves_a_card_and_gives_it_its_state(app) {
        incident(app).await;
        let ana = app.id("ana");
        let wanted = draft(app, "Raise the pool", "bo", None);
        let number = transaction!(app.by(ana).await, |tx| action_items::add(tx, 1, &wanted).await?).unwrap();
        let lies = async || {
            let mut tx = app.engine.read().await.unwrap();
            let board = action_items::board(&mut tx, "payments").await.unwrap();
            let (column, cards) = board.columns.into_iter().find(|(_, cards)| !cards.is_empty()).unwrap();
            (column.name, cards[0].item.state)
        };
        let column = async |name: &str| {
            let mut tx = app.engine.read().await.unwrap();
            let board = action_items::board(&mut tx, "payments").await.unwrap();
            board.columns.into_iter().find(|(column, _)| column.name == name).unwrap().0.id
        };
        let (work, done) = (column("Doing").await, column("Done").await);
        transaction!(app.by(ana).await, |tx| action_items::move_card(tx, number, work, Spot::Last).await?).unwrap();
        assert_eq!(lies().await, ("Doing".to_owned(), ActionState::Doing));
        transaction!(app.by(ana).await, |tx| action_items::change_state(tx, number, ActionState::Blocked, "").await?).unwrap();
        assert_eq!(lies().await, ("Doing".to_owned(), ActionState::Blocked), "it stays where that is meant");
        transaction!(app.by(ana).await, |tx| action_items::move_card(tx, number, work, Spot::Last).await?).unwrap();
        assert_eq!(lies().await.1, ActionState::Blocked, "to where it lies changes nothing");
        transaction!(app.by(ana).await, |tx| action_items::change_state(tx, number, ActionState::Done, "").await?).unwrap();
        assert_eq!(lies().await, ("Done".to_owned(), ActionState::Done));
        // A column that stands for what was seen to work takes no card without what shows it.
        let seen = ColumnDraft { states: vec![ActionState::Verified], ..ColumnDraft::named("Seen to work") };
        transaction!(app.engine, |tx| action_items::change_column(tx, app.id("payments"), work, &seen).await?).unwrap();
        let moved = transaction!(app.by(ana).await, |tx| action_items::move_card(tx, number, work, Spot::Last).await?);
        assert_eq!(refusal_of(&moved), Some(&Refused::NoEvidence));
        assert_eq!(lies().await, ("Done".to_owned(), ActionState::Done));
        let as_before = ColumnDraft { states: vec![ActionState::Doing, ActionState::Blocked], ..ColumnDraft::named("Doing") };
        transaction!(app.engine, |tx| action_items::change_column(tx, app.id("payments"), work, &as_before).await?).unwrap();
        transaction!(app.by(ana).await, |tx| action_items::verify(tx, number, Evidence::Drill, "It held").await?).unwrap();
        transaction!(app.by(ana).await, |tx| action_items::move_card(tx, number, done, Spot::Last).await?).unwrap();
        assert_eq!(lies().await, ("Done".to_owned(), ActionState::Verified));
        let story = {
            let mut tx = app.engine.read().await.unwrap();
            let item = action_items::find(&mut tx, number).await.unwrap().item;
            action_items::story(&mut tx, item.id).await.unwrap()
        };
        assert_eq!(story.len(), 5, "made, doing, blocked, done, verified: {story:?}");
    }

    async fn what_is_accepted_has_an_owner_and_a_day(app) {
        incident(app).await;
        let (ana, bo): (_, domain::ids::PersonId) = (app.id("ana"), app.id("bo"));
        let mut wanted = draft(app, "Raise the pool", "bo", None);
        wanted.owner = None;
        let number = transaction!(app.by(ana).await, |tx| action_items::add(tx, 1, &wanted).await?).unwrap();
        let day = "2026-04-01".parse().ok();
        let decide = async |triage: Triage| transaction!(app.by(ana).await, |tx| action_items::triage(tx, number, &triage).await?);
        for (owner, due_on, field) in [(None, day, "owner"), (Some(bo), None, "due_on")] {
            let refused = decide(Triage::Accept { owner, due_on }).await.unwrap_err();
            assert_eq!((refused.is_refusal(), refused.field()), (true, Some(field)), "{refused}");
        }
        let silent = decide(Triage::Decline { reason: " ".to_owned() }).await.unwrap_err();
        assert_eq!(silent.field(), Some("reason"), "{silent}");
        decide(Triage::Accept { owner: Some(bo), due_on: day }).await.unwrap();
        app.settle().await;
        let mut tx = app.engine.read().await.unwrap();
        let item = action_items::find(&mut tx, number).await.unwrap().item;
        assert_eq!((item.owner_id, item.due_on, item.state), (Some(bo), day, ActionState::Accepted));
        assert!(app.mailbox("bo").iter().any(|mail| mail.text.contains("Raise the pool")), "that it is his");
    }

    async fn members_are_mailed_the_week_of_their_team_on_mondays(app) {
        // Monday 2 March 2026, 09:00 UTC; the team has nothing yet.
        incident(app).await;
        let ana = app.id("ana");
        let mut unowned = draft(app, "Alert on the pool", "bo", None);
        unowned.owner = None;
        for wanted in [draft(app, "Raise the pool", "bo", Some("2026-03-05")), unowned] {
            transaction!(app.by(ana).await, |tx| action_items::add(tx, 1, &wanted).await?).unwrap();
        }
        app.pass(days(1)).await;
        app.mail.clear();
        app.pass(days(5)).await;
        assert!(app.subjects("ana").iter().all(|subject| !subject.contains("week of")), "not on Sunday");
        app.pass(days(1)).await;
        app.settle().await;
        let mails = app.mailbox("ana");
        let week: Vec<_> = mails.iter().filter(|mail| mail.subject.contains("The week of")).collect();
        assert_eq!(week.len(), 1, "{:?}", app.subjects("ana"));
        assert_eq!(week[0].subject, "[Kintsugi] The week of payments: 1 late, 1 owned by nobody");
        assert!(week[0].text.contains("Raise the pool") && week[0].text.contains("Owned by nobody: 1"), "{}", week[0].text);
        app.mail.clear();
        transaction!(app.by(ana).await, |tx| engine::news::turn_off(tx, ana, &[domain::news::NewsKind::TeamMonday]).await?).unwrap();
        app.pass(days(7)).await;
        assert!(app.subjects("ana").iter().all(|subject| !subject.contains("week of")), "it was turned off");
    }

    async fn an_action_item_stands_in_the_backlog_of_its_team(app) {
        incident(app).await;
        let ana = app.id("ana");
        let wanted = draft(app, "Raise the pool", "bo", Some("2026-04-01"));
        let number = transaction!(app.by(ana).await, |tx| action_items::add(tx, 1, &wanted).await?).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let board = action_items::board(&mut tx, "payments").await.unwrap();
        let (column, cards) = &board.columns[0];
        assert_eq!((column.name.as_str(), cards.len()), ("To triage", 1));
        assert_eq!((cards[0].incident_number, cards[0].owner.as_deref(), cards[0].item.state), (1, Some("Bo"), ActionState::Proposed));
        drop(tx);
        let payments: domain::ids::TeamId = app.id("payments");
        transaction!(app.engine, |tx| {
            action_items::add_column(tx, payments, &ColumnDraft::named("Ideas")).await?;
            let aside = action_items::board(tx, "payments").await?.columns[4].0.id;
            action_items::move_card(tx, number, aside, Spot::Last).await?;
        }).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let board = action_items::board(&mut tx, "payments").await.unwrap();
        assert_eq!(board.columns[4].1[0].item.state, ActionState::Proposed, "a column that stands for no state sets none");
    }

    async fn who_left_is_given_no_action_item_by_an_old_form(app) {
        incident(app).await;
        let ana = app.id("ana");
        let wanted = draft(app, "Raise the pool", "bo", None);
        let number = transaction!(app.by(ana).await, |tx| action_items::add(tx, 1, &wanted).await?).unwrap();
        transaction!(app.engine, |tx| engine::deactivation::deactivate(tx, ana).await?).unwrap();
        let hers = draft(app, "Raise the pool", "ana", None);
        let added = transaction!(app.by(app.id("bo")).await, |tx| action_items::add(tx, 1, &hers).await?);
        let changed = transaction!(app.engine, |tx| action_items::change(tx, number, &hers, "").await?);
        for refused in [added.map(drop).unwrap_err(), changed.unwrap_err()] {
            assert_eq!((refused.is_refusal(), refused.field()), (true, Some("owner")), "{refused}");
        }
    }

    async fn what_was_kept_long_ago_leaves_the_board_and_can_be_asked_for(app) {
        incident(app).await;
        let ana = app.id("ana");
        for (number, title) in [(1, "Raise the pool"), (2, "Watch the pool"), (3, "Write it down")] {
            let wanted = draft(app, title, "bo", None);
            assert_eq!(transaction!(app.by(ana).await, |tx| action_items::add(tx, 1, &wanted).await?).unwrap(), number);
        }
        transaction!(app.by(ana).await, |tx| action_items::change_state(tx, 1, ActionState::Done, "").await?).unwrap();
        app.clock.pass(days(1));
        transaction!(app.by(ana).await, |tx| action_items::change_state(tx, 2, ActionState::Done, "").await?).unwrap();
        app.clock.pass(days(90));
        let on = |board: action_items::Board| {
            let cards = board.columns.iter().flat_map(|(_, cards)| cards);
            (cards.map(|card| card.item.number).collect::<BTreeSet<_>>(), board.left_out)
        };
        let mut tx = app.engine.read().await.unwrap();
        let (board, whole) = (action_items::board(&mut tx, "payments").await.unwrap(), action_items::whole_board(&mut tx, "payments").await.unwrap());
        assert_eq!(on(board), (BTreeSet::from([2, 3]), 1));
        assert_eq!(on(whole), (BTreeSet::from([1, 2, 3]), 0));
    }

    async fn declining_needs_a_reason(app) {
        incident(app).await;
        let ana = app.id("ana");
        let wanted = draft(app, "Raise the pool", "bo", None);
        transaction!(app.by(ana).await, |tx| action_items::add(tx, 1, &wanted).await?).unwrap();
        let refused = transaction!(app.by(ana).await, |tx| action_items::change_state(tx, 1, ActionState::Declined, " ").await?);
        assert!(matches!(refusal_of(&refused), Some(Refused::NoReason)));
        transaction!(app.by(ana).await, |tx| {
            action_items::change_state(tx, 1, ActionState::Declined, "The pool goes away in May").await?;
            action_items::change_state(tx, 1, ActionState::Declined, "again").await?;
        }).unwrap();
        assert_eq!(app.count("SELECT COUNT(*) FROM action_item_changes").await, 2);
    }

    async fn what_is_due_is_mailed_on_its_day_and_what_is_late_on_mondays_at_nine_where_the_owner_is(app) {
        // Monday 2 March 2026, 09:00 UTC; bo is in Berlin, where it is 10:00.
        incident(app).await;
        let (ana, bo) = (app.id("ana"), app.id("bo"));
        transaction!(app.by(bo).await, |tx| engine::news::turn_off(tx, bo, &[domain::news::NewsKind::TeamMonday]).await?).unwrap();
        for (title, due) in [("Raise the pool", "2026-03-05"), ("Alert on the pool", "2026-03-06"), ("Later", "2026-12-01")] {
            let wanted = draft(app, title, "bo", Some(due));
            transaction!(app.by(ana).await, |tx| action_items::add(tx, 1, &wanted).await?).unwrap();
        }
        app.settle().await;
        assert_eq!(app.mailbox("bo").len(), 3, "that they are his");
        app.mail.clear();
        app.clock.pass(days(4));
        app.clock.pass(-hours(2));
        app.settle().await;
        assert!(app.mailbox("bo").is_empty(), "Friday 6 March, 08:00 in Berlin");
        app.clock.pass(hours(1));
        app.settle().await;
        app.settle().await;
        assert_eq!(app.subjects("bo"), ["[Kintsugi] 1 action item is due today"], "what is late waits for Monday");
        app.pass(days(2)).await;
        assert_eq!(app.mailbox("bo").len(), 1, "not at the weekend");
        app.pass(days(1)).await;
        let mails = app.mailbox("bo");
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[1].subject, "[Kintsugi] 2 action items are past the due date", "one mail for all");
        assert!(mails[1].text.contains("Raise the pool") && mails[1].text.contains("INC-1"));
        app.pass(days(2)).await;
        assert_eq!(app.mailbox("bo").len(), 2, "not daily for the same");
        transaction!(app.by(ana).await, |tx| {
            action_items::change_state(tx, 1, ActionState::Done, "").await?;
            action_items::change_state(tx, 2, ActionState::Done, "").await?;
        }).unwrap();
        app.pass(days(7)).await;
        assert_eq!(app.mailbox("bo").len(), 2);
    }
}
