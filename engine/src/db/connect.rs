//! Opening the database and migrating it.

use super::backup;
use super::held::{ANSWERS_WITHIN, is_there};
use crate::error::{Error, Result};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, PgPool, SqlitePool};
use std::str::FromStr;
use std::time::Duration;

pub(super) static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

/// How long a writer waits while another program holds the file. Sources of alerts wait for ten seconds.
const BUSY_FOR: Duration = Duration::from_secs(5);

/// A pool of either kind.
#[derive(Clone, Debug)]
pub enum Db {
    Sqlite {
        /// One connection: SQLite has one writer, and waiting for it here is fair.
        writer: SqlitePool,
        readers: SqlitePool,
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
            .statement_cache_capacity(256)
            .optimize_on_close(true, None);
        if let Some(folder) = options
            .get_filename()
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(|source| Error::DatabaseFolder {
                folder: folder.to_owned(),
                source,
            })?;
        }
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(10))
            // A full disk makes SQLite itself end a transaction, which sqlx does not notice: such a connection never begins
            // another one, and there is no second writer.
            .after_release(|connection, _| {
                Box::pin(async move {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
            .connect_with(options.clone().pragma("cache_size", "-16000"))
            .await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(8)
            .connect_with(options)
            .await?;
        Ok(Self::Sqlite { writer, readers })
    }

    async fn connect_postgres(address: &str) -> Result<Self> {
        let options = PgConnectOptions::from_str(address)?
            .application_name("kintsugi")
            // Rows are written by statements about one, two, four … of them, each a text of its own.
            .statement_cache_capacity(256);
        let pool = PgPoolOptions::new()
            .max_connections(24)
            .acquire_timeout(ANSWERS_WITHIN)
            .test_before_acquire(false)
            .before_acquire(|connection, _| Box::pin(is_there(connection)))
            .connect_with(options)
            .await?;
        Ok(Self::Postgres(pool))
    }

    /// Brings the tables up to date, once, also when two nodes start together. A SQLite database is copied beside itself
    /// before.
    ///
    /// # Errors
    /// [`Error::NewerDatabase`]; [`Error::Migration`]
    pub async fn migrate(&self) -> Result<()> {
        let done = match self {
            Self::Sqlite { writer, .. } => {
                let file = writer.connect_options().get_filename().to_owned();
                backup::keep_before_migrating(writer, &SQLITE, &file).await?;
                SQLITE.run(writer).await
            }
            Self::Postgres(pool) => POSTGRES.run(pool).await,
        };
        done.map_err(|error| match error {
            // It holds a migration that this program does not know.
            MigrateError::VersionMissing(_) => Error::NewerDatabase,
            other => other.into(),
        })
    }

    /// Runs a statement that no transaction may hold, such as `CREATE DATABASE`.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn run_outside_transactions(&self, text: &str) -> Result<()> {
        let text = sqlx::AssertSqlSafe(text.to_owned());
        match self {
            Self::Sqlite { writer, .. } => sqlx::query(text).execute(writer).await.map(drop)?,
            Self::Postgres(pool) => sqlx::query(text).execute(pool).await.map(drop)?,
        }
        Ok(())
    }

    /// Brings what SQLite wrote into its log over into its file, beside whoever writes. What it leaves, because somebody still
    /// reads or writes there, the writer brings over itself, and alerts wait for that.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn bring_over(&self) -> Result<()> {
        if let Self::Sqlite { readers, .. } = self {
            sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
                .execute(readers)
                .await?;
        }
        Ok(())
    }

    pub async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}
