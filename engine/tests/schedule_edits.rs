//! Schedules as people change them: from when they say on, with what was before as it was.

#![allow(clippy::unwrap_used, reason = "a story that stumbles fails")]

use chrono::{DateTime, Utc};
use domain::ids::{LayerId, PersonId, ScheduleId, TeamId};
use domain::oncall::{Change, Layer, Schedule};
use engine::oncall::edit::{self, Begins, Drawn, Edit, EditedLayer};
use engine::oncall::{Refused, overrides, schedules, store};
use engine::transaction;
use testing::{TestApp, both_databases, days, hours, minutes, refusal_of};

async fn cast(app: &TestApp) -> TeamId {
    for name in ["ana", "bo", "cy"] {
        app.responder(name).await;
    }
    app.team("payments", &["ana", "bo", "cy"]).await
}

fn weekly(app: &TestApp, people: &[&str]) -> Layer<PersonId> {
    Layer::weekly(
        people.iter().map(|name| app.id(name)),
        "2026-03-02T09:00:00".parse().unwrap(),
    )
}

/// It is Monday, 2 March 2026, 09:00 UTC: Ana has a week, then Bo.
async fn made(app: &TestApp) -> ScheduleId {
    let team = cast(app).await;
    let rota = Schedule {
        time_zone: chrono_tz::UTC,
        layers: vec![weekly(app, &["ana", "bo"])],
        overrides: Vec::new(),
    };
    transaction!(app.engine, |tx| store::create(tx, team, "Primary", &rota).await?).unwrap()
}

async fn drawn(app: &TestApp, id: ScheduleId) -> Drawn {
    let mut tx = app.engine.read().await.unwrap();
    edit::drawn(&mut tx, id).await.unwrap()
}

async fn stored(app: &TestApp, id: ScheduleId) -> Schedule<PersonId> {
    let mut tx = app.engine.read().await.unwrap();
    schedules::load_as_written(&mut tx, id).await.unwrap().2
}

fn edited(drawn: &Drawn, begins: Begins, layers: Vec<EditedLayer>) -> Edit {
    Edit {
        name: drawn.named.name.clone(),
        time_zone: drawn.named.time_zone.parse().unwrap(),
        layers,
        begins,
        version: Some(drawn.version.clone()),
    }
}

/// The first layer, with somebody at the end of it.
fn with(drawn: &Drawn, person: PersonId) -> (LayerId, Layer<PersonId>) {
    let (id, mut layer) = drawn.layers[0].clone();
    layer.turns.push(vec![person]);
    (id, layer)
}

async fn save(app: &TestApp, id: ScheduleId, edit: &Edit) -> engine::Result<()> {
    let ana: PersonId = app.id("ana");
    transaction!(app.by(ana).await, |tx| edit::save(tx, id, edit).await?)
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

both_databases! {
    async fn a_change_that_would_have_begun_is_refused(app) {
        let id = made(app).await;
        let now = drawn(app, id).await;
        let (layer, changed) = with(&now, app.id("cy"));
        let begins = Begins::At(app.engine.context.now() - days(20));
        let refused = save(app, id, &edited(&now, begins, vec![EditedLayer::Changed(layer, changed)])).await;
        assert_eq!(refusal_of(&refused), Some(&Refused::BeginsInThePast));
        assert_eq!(stored(app, id).await.layers.len(), 1, "nothing was done");
    }

    async fn a_change_begins_when_one_says_and_what_was_stays(app) {
        for (begins, from) in [
            (Begins::Now, "2026-03-17T09:00:00Z"),
            (Begins::AfterTurn, "2026-03-23T09:00:00Z"),
            (Begins::AfterRound, "2026-03-30T09:00:00Z"),
            (Begins::At(at("2026-04-08T12:00:00Z")), "2026-04-08T12:00:00Z"),
        ] {
            let team = app.team(&format!("team {begins:?}"), &[]).await;
            if app.count("SELECT COUNT(*) FROM schedules").await == 0 {
                cast(app).await;
                app.clock.pass(days(15));
            }
            let rota = Schedule {
                time_zone: chrono_tz::UTC,
                layers: vec![weekly(app, &["ana", "bo"])],
                overrides: Vec::new(),
            };
            let id = transaction!(app.engine, |tx| store::create(tx, team, "Primary", &rota).await?).unwrap();
            // Ana again, in the third week; the form begins with her.
            let drawn = drawn(app, id).await;
            assert_eq!(drawn.layers[0].1.turns, [[app.id("ana")], [app.id("bo")]]);
            let (layer, changed) = with(&drawn, app.id("cy"));
            let edit = edited(&drawn, begins, vec![EditedLayer::Changed(layer, changed)]);
            let mut tx = app.engine.read().await.unwrap();
            let planned = edit::plan(&mut tx, id, &edit).await.unwrap();
            drop(tx);
            assert_eq!(planned.begins, Some(at(from)), "{begins:?}");
            transaction!(app.engine, |tx| edit::save(tx, id, &edit).await?).unwrap();
            let after = stored(app, id).await;
            let (first, last) = (at("2026-03-01T00:00:00Z"), at("2026-06-01T00:00:00Z"));
            assert_eq!(after.shifts(first, last), planned.after.shifts(first, last), "as it was shown: {begins:?}");
            assert_eq!(after.shifts(first, at(from)), rota.shifts(first, at(from)), "what was stays: {begins:?}");
            let serves = domain::oncall::served(&after.shifts(at(from), last));
            assert_eq!(serves.len(), 3, "{begins:?}");
        }
    }

    async fn saved_twice_without_a_change_nothing_changes(app) {
        let id = made(app).await;
        app.clock.pass(days(9) + minutes(7));
        let now = drawn(app, id).await;
        let (layer, changed) = with(&now, app.id("cy"));
        save(app, id, &edited(&now, Begins::Now, vec![EditedLayer::Changed(layer, changed)])).await.unwrap();
        app.clock.pass(hours(1));
        let before = stored(app, id).await;
        let rows = app.count("SELECT COUNT(*) FROM audit_log").await;
        let now = drawn(app, id).await;
        let kept = now.layers.iter().map(|(id, _)| EditedLayer::Kept(*id)).collect();
        save(app, id, &edited(&now, Begins::Now, kept)).await.unwrap();
        assert_eq!(stored(app, id).await, before);
        assert_eq!(app.count("SELECT COUNT(*) FROM audit_log").await, rows);
        let kept = now.layers.iter().map(|(id, _)| EditedLayer::Kept(*id)).collect();
        save(app, id, &Edit { name: "First line".to_owned(), ..edited(&now, Begins::Now, kept) }).await.unwrap();
        assert_eq!((stored(app, id).await, drawn(app, id).await.named.name), (before, "First line".to_owned()));
    }

    async fn what_somebody_else_changed_meanwhile_is_not_taken_back_unseen(app) {
        let id = made(app).await;
        let mine = drawn(app, id).await;
        let theirs = drawn(app, id).await;
        let (layer, changed) = with(&theirs, app.id("cy"));
        save(app, id, &edited(&theirs, Begins::Now, vec![EditedLayer::Changed(layer, changed.clone())])).await.unwrap();
        let mut other = changed;
        other.turns.reverse();
        let late = save(app, id, &edited(&mine, Begins::Now, vec![EditedLayer::Changed(layer, other.clone())])).await;
        assert!(matches!(refusal_of(&late), Some(Refused::ScheduleChangedMeanwhile)), "{late:?}");
        let again = edited(&drawn(app, id).await, Begins::Now, vec![EditedLayer::New(other)]);
        app.clock.pass(minutes(2));
        save(app, id, &again).await.unwrap();
        assert_eq!(drawn(app, id).await.layers.len(), 1);
    }

    async fn a_layer_ends_another_begins_and_its_override_goes_on(app) {
        let id = made(app).await;
        let now = drawn(app, id).await;
        let (layer, mut changed) = now.layers[0].clone();
        let draft = overrides::Draft {
            change: Change::Cover { person: app.id("cy") },
            layer: Some(layer),
            from: at("2026-03-04T00:00:00Z"),
            to: at("2026-03-20T00:00:00Z"),
        };
        let ana: PersonId = app.id("ana");
        transaction!(app.by(ana).await, |tx| overrides::add(tx, id, &draft).await?).unwrap();
        changed.turns = vec![vec![app.id("bo")]];
        let mut night = weekly(app, &["cy"]);
        night.level = Some(1);
        let edit = edited(&now, Begins::AfterTurn, vec![EditedLayer::Changed(layer, changed), EditedLayer::New(night)]);
        save(app, id, &edit).await.unwrap();
        let after = stored(app, id).await;
        let of = |text: &str| after.on_call(at(text)).into_iter().collect::<Vec<_>>();
        assert_eq!(of("2026-03-03T12:00:00Z"), [ana]);
        assert_eq!(of("2026-03-05T12:00:00Z"), [app.id("cy")]);
        assert_eq!(after.overrides.len(), 2, "one for each of the two layers");
        assert_eq!(of("2026-03-10T12:00:00Z"), [app.id("cy")]);
        // The night ends again before it began: it is gone, not over.
        app.clock.pass(hours(1));
        let now = drawn(app, id).await;
        assert_eq!(now.layers.len(), 3, "the old one until Monday, the new ones from then on");
        let kept: Vec<_> = now.layers[..2].iter().map(|(id, _)| EditedLayer::Kept(*id)).collect();
        save(app, id, &edited(&now, Begins::Now, kept)).await.unwrap();
        assert_eq!(app.count("SELECT COUNT(*) FROM schedule_layers").await, 2);
    }

    async fn who_leaves_hands_over_what_comes_and_stays_in_what_was(app) {
        let id = made(app).await;
        app.administrator("root").await;
        let (ana, bo, cy): (PersonId, PersonId, PersonId) = (app.id("ana"), app.id("bo"), app.id("cy"));
        app.clock.pass(days(8));
        let heir = Some(engine::deactivation::Heir::Person(cy));
        let heirs = engine::deactivation::Heirs { schedules: heir, ..engine::deactivation::Heirs::default() };
        transaction!(app.engine, |tx| engine::deactivation::hand_over(tx, bo, heirs).await?).unwrap();
        let after = stored(app, id).await;
        let of = |text: &str| after.on_call(at(text)).into_iter().collect::<Vec<_>>();
        assert_eq!((of("2026-03-10T08:00:00Z"), of("2026-03-10T09:01:00Z")), (vec![bo], vec![cy]));
        assert_eq!((of("2026-03-17T09:00:00Z"), of("2026-03-24T09:00:00Z")), (vec![ana], vec![cy]));
        let mut tx = app.engine.read().await.unwrap();
        let standing = engine::deactivation::standing(&mut tx, bo).await.unwrap();
        assert!(standing.schedules.is_empty(), "{standing:?}");
    }
}
