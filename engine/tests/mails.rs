//! The words of each mail as a person gets them, held to texts that were read: `engine/tests/snapshots`. After a change that is
//! meant, `INSTA_UPDATE=always` writes them anew; read what has changed.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

use crate::learning::{FACTOR, became, promised, reviewed};
use chrono::NaiveDate;
use domain::Severity;
use domain::action_items::{ActionKind, ActionState, Priority};
use domain::escalation::{Policy, Target};
use domain::ids::{PersonId, ScheduleId};
use domain::incidents::IncidentRole;
use domain::incidents::timeline::Via;
use domain::people::Role;
use domain::postmortems::PostmortemState;
use engine::messages::notices;
use engine::oncall::{invitations, overrides, policies, readiness, requests, shadows};
use engine::{action_items, alerts, hand_offs, incidents, mailed_links, postmortems, transaction};
use std::collections::BTreeSet;
use std::path::Path;
use testing::{Mail, TestApp, both_databases, days, hours, minutes, seconds};

/// From this many characters on a part of an address is a secret, which differs from run to run.
const SECRET: usize = 24;

/// The mail without its secrets.
fn words(mail: &Mail) -> String {
    let hidden = |line: &str| {
        let parts: Vec<&str> = line
            .split('/')
            .map(|part| {
                let is_secret = part.len() >= SECRET
                    && part
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
                if is_secret { "SECRET" } else { part }
            })
            .collect();
        parts.join("/")
    };
    let text: Vec<String> = mail.text.lines().map(hidden).collect();
    format!(
        "To: {}\nSubject: {}\n\n{}",
        mail.to,
        mail.subject,
        text.join("\n")
    )
}

/// The mail whose subject has these words; of several, that to the first person by name, since they leave side by side.
fn mail(app: &TestApp, about: &str) -> String {
    let mut mails = app.mail.all();
    mails.sort_by(|one, other| one.to.cmp(&other.to));
    let found = mails.iter().find(|mail| mail.subject.contains(about));
    let subjects: Vec<&str> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    words(found.unwrap_or_else(|| panic!("{about} is not in {subjects:?}")))
}

async fn paged(app: &TestApp) {
    app.usual_cast().await;
    let body = r#"{"title":"Checkout answers slowly","severity":"SEV2","dedup_key":"slow","status":"firing",
        "links":[{"href":"https://grafana.example.test/d/1","text":"Dashboard"}],"details":{"region":"eu-central"}}"#;
    app.post_json("checkout", body).await;
    app.settle().await;
}

async fn acknowledged(app: &TestApp) {
    paged(app).await;
    transaction!(app.by(app.id("ana")).await, |tx| incidents::acknowledge(
        tx,
        1,
        Via::Page
    )
    .await?)
    .unwrap();
    app.settle().await;
}

fn item(app: &TestApp, owner: &str) -> action_items::Draft {
    action_items::Draft {
        title: "Test the failover".to_owned(),
        owner: Some(app.id(owner)),
        team: app.id("payments"),
        kind: ActionKind::Prevent,
        priority: Priority::High,
        due_on: NaiveDate::from_ymd_opt(2026, 3, 5),
        factor: None,
        proof: String::new(),
    }
}

both_databases! {
    async fn a_page(app) {
        paged(app).await;
        insta::assert_snapshot!("page", mail(app, "Checkout answers slowly"));
    }

    async fn the_page_of_the_next_step(app) {
        paged(app).await;
        app.pass(minutes(6)).await;
        insta::assert_snapshot!("page_of_the_next_step", words(&app.mailbox("bo")[0]));
    }

    async fn a_list_of_pages(app) {
        app.usual_cast().await;
        for n in 0..8 {
            app.fires("checkout", &format!("Disk {n} is full"), 3, &format!("disk{n}")).await;
        }
        app.pass(seconds(40)).await;
        let last = app.mailbox("ana").pop().unwrap();
        insta::assert_snapshot!("digest", words(&last));
    }

    async fn a_list_of_incidents_that_nobody_has(app) {
        app.usual_cast().await;
        app.someone("eve", Role::Observer).await;
        app.team("crew", &["eve"]).await;
        app.service("search", "crew").await;
        for n in 0..8 {
            app.fires("search", &format!("Index {n} is empty"), 2, &format!("index{n}")).await;
        }
        app.pass(minutes(1)).await;
        insta::assert_snapshot!("notice_digest", words(&app.mailbox("root").pop().unwrap()));
    }

    async fn a_list_of_what_concerns_you(app) {
        acknowledged(app).await;
        app.mail.clear();
        transaction!(app.by(app.id("ana")).await, |tx| {
            for n in 0..8 {
                let title = format!("Test the failover of region {n}");
                action_items::add(tx, 1, &action_items::Draft { title, ..item(app, "bo") }).await?;
            }
        }).unwrap();
        app.pass(seconds(40)).await;
        insta::assert_snapshot!("news_list", words(&app.mailbox("bo").pop().unwrap()));
    }

    async fn what_a_source_sends_is_refused(app) {
        app.usual_cast().await;
        let from = app.arriving("checkout", "Slow", "slow").await.from;
        alerts::note(&app.engine, &from, 400, "\"title\" is missing. Give it as text.".to_owned());
        testing::until("it is noted", async || app.count("SELECT COUNT(*) FROM refusals").await == 1).await;
        app.settle().await;
        insta::assert_snapshot!("refusals", mail(app, "being refused"));
    }

    async fn it_became_worse(app) {
        acknowledged(app).await;
        app.mail.clear();
        transaction!(app.by(app.id("bo")).await, |tx| incidents::change_severity(tx, 1, Severity::Sev1).await?).unwrap();
        app.settle().await;
        insta::assert_snapshot!("became_worse", mail(app, "Checkout answers slowly"));
    }

    async fn nobody_has_it(app) {
        paged(app).await;
        app.mail.clear();
        app.pass(hours(1)).await;
        insta::assert_snapshot!("nobody_has_this", mail(app, "Nobody has this"));
    }

    async fn you_can_sleep(app) {
        app.usual_cast().await;
        app.fires("checkout", "Checkout answers slowly", 2, "slow").await;
        app.pass(minutes(6)).await;
        transaction!(app.by(app.id("ana")).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        app.settle().await;
        insta::assert_snapshot!("let_go", mail(app, "Ana is the responder"));
    }

    async fn a_role_and_an_action_item_are_yours(app) {
        acknowledged(app).await;
        let bo = app.id("bo");
        transaction!(app.by(app.id("ana")).await, |tx| {
            incidents::take_role(tx, 1, IncidentRole::Scribe, bo).await?;
            action_items::add(tx, 1, &item(app, "bo")).await?;
        }).unwrap();
        app.settle().await;
        insta::assert_snapshot!("role_given", mail(app, "You are Scribe"));
        insta::assert_snapshot!("action_item_given", mail(app, "is yours"));
        app.mail.clear();
        app.pass(days(3)).await;
        insta::assert_snapshot!("action_items_due", words(&app.mailbox("bo")[0]));
    }

    async fn the_week_of_a_team(app) {
        acknowledged(app).await;
        transaction!(app.by(app.id("ana")).await, |tx| action_items::add(tx, 1, &item(app, "bo")).await?).unwrap();
        app.pass(days(7)).await;
        insta::assert_snapshot!("team_monday", mail(app, "The week of"));
    }

    async fn a_status_update_and_a_name_in_it(app) {
        acknowledged(app).await;
        transaction!(app.by(app.id("bo")).await, |tx| incidents::follow(tx, 1, true).await?).unwrap();
        transaction!(app.by(app.id("ana")).await, |tx| {
            incidents::write(tx, 1, incidents::Writing::StatusUpdate, "Traffic goes to the second region.").await?;
            incidents::write(tx, 1, incidents::Writing::Note, "@bo do you know this queue?").await?;
        }).unwrap();
        app.settle().await;
        insta::assert_snapshot!("status_update", mail(app, "Status update"));
        insta::assert_snapshot!("mentioned", mail(app, "named you"));
        transaction!(app.by(app.id("ana")).await, |tx| {
            action_items::add(tx, 1, &item(app, "ana")).await?;
            action_items::comment(tx, 1, "@bo do you know this region?").await?
        }).unwrap();
        app.pass(minutes(1)).await;
        insta::assert_snapshot!("mentioned_in_an_action_item", mail(app, "ACT-1 Ana named you"));
    }

    async fn a_postmortem_waits_for_review(app) {
        acknowledged(app).await;
        transaction!(app.by(app.id("ana")).await, |tx| {
            incidents::resolve(tx, 1).await?;
            postmortems::start(tx, 1).await?;
            postmortems::save_section(tx, 1, "summary", 0, "It was slow.").await?;
            postmortems::change_state(tx, 1, PostmortemState::InReview).await?;
        }).unwrap();
        app.settle().await;
        insta::assert_snapshot!("review_waits", mail(app, "waits for review"));
    }

    async fn what_was_to_be_prevented_came_back(app) {
        app.usual_cast().await;
        let first = reviewed(app, "checkout", "a", FACTOR).await;
        let item = promised(app, first, ActionKind::Prevent).await;
        became(app, item, ActionState::Done).await;
        app.pass(days(5)).await;
        let second = reviewed(app, "checkout", "b", FACTOR).await;
        assert_eq!(second, first + 1);
        app.pass(days(2)).await;
        insta::assert_snapshot!("came_back", mail(app, "was to prevent"));
        let mut weeks = app.mailbox("bo").into_iter().filter(|mail| mail.subject.contains("The week of"));
        insta::assert_snapshot!("team_monday_came_back", words(&weeks.next_back().unwrap()));
    }

    async fn it_is_open_again_and_yours(app) {
        acknowledged(app).await;
        transaction!(app.by(app.id("bo")).await, |tx| {
            incidents::resolve(tx, 1).await?;
            incidents::reopen(tx, 1, "The queue grows again", false).await?;
        }).unwrap();
        app.settle().await;
        insta::assert_snapshot!("yours_again", mail(app, "is open again"));
    }

    async fn shifts_changed(app) {
        app.usual_cast().await;
        let (schedule, bo, from) = (app.id("primary"), app.id("bo"), app.engine.context.now() + days(1));
        transaction!(app.by(app.id("root")).await, |tx| overrides::add(tx, schedule, &overrides::Draft::by(bo, (from, from + days(1)))).await?).unwrap();
        app.settle().await;
        insta::assert_snapshot!("shifts_changed", mail(app, "You are on call for primary"));
    }

    async fn an_invitation_and_a_new_password(app) {
        app.administrator("root").await;
        let root = app.person("root").await;
        let invited = mailed_links::Invited {
            name: "Lea".to_owned(),
            email: "lea@example.test".to_owned(),
            role: Some(Role::Responder),
            time_zone: "Europe/Berlin".to_owned(),
        };
        transaction!(app.engine, |tx| mailed_links::invite(tx, &root, &invited).await?).unwrap();
        transaction!(app.engine, |tx| mailed_links::ask_for_reset(tx, &root.email).await?).unwrap();
        app.settle().await;
        insta::assert_snapshot!("invitation", mail(app, "invites you"));
        insta::assert_snapshot!("password_reset", mail(app, "A new password"));
    }

    async fn a_turn_comes_and_begins(app) {
        acknowledged(app).await;
        let schedule: ScheduleId = app.id("primary");
        transaction!(app.engine, |tx| hand_offs::tell_hand_offs(tx, schedule, true).await?).unwrap();
        transaction!(app.by(app.id("ana")).await, |tx| hand_offs::leave_note(tx, schedule, "The disk of db-2 is nearly full.").await?).unwrap();
        app.pass(days(7) - hours(11)).await;
        insta::assert_snapshot!("shift_ahead", mail(app, "In 12 h you are on call").replace(&schedule.to_string(), "SCHEDULE"));
        app.pass(hours(12)).await;
        insta::assert_snapshot!("shift_begins", words(&app.mailbox("bo").into_iter().find(|mail| mail.subject.contains("for primary now")).unwrap()));
        insta::assert_snapshot!("not_reached", mail(app, "not said that they can be reached"));
    }

    async fn on_call_is_not_ready(app) {
        app.usual_cast().await;
        transaction!(app.engine, |tx| engine::deactivation::deactivate(tx, app.id("ana")).await?).unwrap();
        transaction!(app.engine, |tx| readiness::tell(tx).await?).unwrap();
        app.settle().await;
        insta::assert_snapshot!("not_ready", mail(app, "look at the next two weeks"));
    }

    async fn do_you_still_have_it(app) {
        app.usual_cast().await;
        let service: domain::ids::ServiceId = app.id("checkout");
        transaction!(app.engine, |tx| {
            let id = engine::teams::find_service(tx, service).await?.policy_id.unwrap();
            let policy = Policy { acknowledged_for_seconds: Some(3600), ..policies::policy(tx, id).await? };
            policies::change(tx, id, "checkout", &policy).await?
        }).unwrap();
        app.fires("checkout", "Checkout answers slowly", 2, "slow").await;
        app.settle().await;
        transaction!(app.by(app.id("ana")).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        app.pass(minutes(51)).await;
        insta::assert_snapshot!("still_yours", mail(app, "Do you still have it?"));
        app.mail.clear();
        app.pass(minutes(10)).await;
        insta::assert_snapshot!("asked_again", mail(app, "Checkout answers slowly"));
    }

    async fn a_turn_is_offered(app) {
        app.usual_cast().await;
        let now = app.engine.context.now();
        let asked = requests::Asked {
            schedule: app.id("primary"),
            span: (now + days(1), now + days(2)),
            whom: Vec::new(),
            instead: Some((now + days(8), now + days(9))),
            note: "My daughter has her first day at school.".to_owned(),
        };
        let asked = requests::Asked { whom: vec![app.id("bo")], ..asked };
        transaction!(app.by(app.id("ana")).await, |tx| requests::ask(tx, &asked).await?).unwrap();
        app.settle().await;
        insta::assert_snapshot!("turn_offered", mail(app, "asks to swap"));
        // Somebody asks in her name: she is told, and whoever is asked reads whose turn it is.
        app.mail.clear();
        let ana: PersonId = app.id("ana");
        transaction!(app.by(app.id("root")).await, |tx| requests::ask_for(tx, ana, &asked).await?).unwrap();
        app.settle().await;
        insta::assert_snapshot!("turn_asked_for", words(&app.mailbox("ana")[0]));
        insta::assert_snapshot!("turn_offered_by_another", words(&app.mailbox("bo")[0]));
    }

    async fn a_schedule_that_you_shadow_is_paged(app) {
        app.usual_cast().await;
        app.someone("eve", Role::Observer).await;
        let now = app.engine.context.now();
        let (schedule, eve) = (app.id("primary"), app.id("eve"));
        transaction!(app.by(app.id("root")).await, |tx| shadows::add(tx, schedule, eve, (now, now + days(7))).await?).unwrap();
        app.fires("checkout", "Checkout answers slowly", 2, "slow").await;
        app.settle().await;
        insta::assert_snapshot!("shadowed", words(&app.mailbox("eve")[0]));
    }

    async fn turns_for_a_calendar(app) {
        app.usual_cast().await;
        let (schedule, ana, bo): (ScheduleId, PersonId, PersonId) = (app.id("primary"), app.id("ana"), app.id("bo"));
        let read = |about: &str| {
            let mails = app.mailbox("bo").into_iter();
            let mail = mails.filter(|mail| !mail.event.is_empty()).find(|mail| mail.subject.contains(about)).unwrap();
            let both = format!("{}\n{}", words(&mail), mail.event.replace("\r\n ", "").replace('\r', ""));
            app.mail.clear();
            both.replace(&schedule.to_string(), "SCHEDULE").replace(&bo.to_string(), "BO")
        };
        transaction!(app.by(bo).await, |tx| invitations::want(tx, true).await?).unwrap();
        app.pass(minutes(5)).await;
        insta::assert_snapshot!("turn_invited", read("Mon 9 Mar"));
        let end = "2026-03-16T09:00:00Z".parse().unwrap();
        transaction!(app.by(ana).await, |tx| overrides::add(tx, schedule, &overrides::Draft::by(ana, (end - days(1), end))).await?).unwrap();
        app.pass(minutes(6)).await;
        insta::assert_snapshot!("turn_changed", read("Changed"));
        transaction!(app.by(ana).await, |tx| overrides::add(tx, schedule, &overrides::Draft::by(ana, (end - days(7), end))).await?).unwrap();
        app.pass(minutes(6)).await;
        insta::assert_snapshot!("turn_cancelled", read("No longer on call"));
        transaction!(app.by(bo).await, |tx| invitations::want(tx, false).await?).unwrap();
        app.pass(minutes(6)).await;
        insta::assert_snapshot!("turn_switched_off", read("Out of your calendar"));
    }

    async fn nobody_takes_a_turn(app) {
        app.usual_cast().await;
        let now = app.engine.context.now();
        let asked = requests::Asked {
            schedule: app.id("primary"),
            span: (now + days(1), now + days(2)),
            whom: Vec::new(),
            instead: None,
            note: "My daughter has her first day at school.".to_owned(),
        };
        transaction!(app.by(app.id("ana")).await, |tx| requests::ask(tx, &asked).await?).unwrap();
        app.settle().await;
        app.pass(hours(13)).await;
        insta::assert_snapshot!("turn_untaken", mail(app, "Nobody has taken"));
    }

    async fn one_more_alert(app) {
        app.usual_cast().await;
        let alert = async |title: &str| {
            let mut arriving = app.arriving("checkout", title, title).await;
            arriving.delivery.group = "checkout".to_owned();
            app.ingest.take(arriving).await.unwrap();
        };
        alert("Checkout answers slowly").await;
        transaction!(app.by(app.id("ana")).await, |tx| incidents::acknowledge(tx, 1, Via::Page).await?).unwrap();
        app.pass(minutes(1)).await;
        alert("Checkout returns errors").await;
        app.settle().await;
        insta::assert_snapshot!("one_more_alert", mail(app, "One more alert"));
    }

    async fn a_status_update_is_due(app) {
        acknowledged(app).await;
        app.mail.clear();
        let draft = incidents::Draft {
            kind: incidents::Writing::StatusUpdate,
            text: "We look at it.",
            at: "",
            zone: chrono_tz::UTC,
            next_in: Some(minutes(30)),
        };
        transaction!(app.by(app.id("ana")).await, |tx| incidents::write_draft(tx, 1, &draft).await?).unwrap();
        app.pass(minutes(31)).await;
        insta::assert_snapshot!("update_due", mail(app, "status update is due"));
    }

    async fn nobody_is_on_call(app) {
        app.usual_cast().await;
        let team = app.id("payments");
        let nobody = domain::oncall::Schedule { time_zone: chrono_tz::UTC, layers: Vec::new(), overrides: Vec::new() };
        let service: domain::ids::ServiceId = app.id("checkout");
        transaction!(app.engine, |tx| {
            let empty = engine::oncall::store::create(tx, team, "nights", &nobody).await?;
            let id = engine::teams::find_service(tx, service).await?.policy_id.unwrap();
            let mut policy = policies::policy(tx, id).await?;
            policy.steps[0].targets = vec![Target::Schedule(empty)];
            policies::change(tx, id, "checkout", &policy).await?
        }).unwrap();
        app.fires("checkout", "Checkout answers slowly", 2, "slow").await;
        app.settle().await;
        insta::assert_snapshot!("nobody_on_call", mail(app, "Nobody was on call"));
    }

    async fn a_test_mail(app) {
        app.usual_cast().await;
        let root = app.person("root").await;
        transaction!(app.by(root.id).await, |tx| notices::test(tx, &root).await?).unwrap();
        app.settle().await;
        insta::assert_snapshot!("test", words(&app.mailbox("root")[0]));
    }
}

/// What a mail is to say is looked at before it is sent to anybody.
#[test]
fn every_mail_is_held_to_its_words() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let names = |dir: &str, ending: &str| -> BTreeSet<String> {
        let files = std::fs::read_dir(here.join(dir)).unwrap();
        files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| Some(name.strip_suffix(ending)?.rsplit("__").next()?.to_owned()))
            .collect()
    };
    let held = names("tests/snapshots", ".snap");
    let told = names("src/messages/templates", ".txt");
    let loose: Vec<&String> = told.difference(&held).collect();
    assert!(loose.is_empty(), "no snapshot of {loose:?}");
}
