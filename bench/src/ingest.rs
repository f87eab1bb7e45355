//! Alerts a second: each opening an incident of its own, and each joining an open one; and the answer's time at half the rate.

use crate::alertmanager;
use crate::database::{Database, Kind};
use crate::figures::{Figures, Goal, Share};
use crate::load::{Load, Outcome, Post, Until};
use crate::people;
use crate::server::Server;
use anyhow::Result;
use std::time::Duration;
use testing::Mailboxes;

pub const SERVICES: usize = 400;
pub const CONNECTIONS: u64 = 64;

pub async fn measure(figures: &mut Figures, kind: Kind, span: Duration) -> Result<()> {
    let mail = Mailboxes::open().await;
    let database = Database::new(kind).await?;
    let doors = people::with_services(&database, SERVICES).await;
    let server = Server::start(&database, &mail).await?;
    let doors = server.all_at(&doors);
    let full = Load::full(CONNECTIONS, Until::Passed(span));

    let name = "alerts a second, each opening its own incident";
    let opened = full.run(opening(&doors, "open")).await;
    tell(figures, &database, name, &opened)?;
    share(figures, &database, name, &opened, alertmanager::FRESH, 7.0)?;
    emptied(figures, &database, &server, name).await?;

    let half = Load {
        rate: Some(opened.a_second() / 2.0),
        ..full
    };
    let calm = half.run(opening(&doors, "half")).await;
    figures.add(
        &database.named("answer at half that rate, 99th percentile"),
        calm.percentile(99.0),
        "ms",
        Goal::AtMost(25.0),
    )?;
    server.emptied().await?;

    let name = "alerts a second, joining open incidents";
    let joined = full.run(joining(&doors, "open")).await;
    tell(figures, &database, name, &joined)?;
    share(figures, &database, name, &joined, alertmanager::AGAIN, 30.0)?;
    emptied(figures, &database, &server, name).await?;
    drop(server);
    database.throw_away().await;
    Ok(())
}

fn tell(figures: &mut Figures, database: &Database, name: &str, outcome: &Outcome) -> Result<()> {
    figures.add(&database.named(name), outcome.a_second(), "/s", Goal::None)?;
    figures.add(
        &database.named(&format!("{name}: answer, 99th percentile")),
        outcome.percentile(99.0),
        "ms",
        Goal::None,
    )?;
    figures.add(
        &database.named(&format!("{name}: turned away or failed")),
        outcome.refused_or_failed(),
        "",
        Goal::AtMost(0.0),
    )
}

/// Of what Alertmanager takes on the same machine.
fn share(
    figures: &mut Figures,
    database: &Database,
    name: &str,
    outcome: &Outcome,
    of: &str,
    goal: f64,
) -> Result<()> {
    let name = database.named(&format!("{name}: share of Alertmanager's"));
    figures.add_share(&name, outcome.a_second(), of, Share::Percent, Goal::AtLeast(goal))
}

/// Every request was answered by the end of the load, and an answer comes after the commit. What may wait still are mails.
async fn emptied(figures: &mut Figures, database: &Database, server: &Server, name: &str) -> Result<()> {
    let took = server.emptied().await?;
    figures.add(
        &database.named(&format!("{name}: outbox empty after")),
        took.as_secs_f64(),
        "s",
        Goal::None,
    )
}

/// Each alert has a key of its own; the run's name keeps those of several runs apart.
pub fn opening(doors: &[String], run: &'static str) -> impl Fn(u64) -> Post + Send + Sync + use<> {
    let doors = doors.to_vec();
    move |n| Post {
        to: doors[n as usize % doors.len()].clone(),
        body: body(&format!("{run}-{n}")),
    }
}

/// Each alert has the key of the first one that its service had in the run of this name, again and again.
pub fn joining(doors: &[String], run: &'static str) -> impl Fn(u64) -> Post + Send + Sync + use<> {
    let doors = doors.to_vec();
    move |n| {
        let service = n as usize % doors.len();
        Post {
            to: doors[service].clone(),
            body: body(&format!("{run}-{service}")),
        }
    }
}

pub fn body(key: &str) -> String {
    format!(
        r#"{{"title":"Error rate above 5 %","severity":"SEV2","dedup_key":"{key}","details":{{"region":"eu-1"}}}}"#
    )
}
