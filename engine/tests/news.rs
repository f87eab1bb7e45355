//! Nobody is left untold: what concerns a person and somebody else did is mailed to them, once, unless they turned it off.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use chrono::NaiveDate;
use domain::action_items::{ActionKind, Priority};
use domain::ids::PersonId;
use domain::incidents::IncidentRole;
use domain::incidents::timeline::Via;
use domain::news::NewsKind;
use domain::notifications::NotificationKind;
use domain::postmortems::PostmortemState;
use engine::action_items::{self, Draft};
use engine::db::sql;
use engine::oncall::overrides;
use engine::{incidents, news, postmortems, transaction};
use testing::{Mood, TestApp, both_databases, days, minutes, seconds};

async fn paged(app: &TestApp) -> (PersonId, PersonId) {
    app.usual_cast().await;
    app.fires("checkout", "Slow", 2, "slow").await;
    app.pass(minutes(1)).await;
    app.mail.clear();
    (app.id("ana"), app.id("bo"))
}

fn draft(app: &TestApp, title: &str, owner: &str) -> Draft {
    Draft {
        title: title.to_owned(),
        owner: Some(app.id(owner)),
        team: app.id("payments"),
        kind: ActionKind::Prevent,
        priority: Priority::High,
        due_on: NaiveDate::from_ymd_opt(2026, 12, 4),
        factor: None,
        proof: String::new(),
    }
}

both_databases! {
    async fn who_was_paged_learns_that_somebody_has_it_in_the_same_thread(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.pass(minutes(6)).await;
        transaction!(app.by(app.id("ana")).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        app.settle().await;
        assert_eq!(app.mailbox("ana").len(), 1, "nobody is told what they did themselves");
        let mails = app.mailbox("bo");
        assert_eq!(app.subjects("bo"), ["[SEV2] INC-1 Slow", "[SEV2] INC-1 Ana is the responder: Slow"]);
        assert_eq!(mails[0].references, mails[1].references);
        assert!(mails[1].raw.contains("Importance: low") && mails[1].text.contains("you can sleep"), "{}", mails[1].raw);
        // Bo knows that he can sleep; Ana learns that the alerts ended it.
        app.tell("checkout", "Slow", 2, "slow", "resolved").await;
        app.settle().await;
        assert_eq!(app.mailbox("bo").len(), 2);
        assert_eq!(app.subjects("ana").last().unwrap(), "[SEV2] INC-1 It is resolved: Slow");
        app.pass(minutes(10)).await;
        assert_eq!(app.mail.all().len(), 4);
    }

    async fn nobody_is_told_to_sleep_who_was_not_woken_or_what_has_begun_again(app) {
        app.usual_cast().await;
        app.mail.set_mood(Mood::Later);
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        transaction!(app.by(app.id("bo")).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        app.mail.set_mood(Mood::Takes);
        app.pass(minutes(10)).await;
        assert!(app.mailbox("ana").is_empty(), "{:?}", app.subjects("ana"));
        app.fires("checkout", "Other", 2, "other").await;
        app.settle().await;
        app.mail.clear();
        transaction!(app.by(app.id("bo")).await, |tx| {
            incidents::acknowledge(tx, 2, Via::Page).await?;
            incidents::escalate(tx, 2).await?;
        }).unwrap();
        app.settle().await;
        assert!(app.subjects("ana").iter().all(|subject| !subject.contains("is the responder")), "{:?}", app.subjects("ana"));
    }

    async fn whoever_is_given_a_role_or_an_action_item_is_told_and_may_turn_it_off(app) {
        let (ana, bo) = paged(app).await;
        transaction!(app.by(app.id("ana")).await, |tx| {
            incidents::take_role(tx, 1, IncidentRole::Commander, ana).await?;
            incidents::take_role(tx, 1, IncidentRole::Scribe, bo).await?;
            action_items::add(tx, 1, &draft(app, "Test the failover", "bo")).await?;
            action_items::add(tx, 1, &draft(app, "Mine", "ana")).await?;
        }).unwrap();
        app.settle().await;
        let mut subjects = app.subjects("bo");
        subjects.sort_unstable();
        assert_eq!(subjects, ["[Kintsugi] ACT-1 is yours: Test the failover", "[SEV2] INC-1 You are Scribe: Slow"]);
        let item = app.mailbox("bo").into_iter().find(|mail| mail.subject.contains("ACT-1")).unwrap().text;
        assert!(item.contains("Ana named you as owner of ACT-1") && item.contains("4 Dec 2026"), "{item}");
        assert!(app.mailbox("ana").is_empty());
        app.mail.clear();
        transaction!(app.by(app.id("ana")).await, |tx| action_items::change(tx, 1, &draft(app, "Test the failover twice", "bo"), "").await?).unwrap();
        app.settle().await;
        assert!(app.mail.all().is_empty(), "it was his before");
        transaction!(app.by(app.id("bo")).await, |tx| news::turn_off(tx, bo, &[NewsKind::ActionItemGiven]).await?).unwrap();
        transaction!(app.by(app.id("ana")).await, |tx| {
            action_items::change(tx, 2, &draft(app, "Mine", "bo"), "").await?;
            incidents::take_role(tx, 1, IncidentRole::Communications, bo).await?;
        }).unwrap();
        app.settle().await;
        assert_eq!(app.subjects("bo"), ["[SEV2] INC-1 You are Communications: Slow"]);
        let refused = transaction!(app.by(app.id("bo")).await, |tx| news::turn_off(tx, ana, &[]).await?);
        assert!(matches!(refused, Err(engine::Error::NotAllowed(_))));
        assert_eq!(app.count("SELECT COUNT(*) FROM audit_log WHERE subject = 'person' AND change = 'changed'").await, 1);
    }

    async fn a_postmortem_in_review_is_told_to_the_team_and_to_who_worked_on_it(app) {
        let (ana, _) = paged(app).await;
        app.responder("eve").await;
        app.responder("kim").await;
        let eve = app.id("eve");
        transaction!(app.by(eve).await, |tx| incidents::write(tx, 1, incidents::Writing::Note, "The queue is full").await?).unwrap();
        transaction!(app.by(ana).await, |tx| {
            incidents::resolve(tx, 1).await?;
            postmortems::start(tx, 1).await?;
            postmortems::save_section(tx, 1, "summary", 0, "It was slow.").await?;
        }).unwrap();
        app.settle().await;
        app.mail.clear();
        for state in [PostmortemState::InReview, PostmortemState::InReview] {
            transaction!(app.by(ana).await, |tx| postmortems::change_state(tx, 1, state).await?).unwrap();
        }
        app.settle().await;
        assert_eq!(app.subjects("eve"), ["[Kintsugi] A postmortem waits for review: Slow"]);
        assert_eq!(app.mail.all().len(), 2, "Bo of the team, and Eve; not Ana, who sent it, nor Kim");
    }

    async fn an_override_is_told_to_both_in_their_own_time(app) {
        app.usual_cast().await;
        app.administrator("lea").await;
        let (schedule, bo) = (app.id("primary"), app.id("bo"));
        let from = app.engine.context.now() + days(1);
        let arranged = transaction!(app.by(app.id("lea")).await, |tx| overrides::add(tx, schedule, &overrides::Draft::by(bo, (from, from + days(1)))).await?).unwrap();
        app.settle().await;
        assert_eq!(app.subjects("bo"), ["[Kintsugi] You are on call for primary from Tue 3 Mar, 10:00 (09:00 UTC)"]);
        assert_eq!(app.subjects("ana"), ["[Kintsugi] You are no longer on call for primary from Tue 3 Mar, 10:00 (09:00 UTC)"]);
        assert!(app.mailbox("bo")[0].text.contains("Lea changed the schedule primary"), "{}", app.mailbox("bo")[0].text);
        transaction!(app.by(app.id("lea")).await, |tx| overrides::cancel(tx, schedule, arranged).await?).unwrap();
        app.settle().await;
        assert_eq!(app.mailbox("ana").len(), 2);
        assert_eq!(app.mailbox("bo").len(), 2);
    }

    async fn more_than_a_few_in_some_minutes_come_in_one_list(app) {
        paged(app).await;
        transaction!(app.by(app.id("ana")).await, |tx| {
            for n in 0..9 {
                action_items::add(tx, 1, &draft(app, &format!("Item {n}"), "bo")).await?;
            }
        }).unwrap();
        app.settle().await;
        assert_eq!(app.mailbox("bo").len(), 5);
        app.pass(seconds(40)).await;
        assert_eq!(app.subjects("bo").last().unwrap(), "[Kintsugi] 4 more things concern you");
        let all: String = app.mailbox("bo").into_iter().map(|mail| mail.text).collect();
        assert!((1..=9).all(|item| all.contains(&format!("/action-items/{item}"))), "{all}");
        app.mail.clear();
        app.pass(minutes(10)).await;
        assert_eq!(app.subjects("bo"), ["[SEV2] INC-1 Slow"], "the policy goes on, and nothing is told twice");
        assert_eq!(app.count("SELECT COUNT(*) FROM news").await, 0);
    }

    async fn what_is_a_day_old_is_no_news(app) {
        paged(app).await;
        transaction!(app.by(app.id("ana")).await, |tx| action_items::add(tx, 1, &draft(app, "Old", "bo")).await?).unwrap();
        app.clock.pass(days(2));
        app.settle().await;
        let told: Vec<String> = app.subjects("bo");
        assert!(!told.iter().any(|subject| subject.contains("ACT-1 is yours")), "{told:?}");
    }

    async fn an_acknowledgement_does_not_fail_by_what_it_tells(app) {
        paged(app).await;
        transaction!(app.engine, |tx| sql("DROP TABLE news").run(tx).await?).unwrap();
        transaction!(app.by(app.id("bo")).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        assert!(app.story(1).await.incident.acknowledged_at.is_some());
    }
}

#[test]
fn each_kind_has_its_words() {
    for kind in NewsKind::ALL {
        assert!(!kind.label().is_empty());
    }
    assert_eq!(NotificationKind::LetGo.label(), "You can sleep");
}
