//! `cargo xtask`: builds, runs and tests Kintsugi with nothing but cargo, Node and the package registries.
//! Every command says first what it does and how long it takes, can be interrupted, and can be run again.

mod assets;
mod bench;
mod budget;
mod build;
mod crash;
mod floors;
mod lighthouse;
mod postgres;
mod run;
mod screenshots;
mod system;
mod test;
mod tools;
mod wasm;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, runs and tests Kintsugi.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build a release and serve it on http://localhost:3000 with an embedded database under ./data
    Run {
        /// Serve the demo instead: an invented company on a database that is thrown away
        #[arg(long)]
        demo: bool,
        /// Install what the system lacks by sudo
        #[arg(long)]
        install: bool,
        /// Settings for `kintsugi serve` or `kintsugi demo`, after `--`
        #[arg(last = true)]
        settings: Vec<String>,
    },
    /// Build the release binary target/release/kintsugi, its assets inside
    Build {
        /// Install what the system lacks by sudo
        #[arg(long)]
        install: bool,
    },
    /// Build only what the browser loads: the client, the style and the other assets, into target/site
    Client {
        /// Install what the system lacks by sudo
        #[arg(long)]
        install: bool,
    },
    /// Measure the first pages as a slow phone sees them; fails below 95 in any category
    Lighthouse {
        /// Install what the system lacks by sudo
        #[arg(long)]
        install: bool,
    },
    /// Measure a release on this machine: start, mails, alerts a second, pages, live stream, memory (docs/numbers.md)
    Bench {
        /// How long each load runs
        #[arg(long, default_value_t = 30)]
        seconds: u64,
        /// Measure only this part, again and again if wanted: start, mail, ingest, pages, years, live, memory or client
        #[arg(long, value_name = "PART")]
        only: Vec<String>,
        /// Measure nothing, but leave a house of 100,000 incidents open for a profiler, until Ctrl-C: sqlite or postgres
        #[arg(long, value_name = "DATABASE")]
        stay: Option<String>,
        /// Install what the system lacks by sudo
        #[arg(long)]
        install: bool,
    },
    /// Take the pictures in docs/screenshots and a short tour, of the demo
    Screenshots {
        /// Install what the system lacks by sudo
        #[arg(long)]
        install: bool,
    },
    /// Kill the server again and again while alerts arrive, and look that nothing was lost
    Crash {
        /// How often, on each database
        #[arg(long, default_value_t = 100)]
        kills: u32,
        /// What chance begins with
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Install what the system lacks by sudo
        #[arg(long)]
        install: bool,
    },
    /// Draw docs/floors.svg from docs/floors.txt
    Floors,
    /// Everything that CI runs
    Test {
        /// No browser, SQLite only: the inner loop
        #[arg(long)]
        quick: bool,
        /// Install what the system lacks by sudo
        #[arg(long)]
        install: bool,
    },
}

fn main() -> ExitCode {
    // Ctrl-C reaches the program that we wait for; we ourselves go on to the end, to put away what we started.
    if let Err(problem) = ctrlc::set_handler(tools::interrupt) {
        eprintln!("Ctrl-C may leave things behind: {problem}");
    }
    let done = match Cli::parse().command {
        Command::Run {
            demo,
            install,
            settings,
        } => run::run(demo, install, &settings),
        Command::Build { install } => build::build(install),
        Command::Client { install } => build::client(install),
        Command::Lighthouse { install } => lighthouse::lighthouse(install),
        Command::Bench {
            seconds,
            only,
            stay,
            install,
        } => bench::bench(install, seconds, &only, stay.as_deref()),
        Command::Screenshots { install } => screenshots::screenshots(install),
        Command::Crash { kills, seed, install } => crash::crash(kills, seed, install),
        Command::Floors => floors::write(),
        Command::Test { quick, install } => test::test(quick, install),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) if tools::interrupted() => {
            eprintln!("\nInterrupted. Run it again to go on where it stopped.");
            ExitCode::from(130)
        }
        Err(problem) => {
            eprintln!("\n{problem:#}");
            ExitCode::FAILURE
        }
    }
}
