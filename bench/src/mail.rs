//! From the webhook to the mail server's acceptance of the page: idle, under 500 alerts a second, and while another service is
//! sending 2,000 a second.
//!
//! A probe is the first page of somebody whom nobody paged before, since a person's sixth page in five minutes waits for a list.

use crate::database::{Database, Kind};
use crate::figures::{Figures, Goal, percentile};
use crate::ingest::{CONNECTIONS, SERVICES, body, opening};
use crate::load::{Load, Outcome, Until};
use crate::people;
use crate::server::{Server, client};
use anyhow::Result;
use reqwest::Client;
use std::ops::Range;
use std::time::{Duration, Instant};
use testing::Mailboxes;
use tokio::task::JoinSet;

const IDLE: usize = 40;
/// Between two probes during a load.
const EVERY: Duration = Duration::from_millis(200);
/// A mail that does not come by then counts as one that took so long.
const PATIENCE: Duration = Duration::from_secs(30);

const BUSY: f64 = 500.0;
const FLOOD: f64 = 2000.0;
/// More than may wait at the door, so that the flood is one whatever the speed of answers.
const FLOOD_CONNECTIONS: u64 = 400;

pub async fn measure(figures: &mut Figures, kind: Kind, span: Duration) -> Result<()> {
    let during_a_load = (span.as_millis() / EVERY.as_millis()).max(1) as usize;
    let idle = SERVICES..SERVICES + IDLE;
    let busy = idle.end..idle.end + during_a_load;
    let flooded = busy.end..busy.end + during_a_load;
    let database = Database::new(kind).await?;
    let doors = people::with_services(&database, flooded.end).await;
    let mail = Mailboxes::open().await;
    let server = Server::start(&database, &mail).await?;
    let probes = Probes {
        doors: server.all_at(&doors),
        mail: mail.clone(),
        client: client(),
    };

    let found = probes.one_after_another(idle).await;
    let name = "webhook answered to page accepted, idle";
    tell(
        figures,
        &database,
        name,
        &found,
        [Goal::AtMost(100.0), Goal::None],
    )?;

    let others = probes.doors[..SERVICES].to_vec();
    let load = Load {
        connections: CONNECTIONS,
        until: Until::Passed(span),
        rate: Some(BUSY),
    };
    let load = tokio::spawn(load.run(opening(&others, "busy")));
    let found = probes.at_intervals(busy).await;
    let sent = load.await?;
    let name = "webhook answered to page accepted, under 500 alerts a second";
    tell(
        figures,
        &database,
        name,
        &found,
        [Goal::None, Goal::AtMost(1000.0)],
    )?;
    tell_load(figures, &database, "these 500 alerts a second", BUSY, &sent)?;
    let took = server.emptied().await?;
    let name = database.named("these 500 alerts a second: outbox empty after");
    figures.add(&name, took.as_secs_f64(), "s", Goal::None)?;

    let flood = Load {
        connections: FLOOD_CONNECTIONS,
        until: Until::Passed(span),
        rate: Some(FLOOD),
    };
    let flood = tokio::spawn(flood.run(opening(&others[..1], "flood")));
    let found = probes.at_intervals(flooded).await;
    let sent = flood.await?;
    let name = "another service's first page, under 2,000 alerts a second of one";
    let whole: Vec<Timing> = found.into_iter().map(Timing::whole).collect();
    tell(
        figures,
        &database,
        name,
        &whole,
        [Goal::None, Goal::AtMost(1000.0)],
    )?;
    tell_load(figures, &database, "these 2,000 alerts a second", FLOOD, &sent)?;
    drop(server);
    database.throw_away().await;
    Ok(())
}

fn tell(
    figures: &mut Figures,
    database: &Database,
    name: &str,
    found: &[Timing],
    [of_median, of_99th]: [Goal; 2],
) -> Result<()> {
    let millis: Vec<f64> = found.iter().map(|timing| timing.millis).collect();
    let lost = found.iter().filter(|timing| !timing.came).count();
    figures.add(
        &database.named(&format!("{name}, median")),
        percentile(&millis, 50.0),
        "ms",
        of_median,
    )?;
    figures.add(
        &database.named(&format!("{name}, 99th percentile")),
        percentile(&millis, 99.0),
        "ms",
        of_99th,
    )?;
    let name = database.named(&format!("{name}: not within 30 s"));
    figures.add(&name, lost as f64, "", Goal::AtMost(0.0))
}

/// What became of the load; one that was smaller than it should be measured something else.
fn tell_load(
    figures: &mut Figures,
    database: &Database,
    name: &str,
    rate: f64,
    load: &Outcome,
) -> Result<()> {
    figures.add(
        &database.named(&format!("{name}: sent")),
        load.sent_a_second(),
        "/s",
        Goal::AtLeast(0.95 * rate),
    )?;
    figures.add(
        &database.named(&format!("{name}: accepted")),
        load.a_second(),
        "/s",
        Goal::None,
    )?;
    figures.add(
        &database.named(&format!("{name}: turned away with 429")),
        load.turned_away as f64,
        "",
        Goal::None,
    )?;
    figures.add(
        &database.named(&format!("{name}: failed")),
        load.failed as f64,
        "",
        Goal::AtMost(0.0),
    )
}

/// From the webhook's answer to the acceptance.
#[derive(Clone, Copy)]
struct Timing {
    millis: f64,
    /// What the webhook's answer took before.
    answer: f64,
    came: bool,
}

impl Timing {
    fn whole(self) -> Self {
        Self {
            millis: self.millis + self.answer,
            ..self
        }
    }
}

#[derive(Clone)]
struct Probes {
    doors: Vec<String>,
    mail: Mailboxes,
    client: Client,
}

impl Probes {
    async fn one_after_another(&self, services: Range<usize>) -> Vec<Timing> {
        let mut found = Vec::new();
        for service in services {
            found.push(self.probe(service).await);
        }
        found
    }

    async fn at_intervals(&self, services: Range<usize>) -> Vec<Timing> {
        let mut under_way = JoinSet::new();
        let mut interval = tokio::time::interval(EVERY);
        for service in services {
            interval.tick().await;
            let probes = self.clone();
            under_way.spawn(async move { probes.probe(service).await });
        }
        under_way.join_all().await
    }

    async fn probe(&self, service: usize) -> Timing {
        let asked = Instant::now();
        let post = self.client.post(&self.doors[service]);
        let post = post.header("content-type", "application/json");
        let answer = post.body(body("probe")).send().await;
        let answered = Instant::now();
        let taken = answer.is_ok_and(|answer| answer.status().is_success());
        let accepted = if taken { self.accepted(service).await } else { None };
        // The mail may be faster than the answer.
        let millis = accepted.map(|at| at.saturating_duration_since(answered).as_secs_f64() * 1000.0);
        Timing {
            millis: millis.unwrap_or(PATIENCE.as_secs_f64() * 1000.0),
            answer: (answered - asked).as_secs_f64() * 1000.0,
            came: accepted.is_some(),
        }
    }

    async fn accepted(&self, service: usize) -> Option<Instant> {
        let (address, begun) = (people::address_of(service), Instant::now());
        while begun.elapsed() < PATIENCE {
            if let Some(at) = self.mail.first_accepted(&address) {
                return Some(at);
            }
            // The instant was noted by the mail server; this wait is no part of it.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }
}
