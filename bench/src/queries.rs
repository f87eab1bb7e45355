//! How many queries a page asks: the driver's own log of them, within the request that they were asked for.

use crate::house::House;
use crate::server::{Server, client};
use anyhow::{Result, ensure};
use std::fs::File;
use testing::Mailboxes;

/// For each page of the house.
pub async fn count(house: &House) -> Result<Vec<usize>> {
    let folder = tempfile::tempdir()?;
    let log = folder.path().join("log");
    let mail = Mailboxes::open().await;
    let to = File::create(&log)?.into();
    let server = Server::start_logging(&house.database, &mail, "info,sqlx=debug", to).await?;
    let client = client();
    // A connection to the database that is made anew asks a few for itself.
    let first = client
        .get(server.at("/incidents"))
        .header("cookie", &house.cookie);
    first.send().await?.bytes().await?;
    for (number, page) in house.pages.iter().enumerate() {
        let request = client.get(server.at(&page.path)).header("cookie", &house.cookie);
        let answer = request.header("x-request-id", request_id(number)).send().await?;
        ensure!(
            answer.status() == 200,
            "{} answers {}",
            page.path,
            answer.status()
        );
        answer.bytes().await?;
    }
    drop(server);
    let log = std::fs::read_to_string(log)?;
    let counts = (0..house.pages.len()).map(|number| {
        let id = format!("\"{}\"", request_id(number));
        let lines = log.lines();
        lines
            .filter(|line| line.contains("sqlx::query") && line.contains(&id))
            .count()
    });
    let counts: Vec<usize> = counts.collect();
    ensure!(!counts.contains(&0), "the log tells of no queries");
    Ok(counts)
}

fn request_id(number: usize) -> String {
    format!("page-{number}")
}
