//! `kintsugi backup FILE` and `kintsugi restore FILE`.

use crate::address::ForPrograms;
use crate::settings::Settings;
use engine::db::backup::{self, NoCopy};
use engine::db::{Db, Standing};
use engine::secrets::Keys;
use std::io::Write;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

/// Why there is no backup, or why it was not brought back.
#[derive(Debug, thiserror::Error)]
pub enum NoBackup {
    #[error(transparent)]
    Copy(#[from] NoCopy),
    #[error(
        "{0} is needed for a PostgreSQL database and could not be started: {1}. Debian's package postgresql-client brings it."
    )]
    NoProgram(&'static str, std::io::Error),
    #[error("{0} ended with {1}; what it said is shown above")]
    Failed(&'static str, ExitStatus),
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
        let mut dump = called("pg_dump", settings)?;
        backup::begin(file)?;
        dump.args(["--format=custom", "--no-owner", "--file"]).arg(file);
        ended_well("pg_dump", dump.status()).inspect_err(|_| backup::give_up(file))?;
    }
    println!("The backup is {}.", file.display());
    if let Keys::File(key) = &settings.keys {
        println!(
            "The key of sealed secrets, {}, is not in it: keep a copy of that elsewhere.",
            key.display()
        );
    }
    Ok(())
}

/// Puts a backup in the place of the database. The server must not run.
///
/// # Errors
/// [`NoBackup`]
pub async fn bring_back(settings: &Settings, file: &Path) -> Result<(), NoBackup> {
    let now = engine::Clock::now(&engine::context::MachineClock);
    if !is_sqlite(settings) {
        backup::refuse_while_postgres_is_used(&settings.database_url, now).await?;
        check_dump(file)?;
        fill_postgres(settings, file)?;
        println!("The database is what the backup held.");
        return Ok(());
    }
    match backup::restore(&settings.database_url, file, now).await? {
        Some(replaced) => println!(
            "The database is what the backup held; what was there before is {}.",
            replaced.display()
        ),
        None => println!("The database is what the backup held."),
    }
    Ok(())
}

fn is_sqlite(settings: &Settings) -> bool {
    settings.database_url.starts_with("sqlite:")
}

/// Whether a dump is ours and not newer than this program, by the versions that its table of migrations holds.
fn check_dump(file: &Path) -> Result<(), NoBackup> {
    let mut read = Command::new("pg_restore");
    read.args(["--data-only", "--table=_sqlx_migrations", "--file=-"]);
    read.arg(file).stderr(Stdio::inherit());
    let output = read
        .output()
        .map_err(|error| NoBackup::NoProgram("pg_restore", error))?;
    ended_well("pg_restore", Ok(output.status))?;
    let script = String::from_utf8_lossy(&output.stdout);
    let rows = script.lines().skip_while(|line| !line.starts_with("COPY "));
    let rows = rows.skip(1).take_while(|line| *line != "\\.");
    let versions: Vec<i64> = rows
        .filter_map(|row| row.split('\t').next()?.parse().ok())
        .collect();
    match Standing::of_dump(&versions) {
        Standing::Newer => Err(NoCopy::Newer(file.to_owned()).into()),
        Standing::TooOld => Err(NoCopy::NoBackup {
            file: file.to_owned(),
            words: engine::Error::TooOldDatabase.to_string(),
        }
        .into()),
        Standing::Empty => Err(NoCopy::NoBackup {
            file: file.to_owned(),
            words: "it has none of its tables".to_owned(),
        }
        .into()),
        Standing::UpToDate | Standing::Older { .. } => Ok(()),
    }
}

/// Empties the database and fills it from the dump in one transaction. `pg_restore` writes the statements and `psql` runs them; the
/// commit is said only when the dump was read to its end.
fn fill_postgres(settings: &Settings, file: &Path) -> Result<(), NoBackup> {
    let mut read = Command::new("pg_restore");
    read.args(["--no-owner", "--file=-"])
        .arg(file)
        .stdout(Stdio::piped());
    let mut reading = started("pg_restore", read.spawn())?;
    let mut run = called("psql", settings)?;
    run.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-"]);
    run.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut running = started("psql", run.spawn())?;
    // Each end is closed where it is dropped. What cannot be written was told by psql, which has ended.
    let written = match (reading.stdout.take(), running.stdin.take()) {
        (Some(from), Some(into)) => hand_over(from, into, || reading.wait()),
        _ => ended_well("pg_restore", reading.wait()),
    };
    let ran = ended_well("psql", running.wait());
    written.and(ran)
}

fn hand_over(
    mut from: ChildStdout,
    mut into: ChildStdin,
    mut end: impl FnMut() -> std::io::Result<ExitStatus>,
) -> Result<(), NoBackup> {
    let written = writeln!(into, "BEGIN;\n{}", backup::EMPTY_POSTGRES)
        .and_then(|()| std::io::copy(&mut from, &mut into))
        .is_ok();
    drop(from);
    if written {
        ended_well("pg_restore", end())?;
        let _ = write!(into, "{}", backup::END_POSTGRES);
    } else {
        let _ = end();
    }
    Ok(())
}

/// One of PostgreSQL's programs on the database of the settings.
fn called(name: &'static str, settings: &Settings) -> Result<Command, NoBackup> {
    let told =
        ForPrograms::of(&settings.database_url).ok_or(NoCopy::Database(engine::Error::DatabaseAddress))?;
    let mut command = Command::new(name);
    command.arg(format!("--dbname={}", told.address));
    if let Some(password) = told.password {
        command.env("PGPASSWORD", password);
    }
    Ok(command)
}

fn started(name: &'static str, child: std::io::Result<Child>) -> Result<Child, NoBackup> {
    child.map_err(|error| NoBackup::NoProgram(name, error))
}

fn ended_well(name: &'static str, status: std::io::Result<ExitStatus>) -> Result<(), NoBackup> {
    let status = status.map_err(|error| NoBackup::NoProgram(name, error))?;
    if status.success() {
        Ok(())
    } else {
        Err(NoBackup::Failed(name, status))
    }
}
