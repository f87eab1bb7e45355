//! Forms over HTTP: sent twice, with what no keyboard has, and with what is not there any more.

mod drawn;
mod once;
mod refused;
mod schedules;

use crate::site::{Site, cookie_of};
use domain::people::Role;
use reqwest::{RequestBuilder, Response};
use testing::TestApp;
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
