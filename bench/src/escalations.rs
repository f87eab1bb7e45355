//! Ten thousand policies whose next step is due in the same minute, as after an outage of a whole site: when the last of the people is
//! told.

use crate::database::{Database, Kind};
use crate::figures::{Figures, Goal};
use crate::ingest::{CONNECTIONS, opening};
use crate::load::{Load, Until};
use crate::people;
use crate::server::Server;
use anyhow::{Result, ensure};
use chrono::TimeDelta;
use engine::db::sql;
use engine::transaction;
use std::time::{Duration, Instant};
use testing::Mailboxes;

/// Each pages a person of its own, who gets five mails; a sixth within five minutes would wait for a list.
const SERVICES: usize = 2000;
const INCIDENTS: usize = 10_000;
/// What comes later is not within the minute.
const PATIENCE: Duration = Duration::from_secs(300);

pub async fn measure(figures: &mut Figures, kind: Kind) -> Result<()> {
    let mail = Mailboxes::open().await;
    let database = Database::new(kind).await?;
    let doors = people::with_services(&database, SERVICES).await;
    repeats(&database).await?;
    let server = Server::start(&database, &mail).await?;
    let load = Load::full(CONNECTIONS, Until::Sent(INCIDENTS as u64));
    let opened = load.run(opening(&server.all_at(&doors), "due")).await;
    ensure!(
        opened.good == INCIDENTS as u64,
        "only {} alerts were taken",
        opened.good
    );
    server.emptied().await?;
    drop(server);

    all_are_due(&database).await?;
    mail.clear();
    let server = Server::start(&database, &mail).await?;
    let begun = Instant::now();
    while mail.how_many() < INCIDENTS && begun.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let took = begun.elapsed();
    let told = mail.how_many();
    ensure!(told >= INCIDENTS, "only {told} of {INCIDENTS} were told");
    figures.add(
        &database.named("10,000 policies due at once: last page accepted after"),
        took.as_secs_f64(),
        "s",
        Goal::AtMost(60.0),
    )?;
    drop(server);
    database.throw_away().await;
    Ok(())
}

/// Policies begin again once they are through.
async fn repeats(database: &Database) -> Result<()> {
    let app = database.open().await;
    transaction!(app.engine, |tx| {
        sql("UPDATE escalation_policies SET repeats = 3").run(tx).await?;
    })?;
    app.engine.db.close().await;
    Ok(())
}

/// As if the delay of each step were over, and the pages before long ago.
async fn all_are_due(database: &Database) -> Result<()> {
    let app = database.open().await;
    let now = app.engine.context.now();
    let an_hour_ago = now - TimeDelta::hours(1);
    transaction!(app.engine, |tx| {
        sql("UPDATE escalations SET next_at = $1 WHERE next_at IS NOT NULL")
            .bind(now)
            .run(tx)
            .await?;
        sql("UPDATE pages SET created_at = $1")
            .bind(an_hour_ago)
            .run(tx)
            .await?;
    })?;
    app.engine.db.close().await;
    Ok(())
}
