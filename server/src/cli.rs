//! The command line.

use crate::settings::Flags;
use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Incident management and blameless postmortems for teams that run software.
#[derive(Debug, Parser)]
#[command(
    name = "kintsugi",
    version,
    about,
    after_help = "Settings come from flags, from the environment (KINTSUGI_ and the setting's name) and from the file given by --config; flags win, then the environment."
)]
pub struct Cli {
    #[command(flatten)]
    pub flags: Flags,

    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Serve the pages, take alerts in, send pages (what happens without a command)
    Serve,
    /// Look around: an invented company with six months of incidents, one of them under way, on a database that is thrown away
    Demo(Demo),
    /// Set up administrator, team, service, schedule, policy and integrations without a browser, and print them as JSON
    Init(Init),
    /// Bring the database up to date and stop
    Migrate,
    /// Write a consistent copy of the database into FILE, also while the server runs
    Backup {
        /// A file that is not there yet; with PostgreSQL pg_dump writes it
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Put the backup FILE in the place of the database; stop the server first
    Restore {
        /// What `kintsugi backup` wrote, or the copy made before the database was brought up to date
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Change the key that signing secrets and addresses of calendars are kept under for a new one, also while the server runs
    ///
    /// The key in the file beside the database is changed at once. With secret_key, put the new key first, a comma, and the one before,
    /// for every node; run this; then take the one before out.
    ChangeKey,
    /// Look at settings, database, mail, clock and address, and say what to do
    Doctor,
    /// Work with on-call schedules
    #[command(name = "oncall")]
    OnCall {
        #[command(subcommand)]
        command: OnCall,
    },
}

#[derive(Clone, Debug, Subcommand)]
pub enum OnCall {
    /// Say who is on call when, by a schedule in a file; needs no database and no settings
    Preview(Preview),
}

/// What `oncall preview` answers.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "FILE is JSON, as docs/on-call.md shows it. Instants are written like 2026-03-02T08:00:00Z. What cannot be a schedule is told with its field, and the program ends with 2."
)]
pub struct Preview {
    /// The schedule in JSON; - reads the standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The schedule from this instant …
    #[arg(long, value_name = "INSTANT")]
    pub from: Option<String>,
    /// … to this one
    #[arg(long, value_name = "INSTANT")]
    pub to: Option<String>,
    /// Who is on call at this instant, and until when; looks 400 days ahead
    #[arg(long, value_name = "INSTANT", conflicts_with_all = ["from", "to"])]
    pub at: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

/// What `init` sets up. The password is read from KINTSUGI_ADMIN_PASSWORD.
#[derive(Args, Clone, Debug)]
pub struct Init {
    /// The administrator's address; pages go there
    #[arg(long, value_name = "ADDRESS")]
    pub admin_email: String,
    /// The administrator's name
    #[arg(long, value_name = "NAME")]
    pub admin_name: String,
    /// The first team
    #[arg(long, value_name = "NAME")]
    pub team: String,
    /// The first service
    #[arg(long, value_name = "NAME")]
    pub service: String,
    /// The administrator's time zone, an IANA name such as Europe/Berlin
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub time_zone: String,
}

/// What `demo` shows. Of the settings it takes --listen, --base-url, --database-url, --tls-cert, --tls-key and --log.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Whoever reaches the demo may log in as anybody in it, so it listens on this machine only, unless --let-others-in says otherwise. Its database is a file in a temporary folder that is removed at the end; --database-url names an empty one that stays. Mails are kept, never sent."
)]
pub struct Demo {
    /// The same number makes the same company
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// Let the demo's clock begin at this instant, such as 2026-11-20T10:00:00Z, instead of now
    #[arg(long, value_name = "INSTANT")]
    pub now: Option<DateTime<Utc>>,
    /// Add what is rarely seen, for looking at the pages: long names, long lists, a service that pages nobody
    #[arg(long)]
    pub extremes: bool,
    /// Listen beyond this machine: whoever reaches it may log in as an administrator of the demo
    #[arg(long)]
    pub let_others_in: bool,
}
