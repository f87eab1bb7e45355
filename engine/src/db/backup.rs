//! Copies of a SQLite database: before it is migrated, as a backup while the program runs, and the way back.

use super::Db;
use crate::error::{Error, Result};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection, SqlitePool};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Why a backup was not made, or not brought back.
#[derive(Debug, thiserror::Error)]
pub enum NoCopy {
    #[error("{} is there already. Name another file.", .0.display())]
    Exists(PathBuf),
    #[error("{} is no backup of Kintsugi: {words}", file.display())]
    NoBackup { file: PathBuf, words: String },
    #[error("{} was made by a newer Kintsugi. Bring it back with that one.", .0.display())]
    Newer(PathBuf),
    #[error("Kintsugi seems to run on this database. Stop it first: what it writes meanwhile would be lost.")]
    Running,
    #[error("{} cannot be written: {source}", file.display())]
    File { file: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Database(#[from] Error),
}

/// The file of a `sqlite:` address.
///
/// # Errors
/// [`Error::Database`] when the address cannot be read.
pub fn file_of(address: &str) -> Result<PathBuf> {
    Ok(SqliteConnectOptions::from_str(address)?.get_filename().to_owned())
}

impl Db {
    /// What SQLite finds damaged, if anything; PostgreSQL looks after itself.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn looks_whole(&self) -> Result<Option<String>> {
        let Self::Sqlite { readers, .. } = self else {
            return Ok(None);
        };
        let words: String = sqlx::query_scalar("PRAGMA quick_check(1)")
            .fetch_one(readers)
            .await?;
        Ok((words != "ok").then_some(words))
    }

    /// Writes a consistent copy of a SQLite database, also while it is written to.
    ///
    /// # Errors
    /// [`NoCopy`]
    pub async fn copy_to(&self, file: &Path) -> Result<(), NoCopy> {
        if file.exists() {
            return Err(NoCopy::Exists(file.to_owned()));
        }
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|source| NoCopy::File {
                file: folder.to_owned(),
                source,
            })?;
        }
        let Self::Sqlite { readers, .. } = self else {
            return Err(Error::DatabaseAddress.into());
        };
        vacuum_into(readers, file).await?;
        Ok(())
    }
}

/// `VACUUM INTO` reads one state of the database and stops no writer.
async fn vacuum_into(pool: &SqlitePool, file: &Path) -> Result<()> {
    sqlx::query("VACUUM INTO ?1")
        .bind(file.to_string_lossy().into_owned())
        .execute(pool)
        .await?;
    Ok(())
}

/// Copies the database beside itself when migrations wait, as `NAME.before-VERSION`; the way back is to restore that file.
pub(super) async fn keep_before_migrating(pool: &SqlitePool, migrator: &Migrator, file: &Path) -> Result<()> {
    let Some(applied) = applied_version_of(pool).await? else {
        return Ok(());
    };
    let Some(last) = newest(migrator).filter(|newest| *newest > applied) else {
        return Ok(());
    };
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".before-{last}"));
    let copy = file.with_file_name(name);
    // Left by a start that was broken off; the database has not changed since.
    if copy.exists() {
        std::fs::remove_file(&copy).map_err(|source| Error::DatabaseFolder {
            folder: copy.clone(),
            source,
        })?;
    }
    vacuum_into(pool, &copy).await?;
    tracing::info!(copy = %copy.display(), "the database is copied before it is brought up to date");
    Ok(())
}

pub(super) fn newest(migrator: &Migrator) -> Option<i64> {
    migrator.iter().map(|migration| migration.version).max()
}

/// `None` for a database that has no tables of ours yet.
async fn applied_version_of(pool: &SqlitePool) -> Result<Option<i64>> {
    let there: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'")
        .fetch_one(pool)
        .await?;
    if there == 0 {
        return Ok(None);
    }
    Ok(sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations")
        .fetch_one(pool)
        .await?)
}

/// Puts a backup in the place of the database at `address`; what was there is kept beside it as `NAME.replaced`.
///
/// # Errors
/// [`NoCopy`]; nothing has changed then.
pub async fn restore(address: &str, backup: &Path, now: chrono::DateTime<chrono::Utc>) -> Result<(), NoCopy> {
    check(backup).await?;
    let file = file_of(address)?;
    if file.exists() && is_alive(&file, now).await? {
        return Err(NoCopy::Running);
    }
    let written = |path: &Path| {
        let file = path.to_owned();
        move |source| NoCopy::File { file, source }
    };
    // A whole copy first, beside the database: a disk that fills up half way has changed nothing.
    let arriving = beside(&file, ".arriving");
    std::fs::copy(backup, &arriving).map_err(written(&arriving))?;
    if file.exists() {
        let replaced = beside(&file, ".replaced");
        std::fs::rename(&file, &replaced).map_err(written(&replaced))?;
        for ending in ["-wal", "-shm"] {
            let (from, to) = (beside(&file, ending), beside(&replaced, ending));
            if from.exists() {
                std::fs::rename(&from, &to).map_err(written(&to))?;
            }
        }
    }
    std::fs::rename(&arriving, &file).map_err(written(&file))
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    file.with_file_name(name)
}

/// Whether it is whole, ours, and not newer than this program.
async fn check(backup: &Path) -> Result<(), NoCopy> {
    let not_ours = |words: String| NoCopy::NoBackup {
        file: backup.to_owned(),
        words,
    };
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(SqliteConnectOptions::new().filename(backup).read_only(true))
        .await
        .map_err(|error| not_ours(error.to_string()))?;
    let words: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(&pool)
        .await
        .map_err(|error| not_ours(error.to_string()))?;
    if words != "ok" {
        return Err(not_ours(words));
    }
    let version = applied_version_of(&pool).await?;
    pool.close().await;
    match (version, newest(&super::connect::SQLITE)) {
        (None, _) => Err(not_ours("it has none of its tables".to_owned())),
        (Some(version), Some(newest)) if version > newest => Err(NoCopy::Newer(backup.to_owned())),
        _ => Ok(()),
    }
}

/// A server that runs writes a sign of life every ten seconds.
async fn is_alive(file: &Path, now: chrono::DateTime<chrono::Utc>) -> Result<bool> {
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await?;
    let beat: Result<Option<chrono::DateTime<chrono::Utc>>, _> =
        sqlx::query_scalar("SELECT MAX(beat_at) FROM pulses")
            .fetch_one(&mut connection)
            .await;
    connection.close().await?;
    // A database of before there were signs of life, or a broken one, is nobody's.
    Ok(beat
        .ok()
        .flatten()
        .is_some_and(|at| now - at < crate::health::SILENT_IS_DEAD))
}
