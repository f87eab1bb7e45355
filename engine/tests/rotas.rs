//! Rotas of every kind: what the rules can say goes in and comes out the same.

#![allow(clippy::unwrap_used, reason = "a story that stumbles fails")]

use chrono::{DateTime, Utc};
use domain::ids::{PersonId, ScheduleId, TeamId};
use domain::oncall::draft::ScheduleDraft;
use domain::oncall::{InvalidSchedule, Schedule};
use engine::oncall::{self, overrides, overview, rotations, schedules, store};
use engine::transaction;
use serde_json::json;
use testing::{TestApp, both_databases, hours};

async fn cast(app: &TestApp) -> TeamId {
    for name in ["ana", "bo", "cy"] {
        app.responder(name).await;
    }
    app.team("payments", &["ana", "bo", "cy"]).await
}

/// A rota as it is written in JSON.
fn written(app: &TestApp, rota: &serde_json::Value) -> Result<Schedule<PersonId>, InvalidSchedule> {
    let draft = ScheduleDraft::read(rota.to_string().as_bytes())?;
    draft.check(|name| Some(app.id(name)))
}

async fn make(app: &TestApp, team: TeamId, rota: &Schedule<PersonId>) -> engine::Result<ScheduleId> {
    transaction!(app.engine, |tx| store::create(tx, team, "Primary", rota).await?)
}

async fn stored(app: &TestApp, id: ScheduleId) -> Schedule<PersonId> {
    let mut tx = app.engine.read().await.unwrap();
    let (_, one) = schedules::load(&mut tx, id).await.unwrap();
    let all = schedules::load_all(&mut tx).await.unwrap();
    let among_all = all.into_iter().find(|(named, _)| named.id == id).unwrap().1;
    assert_eq!(one, among_all);
    one
}

/// Of each turn the people in the order in which they are stored.
fn in_order(mut rota: Schedule<PersonId>) -> Schedule<PersonId> {
    for turn in rota.layers.iter_mut().flat_map(|layer| &mut layer.turns) {
        turn.sort();
        turn.dedup();
    }
    rota
}

fn with_every_rule() -> serde_json::Value {
    json!({
        "time_zone": "Europe/Berlin",
        "layers": [
            {"turns": [[], ["ana", "bo"], [], ["cy"], []], "unit": "day", "every": 3, "counts": "open",
                "start": "2026-02-23T09:00", "level": 0, "restrictions": [
                    {"kind": "daily", "from": "09:00", "to": "17:00", "weekdays": ["mon", "tue", "fri"]},
                    {"kind": "daily", "from": "22:00", "to": "06:00"},
                    {"kind": "weekly", "from": ["fri", "17:00"], "to": ["mon", "09:00"]}]},
            {"turns": [["cy"], ["ana"]], "handoffs": [["fri", "17:00"], ["mon", "09:00"]], "start": "2026-02-23T00:00",
                "level": 0, "effective_from": "2026-02-24T00:00", "effective_until": "2027-01-01T00:00"},
            {"turns": [["bo"]], "unit": "hour", "every": 12, "start": "2026-02-23T08:00", "level": 99,
                "time_zone": "America/New_York", "restrictions": [{"kind": "daily", "from": "12:00", "to": "13:00"}]},
        ],
        "overrides": [
            {"kind": "cover", "person": "cy", "from": "2026-03-02T10:00:00Z", "to": "2026-03-02T11:00:00Z"},
            {"kind": "add", "layer": 2, "person": "ana", "from": "2026-03-02T10:00:00Z", "to": "2026-03-02T11:00:00Z"},
            {"kind": "remove", "layer": 0, "person": "ana", "from": "2026-03-02T10:00:00Z", "to": "2026-03-02T11:00:00Z"},
            {"kind": "replace", "person": "bo", "with": "cy", "from": "2026-03-02T10:00:00Z", "to": "2026-03-02T11:00:00Z"},
            {"kind": "nobody", "layer": 1, "from": "2026-03-02T10:00:00Z", "to": "2026-03-02T11:00:00.25Z"},
            {"kind": "nobody", "from": "2026-04-02T10:00:00Z", "to": "2026-04-02T11:00:00Z"},
        ],
    })
}

both_databases! {
    async fn a_rota_with_every_rule_goes_in_and_comes_out_the_same(app) {
        let team = cast(app).await;
        let rota = written(app, &with_every_rule()).unwrap();
        let id = make(app, team, &rota).await.unwrap();
        assert_eq!(stored(app, id).await, in_order(rota));
        assert_eq!(app.count("SELECT COUNT(*) FROM schedule_layers WHERE handoffs IS NOT NULL AND unit IS NULL").await, 1);
        transaction!(app.engine, |tx| rotations::delete(tx, id).await?).unwrap();
        for rest in ["SELECT COUNT(*) FROM schedule_layers", "SELECT COUNT(*) FROM layer_turns", "SELECT COUNT(*) FROM schedule_overrides"] {
            assert_eq!(app.count(rest).await, 0, "{rest}");
        }
    }

    async fn what_cannot_be_a_rota_is_refused_with_its_field(app) {
        let team = cast(app).await;
        let mut rota = written(app, &with_every_rule()).unwrap();
        rota.layers[1].level = None;
        let refused = make(app, team, &rota).await.unwrap_err();
        assert!(refused.is_refusal() && refused.to_string().starts_with("layers[1].level: "), "{refused}");
        rota.layers[1].level = Some(0);
        app.administrator("root").await;
        transaction!(app.engine, |tx| engine::deactivation::deactivate(tx, app.id("cy")).await?).unwrap();
        let refused = make(app, team, &rota).await.unwrap_err();
        assert!(refused.to_string().starts_with("Cy is not active any more."), "{refused}");
        assert_eq!(app.count("SELECT COUNT(*) FROM schedules").await, 0);
    }

    async fn two_have_the_pager_together_and_a_gap_that_is_meant_is_told_as_one(app) {
        let team = cast(app).await;
        // It is Monday, 2 March 2026, 09:00 UTC.
        let rota = written(app, &json!({
            "time_zone": "UTC",
            "layers": [
                {"turns": [["ana"], []], "unit": "day", "every": 1, "start": "2026-03-02T09:00", "level": 0},
                {"turns": [["bo"]], "unit": "week", "every": 1, "start": "2026-03-02T09:00", "level": 0},
            ],
            "overrides": [
                {"kind": "nobody", "from": "2026-03-04T00:00:00Z", "to": "2026-03-05T00:00:00Z"},
                {"kind": "remove", "layer": 1, "person": "bo", "from": "2026-03-05T09:00:00Z", "to": "2026-03-06T09:00:00Z"},
            ],
        }))
        .unwrap();
        let id = make(app, team, &rota).await.unwrap();
        let mut tx = app.engine.read().await.unwrap();
        let (ana, bo) = (app.id("ana"), app.id("bo"));
        assert_eq!(oncall::on_call_now(&mut tx, id).await.unwrap().1, [ana, bo].into());
        let seen = overview(&mut tx, ana).await.unwrap();
        drop(tx);
        let gaps: Vec<(DateTime<Utc>, bool)> = seen.schedules[0]
            .shifts
            .iter()
            .filter(|turn| turn.people.is_empty())
            .map(|turn| (turn.from, turn.is_planned))
            .collect();
        assert_eq!(gaps, [("2026-03-04T00:00:00Z".parse().unwrap(), true), ("2026-03-05T09:00:00Z".parse().unwrap(), false)]);
        // Who has it together with another does not give away what is both of theirs.
        let mut tx = app.engine.read().await.unwrap();
        let now = tx.now();
        let mut own = async |from, to| overrides::is_own_turn(&mut tx, id, bo, (now + hours(from), now + hours(to))).await.unwrap();
        assert!(!own(1, 2).await && own(25, 26).await);
        assert!(!own(25, 24 * 365).await);
    }
}
