//! How on call is shared out: hours by kind, pages, nights woken.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use chrono::{DateTime, Utc};
use domain::incidents::PageOutcome;
use domain::incidents::timeline::Via;
use engine::load::{self, TeamLoad};
use engine::oncall::overrides::{self, Draft};
use engine::{incidents, transaction};
use testing::{Mood, TestApp, both_databases, days, hours, minutes, seconds};

async fn of_payments(app: &TestApp, from: &str, to: &str) -> TeamLoad {
    let mut tx = app.engine.read().await.unwrap();
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    load::of_team(&mut tx, app.id("payments"), (at(from), at(to)))
        .await
        .unwrap()
}

/// Name, and hours of days, nights, weekends' days and weekends' nights.
fn hours_of(load: &TeamLoad) -> Vec<(&str, [i64; 4])> {
    let of = |served: &load::Served| {
        let hours = served.hours;
        [hours.days, hours.nights, hours.weekend_days, hours.weekend_nights].map(|time| time.num_hours())
    };
    load.people
        .iter()
        .map(|served| (served.person.name.as_str(), of(served)))
        .collect()
}

/// Ana's pages and nights of the first two days.
async fn pages_of_ana(app: &TestApp) -> (usize, usize) {
    let load = of_payments(app, "2026-03-02T00:00:00Z", "2026-03-04T00:00:00Z").await;
    let ana = load
        .people
        .iter()
        .find(|served| served.person.name == "Ana")
        .unwrap();
    (ana.pages, ana.nights_woken)
}

both_databases! {
    async fn hours_are_those_of_the_schedules_with_their_overrides(app) {
        app.usual_cast().await;
        let schedule = app.id("primary");
        let by = |from: &str, to: &str| Draft::by(app.id("bo"), (from.parse().unwrap(), to.parse().unwrap()));
        // A Tuesday from nine to five in Berlin.
        transaction!(app.engine, |tx| overrides::add(tx, schedule, &by("2026-03-03T08:00:00Z", "2026-03-03T16:00:00Z")).await?).unwrap();
        app.pass(days(8)).await;
        // Ana's week from Monday 10:00 in Berlin: 75 hours of days, 45 of nights, 30 and 18 of the weekend, without what Bo took.
        let week = of_payments(app, "2026-03-02T09:00:00Z", "2026-03-09T09:00:00Z").await;
        assert_eq!(hours_of(&week), [("Ana", [67, 45, 30, 18]), ("Bo", [8, 0, 0, 0])]);
    }

    async fn pages_and_the_nights_in_which_they_woke_somebody_are_counted(app) {
        app.usual_cast().await;
        app.fires("checkout", "By day", 2, "by-day").await;
        app.pass(hours(14)).await;
        // Midnight in Berlin, and an hour later: one night.
        app.fires("checkout", "By night", 2, "by-night").await;
        app.pass(hours(1)).await;
        app.fires("checkout", "Again", 2, "again").await;
        app.pass(minutes(1)).await;
        assert_eq!(pages_of_ana(app).await, (3, 1));
        let other = of_payments(app, "2026-03-05T00:00:00Z", "2026-03-06T00:00:00Z").await;
        assert!(other.people.iter().all(|served| served.pages == 0));
    }

    async fn a_page_that_was_not_sent_woke_nobody(app) {
        app.usual_cast().await;
        let ana = app.id("ana");
        // Midnight in Berlin.
        app.clock.pass(hours(14));
        app.fires("checkout", "Had at once", 2, "had-at-once").await;
        assert_eq!(pages_of_ana(app).await, (0, 0), "it waits");
        transaction!(app.by(ana).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        app.settle().await;
        assert_eq!(app.story(1).await.pages[0].page.outcome, PageOutcome::Dropped);
        assert_eq!(pages_of_ana(app).await, (0, 0), "somebody was faster");
        app.mail.set_mood(Mood::Refuses("ana@".to_owned()));
        app.fires("checkout", "Refused", 2, "refused").await;
        app.settle().await;
        assert!(app.story(2).await.pages.iter().any(|sent| sent.page.outcome == PageOutcome::Refused));
        assert_eq!(pages_of_ana(app).await, (0, 0));
        app.mail.set_mood(Mood::Takes);
        app.pass(minutes(10)).await;
        // Five go out, and two wait for a list.
        for number in 3..=9 {
            app.fires("checkout", &format!("Slow {number}"), 2, &format!("slow-{number}")).await;
        }
        app.settle().await;
        assert_eq!(pages_of_ana(app).await, (5, 1));
        app.pass(seconds(59)).await;
        assert_eq!(pages_of_ana(app).await, (7, 1), "the list is sent");
    }

    async fn a_team_that_rests_on_one_person_is_told_so(app) {
        app.usual_cast().await;
        let (ana, bo) = (app.id("ana"), app.id("bo"));
        for number in 1..=5 {
            app.fires("checkout", &format!("Slow {number}"), 2, &format!("slow-{number}")).await;
            app.settle().await;
            let by = app.by(if number <= 3 { ana } else { bo }).await;
            transaction!(by, |tx| incidents::acknowledge(tx, number, Via::Page).await?).unwrap();
            app.pass(minutes(10)).await;
            let load = of_payments(app, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z").await;
            let expected = (number == 5).then_some((3, 5));
            assert_eq!(load.rests_on_one, expected, "few incidents say nothing");
        }
    }

    async fn names_are_shown_where_the_team_wants_them(app) {
        app.usual_cast().await;
        app.responder("cy").await;
        let team = app.id("payments");
        let cy = app.by(app.id("cy")).await;
        assert!(transaction!(cy, |tx| load::show_names(tx, team, true).await?).is_err(), "it is for the team to say");
        let ana = app.by(app.id("ana")).await;
        transaction!(ana, |tx| load::show_names(tx, team, true).await?).unwrap();
        let mut tx = app.engine.read().await.unwrap();
        assert!(load::with_names(&mut tx, team).await.unwrap());
    }
}
