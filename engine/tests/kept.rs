//! What was promised, decided and said stays known when a factor is removed, merged or looked at anew; and owners are asked about it.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use crate::learning::{FACTOR, became, came_back, factor_named, promised, reviewed};
use domain::action_items::{ActionKind, ActionState};
use domain::learning::{Finding, Verdict};
use domain::news::NewsKind;
use engine::action_items::{self, ColumnDraft, Spot, Triage, What};
use engine::learning::{self, LikeBy};
use engine::{incidents, news, postmortems, transaction};
use testing::{TestApp, both_databases, days, minutes, refusal_of};

async fn named_there(app: &TestApp, number: i64) -> domain::ids::NamedFactorId {
    let mut tx = app.engine.read().await.unwrap();
    let incident = incidents::find(&mut tx, number).await.unwrap();
    postmortems::factors_of(&mut tx, incident.id).await.unwrap()[0].id
}

async fn factor_of(app: &TestApp, item: i64) -> Option<String> {
    let mut tx = app.engine.read().await.unwrap();
    action_items::find(&mut tx, item).await.unwrap().factor
}

/// What is said on an action item's page of its factor: the incident, and whether somebody looked at it.
async fn after(app: &TestApp, item: i64) -> Vec<(i64, Finding, bool)> {
    let mut tx = app.engine.read().await.unwrap();
    let item = action_items::find(&mut tx, item).await.unwrap().item;
    let later = learning::after_item(&mut tx, &item).await.unwrap();
    later
        .into_iter()
        .map(|one| (one.number, one.finding, one.said.is_some()))
        .collect()
}

/// The last incident that its card names.
async fn on_its_card(app: &TestApp, item: i64) -> Option<i64> {
    let mut tx = app.engine.read().await.unwrap();
    let item = action_items::find(&mut tx, item).await.unwrap().item;
    let all = learning::after_items_of(&mut tx, item.team_id).await.unwrap();
    all.get(&item.id).copied()
}

async fn lies_in(app: &TestApp, number: i64) -> (String, usize) {
    let mut tx = app.engine.read().await.unwrap();
    let item = action_items::find(&mut tx, number).await.unwrap();
    let board = action_items::board(&mut tx, &item.team_slug).await.unwrap();
    let at = |cards: &[action_items::Card]| cards.iter().position(|card| card.item.number == number);
    let found = board
        .columns
        .iter()
        .find_map(|(column, cards)| Some((column.name.clone(), at(cards)?)));
    found.unwrap()
}

both_databases! {
    async fn a_removed_factor_keeps_what_its_action_items_answered(app) {
        app.usual_cast().await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        let item = promised(app, first, ActionKind::Prevent).await;
        app.pass(days(1)).await;
        let second = reviewed(app, "checkout", "b", FACTOR).await;
        assert_eq!(came_back(app, second).await.len(), 1);
        let (named, factor) = (named_there(app, first).await, factor_named(app, FACTOR).await);
        let ana = app.by(app.id("ana")).await;
        let number = app.count("SELECT COUNT(*) FROM postmortem_factors").await;
        transaction!(ana, |tx| postmortems::remove_factor(tx, first, named).await?).unwrap();
        assert!(came_back(app, second).await.is_empty(), "nothing names it before");
        assert_eq!(factor_of(app, item).await.as_deref(), Some(FACTOR));
        let mut tx = app.engine.read().await.unwrap();
        let page = learning::factor(&mut tx, factor).await.unwrap();
        let answers: Vec<_> = page.answers.iter().map(|answer| (answer.number, answer.incident, answer.is_removed)).collect();
        assert_eq!((page.met.len(), answers), (1, vec![(item, first, true)]));
        drop(tx);
        let again = transaction!(ana, |tx| postmortems::remove_factor(tx, first, named).await?);
        assert!(matches!(again, Err(engine::Error::NotFound(_))), "{again:?}");
        transaction!(ana, |tx| postmortems::name_factor(tx, first, &FACTOR.to_uppercase(), "After all").await?).unwrap();
        assert_eq!(app.count("SELECT COUNT(*) FROM postmortem_factors").await, number, "it is the one that it was");
        assert!(matches!(came_back(app, second).await[0].findings[..], [Finding::WhileOpen { item: found, .. }] if found == item));
    }

    async fn the_document_says_what_was_meant_to_prevent_it(app) {
        app.usual_cast().await;
        app.service("ledger", "payments").await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        let item = promised(app, first, ActionKind::Prevent).await;
        app.pass(days(1)).await;
        became(app, item, ActionState::Doing).await;
        app.pass(days(1)).await;
        let second = reviewed(app, "checkout", "b", FACTOR).await;
        app.pass(days(1)).await;
        became(app, item, ActionState::Done).await;
        let [meant] = &came_back(app, second).await[0].promised[..] else { panic!() };
        assert_eq!((meant.number, &*meant.title, meant.earlier), (item, "Refuse more than ten at once", first));
        assert_eq!((meant.then, meant.now), (ActionState::Doing, ActionState::Done));
        let elsewhere = reviewed(app, "ledger", "c", FACTOR).await;
        assert!(came_back(app, elsewhere).await[0].promised.is_empty(), "another service promised nothing");
    }

    async fn an_action_item_says_that_its_factor_came_back(app) {
        app.usual_cast().await;
        app.service("ledger", "payments").await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        let item = promised(app, first, ActionKind::Prevent).await;
        assert_eq!((after(app, item).await, on_its_card(app, item).await), (vec![], None));
        app.pass(days(1)).await;
        reviewed(app, "ledger", "b", FACTOR).await;
        assert_eq!(on_its_card(app, item).await, None, "another service");
        let third = reviewed(app, "checkout", "c", FACTOR).await;
        let found = after(app, item).await;
        assert!(matches!(found[..], [(number, Finding::WhileOpen { .. }, false)] if number == third), "{found:?}");
        assert_eq!(on_its_card(app, item).await, Some(third));
        let factor = factor_named(app, FACTOR).await;
        let ana = app.by(app.id("ana")).await;
        transaction!(ana, |tx| learning::say(tx, third, factor, Verdict::NotTheSame, "").await?).unwrap();
        assert_eq!(on_its_card(app, item).await, None, "it is not the same after all");
        assert!(after(app, item).await[0].2, "its page shows that somebody looked");
        transaction!(ana, |tx| learning::say(tx, third, factor, Verdict::DidNotHold, "").await?).unwrap();
        transaction!(ana, |tx| incidents::say_drill(tx, third, true).await?).unwrap();
        assert_eq!((after(app, item).await, on_its_card(app, item).await), (vec![], None), "a drill");
    }

    async fn the_owner_is_asked_once_when_what_was_done_came_back(app) {
        app.usual_cast().await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        let item = promised(app, first, ActionKind::Prevent).await;
        app.pass(days(1)).await;
        let while_open = reviewed(app, "checkout", "b", FACTOR).await;
        app.pass(minutes(5)).await;
        let asked = || app.subjects("ana").into_iter().filter(|subject| subject.contains("was to prevent")).count();
        assert_eq!(asked(), 0, "it was open with INC-{while_open}");
        became(app, item, ActionState::Done).await;
        app.pass(days(1)).await;
        let third = reviewed(app, "checkout", "c", FACTOR).await;
        app.pass(minutes(30)).await;
        assert_eq!(asked(), 1, "{:?}", app.subjects("ana"));
        let mails = app.mailbox("ana");
        let mail = mails.iter().find(|mail| mail.subject.contains("was to prevent")).unwrap();
        assert!(mail.text.contains(&format!("/incidents/{third}/postmortem")) && mail.text.contains(FACTOR), "{}", mail.text);
        assert_eq!(app.count("SELECT COUNT(*) FROM owners_to_ask").await, 0, "nothing is left to ask");
        // Another document with it asks again; who turned it off is not asked.
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| news::turn_off(tx, ana, &[NewsKind::CameBack]).await?).unwrap();
        reviewed(app, "checkout", "d", FACTOR).await;
        app.pass(minutes(30)).await;
        assert_eq!(asked(), 1);
    }

    async fn each_merge_is_undone_by_itself(app) {
        app.usual_cast().await;
        for (key, name) in [("a", "One"), ("b", "Other"), ("c", "Third")] {
            reviewed(app, "checkout", key, name).await;
        }
        let (one, other, third) = (factor_named(app, "One").await, factor_named(app, "Other").await, factor_named(app, "Third").await);
        let ana = app.by(app.id("ana")).await;
        transaction!(ana, |tx| {
            learning::merge(tx, one, other).await?;
            learning::merge(tx, other, third).await?;
        }).unwrap();
        let end_of = async |id| {
            let mut tx = app.engine.read().await.unwrap();
            learning::factor(&mut tx, id).await.unwrap().factor.name
        };
        assert_eq!((end_of(one).await, end_of(other).await), ("Third".to_owned(), "Third".to_owned()));
        transaction!(ana, |tx| learning::part(tx, other).await?).unwrap();
        assert_eq!((end_of(one).await, end_of(other).await), ("Other".to_owned(), "Other".to_owned()), "what was merged into it goes along");
        transaction!(ana, |tx| {
            learning::merge(tx, other, third).await?;
            learning::part(tx, one).await?;
        }).unwrap();
        assert_eq!((end_of(one).await, end_of(other).await), ("One".to_owned(), "Third".to_owned()));
        let mut tx = app.engine.read().await.unwrap();
        let history = learning::factor(&mut tx, third).await.unwrap().history;
        let what: Vec<_> = history.iter().map(|became| (&*became.what, &*became.name)).collect();
        assert_eq!(what, [("merged", "Other"), ("parted", "Other"), ("merged", "Other")]);
    }

    async fn what_was_said_before_stays_beside_what_is_said_now(app) {
        app.usual_cast().await;
        reviewed(app, "checkout", "a", FACTOR).await;
        let second = reviewed(app, "checkout", "b", FACTOR).await;
        let factor = factor_named(app, FACTOR).await;
        let ana = app.by(app.id("ana")).await;
        for (verdict, words) in [(Verdict::DidNotApply, "Another tool"), (Verdict::DidNotApply, "Another tool"), (Verdict::DidNotHold, "")] {
            app.pass(minutes(1)).await;
            transaction!(ana, |tx| learning::say(tx, second, factor, verdict, words).await?).unwrap();
        }
        let said = &came_back(app, second).await[0];
        assert_eq!(said.said.as_ref().map(|said| said.verdict), Some(Verdict::DidNotHold));
        let before: Vec<_> = said.said_before.iter().map(|said| (said.verdict, &*said.words)).collect();
        assert_eq!(before, [(Verdict::DidNotApply, "Another tool")], "said twice it is one");
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(learning::factor(&mut tx, factor).await.unwrap().met[0].said_before.len(), 1);
    }

    async fn why_it_was_declined_stays_when_it_is_taken_up_again(app) {
        app.usual_cast().await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        let item = promised(app, first, ActionKind::Prevent).await;
        let ana = app.by(app.id("ana")).await;
        let set = async |state, reason: &str| transaction!(ana, |tx| action_items::change_state(tx, item, state, reason).await?).unwrap();
        set(ActionState::Declined, "Too dear").await;
        app.pass(days(1)).await;
        let second = reviewed(app, "checkout", "b", FACTOR).await;
        app.pass(days(1)).await;
        set(ActionState::Proposed, "").await;
        let declined = came_back(app, second).await.remove(0).findings.remove(0);
        assert_eq!(declined, Finding::Declined { item, earlier: first, reason: Some("Too dear".to_owned()) });
        let mut tx = app.engine.read().await.unwrap();
        let id = action_items::find(&mut tx, item).await.unwrap().item.id;
        let story = action_items::story(&mut tx, id).await.unwrap();
        let reasons = story.iter().filter_map(|happened| match &happened.what {
            What::Became { to: ActionState::Declined, reason, .. } => reason.as_deref(),
            _ => None,
        });
        assert_eq!(reasons.collect::<Vec<_>>(), ["Too dear"]);
    }

    async fn incidents_without_factors_are_gone_through(app) {
        app.usual_cast().await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        let named = named_there(app, first).await;
        let ana = app.by(app.id("ana")).await;
        let unnamed = async || {
            let until = app.engine.context.now() + minutes(1);
            let period = learning::Period { from: until - days(30), until };
            let mut tx = app.engine.read().await.unwrap();
            let (shown, count) = learning::unnamed(&mut tx, period, learning::Scope::default(), 50).await.unwrap();
            (shown.into_iter().map(|one| (one.number, one.summary)).collect::<Vec<_>>(), count)
        };
        assert_eq!(unnamed().await, (vec![], 0));
        transaction!(ana, |tx| postmortems::remove_factor(tx, first, named).await?).unwrap();
        assert_eq!(unnamed().await, (vec![(first, "It was slow.".to_owned())], 1));
    }

    async fn an_incident_that_is_open_again_is_held_against_its_factors(app) {
        app.usual_cast().await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        let second = reviewed(app, "checkout", "b", FACTOR).await;
        let ana = app.by(app.id("ana")).await;
        transaction!(ana, |tx| {
            incidents::rename(tx, first, "Cards are refused").await?;
            incidents::reopen(tx, second, "It is back", false).await?;
        }).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let incident = incidents::find(&mut tx, second).await.unwrap();
        let found = learning::looks_like(&mut tx, &incident).await.unwrap();
        let factors: Vec<_> = found[0].factors.iter().map(|(_, name)| &**name).collect();
        assert_eq!((found[0].number, found[0].by, factors), (first, LikeBy::Factor, vec![FACTOR]));
    }

    async fn what_was_decided_or_named_meanwhile_is_overwritten_by_no_old_page(app) {
        app.usual_cast().await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        let item = promised(app, first, ActionKind::Prevent).await;
        let (ana, bo): (domain::ids::PersonId, domain::ids::PersonId) = (app.id("ana"), app.id("bo"));
        let acting = app.by(ana).await;
        let decide = async |triage: Triage| transaction!(acting, |tx| action_items::triage(tx, item, &triage).await?);
        let accept = |owner| Triage::Accept { owner: Some(owner), due_on: "2026-04-01".parse().ok() };
        decide(accept(bo)).await.unwrap();
        decide(accept(bo)).await.unwrap();
        let decline = || Triage::Decline { reason: "Too dear".to_owned() };
        for late in [accept(ana), decline()] {
            assert_eq!(refusal_of(&decide(late).await), Some(&action_items::Refused::Decided(ActionState::Accepted)));
        }
        let again = transaction!(acting, |tx| postmortems::name_factor(tx, first, FACTOR, "Other words").await?);
        let said = "Here, too".to_owned();
        assert_eq!(refusal_of(&again), Some(&postmortems::Refused::NamedAlready(said)));
        transaction!(acting, |tx| postmortems::name_factor(tx, first, FACTOR, "").await?).unwrap();
        for (key, name) in [("b", "Other"), ("c", "Third")] {
            reviewed(app, "checkout", key, name).await;
        }
        let (one, other, third) = (factor_named(app, FACTOR).await, factor_named(app, "Other").await, factor_named(app, "Third").await);
        transaction!(acting, |tx| learning::merge(tx, one, other).await?).unwrap();
        transaction!(acting, |tx| learning::merge(tx, one, other).await?).unwrap();
        let stale = transaction!(acting, |tx| learning::merge(tx, one, third).await?);
        assert_eq!(refusal_of(&stale), Some(&learning::Refused::IsAnother));
    }

    async fn cards_lie_in_the_order_that_somebody_gave_them(app) {
        app.usual_cast().await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        let mut items = Vec::new();
        for _ in 0..3 {
            items.push(promised(app, first, ActionKind::Prevent).await);
        }
        let [one, two, three] = items[..] else { panic!() };
        let ana = app.by(app.id("ana")).await;
        let column = {
            let mut tx = app.engine.read().await.unwrap();
            action_items::find(&mut tx, one).await.unwrap().item.column_id
        };
        let places = async || [lies_in(app, one).await.1, lies_in(app, two).await.1, lies_in(app, three).await.1];
        for (number, spot, expected) in [
            (three, Spot::First, [1, 2, 0]),
            (three, Spot::Down, [0, 2, 1]),
            (three, Spot::Up, [1, 2, 0]),
            (three, Spot::Up, [1, 2, 0]),
            (one, Spot::Last, [2, 1, 0]),
            (one, Spot::Before(two), [1, 2, 0]),
            (two, Spot::Down, [1, 2, 0]),
        ] {
            transaction!(ana, |tx| action_items::move_card(tx, number, column, spot).await?).unwrap();
            assert_eq!(places().await, expected, "{number} {spot:?}");
        }
    }

    async fn columns_are_moved_and_deleted_and_no_card_is_lost(app) {
        app.usual_cast().await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        let item = promised(app, first, ActionKind::Prevent).await;
        let team = app.id("payments");
        let admin = &app.engine;
        transaction!(admin, |tx| {
            action_items::add_column(tx, team, &ColumnDraft::named("Waiting")).await?;
            let waiting = action_items::columns_of(tx, team).await?[4].id;
            action_items::move_column(tx, team, waiting, 0).await?;
            action_items::move_column(tx, team, waiting, 0).await?;
        }).unwrap();
        let names = async || {
            let mut tx = app.engine.read().await.unwrap();
            let columns = action_items::columns_of(&mut tx, team).await.unwrap();
            columns.into_iter().map(|column| column.name).collect::<Vec<_>>()
        };
        assert_eq!(names().await, ["Waiting", "To triage", "To do", "Doing", "Done"]);
        app.pass(minutes(1)).await;
        transaction!(admin, |tx| {
            let columns = action_items::columns_of(tx, team).await?;
            action_items::move_card(tx, item, columns[0].id, Spot::Last).await?;
        }).unwrap();
        app.pass(minutes(1)).await;
        transaction!(admin, |tx| {
            let columns = action_items::columns_of(tx, team).await?;
            action_items::delete_column(tx, team, columns[0].id).await?;
        }).unwrap();
        assert_eq!(lies_in(app, item).await.0, "To triage", "where proposed cards lie");
        let moves = {
            let mut tx = app.engine.read().await.unwrap();
            let id = action_items::find(&mut tx, item).await.unwrap().item.id;
            let story = action_items::story(&mut tx, id).await.unwrap();
            let moves = story.into_iter().filter_map(|happened| match happened.what {
                What::Changed { field, was, became, .. } if field == "column" => Some((was.unwrap(), became.unwrap())),
                _ => None,
            });
            moves.collect::<Vec<_>>()
        };
        let gone = "a column that was deleted".to_owned();
        assert_eq!(moves, [("To triage".to_owned(), gone.clone()), (gone, "To triage".to_owned())]);
        for left in [3, 2, 1] {
            transaction!(admin, |tx| {
                let columns = action_items::columns_of(tx, team).await?;
                action_items::delete_column(tx, team, columns[0].id).await?;
            }).unwrap();
            assert_eq!(names().await.len(), left);
        }
        let last = transaction!(admin, |tx| {
            let columns = action_items::columns_of(tx, team).await?;
            action_items::delete_column(tx, team, columns[0].id).await?
        });
        assert_eq!(refusal_of(&last), Some(&action_items::Refused::LastColumn));
        assert_eq!(lies_in(app, item).await.0, "Done", "the last one has all");
    }

    async fn another_team_has_it_where_its_state_belongs(app) {
        app.usual_cast().await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        let item = promised(app, first, ActionKind::Prevent).await;
        became(app, item, ActionState::Doing).await;
        let other = transaction!(app.engine, |tx| engine::teams::create(tx, "Catalogue", &[]).await?).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let card = action_items::find(&mut tx, item).await.unwrap();
        drop(tx);
        let draft = action_items::Draft {
            title: card.item.title.clone(),
            owner: card.item.owner_id,
            team: other.id,
            kind: card.item.kind,
            priority: card.item.priority,
            due_on: card.item.due_on,
            factor: card.item.named_factor_id,
            proof: String::new(),
        };
        transaction!(app.engine, |tx| action_items::change(tx, item, &draft, "").await?).unwrap();
        assert_eq!(lies_in(app, item).await.0, "Doing");
    }
}
