//! `cargo xtask crash`: the long form of the kill test.

use crate::postgres::{Cluster, For};
use crate::system::{postgres, provide};
use crate::tools::{cargo, run, say};
use anyhow::Result;

pub fn crash(kills: u32, seed: u64, install: bool) -> Result<()> {
    say(&format!(
        "Kills the server {kills} times on SQLite, and as often one of three on PostgreSQL, while alerts arrive. Seed {seed}.",
    ));
    say("About a second a kill, after the build. Ctrl-C ends it and leaves nothing behind.");
    provide(&[postgres()], install)?;
    let cluster = match std::env::var("KINTSUGI_TEST_POSTGRES") {
        Ok(_) => None,
        Err(_) => Some(Cluster::start(For::Tests)?),
    };
    let mut test = cargo();
    // As `cargo xtask test` builds it: another choice of packages would unify other features, and build all again.
    test.args([
        "test",
        "--workspace",
        "--exclude",
        "client",
        "--test",
        "all",
        "--",
        "crash::",
    ]);
    // One after the other, and with what they count.
    test.args(["--nocapture", "--test-threads=1"]);
    test.env("KINTSUGI_KILLS", kills.to_string());
    test.env("KINTSUGI_SEED", seed.to_string());
    if let Some(cluster) = &cluster {
        test.env("KINTSUGI_TEST_POSTGRES", &cluster.url);
    }
    run(&mut test)?;
    say(&format!(
        "Nothing was lost. The same kills again: cargo xtask crash --kills {kills} --seed {seed}"
    ));
    Ok(())
}
