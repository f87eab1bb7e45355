//! The program is killed again and again while alerts arrive, and nothing that got a 2xx is lost.
//!
//! `KINTSUGI_KILLS` (8) and `KINTSUGI_SEED` (1) make it longer and different; `cargo xtask crash` sets them. What is random comes
//! from the seed; when the operating system runs whom does not.

#![allow(clippy::unwrap_used)]
// Real programs are killed in real time here.
#![allow(clippy::disallowed_methods)]

pub mod checks;
pub mod load;

use self::checks::Records;
use self::load::Load;
use crate::program::nodes::Nodes;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::time::Duration;
use testing::{Mailboxes, Mood, TestApp, until};
use tokio::time::sleep;

const SERVICES: usize = 16;

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}

/// Many services, so that many mails are on their way at each kill; answers with the paths of their doors.
async fn house(database: &str) -> Vec<String> {
    let app = TestApp::at(database).await;
    let paths = app.many_services(SERVICES).await;
    app.engine.db.close().await;
    paths
}

/// Where alerts go: each service's door at each node.
fn doors(nodes: &Nodes, paths: &[String]) -> Vec<String> {
    let of = |path: &String| {
        let at = |port: u16| format!("http://127.0.0.1:{port}{path}");
        nodes.ports().into_iter().map(at).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

async fn killed_again_and_again(address: &str, how_many_nodes: usize) {
    let (kills, seed) = (number("KINTSUGI_KILLS", 8), number("KINTSUGI_SEED", 1));
    let mut chance = StdRng::seed_from_u64(seed);
    let mail = Mailboxes::open().await;
    // So that many kills fall between the mail server's acceptance and our record of it.
    mail.set_mood(Mood::PausesAfterData(Duration::from_millis(60)));
    let paths = house(address).await;
    let mut nodes = Nodes::start(address, how_many_nodes, &mail.smtp_url()).await;
    let load = Load::start(doors(&nodes, &paths), how_many_nodes);
    for kill in 0..kills {
        sleep(Duration::from_millis(chance.random_range(120..900))).await;
        let node = chance.random_range(0..how_many_nodes);
        nodes.kill(node);
        // Now and then a node does not live until it is ready.
        while chance.random_bool(0.2) {
            nodes.begin(node);
            sleep(Duration::from_millis(chance.random_range(1..250))).await;
            nodes.kill(node);
        }
        nodes.start_again(node).await;
        println!(
            "kill {} of {kills}, {} alerts accepted",
            kill + 1,
            load.accepted().len()
        );
    }
    mail.set_mood(Mood::Takes);
    let accepted = load.stop().await;
    assert!(
        accepted.len() as u64 > kills,
        "the load came through between the kills"
    );

    let records = Records::open(address).await;
    records.hold_all(&accepted).await;
    let incidents = records.incidents_of(&accepted).await;
    // Pages beyond the first five of five minutes are told in one list, half a minute later.
    let told = |number: &i64| {
        let label = format!("INC-{number}");
        let names_it = |text: &str| text.split([' ', ',', '\n', '\r']).any(|word| word == label);
        mail.all()
            .iter()
            .any(|mail| names_it(&mail.subject) || names_it(&mail.text))
    };
    until(
        "somebody was paged about each incident, and nothing is left waiting",
        async || incidents.iter().all(told) && records.outbox().await == 0,
    )
    .await;
    records.timelines_have_no_gap().await;
    let copies = records
        .copies_are_of_one_mail_and_come_from_kills(&mail.all(), nodes.kills())
        .await;
    // At most sixteen mails are on their way at each.
    assert!(
        copies <= nodes.kills().len() * 16,
        "{copies} copies for {kills} kills"
    );
    // Few kills may all miss the moment between the acceptance of a mail and our record of it; many do not.
    assert!(
        kills < 50 || copies > 0,
        "no kill came between acceptance and record"
    );
    println!(
        "{} alerts, {} incidents, {} mails, {copies} of them copies",
        accepted.len(),
        incidents.len(),
        mail.all().len()
    );
    nodes.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_accepted_is_lost_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite://{}", folder.path().join("kintsugi.db").display());
    killed_again_and_again(&address, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_accepted_is_lost_on_postgres() {
    if let Some(database) = testing::NewPostgres::create().await {
        killed_again_and_again(&database.address, 1).await;
        database.drop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_accepted_is_lost_on_postgres_with_three_nodes() {
    if let Some(database) = testing::NewPostgres::create().await {
        killed_again_and_again(&database.address, 3).await;
        database.drop().await;
    }
}
