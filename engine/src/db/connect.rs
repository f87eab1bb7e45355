//! Opening the database.

use super::held::{ANSWERS_WITHIN, is_there};
use super::{is_held, private};
use crate::error::{Error, Result};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, PgPool, Sqlite, SqlitePool, Transaction};
use std::io::ErrorKind;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::fs::File;
use tokio::time::timeout;

/// How long a writer waits while another program holds the file. Sources of alerts wait for ten seconds.
const BUSY_FOR: Duration = Duration::from_secs(5);

/// Those who queue for the writer wait together, not one after the other. A little more, so that SQLite says itself what it waits for.
const BEGINS_WITHIN: Duration = BUSY_FOR.saturating_add(Duration::from_millis(250));

/// A connection that somebody gave back just now is not asked whether it is there.
const WAS_JUST_THERE: Duration = Duration::from_millis(250);

const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A pool of either kind.
#[derive(Clone, Debug)]
pub enum Db {
    Sqlite {
        /// One connection: SQLite has one writer, and waiting for it here is fair.
        writer: SqlitePool,
        readers: SqlitePool,
        /// Whether anything was written since the log was last brought over.
        is_written: Arc<AtomicBool>,
        /// The database itself, besides SQLite. It is never closed: that would take SQLite's locks from it.
        file: &'static File,
    },
    Postgres(PgPool),
}

impl Db {
    /// Opens `sqlite://PATH` (made if missing, with its folder) or `postgres://…`.
    ///
    /// # Errors
    /// [`Error::DatabaseAddress`] for any other address; [`Error::Database`] when it cannot be opened.
    pub async fn connect(address: &str) -> Result<Self> {
        if address.starts_with("sqlite:") {
            Self::connect_sqlite(address).await
        } else if address.starts_with("postgres:") || address.starts_with("postgresql:") {
            Self::connect_postgres(address).await
        } else {
            Err(Error::DatabaseAddress)
        }
    }

    async fn connect_sqlite(address: &str) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(address)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_FOR)
            // A page that many alerts write is copied into the file once for many commits; the log grows to 64 MB meanwhile.
            .pragma("wal_autocheckpoint", "16000")
            .statement_cache_capacity(512);
        if let Some(folder) = options
            .get_filename()
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            private::create_folder(folder).map_err(|source| Error::DatabaseFolder {
                folder: folder.to_owned(),
                source,
            })?;
        }
        create_private(options.get_filename())?;
        let one_writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(BEGINS_WITHIN)
            // A full disk makes SQLite itself end a transaction, which sqlx does not notice: such a connection never begins
            // another one, and there is no second writer.
            .after_release(|connection, _| {
                Box::pin(async move {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            });
        let writing = options.clone().pragma("cache_size", "-16000");
        let mut writer = one_writer.clone().connect_with(writing.clone()).await;
        // A new file gets its log under a lock that SQLite itself does not wait for, and two programs may start together.
        let mut again = tokio::time::interval(LOOK_AGAIN);
        for _ in 0..BUSY_FOR.as_millis() / LOOK_AGAIN.as_millis() {
            if !writer.as_ref().is_err_and(is_held) {
                break;
            }
            again.tick().await;
            writer = one_writer.clone().connect_with(writing.clone()).await;
        }
        let writer = writer?;
        let path = options.get_filename().to_owned();
        let readers = SqlitePoolOptions::new()
            .max_connections(8)
            .connect_with(options)
            .await?;
        let file = File::open(path).await.map_err(sqlx::Error::Io)?;
        Ok(Self::Sqlite {
            writer,
            readers,
            is_written: Arc::default(),
            file: Box::leak(Box::new(file)),
        })
    }

    /// A transaction of SQLite's one writer, which takes its lock at once, so that it never has to give up half way. One that is given
    /// up while it begins is rolled back by its connection.
    pub(super) async fn begin_writing(writer: &SqlitePool) -> sqlx::Result<Transaction<'static, Sqlite>> {
        let begun = timeout(BEGINS_WITHIN, writer.begin_with("BEGIN IMMEDIATE")).await;
        begun.unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }

    /// The same database for the door for alerts. On PostgreSQL it has a connection of its own: one that has seen all of the door's
    /// statements before, which the server plans once a connection, and that nobody else is using.
    #[must_use]
    pub fn for_the_door(&self) -> Self {
        match self {
            Self::Sqlite { .. } => self.clone(),
            Self::Postgres(pool) => {
                let address = pool.connect_options().as_ref().clone();
                let connection = connections(1).acquire_timeout(ANSWERS_WITHIN);
                Self::Postgres(connection.connect_lazy_with(address))
            }
        }
    }

    async fn connect_postgres(address: &str) -> Result<Self> {
        let options = PgConnectOptions::from_str(address)?
            .application_name("kintsugi")
            // Rows are written by statements about one, two, three … of them, each a text of its own.
            .statement_cache_capacity(512);
        Ok(Self::Postgres(connections(12).connect_with(options).await?))
    }

    /// Runs a statement that no transaction may hold, such as `CREATE DATABASE`.
    pub async fn run_outside_transactions(&self, text: &str) -> Result<()> {
        let text = sqlx::AssertSqlSafe(text.to_owned());
        match self {
            Self::Sqlite { writer, .. } => sqlx::query(text).execute(writer).await.map(drop)?,
            Self::Postgres(pool) => sqlx::query(text).execute(pool).await.map(drop)?,
        }
        Ok(())
    }

    /// Brings what SQLite wrote into its log over into its file, beside whoever writes. What it leaves, because somebody still
    /// reads or writes there, the writer brings over itself, and alerts wait for that. SQLite has the system write it to the disk
    /// only once it has caught up, and commits wait while much is written, so that each part is written by itself.
    pub async fn checkpoint(&self) -> Result<()> {
        if let Self::Sqlite {
            readers,
            is_written,
            file,
            ..
        } = self
            && is_written.swap(false, Ordering::Relaxed)
        {
            sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
                .execute(readers)
                .await?;
            file.sync_data().await.map_err(sqlx::Error::Io)?;
        }
        Ok(())
    }

    /// Has SQLite look at how much of what there is, a table at a time and a few hundred rows of each, so that nobody waits for it.
    /// It would do so when it stops, too, but what it sees on a house's first day misleads it on all others.
    pub async fn look_at_itself(&self) -> Result<()> {
        let Self::Sqlite { writer, .. } = self else {
            return Ok(());
        };
        let tables: Vec<String> =
            sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND sql NOT LIKE '%VIRTUAL%'")
                .fetch_all(writer)
                .await?;
        for table in tables {
            let mut connection = writer.acquire().await?;
            sqlx::query("PRAGMA analysis_limit = 400")
                .execute(&mut *connection)
                .await?;
            let text = format!("ANALYZE \"{table}\"");
            sqlx::query(sqlx::AssertSqlSafe(text))
                .execute(&mut *connection)
                .await?;
        }
        Ok(())
    }

    /// Says that something was written, for [`Db::checkpoint`].
    pub(super) fn was_written(&self) {
        if let Self::Sqlite { is_written, .. } = self {
            is_written.store(true, Ordering::Relaxed);
        }
    }

    pub async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// SQLite makes a file that everybody can read; it takes one that is there and empty.
fn create_private(file: &Path) -> Result<()> {
    // One in memory has a name that is an address.
    if file.exists() || file.to_string_lossy().starts_with("file:") {
        return Ok(());
    }
    match private::create(file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(sqlx::Error::Io(error).into()),
        _ => Ok(()),
    }
}

/// So many connections to PostgreSQL. Many who meet at one incident wait for each other; one that is not there any more is not
/// waited for.
fn connections(most: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .before_acquire(|connection, seen| {
            let idle_for = seen.idle_for;
            Box::pin(async move {
                match idle_for < WAS_JUST_THERE {
                    true => Ok(true),
                    false => is_there(connection).await,
                }
            })
        })
}
