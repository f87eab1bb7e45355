//! 500 people follow one incident: from the commit of a note, which is when its form is answered, to the last of them.

use crate::database::{Database, Kind};
use crate::figures::{Figures, Goal, median, percentile};
use crate::ingest::body;
use crate::people;
use crate::server::{Server, client};
use anyhow::{Context, Result, ensure};
use reqwest::{Client, Response};
use std::time::{Duration, Instant};
use testing::Mailboxes;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

const CLIENTS: usize = 500;
const NOTES: usize = 20;
/// The first ones are not counted.
const TO_BEGIN_WITH: usize = 2;
const PATIENCE: Duration = Duration::from_secs(30);

pub async fn measure(figures: &mut Figures, kind: Kind) -> Result<()> {
    let database = Database::new(kind).await?;
    let (door, cookies) = readers(&database).await?;
    let mail = Mailboxes::open().await;
    let server = Server::start(&database, &mail).await?;
    let client = client();
    let post = client.post(server.at(&door)).body(body("live"));
    let answer = post.header("content-type", "application/json").send().await?;
    ensure!(answer.status().is_success(), "the alert was not taken");
    server.emptied().await?;

    let (heard, mut hearing) = mpsc::unbounded_channel();
    // Streams last, so there is no end after a minute; and each takes a connection, as that of a browser does.
    let following = Client::builder().no_proxy().build()?;
    let mut streams = JoinSet::new();
    for cookie in &cookies {
        let stream = follow(&following, &server, cookie).await?;
        streams.spawn(listen(stream, heard.clone()));
    }
    let mut millis = Vec::new();
    for number in 0..TO_BEGIN_WITH + NOTES {
        write(&client, &server, &cookies[0], number).await?;
        let written = Instant::now();
        let mut last = written;
        for _ in 0..CLIENTS {
            let next = tokio::time::timeout(PATIENCE, hearing.recv()).await;
            last = last.max(
                next.context("a client did not hear of a note within 30 s")?
                    .context("no client is left")?,
            );
        }
        if number >= TO_BEGIN_WITH {
            millis.push((last - written).as_secs_f64() * 1000.0);
        }
    }
    let name = "commit to the last of 500 live clients";
    figures.add(
        &database.named(&format!("{name}, median")),
        median(&millis),
        "ms",
        Goal::AtMost(300.0),
    )?;
    figures.add(
        &database.named(&format!("{name}, 99th percentile")),
        percentile(&millis, 99.0),
        "ms",
        Goal::None,
    )?;
    let name = database.named("memory with 500 live clients");
    figures.add(&name, server.megabytes()?, "MB", Goal::None)?;
    streams.abort_all();
    drop(server);
    database.throw_away().await;
    Ok(())
}

/// A service's door, and a session for each of so many people.
async fn readers(database: &Database) -> Result<(String, Vec<String>)> {
    let app = database.open().await;
    let door = app.many_services(1).await.remove(0);
    let mut readers = Vec::new();
    for number in 0..CLIENTS {
        readers.push(app.responder(&format!("reader{number}")).await);
    }
    let cookies = people::cookies(&app, &readers).await?;
    app.engine.db.close().await;
    Ok((door, cookies))
}

async fn follow(client: &Client, server: &Server, cookie: &str) -> Result<Response> {
    let stream = client.get(server.at("/live/incidents/1"));
    let stream = stream.header("cookie", cookie).send().await?;
    ensure!(
        stream.status() == 200,
        "a live stream answers {}",
        stream.status()
    );
    Ok(stream)
}

/// Tells when each note was heard.
async fn listen(mut stream: Response, heard: mpsc::UnboundedSender<Instant>) {
    let (mut text, mut number) = (Vec::<u8>::new(), 0);
    while let Ok(Some(chunk)) = stream.chunk().await {
        let note = note(number);
        // What was looked through already, but for a note that came in two pieces.
        let seen = text.len().saturating_sub(note.len());
        text.extend_from_slice(&chunk);
        if text[seen..]
            .windows(note.len())
            .any(|part| part == note.as_bytes())
        {
            text.clear();
            number += 1;
            if heard.send(Instant::now()).is_err() {
                return;
            }
        }
    }
}

/// In words that nothing else on the page has.
fn note(number: usize) -> String {
    format!("bench-note-{number:04}-seen")
}

async fn write(client: &Client, server: &Server, cookie: &str, number: usize) -> Result<()> {
    let post = client
        .post(server.at("/incidents/1/notes"))
        .header("cookie", cookie);
    let post = post.header("content-type", "application/x-www-form-urlencoded");
    let answer = post.body(format!("text={}", note(number))).send().await?;
    ensure!(
        answer.status() == 303,
        "the note's form answers {}",
        answer.status()
    );
    Ok(())
}
