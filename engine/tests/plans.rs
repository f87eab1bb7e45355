//! How SQLite goes about what is asked of it in a flood: by an index, however much there has ever been.

// Clippy does not see that helpers are part of tests.
#![allow(clippy::unwrap_used)]

use domain::incidents::timeline::Via;
use domain::learning::{By, Figure, InWeek, OfReviewed, Step};
use engine::db::sql;
use engine::incidents::Filter;
use engine::learning::{self, Period, Scope};
use engine::notifications::outbox;
use engine::{health, incidents, paging, postmortems, transaction};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use testing::{TestApp, days, minutes, seconds};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// The texts that the database's driver logs.
#[derive(Clone, Default)]
struct Texts(Arc<Mutex<BTreeSet<String>>>);

impl<S: tracing::Subscriber> Layer<S> for Texts {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            event.record(&mut self.clone());
        }
    }
}

impl Visit for Texts {
    fn record_str(&mut self, field: &Field, value: &str) {
        // A short text stands in its summary alone.
        if matches!(field.name(), "db.statement" | "summary") && !value.contains('…') {
            self.0
                .lock()
                .unwrap()
                .extend(value.split(";\n").map(|text| text.trim().to_owned()));
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// What a plan may go through from one end to the other: what is asked about, what a house has few of, what is under way.
const MAY_BE_SCANNED: [&str; 32] = [
    "asked",
    "told",
    "raised",
    "part",
    "due",
    "waiting",
    "stuck",
    "(subquery",
    "p ",
    "people",
    "policy_steps",
    "nodes",
    "incidents USING COVERING INDEX incidents_open",
    // The worst of those that are open.
    "i USING INDEX incidents_open",
    "worst",
    "m USING INDEX notifications_sending",
    "notifications USING INDEX notifications_due",
    "escalations USING INDEX escalations_changed",
    "l USING INDEX digest_pages_refused",
    "incident_search VIRTUAL TABLE",
    // Rows that stand in the statement itself.
    "given",
    // News wait until they are told, which is soon.
    "news USING COVERING INDEX",
    // Documents that left their draft wait until the owners of what was to prevent it are asked, which is soon.
    "owners_to_ask",
    // So do pages that somebody gets a copy of.
    "shadowed_pages USING COVERING INDEX",
    // Services, teams and people, of whom a house has few.
    "member ",
    "s ",
    "services",
    "t ",
    "c LEFT-JOIN",
    "ingest_hours",
    // Those who want their turns as invitations.
    "people USING INDEX people_turn_invitations",
    // Until a page of the list is full.
    "i USING INDEX incidents_in_order",
];

fn goes_through_all(step: &str) -> bool {
    let scanned = step
        .strip_prefix("SCAN ")
        .filter(|what| !what.contains("CONSTANT ROW") && !what.contains("VALUES CLAUSE"));
    let scans = scanned.is_some_and(|what| {
        !MAY_BE_SCANNED
            .iter()
            .any(|few| format!("{what} ").starts_with(few))
    });
    // All that nobody has acknowledged are as good as all.
    let by_state = step.ends_with("(state=?)") && !step.contains("COVERING");
    scans || by_state || step.contains("AUTOMATIC")
}

#[tokio::test]
async fn in_a_flood_nothing_looks_through_all_there_ever_was() {
    let texts = Texts::default();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(texts.clone())).unwrap();
    let app = TestApp::on_sqlite().await;
    app.usual_cast().await;
    // The migrations are no part of it.
    texts.0.lock().unwrap().clear();
    app.engine.db.look_at_itself().await.unwrap();
    let young = statistics(&app).await;
    flood(&app).await;
    look_at_the_pager(&app).await;
    look_at_lists(&app).await;
    app.engine.db.look_at_itself().await.unwrap();
    let of_one_team = statistics(&app).await.into_iter().map(a_thousand_times).collect();
    let asked = texts.0.lock().unwrap().clone();
    let verbs = ["SELECT", "WITH", "INSERT", "UPDATE", "DELETE"];
    let asked: Vec<String> = asked
        .into_iter()
        .filter(|text| verbs.iter().any(|verb| text.starts_with(verb)))
        // A house has few integrations, schedules and layers, and looks at itself in small parts.
        .filter(|text| {
            ![
                "integration_secrets k",
                "FROM schedules",
                "schedule_layers",
                "sqlite_",
            ]
            .iter()
            .any(|few| text.contains(few))
        })
        .collect();
    assert!(
        asked.len() > 60,
        "the driver's log tells what is asked: {}",
        asked.len()
    );
    let mut faults = Vec::new();
    for (house, statistics) in [
        ("never looked at", Vec::new()),
        ("young", young),
        ("of one team", of_one_team),
    ] {
        for text in &asked {
            let bad = steps_through_all(&app, text, &statistics).await;
            if !bad.is_empty() {
                let words: Vec<&str> = text.split_whitespace().take(60).collect();
                faults.push(format!("{house}: {bad:?} in {}", words.join(" ")));
            }
        }
    }
    texts.0.lock().unwrap().clear();
    look_back(&app).await;
    let asked = texts.0.lock().unwrap().clone();
    assert!(asked.len() > 20, "looking back asks: {}", asked.len());
    for text in asked
        .iter()
        .filter(|text| text.starts_with("SELECT") || text.starts_with("WITH"))
    {
        let steps = steps_through_all(&app, text, &Vec::new()).await;
        faults.extend(
            steps
                .into_iter()
                .filter(|step| is_through_many(step))
                .map(|step| format!("{step} in {text}")),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Looking back over a year may go through all factors, documents and action items, but not through all that made them.
fn is_through_many(step: &str) -> bool {
    let many = ["i", "incidents", "alerts", "g", "pages", "t", "timeline"];
    let of_many = |scanned: &str| many.contains(&scanned.split(' ').next().unwrap_or_default());
    step.strip_prefix("SCAN ").is_some_and(of_many)
}

/// What came back, over a year, and on the pages of an incident and its document.
async fn look_back(app: &TestApp) {
    transaction!(app.by(app.id("ana")).await, |tx| {
        incidents::resolve(tx, 1).await?;
        postmortems::start(tx, 1).await?;
        postmortems::name_factor(tx, 1, "No canary", "").await?
    })
    .unwrap();
    let until = app.engine.context.now();
    let period = Period {
        from: until - days(365),
        until,
    };
    let mut tx = app.by(app.id("ana")).await.read().await.unwrap();
    learning::overview(&mut tx, period, None).await.unwrap();
    for by in By::ALL {
        learning::times(&mut tx, period, Scope::default(), *by)
            .await
            .unwrap();
    }
    learning::waits(&mut tx, period, Scope::default(), 50)
        .await
        .unwrap();
    learning::promises(&mut tx, period, Scope::default())
        .await
        .unwrap();
    let monday = until.date_naive();
    for figure in [
        Figure::Reviewed(OfReviewed::All),
        Figure::Step(Step::Done),
        Figure::Week(monday, InWeek::Incidents),
        Figure::Week(monday, InWeek::Alerts),
        Figure::Week(monday, InWeek::NightsWoken),
    ] {
        learning::behind(&mut tx, period, Scope::default(), figure, 0, 200)
            .await
            .unwrap();
    }
    for number in [1, 2] {
        let incident = incidents::find(&mut tx, number).await.unwrap();
        learning::of_incident(&mut tx, incident.id).await.unwrap();
        learning::suggestions(&mut tx, incident.id).await.unwrap();
        learning::looks_like(&mut tx, &incident).await.unwrap();
    }
    let named = postmortems::known_factors(&mut tx).await.unwrap();
    learning::factor(&mut tx, named[0].id).await.unwrap();
    learning::unnamed(&mut tx, period, Scope::default(), 50)
        .await
        .unwrap();
    learning::after_items_of(&mut tx, app.id("payments"))
        .await
        .unwrap();
}

/// More than a list has lines, of which some are answered, end, and end again.
async fn flood(app: &TestApp) {
    for number in 1..=150 {
        let (title, key) = (format!("Broken {number}"), format!("key {number}"));
        app.fires("checkout", &title, 2, &key).await;
    }
    app.pass(seconds(59)).await;
    app.fires("checkout", "Broken 151", 2, "key 151").await;
    let ana = app.id("ana");
    let acknowledged = transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 1, Via::Page)
        .await?);
    acknowledged.unwrap();
    app.tell("checkout", "Broken 1", 2, "key 1", "resolved").await;
    app.tell("checkout", "Broken 1", 2, "key 1", "resolved").await;
    app.pass(minutes(10)).await;
}

/// What every page and the metrics ask.
async fn look_at_the_pager(app: &TestApp) {
    let mut tx = app.by(app.id("ana")).await.read().await.unwrap();
    outbox::count_not_sent(&mut tx).await.unwrap();
    outbox::not_sent(&mut tx).await.unwrap();
    health::shares(&mut tx).await.unwrap();
    health::outbox(&mut tx).await.unwrap();
    health::escalation_lag(&mut tx).await.unwrap();
    incidents::count_open(&mut tx).await.unwrap();
}

/// The same of a house that has grown, where what was one is one still.
fn a_thousand_times(
    (table, index, stat): (String, Option<String>, String),
) -> (String, Option<String>, String) {
    let numbers = stat.split(' ').map(|number| match number.parse::<u64>() {
        Ok(many) if many > 50 => (many * 1000).to_string(),
        _ => number.to_owned(),
    });
    (table, index, numbers.collect::<Vec<_>>().join(" "))
}

/// What every list and the home page ask.
async fn look_at_lists(app: &TestApp) {
    let mut tx = app.by(app.id("ana")).await.read().await.unwrap();
    let words = |words: &str| Filter {
        words: words.to_owned(),
        ..Filter::default()
    };
    let open = Filter {
        open_only: true,
        ..Filter::default()
    };
    for filter in [Filter::default(), open, words("broken"), words("checkout")] {
        incidents::list(&mut tx, &filter).await.unwrap();
    }
    incidents::worst_open(&mut tx, 50).await.unwrap();
    incidents::nobody_has(&mut tx).await.unwrap();
    paging::to_person(&mut tx, app.id("ana"), 5).await.unwrap();
    incidents::read(&mut tx, 1).await.unwrap();
}

type Statistics = Vec<(String, Option<String>, String)>;

/// What SQLite knows of itself.
async fn statistics(app: &TestApp) -> Statistics {
    let mut tx = app.engine.read().await.unwrap();
    sql("SELECT tbl, idx, stat FROM sqlite_stat1")
        .all(&mut tx)
        .await
        .unwrap()
}

async fn steps_through_all(app: &TestApp, text: &str, statistics: &Statistics) -> Vec<String> {
    // Nothing of it stays.
    let mut tx = app.engine.begin().await.unwrap();
    sql("DELETE FROM sqlite_stat1").run(&mut tx).await.unwrap();
    for (table, index, stat) in statistics {
        sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ($1, $2, $3)")
            .bind(table)
            .bind(index.clone())
            .bind(stat)
            .run(&mut tx)
            .await
            .unwrap();
    }
    sql("ANALYZE sqlite_schema").run(&mut tx).await.unwrap();
    let plan = format!("EXPLAIN QUERY PLAN {text}").leak();
    let steps: Vec<(i64, i64, i64, String)> = sql(plan).all(&mut tx).await.unwrap();
    let steps = steps.into_iter().map(|(.., step)| step);
    steps.filter(|step| goes_through_all(step)).collect()
}
