//! The command line.

use crate::settings::Flags;
use clap::{Args, Parser, Subcommand};

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
    /// Set up administrator, team, service, schedule, policy and integrations without a browser, and print them as JSON
    Init(Init),
    /// Bring the database up to date and stop
    Migrate,
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
