//! Measures a release on this machine and stores `target/bench/bench.json`. What is measured is real: the program itself, over
//! HTTP and SMTP, on a file with `synchronous=FULL`.

// A benchmark measures real time.
#![allow(clippy::disallowed_methods)]

mod figures;
mod load;
mod server;

use anyhow::Result;
use figures::{Figures, Goal, percentile};
use load::Load;
use server::Server;
use std::time::{Duration, Instant};
use testing::{Mailboxes, TestApp};

const SERVICES: usize = 400;
const CONNECTIONS: u64 = 64;

#[tokio::main]
async fn main() -> Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let span = Duration::from_secs(seconds_asked());
    let mut figures = Figures::default();
    let folder = tempfile::tempdir()?;
    let address = format!("sqlite://{}", folder.path().join("kintsugi.db").display());
    let mail = Mailboxes::open().await;
    let doors = house(&address).await;
    let server = Server::start(&server::program(), &address, &mail.smtp_url()).await?;
    let doors: Vec<String> = doors
        .iter()
        .map(|door| format!("{}{door}", server.base))
        .collect();

    figures.add(
        "start to first answer",
        server.start.as_secs_f64() * 1000.0,
        "ms",
        Goal::AtMost(200.0),
    );
    tokio::time::sleep(Duration::from_secs(2)).await;
    figures.add("memory at rest", server.megabytes()?, "MB", Goal::AtMost(60.0));
    let size = std::fs::metadata(server::program())?.len();
    figures.add("size of the binary", size as f64 / 1048576.0, "MB", Goal::None);
    idle_mail(&mut figures, &mail, &doors).await;
    ingest(&mut figures, &server, &doors, span).await?;
    figures.store(&server::program().with_file_name("../bench/bench.json"))
}

fn seconds_asked() -> u64 {
    std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(30)
}

/// Answers with the paths of the services' doors.
async fn house(database: &str) -> Vec<String> {
    let app = TestApp::at(database).await;
    let paths = app.many_services(SERVICES).await;
    app.engine.db.close().await;
    paths
}

/// From the answer of the webhook to the mail in the mailbox, one alert at a time.
async fn idle_mail(figures: &mut Figures, mail: &Mailboxes, doors: &[String]) {
    let client = reqwest::Client::new();
    let mut millis = Vec::new();
    for (n, door) in doors.iter().take(40).enumerate() {
        let title = format!("Idle {n}");
        let body = format!(r#"{{"title":"{title}","severity":"SEV2","dedup_key":"idle-{n}"}}"#);
        let post = client
            .post(door)
            .header("content-type", "application/json")
            .body(body);
        if post.send().await.is_err() {
            continue;
        }
        let answered = Instant::now();
        while answered.elapsed() < Duration::from_secs(10)
            && !mail.all().iter().any(|mail| mail.subject.ends_with(&title))
        {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        millis.push(answered.elapsed().as_secs_f64() * 1000.0);
    }
    figures.add(
        "webhook answered to mail accepted, idle, median",
        percentile(&mut millis, 50.0),
        "ms",
        Goal::AtMost(100.0),
    );
    figures.add(
        "webhook answered to mail accepted, idle, 99th percentile",
        percentile(&mut millis, 99.0),
        "ms",
        Goal::None,
    );
}

/// Each alert its own incident; each alert into an incident that is open; and the answer's time at half the rate.
async fn ingest(figures: &mut Figures, server: &Server, doors: &[String], span: Duration) -> Result<()> {
    let opening = {
        let doors = doors.to_vec();
        move |run: &'static str| {
            let doors = doors.clone();
            move |n: u64| {
                let door = doors[n as usize % doors.len()].clone();
                let body = format!(
                    r#"{{"title":"Error rate above 5 %","severity":"SEV2","dedup_key":"{run}-{n}","details":{{"region":"eu-1"}}}}"#
                );
                (door, body)
            }
        }
    };
    let full = Load {
        connections: CONNECTIONS,
        span,
        rate: None,
    };
    let opened = full.run(opening("open")).await;
    figures.add(
        "alerts a second, each opening its own incident (SQLite)",
        opened.a_second(),
        "/s",
        Goal::AtLeast(2000.0),
    );
    figures.add(
        "of these refused or failed",
        opened.bad as f64,
        "",
        Goal::AtMost(0.0),
    );
    let half = Load {
        connections: CONNECTIONS,
        span: span / 2,
        rate: Some(opened.a_second() / 2.0),
    };
    let mut calm = half.run(opening("half")).await;
    figures.add(
        "answer at half that rate, 99th percentile",
        calm.percentile(99.0),
        "ms",
        Goal::AtMost(25.0),
    );
    let doors = doors.to_vec();
    let joining = move |n: u64| {
        let service = n as usize % doors.len();
        let body =
            format!(r#"{{"title":"Error rate above 5 %","severity":"SEV2","dedup_key":"open-{service}"}}"#);
        (doors[service].clone(), body)
    };
    let joined = full.run(joining).await;
    figures.add(
        "alerts a second, joining open incidents (SQLite)",
        joined.a_second(),
        "/s",
        Goal::AtLeast(5000.0),
    );
    let all = opened.good + calm.good + joined.good;
    println!("{all} alerts so far");
    figures.add(
        "memory after all these alerts",
        server.megabytes()?,
        "MB",
        Goal::AtMost(150.0),
    );
    Ok(())
}
