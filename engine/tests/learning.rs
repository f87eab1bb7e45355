//! What came back: held against what was promised, said by people, counted over a period; and factors that are renamed and merged.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::action_items::{ActionKind, ActionState, Priority};
use domain::fields::{self, Unfit};
use domain::ids::{FactorId, PersonId};
use domain::incidents::timeline::Event;
use domain::learning::{By, Finding, Verdict};
use domain::postmortems::PostmortemState;
use engine::action_items::{self, Draft};
use engine::db::sql;
use engine::learning::{self, CameBack, Met, Overview, Period, Refused, Scope};
use engine::{incidents, postmortems, transaction};
use testing::{TestApp, both_databases, days, minutes, refusal_of};

pub const FACTOR: &str = "No limit on a destructive tool";

/// An incident of a service, resolved, with a document that names a factor.
pub async fn reviewed(app: &TestApp, service: &str, key: &str, factor: &str) -> i64 {
    app.fires(service, "Slow", 2, key).await;
    app.pass(minutes(3)).await;
    app.tell(service, "Slow", 2, key, "resolved").await;
    let number = app.count("SELECT MAX(number) FROM incidents").await;
    transaction!(app.by(app.id("ana")).await, |tx| {
        postmortems::start(tx, number).await?;
        postmortems::save_section(tx, number, "summary", 0, "It was slow.").await?;
        postmortems::name_factor(tx, number, factor, "Here, too").await?;
        postmortems::change_state(tx, number, PostmortemState::InReview).await?;
        postmortems::change_state(tx, number, PostmortemState::Published).await?;
    })
    .unwrap();
    number
}

/// Promises something about the first factor of an incident.
pub async fn promised(app: &TestApp, incident: i64, kind: ActionKind) -> i64 {
    let ana = app.by(app.id("ana")).await;
    transaction!(ana, |tx| {
        let found = incidents::find(tx, incident).await?;
        let named = postmortems::factors_of(tx, found.id).await?;
        let draft = Draft {
            title: "Refuse more than ten at once".to_owned(),
            owner: Some(app.id("ana")),
            team: found.team_id,
            kind,
            priority: Priority::High,
            due_on: Some("2026-04-01".parse().unwrap()),
            factor: Some(named[0].id),
            proof: String::new(),
        };
        action_items::add(tx, incident, &draft).await?
    })
    .unwrap()
}

pub async fn became(app: &TestApp, item: i64, state: ActionState) {
    let ana = app.by(app.id("ana")).await;
    transaction!(ana, |tx| action_items::change_state(tx, item, state, "").await?).unwrap();
}

pub async fn came_back(app: &TestApp, number: i64) -> Vec<CameBack> {
    let mut tx = app.engine.read().await.unwrap();
    let incident = incidents::find(&mut tx, number).await.unwrap();
    learning::of_incident(&mut tx, incident.id).await.unwrap()
}

/// The last 30 days.
pub async fn overview_of(app: &TestApp, scope: Scope) -> Overview {
    let until = app.engine.context.now() + minutes(1);
    let period = Period {
        from: until - days(30),
        until,
    };
    let mut tx = app.engine.read().await.unwrap();
    learning::overview(&mut tx, period, scope).await.unwrap()
}

async fn overview(app: &TestApp) -> Overview {
    overview_of(app, Scope::default()).await
}

/// Numbers of what stands behind a figure of the last 30 days.
async fn behind(app: &TestApp, figure: &str) -> Vec<i64> {
    let until = app.engine.context.now() + minutes(1);
    let from = until - days(30);
    let mut tx = app.engine.read().await.unwrap();
    let (period, figure) = (Period { from, until }, figure.parse().unwrap());
    let behind = learning::behind(&mut tx, period, Scope::default(), figure, 0, 50);
    let behind = behind.await.unwrap();
    assert_eq!(
        (behind.count, behind.rows),
        (behind.shown.len(), behind.shown.len())
    );
    behind.shown.into_iter().map(|row| row.number).collect()
}

pub async fn factor_named(app: &TestApp, name: &str) -> FactorId {
    let mut tx = app.engine.read().await.unwrap();
    let known = postmortems::known_factors(&mut tx).await.unwrap();
    known.into_iter().find(|factor| factor.name == name).unwrap().id
}

/// What was edited, what it was and became, why, and by whom.
type Edit = (
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<PersonId>,
);

both_databases! {
    async fn what_came_back_is_held_against_what_was_promised(app) {
        app.usual_cast().await;
        app.service("ledger", "payments").await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        assert!(came_back(app, first).await.is_empty(), "it was met for the first time");
        let item = promised(app, first, ActionKind::Prevent).await;
        app.pass(days(2)).await;
        let second = reviewed(app, "checkout", "b", " no limit on a  DESTRUCTIVE tool").await;
        let found = came_back(app, second).await;
        assert!(matches!(found[0].findings[..], [Finding::WhileOpen { item: 1, earlier: 1, seconds }] if seconds > 170_000), "{found:?}");
        became(app, item, ActionState::Done).await;
        app.pass(days(1)).await;
        // What was open when the second began stays what is said of it.
        assert_eq!(came_back(app, second).await[0].findings, found[0].findings);
        let third = reviewed(app, "checkout", "c", FACTOR).await;
        let found = came_back(app, third).await;
        assert_eq!(found[0].findings, [Finding::AfterDone { item, earlier: first }]);
        let elsewhere = reviewed(app, "ledger", "d", FACTOR).await;
        let found = came_back(app, elsewhere).await;
        let known = found[0].findings.iter().map(|finding| match finding {
            Finding::Elsewhere { earlier, services, items, .. } => (*earlier, services.join(", "), items.clone()),
            other => panic!("{other:?}"),
        });
        let known: Vec<_> = known.collect();
        let at = |number, items: Vec<i64>| (number, "checkout".to_owned(), items);
        assert_eq!(known, [at(first, vec![item]), at(second, vec![]), at(third, vec![])]);
    }

    async fn a_person_says_how_it_came_about(app) {
        app.usual_cast().await;
        reviewed(app, "checkout", "a", FACTOR).await;
        let second = reviewed(app, "checkout", "b", FACTOR).await;
        let factor = came_back(app, second).await[0].factor;
        let ana = app.by(app.id("ana")).await;
        let say = async |number, verdict, words: &str| {
            transaction!(ana, |tx| learning::say(tx, number, factor, verdict, words).await?)
        };
        assert!(say(1, Verdict::DidNotHold, "").await.is_err(), "nothing came back with the first one");
        let long = say(second, Verdict::DidNotHold, &"x".repeat(2_001)).await;
        assert_eq!(refusal_of(&long), Some(&Unfit::TooLong(fields::VERDICT_WORDS)));
        say(second, Verdict::DidNotApply, "Another tool").await.unwrap();
        say(second, Verdict::DidNotHold, " The limit was lifted ").await.unwrap();
        let said = came_back(app, second).await.remove(0).said.unwrap();
        assert_eq!((said.verdict, said.words.as_str(), said.name.as_deref()), (Verdict::DidNotHold, "The limit was lifted", Some("Ana")));
        assert_eq!(overview(app).await.rows[0].said, Some(said));
    }

    async fn a_period_says_how_many_came_back_and_where(app) {
        app.usual_cast().await;
        app.service("ledger", "payments").await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        let item = promised(app, first, ActionKind::Prevent).await;
        reviewed(app, "checkout", "b", FACTOR).await;
        reviewed(app, "ledger", "c", FACTOR).await;
        let seen = overview(app).await;
        assert_eq!(seen.met, Met { reviewed: 3, new: 1, same_service: 1, elsewhere: 1, not_looked_at: 2 });
        let [elsewhere] = &seen.elsewhere[..] else { panic!("{seen:?}") };
        assert_eq!(elsewhere.answered, [("checkout".to_owned(), vec![item])]);
        assert_eq!(elsewhere.missing, ["ledger"]);
        let before = Period { from: app.engine.context.now() - days(60), until: app.engine.context.now() - days(30) };
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(learning::overview(&mut tx, before, None).await.unwrap().met, Met::default());
        let from = app.engine.context.now() + minutes(1);
        let after = learning::overview(&mut tx, Period { from, until: from + days(30) }, None).await.unwrap();
        assert_eq!((after.met, after.met_before), (Met::default(), seen.met));
    }

    async fn what_people_say_counts_in_every_figure(app) {
        app.usual_cast().await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        let second = reviewed(app, "checkout", "b", FACTOR).await;
        let factor = came_back(app, second).await[0].factor;
        let ana = app.by(app.id("ana")).await;
        let say = async |verdict| transaction!(ana, |tx| learning::say(tx, second, factor, verdict, "").await?).unwrap();
        let met = async || overview(app).await.met;
        assert_eq!(met().await, Met { reviewed: 2, new: 1, same_service: 1, elsewhere: 0, not_looked_at: 1 });
        assert_eq!(behind(app, "reviewed.not_looked_at").await, [second]);
        app.pass(days(1)).await;
        let without = overview(app).await.without;
        assert_eq!((without.of, without.came_back, without.not_looked_at), (1, 1, 1));
        say(Verdict::DidNotHold).await;
        assert_eq!(met().await, Met { reviewed: 2, new: 1, same_service: 1, elsewhere: 0, not_looked_at: 0 });
        assert_eq!(overview(app).await.without.not_looked_at, 0);
        assert_eq!((behind(app, "said.nothing").await, behind(app, "said.did_not_hold").await), (vec![], vec![second]));
        assert_eq!(behind(app, "without.came_back").await, [first]);
        // It only has the same name: it was met for the first time, and the first one did not come back.
        say(Verdict::NotTheSame).await;
        assert_eq!(met().await, Met { reviewed: 2, new: 2, same_service: 0, elsewhere: 0, not_looked_at: 0 });
        assert_eq!(overview(app).await.without.came_back, 0);
        assert_eq!((behind(app, "reviewed.new").await, behind(app, "reviewed.same_service").await), (vec![second, first], vec![]));
        assert_eq!(overview(app).await.rows.len(), 1, "it is listed with what was said");
    }

    async fn a_drill_counts_only_where_drills_are_asked_for(app) {
        app.usual_cast().await;
        reviewed(app, "checkout", "a", FACTOR).await;
        let second = reviewed(app, "checkout", "b", FACTOR).await;
        let ana = app.by(app.id("ana")).await;
        let say = async |is_drill| transaction!(ana, |tx| incidents::say_drill(tx, second, is_drill).await?).unwrap();
        let seen = async |with_drills| {
            let until = app.engine.context.now() + minutes(1);
            let period = Period { from: until - days(30), until };
            let scope = Scope { with_drills, ..Scope::default() };
            let mut tx = app.engine.read().await.unwrap();
            let met = learning::overview(&mut tx, period, scope).await.unwrap().met;
            let times = learning::times(&mut tx, period, scope, By::Severity).await.unwrap();
            let week = times.weeks.values().next().copied().unwrap();
            let documents = learning::waits(&mut tx, period, scope, 50).await.unwrap().stages[0].each.len();
            (met.reviewed, met.same_service, week.incidents, week.alerts, documents)
        };
        assert_eq!(seen(false).await, (2, 1, 2, 2, 2));
        say(true).await;
        say(true).await;
        assert_eq!(app.story(second).await.timeline.iter().filter(|entry| entry.event == Event::DrillSaid { is_drill: true }).count(), 1);
        assert_eq!((seen(false).await, seen(true).await), ((1, 0, 1, 1, 1), (2, 1, 2, 2, 2)));
        say(false).await;
        assert_eq!(seen(false).await, (2, 1, 2, 2, 2));
        let oli = app.someone("oli", domain::people::Role::Observer).await;
        let observer = app.by(oli).await;
        assert!(transaction!(observer, |tx| incidents::say_drill(tx, second, true).await?).is_err());
    }

    async fn what_was_said_of_a_factor_goes_along_when_it_is_merged(app) {
        app.usual_cast().await;
        reviewed(app, "checkout", "a", FACTOR).await;
        let second = reviewed(app, "checkout", "b", FACTOR).await;
        reviewed(app, "checkout", "c", "A tool without a limit").await;
        let (one, other) = (factor_named(app, FACTOR).await, factor_named(app, "A tool without a limit").await);
        let ana = app.by(app.id("ana")).await;
        transaction!(ana, |tx| learning::say(tx, second, one, Verdict::DidNotApply, "").await?).unwrap();
        transaction!(ana, |tx| learning::merge(tx, one, other).await?).unwrap();
        let said = |came_back: &[CameBack]| came_back[0].said.as_ref().map(|said| said.verdict);
        assert_eq!(said(&came_back(app, second).await), Some(Verdict::DidNotApply));
        assert_eq!(behind(app, "said.did_not_apply").await, [second]);
        let mut tx = app.engine.read().await.unwrap();
        let page = learning::factor(&mut tx, other).await.unwrap();
        let verdicts: Vec<_> = page.met.iter().map(|met| met.said.as_ref().map(|said| said.verdict)).collect();
        assert_eq!(verdicts, [None, Some(Verdict::DidNotApply), None]);
    }

    async fn a_factor_that_is_another_one_counts_as_that_one_until_it_is_taken_back(app) {
        app.usual_cast().await;
        reviewed(app, "checkout", "a", FACTOR).await;
        let second = reviewed(app, "checkout", "b", "A tool without a limit").await;
        assert!(came_back(app, second).await.is_empty());
        let (one, other) = (factor_named(app, FACTOR).await, factor_named(app, "A tool without a limit").await);
        let ana = app.by(app.id("ana")).await;
        let itself = transaction!(ana, |tx| learning::merge(tx, one, one).await?);
        assert_eq!(refusal_of(&itself), Some(&Refused::IntoItself));
        transaction!(ana, |tx| learning::merge(tx, other, one).await?).unwrap();
        assert_eq!(came_back(app, second).await[0].name, FACTOR);
        let back = transaction!(ana, |tx| learning::merge(tx, one, other).await?);
        assert_eq!(refusal_of(&back), Some(&Refused::IsMerged));
        let mut tx = app.engine.read().await.unwrap();
        let page = learning::factor(&mut tx, other).await.unwrap();
        assert_eq!((page.factor.id, page.met.len(), page.merged.len()), (one, 2, 1));
        drop(tx);
        transaction!(ana, |tx| learning::part(tx, other).await?).unwrap();
        assert!(came_back(app, second).await.is_empty());
    }

    async fn two_merges_at_once_do_not_lead_round(app) {
        app.usual_cast().await;
        reviewed(app, "checkout", "a", FACTOR).await;
        reviewed(app, "checkout", "b", "A tool without a limit").await;
        let (one, other) = (factor_named(app, FACTOR).await, factor_named(app, "A tool without a limit").await);
        let ana = app.by(app.id("ana")).await;
        let merge = async |what, into| transaction!(ana, |tx| learning::merge(tx, what, into).await?);
        let (there, back) = tokio::join!(merge(one, other), merge(other, one));
        assert_eq!([&there, &back].iter().filter(|done| done.is_ok()).count(), 1);
        assert_eq!(refusal_of(&there).or(refusal_of(&back)), Some(&Refused::IsMerged));
    }

    async fn a_factor_is_the_same_in_other_case_spaces_and_unicode_form(app) {
        app.usual_cast().await;
        reviewed(app, "checkout", "a", "Schlüssel läuft ab").await;
        for (key, name) in [("b", "SCHLÜSSEL LÄUFT AB"), ("c", " Schlüssel  läuft ab "), ("d", "Schlu\u{308}ssel la\u{308}uft ab")] {
            let number = reviewed(app, "checkout", key, name).await;
            assert_eq!(came_back(app, number).await.len(), 1, "{name}");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM factors").await, 1);
        let factor = factor_named(app, "Schlüssel läuft ab").await;
        let ana = app.by(app.id("ana")).await;
        reviewed(app, "checkout", "e", "Another").await;
        let taken = transaction!(ana, |tx| learning::rename(tx, factor, "ANOTHER").await?);
        assert_eq!(refusal_of(&taken), Some(&Refused::NameTaken));
        transaction!(ana, |tx| learning::rename(tx, factor, "A certificate runs out").await?).unwrap();
        assert_eq!(factor_named(app, "A certificate runs out").await, factor);
    }

    async fn what_nobody_could_rebuild_later_is_written_down(app) {
        app.usual_cast().await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        let item = promised(app, first, ActionKind::Prevent).await;
        let ana: PersonId = app.id("ana");
        let acting = app.by(ana).await;
        transaction!(acting, |tx| {
            let card = action_items::find(tx, item).await?;
            let draft = Draft {
                title: card.item.title.clone(),
                owner: Some(app.id("bo")),
                team: card.item.team_id,
                kind: ActionKind::Detect,
                priority: Priority::Low,
                due_on: Some("2026-05-01".parse().unwrap()),
                factor: card.item.named_factor_id,
                proof: String::new(),
            };
            action_items::change(tx, item, &draft, "The vendor is late").await?;
            // Nothing moves: nothing is written.
            action_items::change(tx, item, &draft, "Again").await?;
        })
        .unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let edits: Vec<Edit> = sql("SELECT field, was, became, why, actor_id FROM action_item_edits ORDER BY field").all(&mut tx).await.unwrap();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(edits.len(), 3, "{edits:?}");
        assert_eq!(edits[0], ("due_on".to_owned(), text("2026-04-01"), text("2026-05-01"), text("The vendor is late"), Some(ana)));
        assert_eq!((edits[1].0.as_str(), &edits[1].1, &edits[1].2), ("kind", &text("prevent"), &text("detect")));
        assert_eq!((edits[2].0.as_str(), &edits[2].3), ("owner", &None));
        let states: Vec<(Option<String>, String)> =
            sql("SELECT from_state, to_state FROM postmortem_changes ORDER BY to_state").all(&mut tx).await.unwrap();
        let states: Vec<_> = states.iter().map(|(from, to)| (from.as_deref(), to.as_str())).collect();
        assert_eq!(states, [(None, "draft"), (Some("draft"), "in_review"), (Some("in_review"), "published")]);
        let factors: Vec<(String,)> = sql("SELECT what FROM factor_changes").all(&mut tx).await.unwrap();
        assert_eq!(factors, [("named".to_owned(),)]);
        drop(tx);
        // Of a resolved incident its services are those that it had then.
        app.service("ledger", "payments").await;
        let services = [app.id("ledger")];
        transaction!(acting, |tx| incidents::change_services(tx, first, &services).await?).unwrap();
        let second = reviewed(app, "checkout", "b", FACTOR).await;
        assert!(came_back(app, second).await[0].findings[0].is_same_service());
    }
}
