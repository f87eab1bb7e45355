//! Forms over HTTP: sent twice, with what no keyboard has, and with what is not there any more.

use crate::site::{Site, cookie_of, header};
use domain::fields;
use domain::ids::ServiceId;
use domain::people::Role;
use reqwest::{RequestBuilder, Response};
use testing::{TestApp, both_databases};
use url::form_urlencoded;
use uuid::Uuid;

const FORM: &str = "application/x-www-form-urlencoded";

struct Reader {
    site: Site,
    cookie: String,
}

impl Reader {
    async fn of(app: &TestApp, name: &str) -> Self {
        Self {
            site: Site::open(app).await,
            cookie: cookie_of(app, name).await,
        }
    }

    async fn page(&self, path: &str) -> String {
        let (status, page) = self.site.page(&self.cookie, path).await;
        assert_eq!(status, 200, "{path}");
        page
    }

    async fn send(&self, path: &str, fields: &[(String, String)]) -> Response {
        self.filled(path, fields).send().await.expect("an answer")
    }

    /// As a program does.
    async fn ask(&self, path: &str, fields: &[(String, String)]) -> Response {
        let sent = self.filled(path, fields).header("accept", "application/json");
        sent.send().await.expect("an answer")
    }

    fn filled(&self, path: &str, fields: &[(String, String)]) -> RequestBuilder {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.site
            .post(path)
            .header("cookie", &self.cookie)
            .header("content-type", FORM)
            .body(body)
    }
}

/// A form of a page, filled in as a hasty person does.
#[derive(Debug, Clone)]
struct Filled {
    action: String,
    fields: Vec<(String, String)>,
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let begin = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[begin..].split('"').next()
}

fn forms_of(page: &str) -> Vec<Filled> {
    let forms = page
        .split("<form ")
        .skip(1)
        .map(|form| form.split("</form>").next().unwrap_or_default());
    let posted = forms.filter(|form| form.contains("method=\"post\""));
    posted
        .map(|form| {
            let action = attribute(&format!(" {form}"), "action")
                .unwrap_or_default()
                .replace("&amp;", "&");
            let fields = form.split('<').filter_map(field).collect();
            Filled { action, fields }
        })
        .collect()
}

fn field(tag: &str) -> Option<(String, String)> {
    let name = attribute(tag, "name")?.to_owned();
    let value = attribute(tag, "value")
        .unwrap_or_default()
        .replace("&quot;", "\"");
    let kind = tag.split_whitespace().next()?;
    match (kind, attribute(tag, "type")) {
        ("input", Some("hidden" | "checkbox" | "radio" | "date" | "datetime-local" | "time" | "number")) => {
            Some((name, value))
        }
        ("input" | "textarea", _) => Some((
            name,
            if value.is_empty() {
                "typed".to_owned()
            } else {
                value
            },
        )),
        _ => None,
    }
}

/// All selects of a form with their first choice that is one.
fn with_choices(page: &str, action: &str, mut form: Filled) -> Filled {
    let Some(at) = page.find(&format!("action=\"{}\"", action.replace('&', "&amp;"))) else {
        return form;
    };
    let text = page[at..].split("</form>").next().unwrap_or_default();
    for select in text.split("<select").skip(1) {
        let name = attribute(select, "name").unwrap_or_default().to_owned();
        let values = select
            .split("</select>")
            .next()
            .unwrap_or_default()
            .split("<option")
            .skip(1);
        let value = values
            .filter_map(|option| attribute(option, "value"))
            .find(|value| !value.is_empty());
        form.fields.push((name, value.unwrap_or_default().to_owned()));
    }
    form
}

/// All selects of a form with what is chosen in them.
fn with_chosen(page: &str, action: &str, mut form: Filled) -> Filled {
    let begin = page.find(&format!("action=\"{action}\"")).expect("the form");
    let text = page[begin..].split("</form>").next().unwrap_or_default();
    for select in text.split("<select").skip(1) {
        let name = attribute(select, "name").unwrap_or_default().to_owned();
        let options = select
            .split("</select>")
            .next()
            .unwrap_or_default()
            .split("<option")
            .skip(1);
        let chosen = options.filter(|option| {
            option
                .split('>')
                .next()
                .is_some_and(|tag| tag.contains("selected"))
        });
        let value = chosen
            .filter_map(|option| attribute(option, "value"))
            .next()
            .unwrap_or_default();
        form.fields.push((name, value.to_owned()));
    }
    for (name, value) in &mut form.fields {
        if name == "drawn" {
            *value = value.replace("&quot;", "\"").replace("&amp;", "&");
        }
        if value == "typed" {
            value.clear();
        }
    }
    form
}

async fn furnished(app: &TestApp) -> Reader {
    app.usual_cast().await;
    app.someone("olga", Role::Observer).await;
    app.fires("checkout", "Slow", 2, "slow").await;
    let reader = Reader::of(app, "root").await;
    for path in ["/incidents/1/resolution", "/incidents/1/postmortem"] {
        let answer = reader.send(path, &[]).await;
        assert!(answer.status().as_u16() < 500, "{path}");
    }
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    // A team that was made in the browser has a board.
    assert_eq!(
        reader
            .send("/settings/teams", &pairs(&[("name", "Platform")]))
            .await
            .status(),
        303
    );
    let team: (Uuid,) = {
        let mut tx = app.engine.read().await.expect("a transaction");
        engine::db::sql("SELECT id FROM teams WHERE slug = 'platform'")
            .one(&mut tx, "team")
            .await
            .expect("the team")
    };
    let team = team.0.to_string();
    let action = [
        ("title", "Raise the pool"),
        ("team", &*team),
        ("kind", "prevent"),
        ("priority", "high"),
    ];
    let made = reader.send("/incidents/1/action-items", &pairs(&action)).await;
    assert_eq!(made.status(), 303, "an action item");
    reader
}

async fn pages_with_forms(app: &TestApp) -> Vec<String> {
    let (bo, schedule): (domain::ids::PersonId, domain::ids::ScheduleId) = (app.id("bo"), app.id("primary"));
    let policies: Vec<(Uuid,)> = {
        let mut tx = app.engine.read().await.expect("a transaction");
        engine::db::sql("SELECT id FROM escalation_policies")
            .all(&mut tx)
            .await
            .expect("policies")
    };
    let mut pages: Vec<String> = [
        "/incidents/new",
        "/incidents/1",
        "/incidents/1/action-items",
        "/incidents/1/postmortem",
        "/action-items/1",
        "/teams/platform/backlog",
        "/settings/teams",
        "/settings/teams/payments",
        "/settings/people",
        "/settings/schedules",
        "/settings/policies",
        "/settings/policies/new",
        "/settings/services/checkout",
        "/settings/services/checkout/routing",
        "/settings/profile",
        "/awake",
        "/incidents/1/entries/1",
        "/on-call/away",
    ]
    .map(str::to_owned)
    .into();
    pages.push(format!("/settings/people/{bo}"));
    pages.push(format!("/settings/schedules/{schedule}"));
    pages.push(format!("/settings/schedules/{schedule}/edit"));
    pages.push(format!("/settings/schedules/{schedule}/pasted"));
    pages.push("/settings/schedules/new".to_owned());
    pages.extend(policies.iter().map(|(id,)| format!("/settings/policies/{id}")));
    pages
}

fn is_left_out(action: &str) -> bool {
    [
        "/logout",
        "/theme",
        "/removal",
        "/deactivation",
        "/revocation",
        "/settings/password",
        "/sessions",
    ]
    .iter()
    .any(|part| action.contains(part))
}

/// Of the editor of a schedule: what stays empty or unchecked unless somebody means it.
fn is_filled_in_haste(name: &str) -> bool {
    [
        "do",
        "begins",
        "on",
        "layers.0.add",
        "layers.0.counts",
        "layers.0.time_zone",
    ]
    .contains(&name)
}

both_databases! {
    async fn what_makes_something_makes_one_however_often_it_is_sent(app) {
        app.usual_cast().await;
        let ana = Reader::of(app, "ana").await;
        let page = ana.page("/incidents/new").await;
        let form = forms_of(&page).into_iter().find(|form| form.action == "/incidents").expect("the form");
        let key = form.fields.iter().find(|(name, _)| name == "form_key").expect("its key").clone();
        let services = app.id::<ServiceId>("checkout").to_string();
        let typed = |title: &str| vec![
            key.clone(),
            ("title".to_owned(), title.to_owned()),
            ("severity".to_owned(), "SEV2".to_owned()),
            ("services".to_owned(), services.clone()),
            ("noticed_by".to_owned(), "staff".to_owned()),
        ];
        // An impatient hand: none of these waits for another.
        let (fields, empty) = (typed("Checkout is slow"), typed(""));
        assert_eq!(ana.send("/incidents", &empty).await.status(), 422, "what was refused may be sent again");
        let hasty = (0..6).map(|_| ana.send("/incidents", &fields));
        for answer in futures::future::join_all(hasty).await {
            assert_eq!((answer.status().as_u16(), header(&answer, "location")), (303, "/incidents/1"));
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM incidents").await, 1);
        app.settle().await;
        assert_eq!(app.mailbox("ana").len(), 1, "one page");
        // Back, and something else: that is another one.
        let other = ana.send("/incidents", &typed("Search is slow")).await;
        assert_eq!(header(&other, "location"), "/incidents/2");
    }

    async fn everything_that_is_added_is_added_once(app) {
        let root = furnished(app).await;
        let added = [
            ("/incidents/1", "/incidents/1/notes", "SELECT COUNT(*) FROM timeline"),
            ("/incidents/1/action-items", "/incidents/1/action-items", "SELECT COUNT(*) FROM action_items"),
            ("/incidents/1/postmortem", "/incidents/1/postmortem/action-items", "SELECT COUNT(*) FROM action_items"),
            ("/teams/platform/backlog", "/teams/platform/backlog/columns", "SELECT COUNT(*) FROM board_columns"),
            ("/settings/services/checkout", "/settings/services/checkout/integrations", "SELECT COUNT(*) FROM integrations"),
            ("/settings/people", "/settings/people", "SELECT COUNT(*) FROM people"),
            ("/settings/teams", "/settings/teams", "SELECT COUNT(*) FROM teams"),
        ];
        for (path, action, counted) in added {
            let page = root.page(path).await;
            let form = forms_of(&page).into_iter().find(|form| form.action == action);
            let mut form = with_choices(&page, action, form.unwrap_or_else(|| panic!("no form {action}")));
            for (name, value) in &mut form.fields {
                match name.as_str() {
                    "email" => *value = "new@example.test".to_owned(),
                    "happened" => *value = "-5 min".to_owned(),
                    _ => {}
                }
            }
            let before = app.count(counted).await;
            let first = root.send(action, &form.fields).await;
            let set = header(&first, "set-cookie").to_owned();
            assert_eq!(first.status(), 303, "{action}: {}", first.text().await.unwrap_or_default());
            let second = root.send(action, &form.fields).await;
            assert_eq!((second.status().as_u16(), header(&second, "set-cookie")), (303, set.as_str()), "{action}");
            assert_eq!(app.count(counted).await, before + 1, "{action}");
        }
    }

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
            (vec![("do", "hours:0")], vec!["layers.0.windows.0.days"]),
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
