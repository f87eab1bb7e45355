//! Copies of a SQLite database: before it is migrated, as a backup while the program runs, and the way back. PostgreSQL's own
//! programs copy and restore; of that, what they leave out.

use super::{Db, Standing, private};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection, SqlitePool};
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind};
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
        let Self::Sqlite { readers, .. } = self else {
            return Err(Error::DatabaseAddress.into());
        };
        begin(file)?;
        Ok(vacuum_into(readers, file).await.inspect_err(|_| give_up(file))?)
    }
}

/// Makes the empty file that a backup is about to fill, and its folder.
///
/// # Errors
/// [`NoCopy::Exists`]; [`NoCopy::File`]
pub fn begin(file: &Path) -> Result<(), NoCopy> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        private::create_folder(folder).map_err(|source| NoCopy::File {
            file: folder.to_owned(),
            source,
        })?;
    }
    match private::create(file) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(NoCopy::Exists(file.to_owned())),
        Err(source) => Err(NoCopy::File {
            file: file.to_owned(),
            source,
        }),
    }
}

/// Takes away what was begun: half a backup is none.
pub fn give_up(file: &Path) {
    if let Err(error) = std::fs::remove_file(file) {
        tracing::warn!(%error, file = %file.display(), "half a backup is left");
    }
}

/// `VACUUM INTO` reads one state of the database and stops no writer. The file is there, and empty.
async fn vacuum_into(pool: &SqlitePool, file: &Path) -> Result<()> {
    sqlx::query("VACUUM INTO ?1")
        .bind(file.to_string_lossy().into_owned())
        .execute(pool)
        .await?;
    Ok(())
}

/// Copies the database beside itself before it is migrated, as `NAME.version-N` by what it holds now; the way back is to restore
/// that file. A copy of before is never written over: where it holds something else, this one is `NAME.version-N.2`.
pub(super) async fn keep_before_migrating(pool: &SqlitePool, version: i64, file: &Path) -> Result<()> {
    let arriving = beside(file, ".arriving");
    let failed = |source| Error::NoCopyBefore {
        file: arriving.clone(),
        source,
    };
    if arriving.exists() {
        // Left by a start that was broken off.
        std::fs::remove_file(&arriving).map_err(failed)?;
    }
    private::create(&arriving).map_err(failed)?;
    vacuum_into(pool, &arriving).await?;
    let (copy, same) = place_for(&arriving, file, &format!(".version-{version}")).map_err(failed)?;
    if same {
        // A start that failed has changed nothing, and the next one copies the same.
        std::fs::remove_file(&arriving).map_err(failed)?;
    } else {
        put_in_place(&arriving, &copy).map_err(failed)?;
    }
    tracing::info!(copy = %copy.display(), "the database is copied before it is brought up to date");
    Ok(())
}

/// The first name that is free, or a file there with the same content.
fn place_for(arriving: &Path, file: &Path, ending: &str) -> std::io::Result<(PathBuf, bool)> {
    let mut place = beside(file, ending);
    let mut number = 1;
    while place.exists() {
        if is_same(arriving, &place)? {
            return Ok((place, true));
        }
        number += 1;
        place = beside(file, &format!("{ending}.{number}"));
    }
    Ok((place, false))
}

fn is_same(one: &Path, other: &Path) -> std::io::Result<bool> {
    let (one, other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut one, mut other) = (BufReader::new(one), BufReader::new(other));
    loop {
        let (here, there) = (one.fill_buf()?, other.fill_buf()?);
        let both = here.len().min(there.len());
        if here[..both] != there[..both] {
            return Ok(false);
        }
        if both == 0 {
            return Ok(true);
        }
        one.consume(both);
        other.consume(both);
    }
}

/// Gives a file that was written its name, durably: it is there whole or not at all.
fn put_in_place(arriving: &Path, place: &Path) -> std::io::Result<()> {
    File::open(arriving)?.sync_all()?;
    std::fs::rename(arriving, place)?;
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Puts a backup in the place of the database at `address`; what was there is kept beside it, as `NAME.replaced` or, where that
/// is taken, `NAME.replaced.2`. Says where.
///
/// # Errors
/// [`NoCopy`]; nothing has changed then.
pub async fn restore(address: &str, backup: &Path, now: DateTime<Utc>) -> Result<Option<PathBuf>, NoCopy> {
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
    copy(backup, &arriving).map_err(written(&arriving))?;
    forget_who_lived(&arriving).await?;
    let replaced = file.exists().then(|| free_beside(&file, ".replaced"));
    if let Some(replaced) = &replaced {
        std::fs::rename(&file, replaced).map_err(written(replaced))?;
        for ending in ["-wal", "-shm"] {
            let (from, to) = (beside(&file, ending), beside(replaced, ending));
            if from.exists() {
                std::fs::rename(&from, &to).map_err(written(&to))?;
                private::close_to_others(&to).map_err(written(&to))?;
            }
        }
        private::close_to_others(replaced).map_err(written(replaced))?;
    }
    put_in_place(&arriving, &file).map_err(written(&file))?;
    Ok(replaced)
}

/// Copies what is in it; who may read the backup has no part in who may read the database.
fn copy(backup: &Path, arriving: &Path) -> std::io::Result<()> {
    if arriving.exists() {
        // Left by one that was broken off.
        std::fs::remove_file(arriving)?;
    }
    let mut into = private::create(arriving)?;
    std::io::copy(&mut File::open(backup)?, &mut into)?;
    Ok(())
}

/// The signs of life in a backup are those of then.
async fn forget_who_lived(file: &Path) -> Result<()> {
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await?;
    let there: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master WHERE name = 'nodes'")
        .fetch_one(&mut connection)
        .await?;
    if there > 0 {
        sqlx::query("DELETE FROM nodes").execute(&mut connection).await?;
    }
    Ok(connection.close().await?)
}

/// The file's name with this ending, and a number from 2 where that is taken.
fn free_beside(file: &Path, ending: &str) -> PathBuf {
    let mut free = beside(file, ending);
    let mut number = 1;
    while free.exists() {
        number += 1;
        free = beside(file, &format!("{ending}.{number}"));
    }
    free
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
    let standing = Standing::of_sqlite(&pool).await?;
    pool.close().await;
    match standing {
        Standing::Empty => Err(not_ours("it has none of its tables".to_owned())),
        Standing::Newer => Err(NoCopy::Newer(backup.to_owned())),
        Standing::TooOld => Err(not_ours(Error::TooOldDatabase.to_string())),
        Standing::UpToDate | Standing::Older { .. } => Ok(()),
    }
}

/// A server that runs writes a sign of life every ten seconds, and takes it back when it stops.
async fn is_alive(file: &Path, now: DateTime<Utc>) -> Result<bool> {
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await?;
    let beat: Result<Option<DateTime<Utc>>, _> = sqlx::query_scalar("SELECT MAX(beat_at) FROM nodes")
        .fetch_one(&mut connection)
        .await;
    connection.close().await?;
    // A database of before there were signs of life, or a broken one, is nobody's.
    Ok(is_fresh(beat.ok().flatten(), now))
}

fn is_fresh(beat: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    beat.is_some_and(|at| now - at < crate::context::SILENT_IS_DEAD)
}

/// Empties a PostgreSQL database that a dump is about to fill. A dump drops only what it knows: tables of a newer program would
/// stay, and its next start would find them in the way. Runs in the transaction that fills it, and does not wait for long.
pub const EMPTY_POSTGRES: &str = "SET LOCAL lock_timeout = '10s';
DO $$
DECLARE it RECORD;
BEGIN
    FOR it IN SELECT schemaname, tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I.%I CASCADE', it.schemaname, it.tablename);
    END LOOP;
END
$$;
";

/// Ends the script that filled it: the signs of life in a dump are those of then.
pub const END_POSTGRES: &str = "DO $$
DECLARE it RECORD;
BEGIN
    FOR it IN SELECT schemaname FROM pg_catalog.pg_tables p JOIN pg_catalog.pg_tables m USING (schemaname)
        WHERE p.tablename = 'nodes' AND m.tablename = '_sqlx_migrations' LOOP
        EXECUTE pg_catalog.format('DELETE FROM %I.nodes', it.schemaname);
    END LOOP;
END
$$;
COMMIT;
";

/// Refuses while a node works on this PostgreSQL database.
///
/// # Errors
/// [`NoCopy::Running`]; [`NoCopy::Database`]
pub async fn refuse_while_postgres_is_used(address: &str, now: DateTime<Utc>) -> Result<(), NoCopy> {
    let db = Db::connect(address).await?;
    let beat = last_beat(&db).await;
    db.close().await;
    if is_fresh(beat?, now) {
        return Err(NoCopy::Running);
    }
    Ok(())
}

async fn last_beat(db: &Db) -> Result<Option<DateTime<Utc>>> {
    let Db::Postgres(pool) = db else {
        return Err(Error::DatabaseAddress);
    };
    let is_there: bool = sqlx::query_scalar("SELECT to_regclass('nodes') IS NOT NULL")
        .fetch_one(pool)
        .await?;
    if !is_there {
        return Ok(None);
    }
    Ok(sqlx::query_scalar("SELECT MAX(beat_at) FROM nodes")
        .fetch_one(pool)
        .await?)
}
