//! What is counted once, where it was, and as what it is: declined, drills, two names of one factor, services that changed.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use crate::learning::{FACTOR, became, came_back, factor_named, overview_of, promised, reviewed};
use domain::Severity;
use domain::action_items::{ActionKind, ActionState, Evidence};
use domain::incidents::NoticedBy;
use domain::learning::Finding;
use engine::action_items;
use engine::incidents::{self, Past};
use engine::learning::{self, Scope};
use engine::{postmortems, transaction};
use testing::{both_databases, days, hours, minutes, refusal_of};

both_databases! {
    async fn what_was_declined_answers_nothing_elsewhere(app) {
        app.usual_cast().await;
        app.service("ledger", "payments").await;
        app.service("search", "payments").await;
        let first = reviewed(app, "ledger", "a", FACTOR).await;
        let item = promised(app, first, ActionKind::Prevent).await;
        app.pass(days(1)).await;
        let elsewhere = reviewed(app, "checkout", "b", FACTOR).await;
        let items = async || match &came_back(app, elsewhere).await[0].findings[..] {
            [Finding::Elsewhere { items, .. }] => items.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(items().await, [item]);
        let not_carried = overview_of(app, Scope::default()).await.elsewhere;
        assert_eq!(not_carried[0].missing, ["checkout"]);
        let ana = app.by(app.id("ana")).await;
        transaction!(ana, |tx| action_items::change_state(tx, item, ActionState::Declined, "Too dear").await?).unwrap();
        assert!(items().await.is_empty());
        assert!(came_back(app, elsewhere).await[0].elsewhere.is_empty(), "there is nothing to propose");
        assert!(overview_of(app, Scope::default()).await.elsewhere.is_empty(), "nobody has an answer");
    }

    async fn what_was_entered_as_over_counts_where_it_was(app) {
        app.usual_cast().await;
        app.service("ledger", "payments").await;
        let now = app.engine.context.now();
        let past = Past {
            title: "The ledger stood still".to_owned(),
            severity: Severity::Sev2,
            services: vec![app.id("ledger")],
            noticed_by: NoticedBy::Staff,
            began_at: Some(now - hours(5)),
            mitigated_at: None,
            resolved_at: Some(now - hours(4)),
        };
        let ana = app.by(app.id("ana")).await;
        let first = transaction!(ana, |tx| {
            let entered = incidents::enter_past(tx, &past).await?;
            postmortems::start(tx, entered.number).await?;
            postmortems::name_factor(tx, entered.number, FACTOR, "").await?;
            entered.number
        })
        .unwrap();
        let item = promised(app, first, ActionKind::Prevent).await;
        let checkout = [app.id("checkout")];
        transaction!(ana, |tx| incidents::change_services(tx, first, &checkout).await?).unwrap();
        app.pass(days(1)).await;
        let second = reviewed(app, "checkout", "b", FACTOR).await;
        assert!(matches!(came_back(app, second).await[0].findings[..], [Finding::Elsewhere { .. }]));
        let third = reviewed(app, "ledger", "c", FACTOR).await;
        // What it says of its services since changes nothing of where it came back, on a card as on a page.
        transaction!(ana, |tx| incidents::change_services(tx, third, &checkout).await?).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let found = action_items::find(&mut tx, item).await.unwrap().item;
        let on_its_page = learning::after_item(&mut tx, &found).await.unwrap();
        let on_cards = learning::after_items_of(&mut tx, found.team_id).await.unwrap();
        assert_eq!(on_its_page.iter().map(|later| later.number).collect::<Vec<_>>(), [third]);
        assert_eq!(on_cards.get(&found.id), Some(&third));
        drop(tx);
        let of = async |service: &str| {
            let scope = Scope { service: Some(app.id(service)), ..Scope::default() };
            overview_of(app, scope).await.rows.iter().map(|row| row.number).collect::<Vec<_>>()
        };
        assert_eq!((of("ledger").await, of("checkout").await), (vec![third], vec![second]));
    }

    async fn two_names_of_one_factor_in_one_document_are_met_once(app) {
        app.usual_cast().await;
        reviewed(app, "checkout", "a", FACTOR).await;
        let second = reviewed(app, "checkout", "b", FACTOR).await;
        let item = promised(app, second, ActionKind::Prevent).await;
        let ana = app.by(app.id("ana")).await;
        transaction!(ana, |tx| postmortems::name_factor(tx, second, "Nothing limits the tool", "").await?).unwrap();
        let (one, other) = (factor_named(app, FACTOR).await, factor_named(app, "Nothing limits the tool").await);
        transaction!(ana, |tx| learning::merge(tx, one, other).await?).unwrap();
        let seen = overview_of(app, Scope::default()).await;
        assert_eq!((seen.rows.len(), seen.met.not_looked_at), (1, 1));
        let mut tx = app.engine.read().await.unwrap();
        let page = learning::factor(&mut tx, other).await.unwrap();
        let met: Vec<_> = page.met.iter().map(|met| (met.number, met.answers.clone())).collect();
        assert_eq!(met, [(second, vec![item]), (second - 1, vec![])]);
    }

    async fn whoever_did_it_does_not_vouch_for_it(app) {
        app.usual_cast().await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        let item = promised(app, first, ActionKind::Prevent).await;
        let (ana, bo) = (app.by(app.id("ana")).await, app.by(app.id("bo")).await);
        let own = async |owner| {
            transaction!(ana, |tx| {
                let found = action_items::find(tx, item).await?.item;
                let draft = action_items::Draft {
                    title: found.title,
                    owner,
                    team: found.team_id,
                    kind: found.kind,
                    priority: found.priority,
                    due_on: found.due_on,
                    factor: found.named_factor_id,
                    proof: String::new(),
                };
                action_items::change(tx, item, &draft, "").await?;
            })
            .unwrap();
        };
        let vouch = async |who: &engine::Acting| transaction!(who, |tx| action_items::verify(tx, item, Evidence::Drill, "I ran a drill").await?);
        // Ana owned it when it was done, and gives it away before she vouches.
        became(app, item, ActionState::Done).await;
        app.pass(minutes(1)).await;
        own(None).await;
        assert!(matches!(refusal_of(&vouch(&ana).await), Some(action_items::Refused::OwnWord)));
        // Nobody owned it, and she said that it is done.
        became(app, item, ActionState::Doing).await;
        app.pass(minutes(1)).await;
        became(app, item, ActionState::Done).await;
        assert!(matches!(refusal_of(&vouch(&ana).await), Some(action_items::Refused::OwnWord)));
        vouch(&bo).await.unwrap();
    }

    async fn a_drill_is_not_held_against_what_happened(app) {
        app.usual_cast().await;
        let drill = reviewed(app, "checkout", "a", FACTOR).await;
        let ana = app.by(app.id("ana")).await;
        transaction!(ana, |tx| incidents::say_drill(tx, drill, true).await?).unwrap();
        app.pass(days(1)).await;
        let real = reviewed(app, "checkout", "b", FACTOR).await;
        assert!(came_back(app, real).await.is_empty(), "it was met for the first time");
        let with_drills = Scope { with_drills: true, ..Scope::default() };
        let met = async |scope| overview_of(app, scope).await.met;
        assert_eq!((met(Scope::default()).await.same_service, met(with_drills).await.same_service), (0, 1));
        transaction!(ana, |tx| incidents::say_drill(tx, real, true).await?).unwrap();
        assert_eq!(came_back(app, real).await.len(), 1, "a drill is held against another one");
    }

    async fn a_card_and_its_page_say_the_same(app) {
        app.usual_cast().await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        let items = [promised(app, first, ActionKind::Prevent).await, promised(app, first, ActionKind::Prevent).await];
        for item in items {
            app.pass(hours(1)).await;
            became(app, item, ActionState::Done).await;
        }
        app.pass(days(1)).await;
        let second = reviewed(app, "checkout", "b", FACTOR).await;
        let mut tx = app.engine.read().await.unwrap();
        for number in items {
            let item = action_items::find(&mut tx, number).await.unwrap().item;
            let on_its_page = learning::after_item(&mut tx, &item).await.unwrap();
            assert_eq!(on_its_page.iter().map(|later| later.number).collect::<Vec<_>>(), [second], "ACT-{number}");
            let on_cards = learning::after_items_of(&mut tx, item.team_id).await.unwrap();
            assert_eq!(on_cards.get(&item.id), Some(&second));
        }
    }

    async fn what_came_back_at_another_service_is_not_its_own(app) {
        app.usual_cast().await;
        app.service("ledger", "payments").await;
        reviewed(app, "checkout", "a", FACTOR).await;
        app.pass(days(1)).await;
        app.fires("checkout", "Slow", 2, "b").await;
        let both = [app.id("checkout"), app.id("ledger")];
        let ana = app.by(app.id("ana")).await;
        transaction!(ana, |tx| incidents::change_services(tx, 2, &both).await?).unwrap();
        let second = reviewed(app, "checkout", "b", FACTOR).await;
        let of = async |service: &str| {
            let scope = Scope { service: Some(app.id(service)), ..Scope::default() };
            let met = overview_of(app, scope).await.met;
            (met.same_service, met.elsewhere)
        };
        assert_eq!(second, 2);
        assert_eq!((of("checkout").await, of("ledger").await), ((1, 0), (0, 1)));
    }

    async fn all_of_a_transaction_happens_at_one_instant(app) {
        app.usual_cast().await;
        let mut tx = app.engine.begin().await.unwrap();
        let at = tx.now();
        app.clock.pass(minutes(1));
        assert_eq!(tx.now(), at);
        tx.goes_on();
        assert_eq!(tx.now(), at + minutes(1));
    }
}
