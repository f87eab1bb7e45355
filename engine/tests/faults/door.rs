//! The door for alerts: a fault of our own at each step of handling one, and more alerts than can be handled.

use domain::incidents::timeline::{Event, Via};
use domain::incidents::{PageOutcome, State};
use engine::alerts::NotTaken;
use engine::db::sql;
use engine::{health, incidents, transaction};
use futures::future::join_all;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use testing::{Mood, TestApp, both_databases, hours, minutes};

/// A service with a person of its own, so that nobody's pages become a list.
async fn service(app: &TestApp, number: i64) -> (String, String) {
    let (service, person) = (format!("service{number}"), format!("person{number}"));
    app.responder(&person).await;
    app.service(&service, "payments").await;
    app.policy(&service).step(&person, minutes(5)).make().await;
    (service, person)
}

/// A fault that lasts: what the schedules say cannot be read.
async fn break_schedules(app: &TestApp) {
    transaction!(app.engine, |tx| sql(
        "UPDATE schedule_layers SET restrictions = '7'"
    )
    .run(tx)
    .await?)
    .unwrap();
}

async fn mend_schedules(app: &TestApp) {
    transaction!(app.engine, |tx| sql(
        "UPDATE schedule_layers SET restrictions = '[]'"
    )
    .run(tx)
    .await?)
    .unwrap();
}

/// Whom a page about the first incident reached, in their order.
fn paged(app: &TestApp) -> Vec<String> {
    let mut mails = app.mail.all();
    mails.retain(|mail| mail.subject == "[SEV2] INC-1 Slow");
    mails.into_iter().map(|mail| mail.to).collect()
}

both_databases! {
    async fn a_fault_at_any_step_of_handling_an_alert_still_pages(app) {
        app.usual_cast().await;
        let (mut bare, mut turned_away) = (0, 0);
        // Handling asks for the time at each of its steps. The fault lies in the first reading, then in the second …
        for reading in 0.. {
            app.clock.pass(hours(1));
            let (service, person) = service(app, reading).await;
            let arriving = app.arriving(&service, "Slow", "slow").await;
            app.clock.break_after(reading);
            let taken = app.ingest.take(arriving.clone()).await;
            if !app.clock.mend() {
                taken.unwrap();
                break;
            }
            if taken.is_err() {
                // Outside of handling: no 2xx, nothing half done, and the source sends it again.
                turned_away += 1;
                app.ingest.take(arriving).await.unwrap();
            } else {
                bare += 1;
                assert_eq!(
                    app.count("SELECT COUNT(*) FROM payloads WHERE fault LIKE 'a fault that a test put%'").await,
                    bare,
                    "the request is kept with its fault"
                );
            }
            app.settle().await;
            assert_eq!(app.mailbox(&person).len(), 1, "paged in spite of a fault at reading {reading}");
        }
        assert!(bare > 10, "{bare} steps failed, {turned_away} were turned away");
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents WHERE title LIKE '%could not handle'").await, bare);
    }

    async fn a_fault_that_lasts_in_paging_itself_still_reaches_the_team(app) {
        app.usual_cast().await;
        let (other, person) = service(app, 1).await;
        break_schedules(app).await;
        let ingest = &app.ingest;
        let (slow, fine) = (app.arriving("checkout", "Slow", "slow").await, app.arriving(&other, "Fine", "fine").await);
        let taken = futures::join!(ingest.take(slow.clone()), ingest.take(fine), ingest.take(slow));
        assert_eq!(taken, (Ok(()), Ok(()), Ok(())));
        app.settle().await;
        assert_eq!(app.subjects(&person), ["[SEV2] INC-2 Fine"], "another service's alert is nobody else's trouble");
        let told = app.subjects("ana");
        assert!(told.iter().any(|subject| subject.contains("Nobody has this: checkout: an alert came in")), "{told:?}");
        let mut tx = app.engine.read().await.unwrap();
        assert_eq!(incidents::nobody_has(&mut tx).await.unwrap().len(), 1, "it is on every page");
    }

    async fn further_faults_wake_whoever_has_the_bare_incident_but_not_at_each(app) {
        app.usual_cast().await;
        let one_more = async |reading: i64| {
            let arriving = app.arriving("checkout", "Slow", "slow").await;
            app.clock.break_after(reading);
            app.ingest.take(arriving).await.unwrap();
            assert!(app.clock.mend());
            app.settle().await;
        };
        one_more(5).await;
        assert_eq!(app.mailbox("ana").len(), 1);
        let ana = app.id("ana");
        transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        one_more(5).await;
        assert_eq!(app.mailbox("ana").len(), 1, "not at once again");
        app.pass(minutes(11)).await;
        one_more(5).await;
        assert_eq!(app.mailbox("ana").len(), 2, "it may be about something else");
        assert_eq!(app.story(1).await.incident.state, State::Acknowledged);
    }

    async fn a_refused_page_whose_policy_cannot_go_on_is_not_sent_again_and_again(app) {
        app.usual_cast().await;
        app.policy("checkout").step("ana", minutes(5)).step("primary", minutes(5)).make().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        break_schedules(app).await;
        app.mail.set_mood(Mood::Refuses("ana@".to_owned()));
        app.settle().await;
        let story = app.story(1).await;
        assert_eq!(story.pages[0].page.outcome, PageOutcome::Refused, "what the mail server said is kept");
        assert!(story.timeline.iter().any(|entry| matches!(entry.event, Event::PolicyStuck { .. })));
        assert_eq!(app.count("SELECT CAST(SUM(attempts) AS BIGINT) FROM notifications WHERE kind = 'page'").await, 1);
        assert!(app.subjects("bo").iter().any(|subject| subject.contains("Nobody has this: Slow")));
    }

    async fn one_incident_that_cannot_go_on_holds_no_other_up(app) {
        app.usual_cast().await;
        let (other, person) = service(app, 1).await;
        app.policy(&other).step(&person, minutes(5)).step("bo", minutes(5)).make().await;
        app.policy("checkout").step("ana", minutes(5)).step("primary", minutes(5)).make().await;
        app.fires("checkout", "Stuck", 2, "stuck").await;
        app.fires(&other, "Goes on", 2, "on").await;
        app.settle().await;
        app.mail.clear();
        break_schedules(app).await;
        app.pass(minutes(6)).await;
        assert!(app.subjects("bo").contains(&"[SEV2] INC-2 Goes on".to_owned()), "{:?}", app.subjects("bo"));
        let stuck = app.story(1).await.timeline;
        let times = stuck.iter().filter(|entry| matches!(entry.event, Event::PolicyStuck { .. })).count();
        assert_eq!(times, 1, "said once, tried each minute");
        assert!(app.subjects("ana").iter().any(|subject| subject.contains("Nobody has this: Stuck")));
        mend_schedules(app).await;
        app.mail.clear();
        app.pass(minutes(2)).await;
        assert!(app.subjects("ana").contains(&"[SEV2] INC-1 Stuck".to_owned()), "{:?}", app.subjects("ana"));
    }

    async fn more_than_can_be_handled_is_turned_away_and_another_service_is_not_held_up(app) {
        app.usual_cast().await;
        let (quiet, person) = service(app, 1).await;
        let loud = app.arriving("checkout", "Loud", "loud").await;
        // Nothing can be stored yet.
        let mut held = app.engine.begin().await.unwrap();
        if held.is_postgres() {
            sql("LOCK TABLE payloads IN EXCLUSIVE MODE").run(&mut held).await.unwrap();
        }
        let done = Arc::new(AtomicUsize::new(0));
        let flood = (0..300).map(|_| {
            let (ingest, arriving, done) = (app.ingest.clone(), loud.clone(), Arc::clone(&done));
            async move {
                let taken = ingest.take(arriving).await;
                if taken.is_ok() {
                    done.fetch_add(1, Ordering::SeqCst);
                }
                taken
            }
        });
        let mut flood = Box::pin(join_all(flood));
        assert!(futures::poll!(&mut flood).is_pending());
        let other = app.arriving(&quiet, "Quiet", "quiet").await;
        let (ingest, done_before) = (app.ingest.clone(), Arc::clone(&done));
        let other = async move {
            ingest.take(other).await.unwrap();
            done_before.load(Ordering::SeqCst)
        };
        drop(held);
        let (before_the_other, taken) = futures::join!(other, flood);
        // It goes with the second batch at the latest, whose others may be told before it is: never after all of them.
        assert!(before_the_other < 256, "it waited for all of the others");
        let turned_away = taken.iter().filter(|taken| **taken == Err(NotTaken::TooManyWaiting)).count();
        assert_eq!((turned_away, done.load(Ordering::SeqCst)), (300 - 256, 256));
        app.settle().await;
        assert_eq!(app.mailbox(&person).len(), 1);
        let mut tx = app.engine.read().await.unwrap();
        let share = health::shares(&mut tx).await.unwrap().alerts_accepted;
        assert_eq!((share.good, share.all), (257, 301), "what was turned away counts against the promise");
    }

    async fn where_the_database_cannot_say_who_is_on_call_the_step_is_tried_again_and_never_skipped(app) {
        app.usual_cast().await;
        app.policy("checkout").step("bo", minutes(5)).step("primary", minutes(5)).step("root", minutes(5)).make().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        let rename = |statement: &'static str| async move {
            transaction!(app.engine, |tx| sql(statement).run(tx).await?).unwrap();
        };
        rename("ALTER TABLE schedule_overrides RENAME TO overrides_away").await;
        app.pass(minutes(6)).await;
        assert_eq!(paged(app), ["bo@example.test"], "nobody is passed over");
        rename("ALTER TABLE overrides_away RENAME TO schedule_overrides").await;
        app.pass(minutes(2)).await;
        assert_eq!(paged(app), ["bo@example.test", "ana@example.test"]);
    }
}
