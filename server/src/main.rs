//! Start-up of the `kintsugi` binary.

use clap::Parser;
use engine::setup::sealed;
use server::cli::{Cli, Command, OnCall};
use server::serve::NoStart;
use server::settings::{LogFormat, Settings, WrongSetting};
use server::{backup, demo, doctor, init, oncall, serve};
use std::io::IsTerminal;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Pages are made of many small pieces, and alerts of many rows: with the system's own allocator a third of their time went there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Neither settings nor a database: it works where nothing is set up.
    if let Some(Command::OnCall {
        command: OnCall::Preview(wanted),
    }) = &cli.command
    {
        return oncall::preview(wanted);
    }
    let runtime = tokio::runtime::Runtime::new().expect("threads to run on");
    let ended = match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kintsugi: {error}");
            ExitCode::FAILURE
        }
    };
    // A thread that waits for a database that is gone keeps nobody.
    runtime.shutdown_background();
    ended
}

async fn run(cli: Cli) -> Result<(), NoStart> {
    let command = cli.command.unwrap_or(Command::Serve);
    let settings = match &command {
        Command::Demo(_) => demo::settings(&cli.flags)?,
        _ => Settings::read(&cli.flags)?,
    };
    // What the database driver says for itself is of use to few; a filter that names it wins.
    let filter = EnvFilter::try_new(format!("sqlx=warn,{}", settings.log))
        .map_err(|_| WrongSetting::Log(settings.log.clone()))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match settings.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    // Both rustls users, the server and the mail client, take the one provider that is linked.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match command {
        Command::Serve => serve::run(settings).await,
        Command::Demo(wanted) => Ok(demo::run(settings, &wanted).await?),
        Command::Migrate => {
            let engine = serve::engine(&settings).await?;
            engine.db.close().await;
            println!("The database is up to date.");
            Ok(())
        }
        Command::Backup { file } => Ok(backup::make(&settings, &file).await?),
        Command::Restore { file } => Ok(backup::bring_back(&settings, &file).await?),
        Command::ChangeKey => {
            let engine = serve::engine(&settings).await?;
            let changed = sealed::change_key(&engine).await.map_err(NoStart::ChangeKey);
            engine.db.close().await;
            println!("{} secrets are sealed under the new key.", changed?);
            Ok(())
        }
        Command::Doctor => {
            if doctor::run(&settings).await {
                Ok(())
            } else {
                Err(NoStart::Unwell)
            }
        }
        Command::Init(wanted) => Ok(init::run(&settings, &wanted).await?),
        Command::OnCall { .. } => Ok(()),
    }
}
