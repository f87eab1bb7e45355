//! Figures of the head's page, held to cases that were counted by hand.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use domain::Severity;
use domain::action_items::{ActionKind, ActionState, Evidence, Priority};

use domain::incidents::timeline::Via;
use domain::learning::{By, Figure, Kept, Step, TimeTo};
use domain::postmortems::PostmortemState;
use engine::learning::{self, Group, Period, Scope};
use engine::{action_items, incidents, postmortems, transaction};
use std::cmp::Reverse;
use testing::{TestApp, both_databases, days, hours, minutes};

fn draft(app: &TestApp, title: &str, due_on: Option<&str>) -> action_items::Draft {
    action_items::Draft {
        title: title.to_owned(),
        owner: Some(app.id("bo")),
        team: app.id("payments"),
        kind: ActionKind::Prevent,
        priority: Priority::High,
        due_on: due_on.map(|day| day.parse().unwrap()),
        factor: None,
        proof: String::new(),
    }
}

/// The usual cast with a board, and a search that belongs to another team.
async fn house(app: &TestApp) {
    app.usual_cast().await;
    app.team("discovery", &["bo"]).await;
    app.service("search", "discovery").await;
}

/// From now on, for so many days.
async fn figures<T>(app: &TestApp, back: i64, read: impl AsyncFnOnce(&mut engine::Tx, Period) -> T) -> T {
    let mut tx = app.engine.read().await.unwrap();
    let until = tx.now();
    let period = Period {
        from: until - days(back),
        until,
    };
    read(&mut tx, period).await
}

/// What stands behind a number of the last 60 days, in one line.
async fn behind(app: &TestApp, figure: &str) -> String {
    let figure: Figure = figure.parse().unwrap();
    let found = figures(app, 60, async |tx, period| {
        learning::behind(tx, period, Scope::default(), figure, 0, 50)
            .await
            .unwrap()
    })
    .await;
    let row = |row: &learning::Counted| {
        let label = if row.of == learning::Of::ActionItem {
            "ACT"
        } else {
            "INC"
        };
        format!("{label}-{} {} {:?}", row.number, row.title, row.note)
    };
    format!(
        "{}: {}",
        found.count,
        found.shown.iter().map(row).collect::<Vec<_>>().join(", ")
    )
}

both_databases! {
    async fn promises_are_held_to_the_first_day_that_was_said(app) {
        // Monday 2 March 2026, 09:00 UTC.
        house(app).await;
        app.fires("checkout", "Slow", 2, "slow").await;
        let ana = app.by(app.id("ana")).await;
        let promise = async |title: &str, due: Option<&str>| {
            let wanted = draft(app, title, due);
            transaction!(ana, |tx| action_items::add(tx, 1, &wanted).await?).unwrap()
        };
        let on_time = promise("On time", Some("2026-03-04")).await;
        let late = promise("Late", Some("2026-03-03")).await;
        let moved = promise("Moved", Some("2026-03-03")).await;
        let declined = promise("Declined", Some("2026-03-05")).await;
        promise("Without a day", None).await;
        promise("Due later", Some("2026-04-01")).await;
        let to_later = draft(app, "Moved", Some("2026-03-20"));
        transaction!(ana, |tx| action_items::change(tx, moved, &to_later, "Bo is away").await?).unwrap();
        let becomes = async |number, state, why: &str| transaction!(ana, |tx| action_items::change_state(tx, number, state, why).await?).unwrap();
        // 2 days and 14 hours on it is Wednesday, 23:00 UTC, and already Thursday where Bo is.
        app.clock.pass(days(2) + hours(13));
        becomes(on_time, ActionState::Done, "").await;
        becomes(late, ActionState::Done, "").await;
        becomes(declined, ActionState::Declined, "It goes away").await;
        app.clock.pass(days(5));
        let promises = figures(app, 30, async |tx, period| learning::promises(tx, period, Scope::default()).await.unwrap()).await;
        let of = |kept| promises.due.iter().filter(|one| one.kept() == kept).map(|one| one.number).collect::<Vec<_>>();
        assert_eq!((of(Kept::OnTime), of(Kept::Late)), (vec![on_time], vec![late]), "22:00 UTC is 23:00 in Berlin");
        assert_eq!((of(Kept::Open), of(Kept::Declined)), (vec![moved], vec![declined]));
        assert_eq!((promises.due.len(), promises.moved()), (4, 1));
        assert_eq!(promises.unverified.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [on_time, late]);
        assert_eq!(promises.ages.seconds.len(), 3, "moved, without a day, due later");
        let moved_day = format!("1: ACT-{moved} Moved FirstDue {{ day: 2026-03-03, moved: 1 }}");
        assert_eq!((behind(app, "due.moved").await, behind(app, "due.open").await), (moved_day.clone(), moved_day));
        assert!(behind(app, "due").await.starts_with("4: "));
        let other = Scope { team: Some(app.id("discovery")), ..Scope::default() };
        let theirs = figures(app, 30, async |tx, period| learning::promises(tx, period, other).await.unwrap()).await;
        assert!(theirs.due.is_empty() && theirs.ages.seconds.is_empty(), "{theirs:?}");
    }

    async fn each_step_is_timed_and_the_slowest_named(app) {
        house(app).await;
        let ana = app.by(app.id("ana")).await;
        for (key, hours_to_start) in [("one", 2), ("two", 26)] {
            app.fires("checkout", "Slow", 2, key).await;
            app.pass(minutes(30)).await;
            app.tell("checkout", "Slow", 2, key, "resolved").await;
            let number = app.count("SELECT MAX(number) FROM incidents").await;
            app.pass(hours(hours_to_start)).await;
            transaction!(ana, |tx| {
                postmortems::start(tx, number).await?;
                postmortems::save_section(tx, number, "summary", 0, "It was slow.").await?;
            }).unwrap();
        }
        transaction!(ana, |tx| postmortems::change_state(tx, 1, PostmortemState::InReview).await?).unwrap();
        app.fires("checkout", "Dead", 1, "dead").await;
        app.tell("checkout", "Dead", 1, "dead", "resolved").await;
        let wanted = draft(app, "Raise the pool", None);
        let item = transaction!(ana, |tx| action_items::add(tx, 1, &wanted).await?).unwrap();
        app.clock.pass(days(1));
        for state in [ActionState::Accepted, ActionState::Done] {
            transaction!(ana, |tx| action_items::change_state(tx, item, state, "").await?).unwrap();
            app.clock.pass(days(7));
        }
        transaction!(ana, |tx| action_items::verify(tx, item, Evidence::Drill, "It held").await?).unwrap();
        let waits = figures(app, 60, async |tx, period| learning::waits(tx, period, Scope::default(), 50).await.unwrap()).await;
        let stage = |step: Step| waits.stages.iter().find(|stage| stage.step == step).unwrap();
        let started = stage(Step::Started);
        assert_eq!((&started.spread.seconds[..], &started.each[..]), (&[2 * 3600, 26 * 3600][..], &[(2, 26 * 3600), (1, 2 * 3600)][..]));
        assert_eq!(stage(Step::Review).spread.seconds.len(), 1);
        assert!(stage(Step::Published).spread.seconds.is_empty());
        for (step, seconds) in [(Step::Accepted, 86_400), (Step::Done, 7 * 86_400), (Step::Verified, 7 * 86_400)] {
            assert_eq!(stage(step).spread.seconds, [seconds], "{step}");
        }
        assert_eq!(behind(app, "step.started").await, "2: INC-2 Slow Took(93600), INC-1 Slow Took(7200)");
        assert_eq!(behind(app, "step.done").await, "1: ACT-1 Raise the pool Took(604800)");
        assert_eq!((waits.without_document, &waits.newest_without[..]), (1, &[(3, "Dead".to_owned())][..]));
        assert_eq!(waits.long_reviews.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1], "for 15 days");
        let other = Scope { service: Some(app.id("search")), ..Scope::default() };
        let theirs = figures(app, 60, async |tx, period| learning::waits(tx, period, other, 50).await.unwrap()).await;
        assert!(theirs.without_document == 0 && theirs.stages.iter().all(|stage| stage.spread.seconds.is_empty()));
    }

    async fn times_are_spread_and_nights_counted_once(app) {
        // Monday 2 March 2026, 09:00 UTC; ana and bo are in Berlin.
        house(app).await;
        app.clock.pass(hours(13));
        for key in ["one", "two"] {
            // 23:00 in Berlin: ana is paged twice in one night.
            app.fires("checkout", "Slow", 1, key).await;
            app.pass(minutes(1)).await;
            let number = app.count("SELECT MAX(number) FROM incidents").await;
            transaction!(app.by(app.id("ana")).await, |tx| incidents::acknowledge(tx, number, Via::Page).await?).unwrap();
            app.pass(minutes(9)).await;
            app.tell("checkout", "Slow", 1, key, "resolved").await;
            transaction!(app.by(app.id("ana")).await, |tx| incidents::resolve(tx, number).await?).unwrap();
        }
        app.clock.pass(days(1));
        let times = figures(app, 30, async |tx, period| learning::times(tx, period, Scope::default(), By::Severity).await.unwrap()).await;
        let measure = |to: TimeTo| times.measures.iter().find(|measured| measured.to == to).unwrap();
        assert_eq!(measure(TimeTo::Detect).all.unknown, 2, "nobody knows when impact began");
        assert_eq!(measure(TimeTo::Acknowledge).all.seconds, [60, 60]);
        assert_eq!(measure(TimeTo::Resolve).all.seconds, [600, 600]);
        for (by, group) in [
            (By::Severity, Group::Severity(Reverse(Severity::Sev1))),
            (By::Team, Group::Team(app.id("payments"))),
            (By::Service, Group::Service(app.id("checkout"))),
            (By::Week, Group::Week(Reverse("2026-03-02".parse().unwrap()))),
        ] {
            let told_apart = figures(app, 30, async |tx, period| learning::times(tx, period, Scope::default(), by).await.unwrap()).await;
            let resolve = told_apart.measures.iter().find(|measured| measured.to == TimeTo::Resolve).unwrap();
            assert_eq!(resolve.groups, [(group, resolve.all.clone())], "{by}");
        }
        let (monday, week) = times.weeks.iter().next().unwrap();
        assert_eq!((monday.to_string(), week.incidents, week.alerts, week.nights_woken), ("2026-03-02".to_owned(), 2, 2, 1));
        assert_eq!(times.pages_by_hour.iter().sum::<usize>(), times.pages_by_hour[23], "{:?}", times.pages_by_hour);
        assert!(times.pages_by_hour[23] >= 2);
        assert_eq!(behind(app, "took.resolve.known.1").await, "2: INC-2 Slow Took(600), INC-1 Slow Took(600)");
        assert_eq!(behind(app, "took.detect.unknown").await, "2: INC-2 Slow Nothing, INC-1 Slow Nothing");
        assert_eq!(behind(app, "took.resolve.known.2026-03-02").await, behind(app, "took.resolve.known").await);
        assert_eq!(behind(app, "took.resolve.known.2026-03-09").await, "0: ");
        assert_eq!(behind(app, "took.detect.known").await, "0: ");
        assert_eq!(behind(app, "week.2026-03-02.alerts").await, "2: INC-2 Slow Alerts(1), INC-1 Slow Alerts(1)");
        assert_eq!(behind(app, "week.2026-03-09.alerts").await, "0: ");
        assert_eq!(behind(app, "week.2026-03-02.nights_woken").await, "1: INC-2 Slow Nights(1), INC-1 Slow Nights(1)");
        assert!(behind(app, "hour.23").await.starts_with(&format!("{}: INC-2 Slow", times.pages_by_hour[23])));
        assert_eq!(behind(app, "hour.12").await, "0: ");
    }

    async fn a_page_counts_once_it_was_sent(app) {
        house(app).await;
        // 23:00 in Berlin.
        app.clock.pass(hours(13));
        app.settle().await;
        let pages = async || {
            let times = figures(app, 30, async |tx, period| learning::times(tx, period, Scope::default(), By::Severity).await.unwrap()).await;
            let nights: usize = times.weeks.values().map(|week| week.nights_woken).sum();
            (times.pages_by_hour.iter().sum::<usize>(), nights)
        };
        app.fires("checkout", "Slow", 1, "slow").await;
        app.clock.pass(minutes(1));
        assert_eq!(pages().await, (0, 0), "it waits");
        transaction!(app.by(app.id("ana")).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        app.pass(minutes(1)).await;
        assert_eq!(pages().await, (0, 0), "somebody was faster");
        assert_eq!(behind(app, "hour.23").await, "0: ");
        app.fires("checkout", "Down", 1, "down").await;
        app.pass(minutes(1)).await;
        assert_eq!(pages().await, (1, 1));
        assert!(behind(app, "hour.23").await.starts_with("1: INC-2 Down"));
    }
}
