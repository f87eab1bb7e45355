//! Resident memory after 100,000 alerts.

use crate::database::{Database, Kind};
use crate::figures::{Figures, Goal};
use crate::ingest::{CONNECTIONS, SERVICES, joining, opening};
use crate::load::{Load, Until};
use crate::people;
use crate::server::Server;
use anyhow::{Result, ensure};
use testing::Mailboxes;

/// Half of them open an incident, half join one.
const EACH: u64 = 50_000;

pub async fn measure(figures: &mut Figures, kind: Kind) -> Result<()> {
    let mail = Mailboxes::open().await;
    let database = Database::new(kind).await?;
    let doors = people::with_services(&database, SERVICES).await;
    let server = Server::start(&database, &mail).await?;
    let doors = server.all_at(&doors);
    let load = Load::full(CONNECTIONS, Until::Sent(EACH));
    let opened = load.run(opening(&doors, "open")).await;
    let joined = load.run(joining(&doors, "open")).await;
    let taken = opened.good + joined.good;
    ensure!(taken == 2 * EACH, "only {taken} alerts were taken");
    server.emptied().await?;
    figures.add(
        &database.named("memory after 100,000 alerts"),
        server.megabytes()?,
        "MB",
        Goal::AtMost(150.0),
    )?;
    figures.add(
        &database.named("memory after 100,000 alerts: the most it was"),
        server.most_megabytes()?,
        "MB",
        Goal::None,
    )?;
    drop(server);
    database.throw_away().await;
    Ok(())
}
