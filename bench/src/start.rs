//! From the start to the first answer, and what it takes in memory at rest.

use crate::database::{Database, Kind};
use crate::figures::{Figures, Goal, median};
use crate::people;
use crate::server::Server;
use anyhow::Result;
use std::time::Duration;
use testing::Mailboxes;

const TIMES: usize = 5;
/// Till what is done once after a start is done.
const AT_REST: Duration = Duration::from_secs(3);

pub async fn measure(figures: &mut Figures, kind: Kind) -> Result<()> {
    let mail = Mailboxes::open().await;
    let database = Database::new(kind).await?;
    let first = Server::start(&database, &mail).await?;
    figures.add(
        &database.named("start to first answer, making the tables"),
        first.start.as_secs_f64() * 1000.0,
        "ms",
        Goal::None,
    )?;
    drop(first);
    people::with_services(&database, 10).await;
    figures.add(
        &database.named("start to first answer"),
        millis(&database, &mail).await?,
        "ms",
        Goal::AtMost(200.0),
    )?;
    let server = Server::start(&database, &mail).await?;
    tokio::time::sleep(AT_REST).await;
    figures.add(
        &database.named("memory at rest"),
        server.megabytes()?,
        "MB",
        Goal::AtMost(60.0),
    )?;
    drop(server);
    database.throw_away().await;
    Ok(())
}

/// The median of some starts.
pub async fn millis(database: &Database, mail: &Mailboxes) -> Result<f64> {
    let mut millis = Vec::new();
    for _ in 0..TIMES {
        let server = Server::start(database, mail).await?;
        millis.push(server.start.as_secs_f64() * 1000.0);
    }
    Ok(median(&millis))
}
