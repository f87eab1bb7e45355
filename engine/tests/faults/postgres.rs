//! PostgreSQL is restarted under load.

use super::cluster::Cluster;
use engine::db::sql;
use engine::transaction;
use engine::workers::Delivery;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testing::{TestApp, minutes, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_restarted_under_load() {
    if std::env::var("KINTSUGI_TEST_POSTGRES").is_err() {
        eprintln!("Left out: the quick run has no PostgreSQL.");
        return;
    }
    let cluster = Cluster::start().expect("PostgreSQL's programs under /usr/lib/postgresql");
    let app = Arc::new(TestApp::on_postgres_at(&cluster.address()).await);
    app.usual_cast().await;
    let at_work = app.go_to_work();

    let first = app.arriving("checkout", "Under load", "key").await;
    let accepted: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let (turned_away, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let load: Vec<_> = (0..4)
        .map(|source| {
            let (ingest, first, accepted) = (app.ingest.clone(), first.clone(), Arc::clone(&accepted));
            let (turned_away, over) = (Arc::clone(&turned_away), Arc::clone(&over));
            tokio::spawn(async move {
                let mut pause = tokio::time::interval(Duration::from_millis(10));
                for number in 0.. {
                    pause.tick().await;
                    let key = format!("{source}-{number}");
                    let mut arriving = first.clone();
                    arriving.delivery.alerts[0].key.clone_from(&key);
                    match ingest.take(arriving).await {
                        Ok(()) => drop(accepted.lock().unwrap().insert(key)),
                        Err(_) => drop(turned_away.fetch_add(1, Ordering::SeqCst)),
                    }
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                }
            })
        })
        .collect();
    let so_many = |number: usize| {
        let accepted = Arc::clone(&accepted);
        async move { accepted.lock().unwrap().len() >= number }
    };
    until("alerts come through", async || so_many(20).await).await;
    cluster.stop();
    until("alerts are turned away", async || {
        turned_away.load(Ordering::SeqCst) > 4
    })
    .await;
    // The next step of what came before falls due while nothing can be read.
    app.clock.pass(minutes(5));
    cluster.control("start");
    let before = accepted.lock().unwrap().len();
    until("alerts come through again", async || so_many(before + 20).await).await;
    over.store(true, Ordering::SeqCst);
    for source in load {
        source.await.unwrap();
    }

    let mut tx = app.engine.read().await.unwrap();
    let stored: Vec<(String,)> = sql("SELECT dedup_key FROM alerts").all(&mut tx).await.unwrap();
    drop(tx);
    let stored: BTreeSet<String> = stored.into_iter().map(|(key,)| key).collect();
    let accepted = accepted.lock().unwrap().clone();
    let lost: Vec<_> = accepted.difference(&stored).collect();
    assert!(lost.is_empty(), "accepted and lost: {lost:?}");
    until("what fell due meanwhile arrives", async || {
        app.subjects("bo")
            .iter()
            .any(|subject| subject.starts_with("[SEV"))
    })
    .await;
    // The workers and the connection for other nodes' news are back by themselves.
    app.fires("checkout", "After it", 1, "after").await;
    until("a page after it arrives", async || {
        app.subjects("ana")
            .iter()
            .any(|subject| subject.contains("After it"))
    })
    .await;
    // This node lived all along, so it knows what it has sent.
    let mails = app.mail.all();
    let ids: BTreeSet<&str> = mails.iter().map(|mail| mail.message_id.as_str()).collect();
    assert_eq!(ids.len(), mails.len(), "each mail came once");
    let incident = app.story(1).await.incident.id;
    let mut watch = app.engine.live.watch();
    until("another node's news is heard", async || {
        let told = format!("NOTIFY kintsugi_incident, '{incident}'");
        app.engine.db.run_outside_transactions(&told).await.unwrap();
        tokio::time::timeout(Duration::from_millis(200), watch.changed(incident))
            .await
            .is_ok_and(|notice| notice.is_some())
    })
    .await;
    at_work.end().await;
    an_answer_waits_for_the_database(&app, &cluster).await;
    app.engine.db.close().await;
}

/// The mail server says that it took a mail while nothing can be recorded.
async fn an_answer_waits_for_the_database(app: &TestApp, cluster: &Cluster) {
    let before = app.mail.all().len();
    app.clock.pass(minutes(10));
    app.fires("checkout", "Under way", 1, "under way").await;
    let mut delivery = Delivery::new(&app.engine, &app.sender);
    let taken = delivery.take().await.unwrap();
    assert!(taken > 0);
    cluster.stop();
    while delivery.ended().await {}
    delivery.record().await;
    cluster.control("start");
    until("the answer is recorded", async || {
        delivery.record().await;
        app.engine.read().await.is_ok()
            && app
                .count("SELECT COUNT(*) FROM notifications WHERE state = 'sending'")
                .await
                == 0
    })
    .await;
    assert_eq!(delivery.take().await.unwrap(), 0);
    assert_eq!(app.mail.all().len(), before + taken, "nothing is asked for again");
}

#[tokio::test]
async fn whoever_leaves_while_a_transaction_begins_leaves_none_behind() {
    let Some(app) = TestApp::on_postgres().await else {
        return;
    };
    app.usual_cast().await;
    // They leave a little later each time, and somebody else writes.
    for moment in 0..600 {
        let mut reading = Box::pin(app.engine.read());
        for _ in 0..moment % 300 {
            if futures::poll!(&mut reading).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(reading);
        let written = transaction!(app.engine, |tx| sql("UPDATE people SET name = name")
            .run(tx)
            .await?);
        written.expect("a connection that writes");
    }
    app.drop_postgres().await;
}
