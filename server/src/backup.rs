//! `kintsugi backup FILE` and `kintsugi restore FILE`.

use crate::settings::Settings;
use engine::db::Db;
use engine::db::backup::{self, NoCopy};
use std::path::Path;
use std::process::Command;

/// Why there is no backup, or why it was not brought back.
#[derive(Debug, thiserror::Error)]
pub enum NoBackup {
    #[error(transparent)]
    Copy(#[from] NoCopy),
    #[error(
        "{0} is needed for a PostgreSQL database and could not be started: {1}. Debian's package postgresql-client brings it."
    )]
    NoProgram(&'static str, std::io::Error),
    #[error("{0} ended with {1}; what it said stands above")]
    Failed(&'static str, std::process::ExitStatus),
    #[error("{0} is there already. Name another file.")]
    Exists(String),
}

/// Writes a consistent copy, also while the server runs.
///
/// # Errors
/// [`NoBackup`]
pub async fn make(settings: &Settings, file: &Path) -> Result<(), NoBackup> {
    if is_sqlite(settings) {
        let db = Db::connect(&settings.database_url).await.map_err(NoCopy::from)?;
        let made = db.copy_to(file).await;
        db.close().await;
        made?;
    } else {
        if file.exists() {
            return Err(NoBackup::Exists(file.display().to_string()));
        }
        let mut dump = Command::new("pg_dump");
        dump.args(["--format=custom", "--no-owner", "--file"]).arg(file);
        run("pg_dump", dump.arg(&settings.database_url))?;
    }
    println!("The backup is {}.", file.display());
    Ok(())
}

/// Puts a backup in the place of the database. The server must not run.
///
/// # Errors
/// [`NoBackup`]
pub async fn bring_back(settings: &Settings, file: &Path) -> Result<(), NoBackup> {
    if is_sqlite(settings) {
        backup::restore(
            &settings.database_url,
            file,
            engine::Clock::now(&engine::context::MachineClock),
        )
        .await?;
        println!(
            "The database is what the backup held; what was there before is kept beside it, ending in .replaced."
        );
    } else {
        let mut restore = Command::new("pg_restore");
        restore.args([
            "--clean",
            "--if-exists",
            "--no-owner",
            "--single-transaction",
            "--dbname",
        ]);
        run("pg_restore", restore.arg(&settings.database_url).arg(file))?;
        println!("The database is what the backup held.");
    }
    Ok(())
}

fn is_sqlite(settings: &Settings) -> bool {
    settings.database_url.starts_with("sqlite:")
}

fn run(name: &'static str, command: &mut Command) -> Result<(), NoBackup> {
    let status = command
        .status()
        .map_err(|error| NoBackup::NoProgram(name, error))?;
    if status.success() {
        Ok(())
    } else {
        Err(NoBackup::Failed(name, status))
    }
}
