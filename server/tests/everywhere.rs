//! Who is on call: wherever one asks, the answer is the same, over a change of the clock and an override.

#![allow(clippy::unwrap_used)]

use crate::oncall::told;
use crate::site::{Site, cookie_of};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use domain::Severity;
use domain::ids::{PersonId, ScheduleId, ServiceId, TeamId};
use domain::oncall::wall;
use engine::deactivation::{self, Heir, Heirs};
use engine::oncall::calendar::{Of, turns};
use engine::oncall::dry_run::{DryRun, dry_run};
use engine::oncall::overrides::{self, Draft};
use engine::oncall::{feeds, on_call_now, shown};
use engine::{Actor, transaction};
use testing::{TestApp, both_databases, minutes};

const PEOPLE: [&str; 3] = ["ana", "bo", "cy"];

/// The pager is handed over on Sundays at 02:30 in Berlin. On 29 March the clock is set forward over that time.
async fn cast(app: &TestApp) -> ScheduleId {
    app.administrator("root").await;
    for name in PEOPLE {
        app.responder(name).await;
    }
    app.team("payments", &PEOPLE).await;
    app.service("checkout", "payments").await;
    let id = app
        .schedule("primary", "payments")
        .starting("2026-03-01T02:30", "Europe/Berlin")
        .weekly(&["ana", "bo"])
        .make()
        .await;
    app.policy("checkout").step("primary", minutes(5)).make().await;
    transaction!(app.engine, |tx| {
        shown::show(tx, id, true).await?;
        let by = |from: &str, to: &str| Draft::by(app.id("cy"), (from.parse().unwrap(), to.parse().unwrap()));
        overrides::add(tx, id, &by("2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z")).await?
    })
    .unwrap();
    id
}

/// The only one of them whose name is in the text.
fn named_in(text: &str) -> String {
    let words: Vec<&str> = text.split(|letter: char| !letter.is_alphanumeric()).collect();
    let found: Vec<&str> = ["Ana", "Bo", "Cy"]
        .into_iter()
        .filter(|name| words.contains(name))
        .collect();
    found.join(" and ")
}

/// What stands between two texts.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text
        .split_once(from)
        .unwrap_or_else(|| panic!("{from} is missing in {text}"))
        .1;
    rest.split_once(to).map_or(rest, |(part, _)| part)
}

/// Every place that says who is on call, and whom it says.
async fn asked_everywhere(
    app: &TestApp,
    site: &Site,
    schedule: ScheduleId,
    number: i64,
) -> Vec<(&'static str, String)> {
    let (service, team): (ServiceId, TeamId) = (app.id("checkout"), app.id("payments"));
    let mut said: Vec<(&'static str, String)> = Vec::new();
    let root = cookie_of(app, "root").await;
    let seen = async |path: String, cookie: &str| {
        let answer = site.get(&path).header("cookie", cookie).send().await.unwrap();
        answer.text().await.unwrap()
    };
    let page = seen(format!("/settings/schedules/{schedule}"), &root).await;
    said.push((
        "schedule",
        named_in(between(&page, "Has the pager now: ", "</p>")),
    ));
    let mut tx = app.engine.read().await.unwrap();
    let now = tx.now();
    let token = shown::token_of(&mut tx, schedule).await.unwrap().unwrap();
    let (_, ids) = on_call_now(&mut tx, schedule).await.unwrap();
    said.push(("engine", names(app, ids)));
    for (place, of) in [
        ("calendar", Of::Schedule(schedule)),
        ("team", Of::Team(team)),
        ("all", Of::All),
    ] {
        let around = turns(&mut tx, of, (now - TimeDelta::days(2), now + TimeDelta::days(2)))
            .await
            .unwrap();
        let turn = around
            .into_iter()
            .find(|turn| turn.from <= now && turn.to > now)
            .unwrap();
        said.push((place, names(app, turn.people.into_iter().map(|person| person.id))));
    }
    let dry = dry_run(&mut tx, service, Severity::Sev2, now).await.unwrap();
    let DryRun::Pages { steps, .. } = dry else {
        panic!("{dry:?}")
    };
    let woken: Vec<&str> = steps[0].people.iter().map(|woken| woken.name.as_str()).collect();
    said.push(("dry run", woken.join(" and ")));
    drop(tx);
    said.push(("shown page", named_in(&seen(format!("/shown/{token}"), "").await)));
    let file = seen(
        format!("/settings/schedules/{schedule}/schedule.json"),
        &cookie_of(app, "ana").await,
    )
    .await;
    said.push(("command line", told_by_the_program(&file, now)));
    said.push(("badge", named_in(&seen(format!("/shown/{token}.svg"), "").await)));
    let mut homes = Vec::new();
    let mut people = Vec::new();
    let mut feeds_of = Vec::new();
    for name in PEOPLE {
        let full = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        if seen("/".to_owned(), &cookie_of(app, name).await)
            .await
            .contains("You have the pager")
        {
            homes.push(full.clone());
        }
        let mut tx = app.engine.read().await.unwrap();
        let mine = turns(
            &mut tx,
            Of::Person(app.id(name)),
            (now, now + TimeDelta::seconds(1)),
        )
        .await
        .unwrap();
        if !mine.is_empty() {
            people.push(full.clone());
        }
        drop(tx);
        if is_in_their_feed(app, name, now).await {
            feeds_of.push(full);
        }
    }
    said.push(("home", homes.join(" and ")));
    said.push(("person", people.join(" and ")));
    said.push(("feed", feeds_of.join(" and ")));
    app.fires(
        "checkout",
        &format!("Slow {number}"),
        2,
        &format!("slow-{number}"),
    )
    .await;
    app.settle().await;
    let paged: Vec<String> = app
        .story(number)
        .await
        .paged()
        .into_iter()
        .map(str::to_owned)
        .collect();
    said.push(("paging", paged.join(" and ")));
    let mailed = PEOPLE.into_iter().filter(|name| {
        app.subjects(name)
            .iter()
            .any(|subject| subject.ends_with(&format!("Slow {number}")))
    });
    let mailed: Vec<String> = mailed
        .map(|name| format!("{}{}", name[..1].to_uppercase(), &name[1..]))
        .collect();
    said.push(("mail", mailed.join(" and ")));
    let page = seen(format!("/incidents/{number}"), &root).await;
    said.push(("incident", named_in(between(&page, "Paged: ", "</"))));
    said
}

/// What `kintsugi oncall preview` says of the schedule as a file.
fn told_by_the_program(file: &str, now: DateTime<Utc>) -> String {
    let (code, answer) = told(file, &["--at", &now.to_rfc3339()]);
    assert_eq!(code, Some(0), "{answer}");
    let people = answer["people"].as_array().unwrap().iter();
    let names: Vec<&str> = people.map(|name| name.as_str().unwrap()).collect();
    names.join(" and ")
}

fn names(app: &TestApp, ids: impl IntoIterator<Item = PersonId>) -> String {
    let ids: Vec<PersonId> = ids.into_iter().collect();
    let found = PEOPLE.into_iter().filter(|name| ids.contains(&app.id(name)));
    let found: Vec<String> = found
        .map(|name| format!("{}{}", name[..1].to_uppercase(), &name[1..]))
        .collect();
    found.join(" and ")
}

async fn is_in_their_feed(app: &TestApp, name: &str, now: DateTime<Utc>) -> bool {
    let person = app.person(name).await;
    let by = app.engine.by(Actor::Person {
        person,
        address: None,
    });
    let secret = transaction!(by, |tx| feeds::create(tx, Of::All).await?).unwrap();
    let mut tx = app.engine.read().await.unwrap();
    let text = feeds::read(&mut tx, secret.reveal()).await.unwrap();
    let zone = chrono_tz::Europe::Berlin;
    let at = |line: &str| {
        let (_, value) = line.split_once(':')?;
        match value.strip_suffix('Z') {
            Some(utc) => Some(
                NaiveDateTime::parse_from_str(utc, "%Y%m%dT%H%M%S")
                    .ok()?
                    .and_utc(),
            ),
            None => Some(wall::instant(
                zone,
                NaiveDateTime::parse_from_str(value, "%Y%m%dT%H%M%S").ok()?,
            )),
        }
    };
    text.split("BEGIN:VEVENT").skip(1).any(|event| {
        let line = |name: &str| event.lines().find(|line| line.starts_with(name)).and_then(at);
        line("DTSTART").is_some_and(|from| from <= now) && line("DTEND").is_some_and(|to| to > now)
    })
}

both_databases! {
    async fn wherever_one_asks_who_is_on_call_the_answer_is_the_same(app) {
        let schedule = cast(app).await;
        let site = Site::open(app).await;
        for (number, (at, expected)) in (1..).zip([
            // It reads 01:59; the hand-off at 02:30 is right after the gap, at 03:00 of summer.
            ("2026-03-29T00:59:00Z", "Bo"),
            ("2026-03-29T01:00:00Z", "Ana"),
            ("2026-03-29T01:29:59Z", "Ana"),
            ("2026-03-29T01:30:00Z", "Cy"),
            ("2026-03-29T02:29:59Z", "Cy"),
            ("2026-03-29T02:30:00Z", "Ana"),
        ]) {
            let at: DateTime<Utc> = at.parse().unwrap();
            app.clock.pass(at - app.engine.context.now());
            for (place, said) in asked_everywhere(app, &site, schedule, number).await {
                assert_eq!(said, expected, "{place} at {at}");
            }
        }
    }

    async fn whoever_is_gone_is_on_call_nowhere(app) {
        let schedule = cast(app).await;
        let site = Site::open(app).await;
        let at: DateTime<Utc> = "2026-03-10T12:00:00Z".parse().unwrap();
        app.clock.pass(at - app.engine.context.now());
        let root = cookie_of(app, "root").await;
        let seen = async |path: &str| {
            let answer = site.get(path).header("cookie", &root).send().await.unwrap();
            answer.text().await.unwrap()
        };
        let pages = async || {
            let one = seen(&format!("/settings/schedules/{schedule}")).await;
            let team = seen("/settings/teams/payments").await;
            let editor = seen(&format!("/settings/schedules/{schedule}/edit")).await;
            (
                named_in(between(&one, "Has the pager now: ", "</p>")),
                named_in(team.split(" has the pager now.").next().unwrap().rsplit('>').next().unwrap()),
                between(&editor, "id=\"rota-preview\"", "</main>").contains("Bo"),
            )
        };
        assert_eq!(pages().await, ("Bo".to_owned(), "Bo".to_owned(), true));
        let nobody = Heirs { schedules: Some(Heir::Nobody), ..Heirs::default() };
        transaction!(app.engine, |tx| deactivation::hand_over(tx, app.id("bo"), nobody).await?).unwrap();
        assert_eq!(pages().await, (String::new(), String::new(), false));
    }
}
