//! Who goes along with a schedule gets copies of its pages, and nothing else.

#![allow(clippy::unwrap_used, reason = "a story that stumbles fails")]

use chrono::{DateTime, Utc};
use domain::ids::{PersonId, ScheduleId, ShadowId};
use domain::people::Role;
use engine::oncall::shadows;
use engine::oncall::{Refused, on_call_now};
use engine::{load, transaction};
use testing::{TestApp, both_databases, days, hours, minutes, refusal_of};

/// Eve reads along, and shadows the schedule that has Ana on call.
async fn cast(app: &TestApp) {
    app.usual_cast().await;
    app.someone("eve", Role::Observer).await;
}

async fn add(app: &TestApp, who: &str, span: (DateTime<Utc>, DateTime<Utc>)) -> engine::Result<ShadowId> {
    let (schedule, person): (ScheduleId, PersonId) = (app.id("primary"), app.id(who));
    transaction!(app.by(app.id("root")).await, |tx| shadows::add(
        tx, schedule, person, span
    )
    .await?)
}

fn now(app: &TestApp) -> DateTime<Utc> {
    app.engine.context.now()
}

both_databases! {
    async fn a_shadow_gets_a_copy_and_is_asked_for_nothing(app) {
        cast(app).await;
        add(app, "eve", (now(app), now(app) + days(7))).await.unwrap();
        app.fires("checkout", "Checkout answers slowly", 2, "slow").await;
        app.settle().await;
        assert_eq!(app.subjects("eve"), ["[SEV2] INC-1 Copy of a page: Checkout answers slowly"]);
        let copy = &app.mailbox("eve")[0].text;
        assert!(copy.contains("Ana was paged") && copy.contains("You shadow primary"), "{copy}");
        assert!(!copy.contains("/acknowledge/"), "{copy}");
        assert_eq!(app.subjects("ana").len(), 1);
        let eve: PersonId = app.id("eve");
        assert_eq!(app.count("SELECT COUNT(*) FROM pages").await, 1);
        let mut tx = app.engine.read().await.unwrap();
        let (_, on_call) = on_call_now(&mut tx, app.id("primary")).await.unwrap();
        assert!(!on_call.contains(&eve));
        drop(tx);
        app.mail.clear();
        app.pass(minutes(6)).await;
        assert_eq!(app.subjects("bo").len(), 1, "the policy goes on as it would");
        assert!(app.subjects("eve").is_empty(), "Bo is named by the policy, not by the schedule: {:?}", app.subjects("eve"));
    }

    async fn copies_go_out_within_its_time_and_never_of_other_schedules(app) {
        cast(app).await;
        app.responder("cy").await;
        app.team("search", &["cy"]).await;
        app.service("index", "search").await;
        add(app, "eve", (now(app) + hours(2), now(app) + hours(4))).await.unwrap();
        for (number, passes) in [(1, hours(1)), (2, hours(2)), (3, hours(2))] {
            app.clock.pass(passes);
            app.fires("checkout", &format!("Slow {number}"), 2, &format!("slow {number}")).await;
            app.fires("index", &format!("Empty {number}"), 2, &format!("empty {number}")).await;
            app.settle().await;
        }
        assert_eq!(app.subjects("eve"), ["[SEV2] INC-3 Copy of a page: Slow 2"]);
        assert_eq!(app.count("SELECT COUNT(*) FROM shadowed_pages").await, 0);
    }

    async fn who_is_removed_or_turned_it_off_gets_no_copies(app) {
        cast(app).await;
        let eve: PersonId = app.id("eve");
        let id = add(app, "eve", (now(app), now(app) + days(7))).await.unwrap();
        transaction!(app.by(eve).await, |tx| engine::news::turn_off(tx, eve, &[domain::news::NewsKind::Shadowed]).await?).unwrap();
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        transaction!(app.by(eve).await, |tx| engine::news::turn_off(tx, eve, &[]).await?).unwrap();
        transaction!(app.by(eve).await, |tx| shadows::remove(tx, app.id("primary"), id).await?).unwrap();
        app.fires("checkout", "Slower", 2, "slower").await;
        app.settle().await;
        assert!(app.subjects("eve").is_empty(), "{:?}", app.subjects("eve"));
        assert_eq!(app.count("SELECT COUNT(*) FROM schedules WHERE shadowed_until IS NOT NULL").await, 0);
    }

    async fn who_cannot_go_along_is_refused(app) {
        cast(app).await;
        let begin = now(app);
        for (span, refused) in [
            ((begin + hours(2), begin + hours(2)), Refused::EndsTooEarly),
            ((begin - hours(2), begin), Refused::IsOver),
            ((begin, begin + days(181)), Refused::ShadowsTooLong),
        ] {
            assert_eq!(refusal_of(&add(app, "eve", span).await), Some(&refused));
        }
        app.responder("cy").await;
        let strange = transaction!(app.by(app.id("cy")).await, |tx| shadows::add(
            tx, app.id("primary"), app.id("eve"), (begin, begin + days(1))
        ).await?);
        assert!(matches!(strange, Err(engine::Error::NotAllowed(_))), "cy is in no team of it");
    }

    async fn it_counts_as_no_load(app) {
        cast(app).await;
        add(app, "bo", (now(app), now(app) + days(7))).await.unwrap();
        let before = now(app);
        app.fires("checkout", "Slow", 2, "slow").await;
        app.settle().await;
        app.clock.pass(days(1));
        let team = app.id("payments");
        let mut tx = app.engine.read().await.unwrap();
        let load = load::of_team(&mut tx, team, (before, now(app))).await.unwrap();
        let of = |name: &str| load.people.iter().find(|served| served.person.id == app.id(name)).map(|served| served.pages);
        assert_eq!((of("ana"), of("bo")), (Some(1), Some(0)));
    }
}
