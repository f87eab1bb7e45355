//! Old forms: what nobody edited stays, and a clash shows both.

use super::{forms_of, furnished, with_chosen};
use domain::ids::ServiceId;
use engine::transaction;
use testing::both_databases;
use uuid::Uuid;

both_databases! {
    async fn a_time_that_nobody_edited_stays_wherever_its_reader_is_by_now(app) {
        let root = furnished(app).await;
        // Some clocks tell fractions.
        app.clock.pass(chrono::TimeDelta::microseconds(345_678));
        app.fires("checkout", "Slower", 2, "slower").await;
        let noticed = app.story(2).await.incident.detected_at;
        let (entries, page) = (app.story(2).await.timeline.len(), root.page("/incidents/2").await);
        let form = |which: &str| {
            let action = format!("/incidents/2/instants/{which}");
            forms_of(&page).into_iter().find(|form| form.action == action).expect("a form")
        };
        let profile = [("name", "Root"), ("time_zone", "Asia/Tokyo")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(root.send("/settings/profile", &profile).await.status(), 303);
        for which in ["impact_start", "detected", "resolved"] {
            let form = form(which);
            let fields: Vec<_> = form.fields.into_iter().map(|(name, value)| if value == "typed" { (name, String::new()) } else { (name, value) }).collect();
            assert_eq!(root.send(&form.action, &fields).await.status(), 303, "{which}");
        }
        assert_eq!(app.story(2).await.incident.detected_at, noticed);
        assert_eq!(app.story(2).await.timeline.len(), entries);
        // An edited one is meant in the zone in which it was drawn.
        let mut moved = form("impact_start");
        for (name, value) in &mut moved.fields {
            if name == "at" {
                *value = "2020-01-02T03:04".to_owned();
            }
        }
        assert_eq!(root.send(&moved.action, &moved.fields).await.status(), 303);
        let zone: chrono_tz::Tz = moved.fields.iter().find(|(name, _)| name == "at_zone").expect("its zone").1.parse().expect("a zone");
        let began = app.story(2).await.incident.impact_started_at.expect("an instant");
        assert_eq!(began.with_timezone(&zone).format("%H:%M").to_string(), "03:04");
        let early: Vec<_> = moved.fields.iter().map(|(name, value)| (name.clone(), value.replace("2020", "0020"))).collect();
        let refused = root.send(&moved.action, &early).await;
        assert_eq!(refused.status(), 422);
        let text = refused.text().await.expect("a body");
        assert!(text.contains("0020-01-02T03:04") && text.contains("from 1970 on"), "what was typed is kept");
    }

    async fn forms_write_what_was_edited_and_a_clash_shows_both(app) {
        let root = furnished(app).await;
        let page = root.page("/action-items/1").await;
        let form = forms_of(&page).into_iter().find(|form| form.action == "/action-items/1").expect("the form");
        let form = with_chosen(&page, "/action-items/1", form);
        let edited = |edits: &[(&str, &str)]| -> Vec<(String, String)> {
            let new = |name: &String, value: &String| edits.iter().find(|(edited, _)| edited == name).map_or(value.clone(), |(_, new)| (*new).to_owned());
            form.fields.iter().map(|(name, value)| (name.clone(), new(name, value))).collect()
        };
        let bo = app.id::<domain::ids::PersonId>("bo").to_string();
        assert_eq!(root.send("/action-items/1", &edited(&[("owner", &bo)])).await.status(), 303);
        // An old form: another field, then the same one.
        assert_eq!(root.send("/action-items/1", &edited(&[("priority", "low")])).await.status(), 303);
        let item = {
            let mut tx = app.engine.read().await.expect("a transaction");
            engine::action_items::find(&mut tx, 1).await.expect("the item").item
        };
        assert_eq!((item.owner_id.map(|id| id.to_string()), item.priority.as_str()), (Some(bo), "low"));
        assert_eq!(root.send("/action-items/1", &edited(&[("title", "Raise it")])).await.status(), 303);
        let clash = root.send("/action-items/1", &edited(&[("title", "Raise the pool twice")])).await;
        assert_eq!(clash.status(), 422);
        let shown = clash.text().await.expect("a body");
        assert!(shown.contains("“Raise it” now") && shown.contains("Raise the pool twice"), "{shown}");
        // The page that shows both was drawn from what stands now: saving again decides.
        let again = forms_of(&shown).into_iter().find(|form| form.action == "/action-items/1").expect("the form");
        let again = with_chosen(&shown, "/action-items/1", again);
        assert_eq!(root.send("/action-items/1", &again.fields).await.status(), 303);
        assert!(root.page("/action-items/1").await.contains("Raise the pool twice"));
    }

    async fn small_forms_say_what_they_were_drawn_from_too(app) {
        let root = furnished(app).await;
        let board = root.page("/teams/platform/backlog").await;
        let column = forms_of(&board).into_iter().find(|form| form.action.contains("/backlog/columns/")).expect("a column").action;
        for (page, action, edited) in [
            ("/settings/profile", "/settings/profile", "name"),
            ("/settings/teams/platform", "/settings/teams/platform", "name"),
            ("/teams/platform/backlog", column.as_str(), "name"),
            ("/incidents/1", "/incidents/1/title", "title"),
            ("/incidents/1/postmortem", "/incidents/1/postmortem/title", "title"),
        ] {
            let shown = root.page(page).await;
            let form = forms_of(&shown).into_iter().find(|form| form.action == action).expect("the form");
            let form = with_chosen(&shown, action, form);
            let named = |name: &str| -> Vec<(String, String)> {
                let value = |field: &String, value: &String| if field == edited { name.to_owned() } else { value.clone() };
                form.fields.iter().map(|(field, was)| (field.clone(), value(field, was))).collect()
            };
            assert_eq!(root.send(action, &named("Theirs")).await.status(), 303, "{page}");
            // An old form in which nothing was edited, and one that says something else.
            assert_eq!(root.send(action, &form.fields).await.status(), 303, "{page}");
            assert!(root.page(page).await.contains("Theirs"), "{page}");
            let clash = root.send(action, &named("Mine")).await;
            assert_eq!(clash.status(), 422, "{page}");
            let both = clash.text().await.expect("a body");
            assert!(both.contains("“Theirs” now") && both.contains("value=\"Mine\""), "{page}: {both}");
        }
    }

    async fn a_note_and_the_name_of_a_factor_from_an_old_page_win_over_nothing_unseen(app) {
        let root = furnished(app).await;
        transaction!(app.engine, |tx| engine::postmortems::name_factor(tx, 1, "No limit", "").await?).expect("a factor");
        let factor: (Uuid,) = {
            let mut tx = app.engine.read().await.expect("a transaction");
            engine::db::sql("SELECT id FROM factors").one(&mut tx, "factor").await.expect("the factor")
        };
        let schedule = format!("/settings/schedules/{}", app.id::<domain::ids::ScheduleId>("primary"));
        let (note, factor) = (format!("{schedule}/note"), format!("/learning/factors/{}", factor.0));
        for (page, action, edited) in [(&schedule, &note, "text"), (&factor, &factor, "name")] {
            let shown = root.page(page).await;
            let form = forms_of(&shown).into_iter().find(|form| form.action == *action).expect("the form");
            let form = with_chosen(&shown, action, form);
            let named = |name: &str| -> Vec<(String, String)> {
                let value = |field: &String, value: &String| if field == edited { name.to_owned() } else { value.clone() };
                form.fields.iter().map(|(field, was)| (field.clone(), value(field, was))).collect()
            };
            assert_eq!(root.send(action, &named("Theirs")).await.status(), 303, "{page}");
            assert_eq!(root.send(action, &form.fields).await.status(), 303, "{page}: nothing was edited");
            let clash = root.send(action, &named("Mine")).await;
            assert_eq!(clash.status(), 422, "{page}");
            let both = clash.text().await.expect("a body");
            assert!(both.contains("“Theirs” now") && both.contains("Mine"), "{page}: {both}");
        }
    }

    async fn services_that_two_change_at_once_are_both_shown(app) {
        let root = furnished(app).await;
        app.service("cart", "payments").await;
        let [checkout, cart] = ["checkout", "cart"].map(|name| app.id::<ServiceId>(name).to_string());
        let shown = root.page("/incidents/1").await;
        let form = forms_of(&shown).into_iter().find(|form| form.action == "/incidents/1/services").expect("the form");
        let drawn = form.fields.into_iter().find(|(name, _)| name == "drawn").expect("what it was drawn from");
        let about = |services: &[&String]| -> Vec<(String, String)> {
            let services = services.iter().map(|id| ("services".to_owned(), (*id).clone()));
            services.chain([drawn.clone()]).collect()
        };
        let is_about = async || {
            let names = app.story(1).await.services.into_iter().map(|service| service.name);
            names.collect::<Vec<_>>()
        };
        assert_eq!(root.send("/incidents/1/services", &about(&[&cart])).await.status(), 303);
        assert_eq!(root.send("/incidents/1/services", &about(&[&checkout])).await.status(), 303, "nothing was edited");
        assert_eq!(is_about().await, ["cart"]);
        let clash = root.send("/incidents/1/services", &about(&[&checkout, &cart])).await;
        assert_eq!(clash.status(), 422);
        assert!(clash.text().await.expect("a body").contains("“cart” now"));
        assert_eq!(is_about().await, ["cart"]);
    }
}
