//! What does not fit, from people and from programs.

use super::{Reader, attribute, forms_of, furnished, is_left_out, pages_with_forms, with_choices};
use crate::site::{Site, header};
use domain::fields;
use domain::ids::ServiceId;
use testing::both_databases;
use uuid::Uuid;

both_databases! {
    async fn a_line_ends_where_its_field_does_and_longer_words_are_refused_beside_it(app) {
        app.usual_cast().await;
        app.fires("checkout", "Slow", 2, "slow").await;
        let ana = Reader::of(app, "ana").await;
        for (path, id, field) in [
            ("/incidents/new", "field-title", fields::INCIDENT_TITLE),
            ("/incidents/1", "field-task", fields::TASK),
            ("/settings/profile", "field-name", fields::PERSON_NAME),
        ] {
            let page = ana.page(path).await;
            let line = page.split('<').find(|tag| attribute(tag, "id") == Some(id)).expect("the field");
            assert_eq!(attribute(line, "name"), Some(field.name), "{path}");
            assert_eq!(attribute(line, "maxlength"), Some(&*field.most.to_string()), "{path}");
        }
        for (path, field) in [
            ("/incidents/1/tasks", fields::TASK),
            ("/incidents/1/notes", fields::ENTRY),
        ] {
            let long = [(field.name.to_owned(), "é".repeat(field.most + 1))];
            let refused = ana.ask(path, &long).await;
            assert_eq!(refused.status(), 422, "{path}");
            let said: serde_json::Value = serde_json::from_str(&refused.text().await.expect("a body")).expect("a problem");
            assert_eq!((said["field"].as_str(), said["detail"].as_str()), (Some(field.name), Some(field.too_long)), "{path}");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM tasks").await, 0);
    }

    async fn a_word_that_is_none_of_the_list_is_refused(app) {
        let root = furnished(app).await;
        let services = app.id::<ServiceId>("checkout").to_string();
        let bo = app.id::<domain::ids::PersonId>("bo");
        for (path, fields) in [
            ("/incidents".to_owned(), vec![("title", "Slow"), ("severity", "SEV9"), ("noticed_by", "staff"), ("services", &*services)]),
            ("/incidents".to_owned(), vec![("title", "Slow"), ("severity", "SEV1"), ("noticed_by", "nobody"), ("services", &*services)]),
            ("/settings/services/checkout".to_owned(), vec![("name", "Checkout"), ("default_severity", "bad"), ("page_from", "SEV1"), ("remind_after_hours", "4")]),
            ("/settings/services/checkout/integrations".to_owned(), vec![("kind", "fax"), ("name", "Fax")]),
            (format!("/settings/people/{bo}"), vec![("name", "Bo"), ("email", "bo@example.test"), ("role", "king"), ("time_zone", "UTC")]),
            ("/settings/people".to_owned(), vec![("name", "Cy"), ("email", "cy@example.test"), ("role", "king"), ("time_zone", "UTC")]),
        ] {
            let fields: Vec<_> = fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let refused = root.send(&path, &fields).await;
            assert_eq!(refused.status(), 422, "{path} with {fields:?}");
            assert!(refused.text().await.expect("a body").contains("cannot be chosen here"), "{path}");
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 1);
    }

    async fn what_is_neither_on_nor_off_and_what_is_no_verdict_is_refused(app) {
        let root = furnished(app).await;
        let services = app.id::<ServiceId>("checkout").to_string();
        let bo = app.id::<domain::ids::PersonId>("bo").to_string();
        let triage = |due_on, verdict, reason| {
            let fields = [("owner", &*bo), ("due_on", due_on), ("verdict", verdict), ("reason", reason)];
            ("/action-items/1/triage", fields.to_vec())
        };
        let past = [("title", "Slow"), ("severity", "SEV2"), ("noticed_by", "staff"), ("services", &*services), ("over", "true")];
        for (path, fields) in [
            ("/incidents", past.to_vec()),
            ("/incidents/1/reopening", vec![("why", "It is back"), ("pages", "true")]),
            ("/incidents/1/drill", vec![("is_drill", "yes")]),
            ("/incidents/1/status-updates", vec![("text", "We look into it."), ("next", "45")]),
            triage("2026-12-24", "Decline", "No need"),
            triage("2026-12-24", "", "No need"),
            triage("0026-12-24", "", ""),
        ] {
            let fields: Vec<_> = fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            assert_eq!(root.ask(path, &fields).await.status(), 422, "{path} with {fields:?}");
        }
        let changed = app.count("SELECT COUNT(*) FROM action_items WHERE state <> 'proposed'").await;
        let open = app.count("SELECT COUNT(*) FROM incidents WHERE state <> 'resolved' OR is_drill").await;
        assert_eq!((changed, open), (0, 0));
    }

    async fn no_form_is_answered_with_a_fault_whatever_is_sent(app) {
        let root = furnished(app).await;
        let (mut sent, unknown) = (0, Uuid::from_u128(7).to_string());
        for path in pages_with_forms(app).await {
            let page = root.page(&path).await;
            for form in forms_of(&page) {
                if is_left_out(&form.action) {
                    continue;
                }
                let form = with_choices(&page, &form.action.clone(), form);
                let mut tries = vec![form.fields.clone()];
                let nul = |(name, value): &(String, String)| {
                    let typed = !value.is_empty() && value.parse::<Uuid>().is_err();
                    (name.clone(), if typed { format!("{value}\0x") } else { value.clone() })
                };
                tries.push(form.fields.iter().map(nul).collect());
                for (place, (name, value)) in form.fields.iter().enumerate() {
                    if value.parse::<Uuid>().is_ok() && name != "form_key" {
                        let mut fields = form.fields.clone();
                        fields[place].1 = unknown.clone();
                        tries.push(fields);
                    }
                }
                for fields in tries {
                    let answer = root.send(&form.action, &fields).await;
                    assert!(answer.status().as_u16() < 500, "{} with {fields:?}: {}", form.action, answer.status());
                    sent += 1;
                }
            }
        }
        assert!(sent > 60, "{sent} forms were sent");
    }

    /// What a program is told of a form is what a person is told.

    async fn a_program_is_answered_in_json_whatever_form_it_sends(app) {
        let root = furnished(app).await;
        let (mut done, mut refused) = (0, 0);
        for path in pages_with_forms(app).await {
            // On call answers people only so far.
            if path.contains("/schedules") || path.contains("/policies") {
                continue;
            }
            let page = root.page(&path).await;
            for form in forms_of(&page) {
                if is_left_out(&form.action) {
                    continue;
                }
                let form = with_choices(&page, &form.action.clone(), form);
                let emptied = form.fields.iter().map(|(name, value)| match name.as_str() {
                    "form_key" => (name.clone(), app.engine.context.new_id().to_string()),
                    _ if value.parse::<Uuid>().is_ok() || value.contains("SEV") => (name.clone(), value.clone()),
                    _ => (name.clone(), String::new()),
                });
                for fields in [emptied.collect(), form.fields.clone()] {
                    let answer = root.ask(&form.action, &fields).await;
                    let (status, kind) = (answer.status().as_u16(), header(&answer, "content-type").to_owned());
                    let said: serde_json::Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).unwrap_or_else(|_| panic!("{}: {status} {kind}", form.action));
                    if status == 200 {
                        assert_eq!(kind, "application/json", "{}", form.action);
                        assert!(said["location"].as_str().is_some_and(|to| to.starts_with('/')), "{}: {said}", form.action);
                        done += 1;
                    } else {
                        assert!(status < 500, "{}: {said}", form.action);
                        assert_eq!(kind, "application/problem+json", "{}: {status}", form.action);
                        assert!(said["detail"].as_str().is_some_and(|sentence| sentence.ends_with('.')), "{}: {said}", form.action);
                        refused += 1;
                    }
                }
            }
        }
        assert!(done > 20 && refused > 20, "{done} done, {refused} refused");
        let fields = vec![("name".to_owned(), String::new())];
        let answer = root.ask("/settings/teams/payments/services", &fields).await;
        assert_eq!(answer.status(), 422);
        let said: serde_json::Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("a problem");
        assert_eq!((&said["field"], &said["status"]), (&"name".into(), &422.into()), "{said}");
    }

    async fn an_address_with_what_no_keyboard_has_is_answered(app) {
        let root = furnished(app).await;
        let unknown = Uuid::from_u128(7);
        for path in [
            "/incidents?q=%00", "/incidents?service=%00", "/incidents?team=a%00b", "/find?q=a%00b", "/teams/%00/backlog",
            "/settings/teams/%00", "/settings/services/%00", "/acknowledge/%00", "/invitations/%00", "/password/%00",
        ] {
            let answer = root.site.get(path).header("cookie", &root.cookie).send().await.expect("an answer");
            assert!(answer.status().as_u16() < 500, "{path}: {}", answer.status());
        }
        for path in ["settings/people", "settings/schedules", "settings/policies", "acknowledge"] {
            let answer = root.site.get(&format!("/{path}/{unknown}")).header("cookie", &root.cookie).send().await.expect("an answer");
            assert!(matches!(answer.status().as_u16(), 404 | 422), "{path}: {}", answer.status());
        }
    }

    async fn forms_before_the_log_in_tell_programs_what_is_wrong(app) {
        app.usual_cast().await;
        let nobody = Reader { site: Site::open(app).await, cookie: String::new() };
        for (path, fields, says) in [
            ("/login", vec![("email", "ana@example.test"), ("password", "not that")], "do not belong"),
            ("/setup", vec![("name", "Eve"), ("email", "eve@example.test")], "set up already"),
            ("/invitations/nothing", vec![("password", "a bowl mended with gold")], "link"),
            ("/password/reset/nothing", vec![("password", "a bowl mended with gold")], "link"),
        ] {
            let fields: Vec<_> = fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let shown = nobody.send(path, &fields).await;
            assert_eq!((shown.status().as_u16(), header(&shown, "content-type")), (422, "text/html; charset=utf-8"), "{path}");
            let told = nobody.ask(path, &fields).await;
            assert_eq!((told.status().as_u16(), header(&told, "content-type")), (422, "application/problem+json"), "{path}");
            let told: serde_json::Value = serde_json::from_str(&told.text().await.expect("a body")).expect("a problem");
            assert!(told["detail"].as_str().is_some_and(|detail| detail.contains(says)), "{path}: {told}");
        }
    }
}
