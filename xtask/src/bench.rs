//! `cargo xtask bench`: the numbers, on this machine.

use crate::budget::Budget;
use crate::build::release;
use crate::postgres::{Cluster, For};
use crate::system::{alertmanager, own_postgres, provide};
use crate::tools::{cargo, run, say, target};
use anyhow::Result;

pub fn bench(install: bool, seconds: u64, only: &[String], stay: Option<&str>) -> Result<()> {
    say(
        "Builds a release and measures it, on SQLite and on PostgreSQL, beside Alertmanager. Let nothing else run meanwhile.",
    );
    say(
        "10 to 25 minutes to build the first time, then 15 to 30. Ctrl-C ends it; what was measured till then is kept.",
    );
    provide(&[own_postgres(), alertmanager()], install)?;
    release(install, &mut Budget::default())?;
    // Always one of our own: another one's commits may not be on disk.
    let cluster = Cluster::start(For::Figures)?;
    let mut program = cargo();
    program.args(["run", "--release", "--quiet", "--package", "bench", "--"]);
    program.args(["--seconds", &seconds.to_string()]);
    for section in only {
        program.args(["--only", section]);
    }
    if let Some(database) = stay {
        program.args(["--stay", database]);
    }
    let measured = run(program.env("KINTSUGI_TEST_POSTGRES", &cluster.url));
    say(&format!(
        "The list is in {}",
        target().join("bench/bench.json").display()
    ));
    measured
}
