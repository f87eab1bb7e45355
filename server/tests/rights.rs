//! Every address of the interface, and who may ask it.

use crate::site::{Site, cookie_of};
use domain::ids::{ColumnId, IntegrationId, NotificationId, PersonId, PolicyId, ScheduleId};
use domain::people::Role;
use engine::db::sql;
use engine::transaction;
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

use For::{Administrators, Anybody, LoggedIn, Responders, Team};

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

const MAP: &[Row] = &[
    both("/login", Anybody, Anybody, ""),
    form("/logout", Anybody, ""),
    both(
        "/password/forgotten",
        Anybody,
        Anybody,
        "email=nobody@example.test",
    ),
    both("/password/reset/{token}", Anybody, Anybody, "password="),
    both("/invitations/{token}", Anybody, Anybody, "password="),
    page("/backlog", LoggedIn),
    page("/shown/{token}", Anybody),
    form("/settings/schedules/{schedule}/shown", Team, "shown=on"),
    page("/teams/{slug}/load", LoggedIn),
    page("/teams/{slug}/load.csv", LoggedIn),
    form("/teams/{slug}/load/names", Team, "names=on"),
    page("/teams/{slug}/backlog", LoggedIn),
    form("/teams/{slug}/backlog/columns", Team, "name=Waits"),
    form("/teams/{slug}/backlog/columns/{column}", Team, "name=Doing"),
    form("/teams/{slug}/backlog/columns/{column}/place", Team, "place=0"),
    form("/teams/{slug}/backlog/columns/{column}/deletion", Team, ""),
    both(
        "/action-items/{number}",
        LoggedIn,
        Team,
        "title=Raise&kind=prevent&priority=low&team={team}",
    ),
    form("/action-items/{number}/state", Team, "state=accepted"),
    form("/action-items/{number}/column", Team, "column={column}"),
    form(
        "/action-items/{number}/triage",
        Team,
        "verdict=decline&reason=Too+dear",
    ),
    form(
        "/action-items/{number}/verification",
        Responders,
        "evidence=drill&words=It+held",
    ),
    form(
        "/action-items/{number}/description",
        Team,
        "description=Twice+as+many",
    ),
    form("/action-items/{number}/comments", Responders, "body=Next+week"),
    both("/teams/{slug}/backlog/triage", Team, Team, "number={number}"),
    both(
        "/incidents/{number}/action-items",
        LoggedIn,
        Responders,
        "title=Raise&kind=prevent&priority=low&team={team}",
    ),
    form("/demo-log-in/{role}", Anybody, ""),
    page("/find", LoggedIn),
    page("/ask/find", LoggedIn),
    page("/", LoggedIn),
    both(
        "/incidents",
        LoggedIn,
        Responders,
        "title=Slow&severity=SEV4&noticed_by=staff",
    ),
    page("/incidents/new", Responders),
    both("/awake", LoggedIn, Responders, ""),
    form("/awake/removal", LoggedIn, ""),
    page("/incidents/{number}", LoggedIn),
    form("/incidents/{number}/acknowledgement", Responders, ""),
    form("/incidents/{number}/escalation", Responders, ""),
    form("/incidents/{number}/mitigation", Responders, ""),
    form("/incidents/{number}/mitigation/removal", Responders, ""),
    form("/incidents/{number}/resolution", Responders, ""),
    form("/incidents/{number}/reopening", Responders, "why=again&pages=on"),
    form("/incidents/{number}/severity", Responders, "severity=SEV2"),
    form("/incidents/{number}/roles/{role}", Responders, ""),
    form("/incidents/{number}/roles/{role}/removal", Responders, ""),
    form("/incidents/{number}/notes", Responders, "text=Seen"),
    form("/incidents/{number}/decisions", Responders, "text=Wait"),
    form("/incidents/{number}/status-updates", Responders, "text=Soon"),
    form("/incidents/{number}/title", Responders, "title=Slower"),
    form("/incidents/{number}/drill", Responders, "is_drill=on"),
    form(
        "/incidents/{number}/services",
        Responders,
        "services={service_id}",
    ),
    form("/incidents/{number}/instants/{instant}", Responders, "at="),
    page("/incidents/{number}/timeline.md", LoggedIn),
    page("/incidents/{number}/timeline.txt", LoggedIn),
    form("/incidents/{number}/page", Responders, "whom=person+{person}"),
    form("/incidents/{number}/handover", Responders, "whom=person+{person}"),
    form("/incidents/{number}/handover/acceptance", Responders, ""),
    form("/incidents/{number}/handover/removal", Responders, ""),
    form("/incidents/{number}/tasks", Responders, "task=Call"),
    form("/incidents/{number}/tasks/{task}/tick", Responders, ""),
    form("/incidents/{number}/tasks/{task}/tick/removal", Responders, ""),
    form("/incidents/{number}/tasks/{task}/action-item", Responders, ""),
    form("/incidents/{number}/following", LoggedIn, ""),
    form("/incidents/{number}/following/removal", LoggedIn, ""),
    form("/incidents/{number}/files", Responders, ""),
    page("/incidents/{number}/files/{file}", LoggedIn),
    page("/incidents/{number}/files/{file}/preview", LoggedIn),
    form("/incidents/{number}/links", Responders, "other=1&kind=related"),
    form(
        "/incidents/{number}/links/{relation}/{other}/removal",
        Responders,
        "",
    ),
    both(
        "/incidents/{number}/entries/{seq}",
        LoggedIn,
        Responders,
        "text=Seen",
    ),
    form(
        "/incidents/{number}/entries/{seq}/redaction",
        Responders,
        "why=A+password",
    ),
    form("/incidents/{number}/entries/{seq}/pin", Responders, ""),
    form("/incidents/{number}/entries/{seq}/pin/removal", Responders, ""),
    both("/acknowledge/{token}", Anybody, Anybody, ""),
    form("/acknowledge/{token}/passing-on", Anybody, ""),
    page("/mail", LoggedIn),
    page("/mail/{id}", Administrators),
    form("/mail/{id}/link", Administrators, ""),
    form("/ask/markdown-preview", LoggedIn, "text=a"),
    page("/on-call", LoggedIn),
    page("/on-call/calendar", LoggedIn),
    both("/on-call/calendars", LoggedIn, LoggedIn, "of=me"),
    form("/on-call/calendars/{feed}/revocation", LoggedIn, ""),
    form("/on-call/calendars/invitations", LoggedIn, "sends=on"),
    page("/calendars/{token}", Anybody),
    page("/on-call/readiness", LoggedIn),
    page("/on-call/turn", LoggedIn),
    form("/on-call/turn/taking", Team, "schedule={schedule}&at=1772442000"),
    form(
        "/on-call/turn/requests",
        Responders,
        "schedule={schedule}&at=1772442000",
    ),
    form(
        "/on-call/turn/swaps",
        Responders,
        "schedule={schedule}&at=1772442000&instead={person}+1+2",
    ),
    both(
        "/on-call/away",
        LoggedIn,
        Responders,
        "from=2026-03-02T09:00&to=2026-03-09T09:00",
    ),
    page("/on-call/absence", LoggedIn),
    both("/on-call/absence/addresses", LoggedIn, LoggedIn, "address=a"),
    both("/on-call/absence/files", LoggedIn, LoggedIn, ""),
    form("/on-call/absence/cover", Responders, "from=1&to=2"),
    form("/on-call/absence/calendars/{calendar}/reading", LoggedIn, ""),
    form("/on-call/absence/calendars/{calendar}/removal", LoggedIn, ""),
    page("/settings/teams/{slug}/holidays", LoggedIn),
    both(
        "/settings/teams/{slug}/holidays/addresses",
        LoggedIn,
        Team,
        "address=a",
    ),
    both("/settings/teams/{slug}/holidays/files", LoggedIn, Team, ""),
    form(
        "/settings/teams/{slug}/holidays/calendars/{calendar}/reading",
        Team,
        "",
    ),
    form(
        "/settings/teams/{slug}/holidays/calendars/{calendar}/removal",
        Team,
        "",
    ),
    page("/on-call/requests/{request}", LoggedIn),
    // Before somebody of another team has taken it, and may.
    form("/on-call/requests/{request}/cover/removal", Team, ""),
    form("/on-call/requests/{request}/acceptance", Responders, ""),
    form("/on-call/requests/{request}/withdrawal", Team, ""),
    form("/on-call/requests/{request}/refusal", Responders, ""),
    form("/on-call/requests/{request}/assignment", Team, "person={person}"),
    both("/on-call/offers/{token}", Anybody, Anybody, ""),
    form("/on-call/offers/{token}/refusal", Anybody, ""),
    both("/on-call/hand-offs/{token}", Anybody, Anybody, ""),
    form("/on-call/hand-offs/{token}/incidents/{number}", Anybody, ""),
    form(
        "/settings/schedules/{schedule}/note",
        Team,
        "text=Look+at+the+disk",
    ),
    form("/settings/schedules/{schedule}/hand-offs", Team, "tells=on"),
    page("/ask/open", LoggedIn),
    page("/postmortems", LoggedIn),
    both("/incidents/{number}/postmortem", LoggedIn, Responders, ""),
    form(
        "/incidents/{number}/postmortem/sections/{section}",
        Responders,
        "body=It+was+slow&revision=0",
    ),
    form("/incidents/{number}/postmortem/texts/{text}", Responders, ""),
    form(
        "/incidents/{number}/postmortem/texts/{text}/removal",
        Responders,
        "",
    ),
    form(
        "/incidents/{number}/postmortem/factors",
        Responders,
        "name=A+limit&words=",
    ),
    form(
        "/incidents/{number}/postmortem/factors/{factor}",
        Responders,
        "words=a",
    ),
    form(
        "/incidents/{number}/postmortem/factors/{factor}/removal",
        Responders,
        "",
    ),
    form(
        "/incidents/{number}/postmortem/action-items",
        Responders,
        "title=Raise&kind=prevent&priority=low&team={team}",
    ),
    form(
        "/incidents/{number}/postmortem/state",
        Responders,
        "state=in_review",
    ),
    form("/incidents/{number}/postmortem/title", Responders, "title=Slow"),
    form(
        "/incidents/{number}/postmortem/came-back/{factor}",
        Responders,
        "verdict=did_not_hold",
    ),
    form(
        "/incidents/{number}/postmortem/came-back/{factor}/proposals",
        Responders,
        "like=1",
    ),
    form("/incidents/{number}/postmortem/suggestions", Responders, ""),
    page("/learning", LoggedIn),
    page("/learning/behind/{figure}", LoggedIn),
    page("/learning.csv", LoggedIn),
    both("/learning/without-factors", LoggedIn, Responders, ""),
    both(
        "/learning/factors/{factor}",
        LoggedIn,
        Responders,
        "name=No+limit",
    ),
    form("/learning/factors/{factor}/merge", Responders, "into={factor}"),
    form("/learning/factors/{factor}/parting", Responders, ""),
    form("/learning/factors/{factor}/apart", Responders, "other={factor}"),
    form("/theme", Anybody, "theme=dark"),
    both("/shortcuts", LoggedIn, Anybody, ""),
    page("/settings", LoggedIn),
    page("/settings/pager", Administrators),
    page("/settings/audit", Administrators),
    page("/settings/audit.csv", Administrators),
    both("/settings/profile", LoggedIn, LoggedIn, "name="),
    both("/settings/profile/mails", LoggedIn, LoggedIn, "let_go=on"),
    both("/settings/password", LoggedIn, LoggedIn, "current=&password="),
    form("/settings/sessions/removal", LoggedIn, ""),
    both(
        "/settings/people",
        LoggedIn,
        Administrators,
        "name=Neu&email=neu@example.test&role=observer&time_zone=UTC",
    ),
    both(
        "/settings/people/{person}",
        LoggedIn,
        Administrators,
        "name=Spare&email=spare@example.test&role=responder&time_zone=UTC",
    ),
    both(
        "/settings/people/{person}/deactivation",
        Administrators,
        Administrators,
        "",
    ),
    form(
        "/settings/people/several",
        Administrators,
        "people=new%40example.test&role=responder&time_zone=UTC",
    ),
    form("/settings/people/{person}/reactivation", Administrators, ""),
    form("/settings/people/{person}/invitation", Administrators, ""),
    both("/settings/teams", LoggedIn, Administrators, "name=Search"),
    both("/settings/teams/{slug}", LoggedIn, Team, "name=payments"),
    both(
        "/settings/teams/{slug}/members",
        LoggedIn,
        Team,
        "person={person}",
    ),
    form("/settings/teams/{slug}/members/{person}/removal", Team, ""),
    both("/settings/teams/{slug}/services", LoggedIn, Team, "name=Search"),
    both(
        "/settings/services/{service}",
        LoggedIn,
        Team,
        "name=checkout&default_severity=SEV3&page_from=SEV3",
    ),
    both(
        "/settings/services/{service}/integrations",
        LoggedIn,
        Team,
        "kind=json&name=Door",
    ),
    form(
        "/settings/services/{service}/integrations/{integration}/replacement",
        Team,
        "",
    ),
    form(
        "/settings/services/{service}/integrations/{integration}/revocation",
        Team,
        "",
    ),
    form(
        "/settings/services/{service}/integrations/{integration}/signing",
        Team,
        "signing_secret=hush",
    ),
    form(
        "/settings/services/{service}/integrations/{integration}/signing/removal",
        Team,
        "",
    ),
    page(
        "/settings/services/{service}/integrations/{integration}/requests",
        Team,
    ),
    page(
        "/settings/services/{service}/integrations/{integration}/requests/{request}",
        Team,
    ),
    page(
        "/settings/services/{service}/integrations/{integration}/requests/{request}/body",
        Team,
    ),
    both(
        "/settings/schedules",
        LoggedIn,
        Team,
        "team={team}&name=Second&time_zone=UTC&layers.0.unit=week&layers.0.every=1&layers.0.start=2026-03-02T09:00&layers.0.turns.0.people={person}",
    ),
    page("/settings/schedules/new", Responders),
    page("/settings/services/{service}/dry-run", LoggedIn),
    both(
        "/settings/services/{service}/routing",
        LoggedIn,
        Team,
        "time_zone=UTC",
    ),
    both(
        "/settings/schedules/new/preview",
        Responders,
        Responders,
        "name=Second",
    ),
    page("/settings/schedules/{schedule}", LoggedIn),
    page("/settings/schedules/{schedule}/schedule.json", LoggedIn),
    both(
        "/settings/schedules/{schedule}/edit",
        Team,
        Team,
        "name=primary&time_zone=UTC&layers.0.unit=week&layers.0.every=1&layers.0.start=2026-03-02T09:00&layers.0.turns.0.people={person}",
    ),
    both(
        "/settings/schedules/{schedule}/edit/preview",
        Team,
        Team,
        "name=primary",
    ),
    form("/settings/schedules/{schedule}/removal", Team, ""),
    both(
        "/settings/schedules/{schedule}/overrides",
        LoggedIn,
        Team,
        "person=",
    ),
    form(
        "/settings/schedules/{schedule}/overrides/{override}/removal",
        Team,
        "",
    ),
    both(
        "/settings/schedules/{schedule}/shadows",
        LoggedIn,
        Team,
        "shadow={person}&from=2026-03-03T09:00&to=2026-03-10T09:00",
    ),
    form(
        "/settings/schedules/{schedule}/shadows/{shadow}/removal",
        Team,
        "",
    ),
    both(
        "/settings/schedules/{schedule}/pasted",
        Team,
        Team,
        "table=nobody&zone=UTC",
    ),
    both(
        "/settings/schedules/{schedule}/pasted/preview",
        Team,
        Team,
        "table=nobody&zone=UTC",
    ),
    form("/settings/schedules/{schedule}/pasted/{pasted}/removal", Team, ""),
    both(
        "/settings/policies",
        LoggedIn,
        Team,
        "team={team}&name=Second&repeats=0&delay=5&target=person:{person}",
    ),
    page("/settings/policies/new", Responders),
    both(
        "/settings/policies/{policy}",
        LoggedIn,
        Team,
        "name=Policy&repeats=0",
    ),
    form("/settings/policies/{policy}/removal", Team, ""),
    page("/settings/mail", LoggedIn),
    form("/settings/mail/test", Administrators, ""),
    both("/setup", Anybody, Anybody, ""),
    page("/setup/ready", LoggedIn),
];

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
