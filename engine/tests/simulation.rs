//! Weeks that go wrong: the real engine on a clock that a plan moves, with faults that a seed decides. After each step what people rely
//! on must hold. A seed that fails is told, and `KINTSUGI_SEED=17 cargo test -p engine --test all simulation::` plays it again.

#![allow(clippy::unwrap_used)]

mod arranged;
mod check;
mod commits;
mod faults;
mod plan;
mod turns_red;
mod world;

use plan::Plan;
use testing::TestApp;
use world::World;

/// Weeks in a whole run, on SQLite. Those of two nodes take turns on PostgreSQL, where each is slower.
const WEEKS: u64 = 200;
const WEEKS_OF_TWO_NODES: u64 = 16;
/// The runs go on beside each other.
const AT_ONCE: u64 = 4;

/// The seeds of one of the runs, or the one that is asked for.
fn seeds(run: u64, weeks: u64) -> Vec<u64> {
    match std::env::var("KINTSUGI_SEED") {
        Ok(seed) => {
            let seed: u64 = seed.parse().expect("KINTSUGI_SEED is a number");
            if seed % AT_ONCE == run {
                vec![seed]
            } else {
                Vec::new()
            }
        }
        Err(_) => (0..weeks).filter(|seed| seed % AT_ONCE == run).collect(),
    }
}

async fn live_through(app: TestApp, seed: u64) {
    let mut world = World::new(&app, seed).await;
    let mut plan = Plan::new(seed);
    if let Err(broken) = Box::pin(plan.week(&mut world)).await {
        panic!(
            "seed {seed}, {}: {broken}\nKINTSUGI_SEED={seed} plays it again\n{}",
            world.now(),
            world.what_happened().join("\n")
        );
    }
    eprintln!("seed {seed}: {} rounds", world.settled);
    app.drop_postgres().await;
}

async fn weeks(run: u64) {
    for seed in seeds(run, WEEKS) {
        live_through(TestApp::on_sqlite().await, seed).await;
    }
}

async fn weeks_of_two_nodes(run: u64) {
    for seed in seeds(run, WEEKS_OF_TWO_NODES) {
        if let Some(app) = TestApp::on_postgres().await {
            live_through(app, seed).await;
        }
    }
}

macro_rules! runs {
    ($($name:ident: $weeks:ident($run:expr);)+) => {$(
        #[tokio::test]
        async fn $name() {
            $weeks($run).await;
        }
    )+};
}

runs! {
    weeks_that_go_wrong_lose_no_page_0: weeks(0);
    weeks_that_go_wrong_lose_no_page_1: weeks(1);
    weeks_that_go_wrong_lose_no_page_2: weeks(2);
    weeks_that_go_wrong_lose_no_page_3: weeks(3);
    weeks_of_two_nodes_lose_no_page_0: weeks_of_two_nodes(0);
    weeks_of_two_nodes_lose_no_page_1: weeks_of_two_nodes(1);
    weeks_of_two_nodes_lose_no_page_2: weeks_of_two_nodes(2);
    weeks_of_two_nodes_lose_no_page_3: weeks_of_two_nodes(3);
}
