//! How long each step took, against what it may take.

// The build tool measures real time; the rule against clocks is for the product.
#![allow(clippy::disallowed_methods)]

use crate::tools::{output, root};
use anyhow::Result;
use std::process::Command;
use std::time::{Duration, Instant};

#[derive(Default)]
pub struct Budget {
    steps: Vec<Step>,
}

struct Step {
    name: &'static str,
    took: Duration,
    minutes: u64,
    failed: bool,
    free: Option<String>,
}

impl Budget {
    /// Runs a step that may take so many minutes on a cold machine with two cores.
    pub fn step(&mut self, name: &'static str, minutes: u64, act: impl FnOnce() -> Result<()>) -> Result<()> {
        let begun = Instant::now();
        let done = act();
        self.steps.push(Step {
            name,
            took: begun.elapsed(),
            minutes,
            failed: done.is_err(),
            free: free_disk(),
        });
        done
    }

    /// The table of times; with a limit also what they add up to against it.
    pub fn print(&self, limit: Option<u64>) {
        eprintln!(
            "\n{:<28}{:>9}{:>9}{:>12}",
            "step", "took", "may take", "disk free"
        );
        for step in &self.steps {
            let mark = match () {
                () if step.failed => "  failed",
                () if step.took > Duration::from_secs(step.minutes * 60) => "  over",
                () => "",
            };
            eprintln!(
                "{:<28}{:>9}{:>5} min{:>12}{mark}",
                step.name,
                spoken(step.took),
                step.minutes,
                step.free.as_deref().unwrap_or("")
            );
        }
        let total: Duration = self.steps.iter().map(|step| step.took).sum();
        if let Some(limit) = limit {
            let over = if total > Duration::from_secs(limit * 60) {
                "  over: make it shorter before adding"
            } else {
                ""
            };
            eprintln!("{:<28}{:>9}{:>5} min{over}", "together", spoken(total), limit);
        }
    }
}

/// What is left where the build goes: a full disk fails tests in ways that do not name it.
fn free_disk() -> Option<String> {
    let table = output(Command::new("df").args(["-h", "--output=avail"]).arg(root())).ok()?;
    table.lines().last().map(|line| line.trim().to_owned())
}

fn spoken(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}
