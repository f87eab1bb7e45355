//! The door for alerts: a fault of our own at each step of handling one, and more alerts than can be handled.

use engine::alerts::NotTaken;
use engine::db::sql;
use engine::health;
use futures::future::join_all;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use testing::{TestApp, both_databases, hours, minutes};

/// A service with a person of its own, so that nobody's pages become a list.
async fn service(app: &TestApp, number: i64) -> (String, String) {
    let (service, person) = (format!("service{number}"), format!("person{number}"));
    app.responder(&person).await;
    app.service(&service, "payments").await;
    app.policy(&service).step(&person, minutes(5)).make().await;
    (service, person)
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
        let (taken, before_the_other) = futures::join!(flood, other);
        assert!(before_the_other <= 128, "it waited for {before_the_other} of the others");
        let turned_away = taken.iter().filter(|taken| **taken == Err(NotTaken::TooManyWaiting)).count();
        assert_eq!((turned_away, done.load(Ordering::SeqCst)), (300 - 256, 256));
        app.settle().await;
        assert_eq!(app.mailbox(&person).len(), 1);
        let mut tx = app.engine.read().await.unwrap();
        let share = health::shares(&mut tx).await.unwrap().alerts_accepted;
        assert_eq!((share.good, share.all), (257, 301), "what was turned away counts against the promise");
    }
}
