//! `cargo xtask bench`: the numbers, on this machine.

use crate::budget::Budget;
use crate::build::release;
use crate::tools::{cargo, run, say, target};
use anyhow::Result;

pub fn bench(install: bool, seconds: u64) -> Result<()> {
    say(
        "Builds a release and measures it: alerts a second, answers, mails, memory. Let nothing else run meanwhile.",
    );
    say("About 8 minutes to build the first time; then each load runs for the seconds that are asked for.");
    release(install, &mut Budget::default())?;
    run(cargo()
        .args(["run", "--release", "--quiet", "--package", "bench", "--"])
        .arg(seconds.to_string()))?;
    say(&format!(
        "Stored in {}",
        target().join("bench/bench.json").display()
    ));
    Ok(())
}
