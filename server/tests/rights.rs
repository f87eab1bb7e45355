//! Every address of the interface, and who may ask it.

mod map;

use crate::site::{Site, cookie_of};
use domain::ids::{ColumnId, IntegrationId, NotificationId, PersonId, PolicyId, ScheduleId};
use domain::people::Role;
use engine::db::sql;
use engine::transaction;
use map::MAP;
use reqwest::Response;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use testing::{TestApp, both_databases};

/// Whom an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    Anybody,
    LoggedIn,
    /// All but observers.
    Responders,
    /// The team whose it is, and administrators.
    Team,
    Administrators,
}

use For::{Administrators, Anybody, LoggedIn, Responders};

/// Address, whom its page is for, whom its form is for and what the form says.
type Row = (&'static str, Option<For>, Option<(For, &'static str)>);

const fn page(path: &'static str, whom: For) -> Row {
    (path, Some(whom), None)
}

const fn form(path: &'static str, whom: For, body: &'static str) -> Row {
    (path, None, Some((whom, body)))
}

const fn both(path: &'static str, page: For, whom: For, body: &'static str) -> Row {
    (path, Some(page), Some((whom, body)))
}

/// Addresses in the sources: `.route("…", get(…).post(…))`, without those of the design's page and of the demo.
fn in_the_sources() -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut routes: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source");
                for route in text.split(".route(").skip(1) {
                    let mut parts = route.splitn(3, '"');
                    let (Some(before), Some(address), Some(rest)) =
                        (parts.next(), parts.next(), parts.next())
                    else {
                        continue;
                    };
                    if !before.trim().is_empty() {
                        continue;
                    }
                    let handlers = rest.split(".route(").next().unwrap_or_default();
                    let methods = routes
                        .entry(address.replace("services/{slug}", "services/{service}"))
                        .or_default();
                    for method in ["get", "post"] {
                        if handlers.contains(&format!("{method}(")) {
                            methods.insert(method);
                        }
                    }
                }
            }
        }
    }
    routes
}

#[test]
fn every_address_of_the_interface_stands_here() {
    let mut here: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    for (path, page, form) in MAP {
        let methods = here.entry((*path).to_owned()).or_default();
        methods.extend(page.map(|_| "get"));
        methods.extend(form.map(|_| "post"));
    }
    let mut there = in_the_sources();
    // Files that are the same for everybody.
    there
        .retain(|path, _| !path.starts_with("/assets") && !path.starts_with("/favicon") && path != "/design");
    assert!(there.len() > 80, "{}", there.len());
    assert_eq!(here, there);
}

/// What stands for the words in braces.
struct Names(Vec<(&'static str, String)>);

impl Names {
    fn put_into(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (word, value) in &self.0 {
            text = text.replace(&format!("{{{word}}}"), value);
        }
        assert!(!text.contains('{'), "{text}");
        text
    }
}

async fn furnished(app: &TestApp) -> Names {
    app.usual_cast().await;
    app.someone("olga", Role::Observer).await;
    let spare: PersonId = app.responder("spare").await;
    app.responder("rita").await;
    app.responder("left").await;
    app.team("search", &["rita"]).await;
    app.fires("checkout", "Slow", 2, "slow").await;
    let root: PersonId = app.id("root");
    let team = app.id::<domain::ids::TeamId>("payments");
    let (column, integration, policy, mail, factor, task) = transaction!(app.by(root).await, |tx| {
        engine::incidents::add_task(tx, 1, "Call the data centre").await?;
        engine::incidents::resolve(tx, 1).await?;
        engine::postmortems::start(tx, 1).await?;
        let (column,): (ColumnId,) =
            sql("SELECT id FROM board_columns WHERE team_id = $1 AND name = 'Doing'")
                .bind(team)
                .one(tx, "column")
                .await?;
        let (integration,): (IntegrationId,) =
            sql("SELECT id FROM integrations").one(tx, "integration").await?;
        engine::postmortems::name_factor(tx, 1, "A limit", "").await?;
        let factor: Option<(domain::ids::NamedFactorId,)> =
            sql("SELECT id FROM postmortem_factors").maybe(tx).await?;
        let (policy,): (PolicyId,) = sql("SELECT id FROM escalation_policies")
            .one(tx, "policy")
            .await?;
        let mail: Option<(NotificationId,)> = sql("SELECT id FROM notifications LIMIT 1").maybe(tx).await?;
        let (task,): (domain::ids::TaskId,) = sql("SELECT id FROM tasks").one(tx, "task").await?;
        (column, integration, policy, mail, factor, task)
    })
    .expect("the house");
    let draft = engine::action_items::Draft {
        title: "Raise the pool".to_owned(),
        team,
        owner: None,
        kind: domain::action_items::ActionKind::Prevent,
        priority: domain::action_items::Priority::Low,
        due_on: None,
        factor: None,
        proof: String::new(),
    };
    transaction!(app.by(root).await, |tx| engine::action_items::add(tx, 1, &draft)
        .await?)
    .expect("an item");
    let upload = engine::files::Upload {
        name: "app.log".to_owned(),
        content: b"no route".to_vec(),
    };
    let checked = engine::files::check(upload).await.expect("a text");
    let shown = transaction!(app.by(root).await, |tx| engine::files::keep(tx, 1, &checked)
        .await?)
    .expect("a file");
    let file = domain::files::named_in(&shown)[0];
    let nothing = PersonId(uuid::Uuid::nil()).to_string();
    let now = app.engine.context.now();
    let asked = engine::oncall::requests::Asked {
        schedule: app.id("primary"),
        span: (now + testing::days(1), now + testing::days(2)),
        whom: Vec::new(),
        instead: None,
        note: String::new(),
    };
    let by = app.by(app.id::<PersonId>("ana")).await;
    let request = transaction!(by, |tx| engine::oncall::requests::ask(tx, &asked).await?).expect("a request");
    Names(vec![
        ("number", "1".to_owned()),
        ("file", file.to_string()),
        ("task", task.to_string()),
        ("token", "nothing".to_owned()),
        ("slug", "payments".to_owned()),
        ("service", "checkout".to_owned()),
        (
            "service_id",
            app.id::<domain::ids::ServiceId>("checkout").to_string(),
        ),
        ("team", team.to_string()),
        ("column", column.to_string()),
        ("role", "scribe".to_owned()),
        ("seq", "1".to_owned()),
        ("relation", "related".to_owned()),
        ("other", "1".to_owned()),
        ("instant", "detected".to_owned()),
        ("id", mail.map_or_else(|| nothing.clone(), |(id,)| id.to_string())),
        ("section", "summary".to_owned()),
        ("figure", "reviewed.all".to_owned()),
        ("text", nothing.clone()),
        (
            "factor",
            factor.map_or_else(|| nothing.clone(), |(id,)| id.to_string()),
        ),
        ("person", spare.to_string()),
        ("integration", integration.to_string()),
        ("request", request.to_string()),
        ("schedule", app.id::<ScheduleId>("primary").to_string()),
        ("feed", nothing.clone()),
        ("calendar", nothing.clone()),
        ("override", nothing.clone()),
        ("pasted", nothing.clone()),
        ("shadow", nothing),
        ("policy", policy.to_string()),
    ])
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Anonymous,
    /// With a session from before.
    Deactivated,
    Observer,
    OfAnotherTeam,
    Member,
    Administrator,
}

impl Who {
    const ALL: [Self; 6] = [
        Self::Anonymous,
        Self::Deactivated,
        Self::Observer,
        Self::OfAnotherTeam,
        Self::Member,
        Self::Administrator,
    ];

    const fn name(self) -> Option<&'static str> {
        match self {
            Self::Anonymous => None,
            Self::Deactivated => Some("left"),
            Self::Observer => Some("olga"),
            Self::OfAnotherTeam => Some("rita"),
            Self::Member => Some("bo"),
            Self::Administrator => Some("root"),
        }
    }

    const fn may(self, whom: For) -> bool {
        match self {
            Self::Anonymous | Self::Deactivated => matches!(whom, Anybody),
            Self::Observer => matches!(whom, Anybody | LoggedIn),
            Self::OfAnotherTeam => matches!(whom, Anybody | LoggedIn | Responders),
            Self::Member => !matches!(whom, Administrators),
            Self::Administrator => true,
        }
    }
}

/// Led to the log-in, told to log in, or told that this is not for them.
async fn refused(answer: Response) -> (bool, String) {
    let status = answer.status().as_u16();
    let to = answer
        .headers()
        .get("location")
        .and_then(|to| to.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let refused = matches!(status, 401 | 403) || (status == 303 && to.starts_with("/login"));
    assert!(
        status < 500,
        "{status}: {}",
        answer.text().await.unwrap_or_default()
    );
    (refused, format!("{status} {to}"))
}

both_databases! {
    async fn an_address_answers_whom_it_is_for_and_nobody_else(app) {
        let names = furnished(app).await;
        let site = Site::open(app).await;
        let mut faults = Vec::new();
        for who in Who::ALL {
            for (path, page, form) in MAP {
                // Each comes anew: some of these end the session.
                let cookie = match who.name() {
                    Some(name) => cookie_of(app, name).await,
                    None => String::new(),
                };
                if who == Who::Deactivated {
                    let left: PersonId = app.id("left");
                    transaction!(app.engine, |tx| {
                        let now = tx.now();
                        sql("UPDATE people SET deactivated_at = $2 WHERE id = $1").bind(left).bind(now).run(tx).await?
                    }).expect("they left");
                }
                let address = names.put_into(path);
                if let Some(whom) = page {
                    let answer = site.get(&address).header("cookie", &cookie).send().await.expect("an answer");
                    // Somebody else's mail is not there for them.
                    let hidden = path.starts_with("/mail/") && answer.status() == 404;
                    let (refused, answer) = refused(answer).await;
                    let leads_there = *path == "/login" || *path == "/setup";
                    if !leads_there && (refused || hidden) == who.may(*whom) {
                        faults.push(format!("{who:?} GET {address}: {answer}"));
                    }
                }
                if let Some((whom, body)) = form {
                    let sent = site.post(&address).header("cookie", &cookie).header("content-type", "application/x-www-form-urlencoded").header("sec-fetch-site", "same-origin");
                    let (refused, answer) = refused(sent.body(names.put_into(body)).send().await.expect("an answer")).await;
                    let leads_there = matches!(*path, "/logout" | "/setup" | "/demo-log-in/{role}") || path.starts_with("/settings/sessions");
                    if !leads_there && refused == who.may(*whom) {
                        faults.push(format!("{who:?} POST {address}: {answer}"));
                    }
                }
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}
