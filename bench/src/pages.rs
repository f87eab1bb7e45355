//! What a reader waits for in a house of 10,000 incidents, and in one of 100,000 whose database looked at itself on its first day
//! only: the first byte, the bytes of HTML, and how many queries a page asks.

use crate::database::Kind;
use crate::figures::{Figures, Goal, Share, median, percentile};
use crate::house::{Edit, House, Looked, Page, Size};
use crate::server::{Server, client};
use crate::{queries, start};
use anyhow::{Context, Result, ensure};
use reqwest::Client;
use std::time::Instant;
use testing::Mailboxes;

const TO_BEGIN_WITH: usize = 10;
const ONE_BY_ONE: usize = 50;
/// A page may take so many times what the log-in page takes.
const TIMES_LOG_IN: f64 = 10.0;
/// Milliseconds in which one who types sees what it comes to.
const PREVIEW_WITHIN: f64 = 50.0;
const AT_ONCE: usize = 32;
/// Of each of those who ask at once.
const EACH: usize = 8;

pub async fn measure(figures: &mut Figures, kind: Kind) -> Result<()> {
    let house = House::build(kind, Size::BIG, Looked::Today).await?;
    measure_house(figures, house, "10,000 incidents").await
}

pub async fn measure_many_years(figures: &mut Figures, kind: Kind) -> Result<()> {
    let house = House::build(kind, Size::HUGE, Looked::OnTheFirstDay).await?;
    measure_house(figures, house, "100,000 incidents").await
}

/// Says where the program answers and with which session, and waits to be ended.
pub async fn stay(kind: Kind) -> Result<()> {
    let house = House::build(kind, Size::HUGE, Looked::OnTheFirstDay).await?;
    let mail = Mailboxes::open().await;
    let server = Server::start(&house.database, &mail).await?;
    println!("database  {}\ncookie    {}", house.database.address, house.cookie);
    for page in &house.pages {
        println!("{:24} {}", page.name, server.at(&page.path));
    }
    std::future::pending().await
}

/// Throws it away.
async fn measure_house(figures: &mut Figures, house: House, size: &str) -> Result<()> {
    let mail = Mailboxes::open().await;
    figures.add(
        &house.database.named(&format!("start to first answer, {size}")),
        start::millis(&house.database, &mail).await?,
        "ms",
        Goal::AtMost(200.0),
    )?;
    let server = Server::start(&house.database, &mail).await?;
    let log_in = Reading::of_log_in(&server, &house, size)
        .measure_log_in(figures)
        .await?;
    for page in &house.pages {
        let name = format!("{}, {size}", page.name);
        let reading = Reading::of(&server, &house, page, &name);
        reading.measure_alone(figures, &log_in).await?;
        reading.measure_at_once(figures).await?;
    }
    measure_preview(figures, &server, &house, size).await?;
    drop(server);
    measure_queries(figures, house, size).await
}

/// What whoever edits a schedule waits for while they type.
async fn measure_preview(figures: &mut Figures, server: &Server, house: &House, size: &str) -> Result<()> {
    let client = client();
    let Edit { schedule, fields } = house.edit.clone();
    let form = [("schedule", schedule.to_string()), ("fields", fields)];
    let mut taken = Vec::new();
    for number in 0..TO_BEGIN_WITH + ONE_BY_ONE {
        let asked = Instant::now();
        let request = client.post(server.at("/ask/schedule-preview")).form(&form);
        let answer = request.header("cookie", &house.cookie).send().await?;
        ensure!(answer.status() == 200, "the preview answers {}", answer.status());
        let drawn = answer.text().await?;
        ensure!(
            drawn.contains("Whose turns change"),
            "the preview says something else"
        );
        if number >= TO_BEGIN_WITH {
            taken.push(asked.elapsed().as_secs_f64() * 1000.0);
        }
    }
    let name = house
        .database
        .named(&format!("preview of a schedule's editor, {size}"));
    figures.add(&name, median(&taken), "ms", Goal::AtMost(PREVIEW_WITHIN))
}

/// Of each page, beside those in a house of 64 incidents. Throws the house away.
async fn measure_queries(figures: &mut Figures, house: House, size: &str) -> Result<()> {
    let small = House::build(house.database.kind, Size::SMALL, Looked::Today).await?;
    let of_small = queries::count(&small).await?;
    small.database.throw_away().await;
    let of_this = queries::count(&house).await?;
    for ((page, few), many) in house.pages.iter().zip(of_small).zip(of_this) {
        let name = format!("queries of {}, 64 incidents", page.name);
        figures.add(&house.database.named(&name), few as f64, "", Goal::None)?;
        let name = format!("queries of {}, {size}", page.name);
        figures.add(
            &house.database.named(&name),
            many as f64,
            "",
            Goal::AtMost(few as f64),
        )?;
    }
    house.database.throw_away().await;
    Ok(())
}

/// A page that is asked for as a browser does.
#[derive(Clone)]
struct Reading {
    client: Client,
    address: String,
    cookie: String,
    /// `list (SQLite)`
    name: String,
    /// See [`Page::within`].
    within: Option<f64>,
}

/// Milliseconds from the request, and bytes.
struct Read {
    first: f64,
    whole: f64,
    bytes: usize,
}

impl Reading {
    fn of(server: &Server, house: &House, page: &Page, name: &str) -> Self {
        Self {
            client: client(),
            address: server.at(&page.path),
            cookie: house.cookie.clone(),
            name: house.database.named(name),
            within: page.within,
        }
    }

    /// The page that needs least of us: what it takes is the machine's.
    fn of_log_in(server: &Server, house: &House, size: &str) -> Self {
        Self {
            client: client(),
            address: server.at("/login"),
            cookie: String::new(),
            name: house.database.named(&format!("log-in, {size}")),
            within: None,
        }
    }

    /// Answers with the row's name.
    async fn measure_log_in(&self, figures: &mut Figures) -> Result<String> {
        let reads = self.read_one_by_one("br").await?;
        let name = format!("first byte of {}", self.name);
        figures.add(&name, median(&first_bytes(&reads)), "ms", Goal::None)?;
        Ok(name)
    }

    async fn measure_alone(&self, figures: &mut Figures, log_in: &str) -> Result<()> {
        let packed = self.read_one_by_one("br").await?;
        let plain = self.read_one_by_one("identity").await?;
        let whole: Vec<f64> = packed.iter().map(|read| read.whole).collect();
        let bytes = packed.first().context("nothing was read")?.bytes;
        let name = &self.name;
        let first = median(&first_bytes(&packed));
        let goal = self.within.map_or(Goal::None, Goal::AtMost);
        figures.add(&format!("first byte of {name}"), first, "ms", goal)?;
        if self.within.is_none() {
            figures.add_share(
                &format!("first byte of {name}: times that of log-in"),
                first,
                log_in,
                Share::Times,
                Goal::AtMost(TIMES_LOG_IN),
            )?;
        }
        let mut row =
            |what: &str, value, unit, goal| figures.add(&format!("{what} of {name}"), value, unit, goal);
        row("last byte", median(&whole), "ms", Goal::None)?;
        row(
            "first byte, unpacked,",
            median(&first_bytes(&plain)),
            "ms",
            Goal::None,
        )?;
        row(
            "HTML after brotli",
            bytes as f64 / 1024.0,
            "KB",
            Goal::AtMost(60.0),
        )
    }

    async fn measure_at_once(&self, figures: &mut Figures) -> Result<()> {
        let tasks: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                let reading = self.clone();
                tokio::spawn(async move {
                    let mut reads = Vec::new();
                    for _ in 0..EACH {
                        reads.push(reading.read("br").await?);
                    }
                    anyhow::Ok(reads)
                })
            })
            .collect();
        let mut crowd = Vec::new();
        for task in tasks {
            crowd.extend(task.await??);
        }
        let first = first_bytes(&crowd);
        let name = &self.name;
        for (what, value) in [
            ("median", median(&first)),
            ("99th percentile", percentile(&first, 99.0)),
        ] {
            let name = format!("first byte, 32 at once, {what}, of {name}");
            figures.add(&name, value, "ms", Goal::None)?;
        }
        Ok(())
    }

    async fn read_one_by_one(&self, coding: &'static str) -> Result<Vec<Read>> {
        // The first ones fill caches.
        for _ in 0..TO_BEGIN_WITH {
            self.read(coding).await?;
        }
        let mut reads = Vec::new();
        for _ in 0..ONE_BY_ONE {
            reads.push(self.read(coding).await?);
        }
        Ok(reads)
    }

    async fn read(&self, coding: &'static str) -> Result<Read> {
        let asked = Instant::now();
        let request = self.client.get(&self.address).header("cookie", &self.cookie);
        let mut answer = request.header("accept-encoding", coding).send().await?;
        ensure!(
            answer.status() == 200,
            "{} answers {}",
            self.address,
            answer.status()
        );
        let is_packed = answer.headers().contains_key("content-encoding");
        ensure!(
            is_packed == (coding != "identity"),
            "{} does not come as {coding}",
            self.address
        );
        let mut bytes = answer.chunk().await?.map_or(0, |chunk| chunk.len());
        let first = asked.elapsed();
        while let Some(chunk) = answer.chunk().await? {
            bytes += chunk.len();
        }
        Ok(Read {
            first: first.as_secs_f64() * 1000.0,
            whole: asked.elapsed().as_secs_f64() * 1000.0,
            bytes,
        })
    }
}

fn first_bytes(reads: &[Read]) -> Vec<f64> {
    reads.iter().map(|read| read.first).collect()
}
