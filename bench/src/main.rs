//! Measures a release on this machine and stores `target/bench/bench.json`. What is measured is real: the program itself, over
//! HTTP and SMTP, on a disk with durable commits. docs/numbers.md says what each row is.

// A benchmark measures real time.
#![allow(clippy::disallowed_methods)]

mod alertmanager;
mod client;
mod database;
mod escalations;
mod figures;
mod house;
mod ingest;
mod live;
mod load;
mod mail;
mod memory;
mod pages;
mod people;
mod queries;
mod server;
mod start;
mod storm;

use anyhow::{Result, bail};
use clap::{Parser, ValueEnum};
use database::Kind;
use figures::Figures;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Parser)]
struct Asked {
    /// How long each load runs
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Only these parts
    #[arg(long)]
    only: Vec<Part>,
    /// Measures nothing, but leaves the house of 100,000 incidents open on this database, for a profiler, until Ctrl-C
    #[arg(long)]
    stay: Option<Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    Client,
    Start,
    Mail,
    Escalations,
    Ingest,
    Pages,
    Years,
    Live,
    Memory,
}

#[tokio::main]
async fn main() -> ExitCode {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let asked = Asked::parse();
    // Ended from within, so that servers and databases are put away.
    let done = tokio::select! {
        done = measure_or_stay(&asked) => done,
        () = told_to_end() => Err(anyhow::anyhow!("interrupted")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem:#}");
            ExitCode::FAILURE
        }
    }
}

/// By Ctrl-C or SIGTERM.
async fn told_to_end() {
    let Ok(mut terminated) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
}

async fn measure_or_stay(asked: &Asked) -> Result<()> {
    match asked.stay {
        Some(kind) => pages::stay(kind).await,
        None => measure(asked).await,
    }
}

async fn measure(asked: &Asked) -> Result<()> {
    let file = target().join("bench/bench.json");
    let mut figures = if asked.only.is_empty() {
        Figures::anew(file)
    } else {
        Figures::beside_those_in(file)
    };
    let span = Duration::from_secs(asked.seconds.max(1));
    let mut failed = 0;
    for part in Part::value_variants() {
        if !asked.only.is_empty() && !asked.only.contains(part) {
            continue;
        }
        println!("\n{part:?}");
        // One that fails holds none of the others up.
        if let Err(problem) = measure_part(*part, &mut figures, span).await {
            eprintln!("{part:?} could not be measured to the end: {problem:#}");
            failed += 1;
        }
    }
    if failed > 0 {
        bail!("{failed} of the parts could not be measured to the end.");
    }
    Ok(())
}

async fn measure_part(part: Part, figures: &mut Figures, span: Duration) -> Result<()> {
    if part == Part::Client {
        return client::measure(figures);
    }
    if part == Part::Ingest {
        alertmanager::measure(figures, span).await?;
    }
    for kind in [Kind::Sqlite, Kind::Postgres] {
        match part {
            Part::Client => {}
            Part::Start => start::measure(figures, kind).await?,
            Part::Mail => mail::measure(figures, kind, span).await?,
            Part::Escalations => escalations::measure(figures, kind).await?,
            Part::Ingest => {
                ingest::measure(figures, kind, span).await?;
                storm::measure(figures, kind).await?;
            }
            Part::Pages => pages::measure(figures, kind).await?,
            Part::Years => pages::measure_many_years(figures, kind).await?,
            Part::Live => live::measure(figures, kind).await?,
            Part::Memory => memory::measure(figures, kind).await?,
        }
    }
    Ok(())
}

/// The top of the checkout.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where cargo puts what it builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}
