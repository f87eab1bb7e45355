//! The forms of a schedule: its editor, and overrides.

use super::{Reader, forms_of, furnished, is_filled_in_haste, with_chosen};
use testing::both_databases;

both_databases! {
    async fn an_old_form_of_a_schedule_hands_the_pager_to_nobody(app) {
        let root = furnished(app).await;
        let schedule = app.id::<domain::ids::ScheduleId>("primary");
        let path = format!("/settings/schedules/{schedule}/edit");
        let page = root.page(&path).await;
        let form = forms_of(&page).into_iter().find(|form| form.action == path).expect("the form");
        let form = with_chosen(&page, &path, form);
        let stands = async || {
            let mut tx = app.engine.read().await.expect("a transaction");
            let (_, rotation) = engine::oncall::schedules::load(&mut tx, schedule).await.expect("the schedule");
            rotation
        };
        app.clock.pass(testing::days(7));
        let before = stands().await;
        let with = |name: &str, value: &str| -> Vec<(String, String)> {
            let others = form.fields.iter().filter(|(other, _)| other != name && !is_filled_in_haste(other));
            others.cloned().chain([(name.to_owned(), value.to_owned())]).collect()
        };
        assert_eq!(root.send(&path, &with("begins", "now")).await.status(), 303);
        assert_eq!(root.send(&path, &with("name", "First line")).await.status(), 303);
        assert_eq!(stands().await, before, "what nobody edited stays as it is");
        assert!(root.page(&format!("/settings/schedules/{schedule}?saved=1")).await.contains("Saved."));
        // Whoever moves people about in an old form is shown what it would change by now, and nothing is changed.
        let clash = root.send(&path, &with("layers.0.turns.0.place", "9")).await;
        assert_eq!(clash.status(), 422);
        let shown = clash.text().await.expect("a body");
        assert!(shown.contains("Somebody changed this schedule while you had it open"), "{shown}");
        assert_eq!(stands().await, before);
        // What stands there now is known, so that the same is meant by it the second time.
        let again = forms_of(&shown).into_iter().find(|form| form.action == path).expect("the form again");
        let again = with_chosen(&shown, &path, again);
        let fields: Vec<_> = again.fields.into_iter().filter(|(name, _)| !is_filled_in_haste(name)).collect();
        assert_eq!(root.send(&path, &fields).await.status(), 303);
        assert_ne!(stands().await, before);
    }

    async fn the_editor_shows_what_a_schedule_comes_to_and_a_fault_beside_its_field(app) {
        let root = furnished(app).await;
        let schedule = app.id::<domain::ids::ScheduleId>("primary");
        let (edit, draw) = (format!("/settings/schedules/{schedule}/edit"), format!("/settings/schedules/{schedule}/edit/preview"));
        let page = root.page(&edit).await;
        assert!(page.contains("Nothing differs from the schedule that holds today."), "{page}");
        let form = forms_of(&page).into_iter().find(|form| form.action == edit).expect("the form");
        let form = with_chosen(&page, &edit, form);
        let with = |more: &[(&str, &str)]| -> Vec<(String, String)> {
            let others = form.fields.iter().filter(|(name, _)| !is_filled_in_haste(name) && more.iter().all(|(other, _)| other != name));
            others.cloned().chain(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).collect()
        };
        let before = app.count("SELECT COUNT(*) FROM schedule_layers").await;
        for (more, says) in [
            (vec![("layers.0.add", "Bo, nobody"), ("begins", "now")], vec!["Whose turns change", "Nobody is on call from"]),
            (vec![("layers.0.add", "Nobody Inparticular")], vec!["Nobody is called “Nobody Inparticular”", "value=\"Nobody Inparticular\""]),
            (vec![("layers.0.every", "0")], vec!["A turn is at least 1 long, in whole numbers."]),
            // The schedule is in UTC, its reader in Berlin.
            (vec![("do", "hours:0")], vec!["layers.0.windows.0.days", "By your clock, Europe/Berlin: 10:00 to 18:00; 11:00 to 19:00 from 30 Mar until 26 Oct."]),
            (vec![("do", "layer")], vec!["Layer 2", "Add at least one turn with somebody in it."]),
            (vec![("pattern", "two_at_once"), ("do", "pattern")], vec!["Ana and Bo"]),
        ] {
            let drawn = root.send(&draw, &with(&more)).await;
            assert_eq!(drawn.status(), 200);
            let drawn = drawn.text().await.expect("a body");
            for said in says {
                assert!(drawn.contains(said), "{more:?}: {said}: {drawn}");
            }
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM schedule_layers").await, before, "nothing is saved by looking");
        let refused = root.send(&edit, &with(&[("layers.0.start", "soon")])).await;
        assert_eq!(refused.status(), 422);
        let refused = refused.text().await.expect("a body");
        assert!(refused.contains("id=\"layer-0-start-error\"") && refused.contains("Nothing is saved yet."), "{refused}");
    }

    async fn the_preview_alone_is_that_of_the_editor_and_for_whoever_may_change_it(app) {
        let root = furnished(app).await;
        let schedule = app.id::<domain::ids::ScheduleId>("primary").to_string();
        let edit = format!("/settings/schedules/{schedule}/edit");
        let page = root.page(&edit).await;
        assert!(page.contains(&format!("data-schedule=\"{schedule}\"")), "{page}");
        let form = forms_of(&page).into_iter().find(|form| form.action == edit).expect("the form");
        let mut fields = with_chosen(&page, &edit, form).fields;
        fields.retain(|(name, _)| !is_filled_in_haste(name) && name != "begins" && name != "layers.0.add");
        fields.extend([("layers.0.add", "nobody"), ("begins", "now")].map(|(name, value)| (name.to_owned(), value.to_owned())));
        let question = |schedule: &str, fields: &[(String, String)]| -> Vec<(String, String)> {
            let fields = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            [("schedule", schedule.to_owned()), ("fields", fields)].map(|(name, value)| (name.to_owned(), value)).into()
        };
        let section = |page: &str| -> String {
            let begin = page.find("<section id=\"rota-preview\"").expect("the preview");
            page[begin..].split("</section>").next().unwrap_or_default().to_owned()
        };
        let asked = root.ask("/ask/schedule-preview", &question(&schedule, &fields)).await;
        assert_eq!(asked.status(), 200);
        let alone: String = serde_json::from_str(&asked.text().await.expect("a body")).expect("a text");
        assert!(alone.starts_with("<section id=\"rota-preview\"") && !alone.contains("<form"), "{alone}");
        assert!(alone.contains("Nobody is on call from") && alone.contains("Whose turns change"), "{alone}");
        let whole = root.send(&format!("{edit}/preview"), &fields).await.text().await.expect("a body");
        assert_eq!(section(&alone), section(&whole), "the button draws the same");
        let hours = [("kind", "daily"), ("from", "22:00"), ("to", "23:30"), ("days", "mon")];
        let hours = hours.map(|(name, value)| (format!("layers.0.windows.0.{name}"), value.to_owned()));
        let with_hours: Vec<_> = fields.iter().cloned().chain(hours).collect();
        let asked = root.ask("/ask/schedule-preview", &question(&schedule, &with_hours)).await.text().await.expect("a body");
        let asked: String = serde_json::from_str(&asked).expect("a text");
        assert!(asked.contains("layer-0-window-0-yours") && asked.contains("23:00 to 00:30 the next day; the next day 00:00 to 01:30 from 30 Mar"), "{asked}");
        // One that is made, and one that is none.
        let made = root.ask("/ask/schedule-preview", &question("", &fields)).await.text().await.expect("a body");
        assert!(made.contains("Holds as soon as it is made.") && !made.contains(" at once from "), "{made}");
        let team = ("team".to_owned(), app.id::<domain::ids::TeamId>("payments").to_string());
        let of_team: Vec<_> = fields.iter().cloned().chain([team]).collect();
        let made = root.ask("/ask/schedule-preview", &question("", &of_team)).await.text().await.expect("a body");
        assert!(made.contains("Ana has this and primary at once from "), "beside the other schedule of its team: {made}");
        assert_eq!(root.ask("/ask/schedule-preview", &question("zzz", &fields)).await.status(), 404);
        let olga = Reader::of(app, "olga").await;
        for schedule in [&*schedule, ""] {
            assert_eq!(olga.ask("/ask/schedule-preview", &question(schedule, &fields)).await.status(), 403, "{schedule}");
        }
        let from_elsewhere = root.filled("/ask/schedule-preview", &question(&schedule, &fields)).header("origin", "https://evil.example");
        assert_eq!(from_elsewhere.send().await.expect("an answer").status(), 403);
    }

    async fn the_order_that_evens_it_out_opens_in_the_editor_and_is_saved_from_there(app) {
        let root = furnished(app).await;
        let schedule = app.id::<domain::ids::ScheduleId>("primary");
        let edit = format!("/settings/schedules/{schedule}/edit");
        // Ana had a week and three days, Bo a week.
        app.clock.pass(testing::days(17));
        let root = Reader { cookie: crate::site::cookie_of(app, "root").await, ..root };
        let shown = [("names".to_owned(), "on".to_owned())];
        assert_eq!(root.send("/teams/payments/load/names", &shown).await.status(), 303);
        let load = root.page("/teams/payments/load").await;
        let (bo, ana) = (app.id::<domain::ids::PersonId>("bo"), app.id::<domain::ids::PersonId>("ana"));
        let open = format!("{edit}?order={bo}.{ana}");
        assert!(load.contains("Bo and Ana") && load.contains(&format!("href=\"{open}\"")), "{load}");
        let page = root.page(&open).await;
        for said in ["The turns stand in the suggested order.", "Whose turns change", "Holds from"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let form = forms_of(&page).into_iter().find(|form| form.action == edit).expect("the form");
        let form = with_chosen(&page, &edit, form);
        let turns: Vec<&str> = form.fields.iter().filter(|(name, _)| name.ends_with(".people")).map(|(_, who)| &**who).collect();
        assert_eq!(turns, [bo.to_string(), ana.to_string()]);
        let mut fields = form.fields.clone();
        fields.retain(|(name, _)| !is_filled_in_haste(name));
        fields.push(("begins".to_owned(), "after_round".to_owned()));
        assert_eq!(root.send(&edit, &fields).await.status(), 303);
        // The round goes on until 30 March.
        let mut tx = app.engine.read().await.expect("a transaction");
        let (_, rotation) = engine::oncall::schedules::load(&mut tx, schedule).await.expect("the schedule");
        let at = |day| app.engine.context.now() + testing::days(day);
        for (day, person) in [(0, ana), (5, bo), (12, bo), (19, ana)] {
            assert_eq!(rotation.on_call(at(day)).into_iter().collect::<Vec<_>>(), [person], "in {day} days");
        }
    }

    async fn a_schedules_page_says_who_has_the_pager_now(app) {
        let root = furnished(app).await;
        let schedule = app.id::<domain::ids::ScheduleId>("primary");
        let path = format!("/settings/schedules/{schedule}");
        assert!(root.page(&path).await.contains("Has the pager now: <strong>Ana"));
        let bo = app.id::<domain::ids::PersonId>("bo").to_string();
        let span = |from: &str, to: &str| [("person", &*bo), ("from", from), ("to", to)].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let overrides = format!("{path}/overrides");
        assert_eq!(root.send(&overrides, &span("2026-03-02T00:00", "2026-03-04T00:00")).await.status(), 303);
        let page = root.page(&path).await;
        assert!(page.contains("Has the pager now: <strong>Bo") && page.contains(", by an override"), "{page}");
        for (from, to, said) in [("2026-03-29T02:15", "2026-03-29T02:45", "does not come"), ("2026-10-25T01:00", "2026-10-25T02:30", "comes twice")] {
            let typed: Vec<_> = span(from, to).into_iter().chain([("from_zone", "Europe/Berlin"), ("to_zone", "Europe/Berlin")].map(|(name, value)| (name.to_owned(), value.to_owned()))).collect();
            let refused = root.send(&overrides, &typed).await;
            assert_eq!(refused.status(), 422, "{from}");
            let page = refused.text().await.expect("a body");
            assert!(page.contains(said) && page.contains(from), "{page}");
        }
    }
}
