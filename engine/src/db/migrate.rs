//! Bringing the tables up to date, and saying how they stand without touching them.

use super::{Db, backup, is_held, private};
use crate::error::{Error, Result};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{PgPool, SqlitePool};
use std::path::Path;

static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

/// How a database's tables stand to this program. Versions are numbers of migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There are none of ours.
    Empty,
    UpToDate,
    /// This program brings them up to date when it starts.
    Older {
        at: i64,
        newest: i64,
    },
    /// A newer program made them.
    Newer,
}

impl Standing {
    /// Of a dump of a PostgreSQL database, by the versions in its table of migrations.
    pub fn of_dump(applied: &[i64]) -> Self {
        if applied.is_empty() {
            return Self::Empty;
        }
        Self::of(applied, &POSTGRES)
    }

    fn of(applied: &[i64], migrator: &Migrator) -> Self {
        if applied.iter().any(|version| !migrator.version_exists(*version)) {
            return Self::Newer;
        }
        let at = applied.iter().copied().max().unwrap_or(0);
        let newest = migrator.iter().map(|migration| migration.version).max();
        match newest {
            Some(newest) if newest > at => Self::Older { at, newest },
            _ => Self::UpToDate,
        }
    }

    /// Of a SQLite database.
    pub(super) async fn of_sqlite(pool: &SqlitePool) -> Result<Self> {
        let there: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'")
                .fetch_one(pool)
                .await?;
        if there == 0 {
            return Ok(Self::Empty);
        }
        let applied: Vec<i64> = sqlx::query_scalar("SELECT version FROM _sqlx_migrations")
            .fetch_all(pool)
            .await?;
        Ok(Self::of(&applied, &SQLITE))
    }

    async fn of_postgres(pool: &PgPool) -> Result<Self> {
        let is_there: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
            .fetch_one(pool)
            .await?;
        if !is_there {
            return Ok(Self::Empty);
        }
        let applied: Vec<i64> = sqlx::query_scalar("SELECT version FROM _sqlx_migrations")
            .fetch_all(pool)
            .await?;
        Ok(Self::of(&applied, &POSTGRES))
    }
}

impl Db {
    /// How the tables stand; nothing is changed.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn standing(&self) -> Result<Standing> {
        match self {
            Self::Sqlite { readers, .. } => Standing::of_sqlite(readers).await,
            Self::Postgres(pool) => Standing::of_postgres(pool).await,
        }
    }

    /// Brings the tables up to date, once, also when two programs start together. A SQLite database is copied beside itself
    /// before.
    ///
    /// # Errors
    /// [`Error::NewerDatabase`]; [`Error::Migration`]; [`Error::BeingMigrated`]
    pub async fn migrate(&self) -> Result<()> {
        let done = match self {
            Self::Sqlite { writer, readers, .. } => {
                close_to_others(writer.connect_options().get_filename());
                match self.standing().await? {
                    Standing::UpToDate | Standing::Newer => SQLITE.run(writer).await,
                    Standing::Empty | Standing::Older { .. } => return migrate_sqlite(writer, readers).await,
                }
            }
            // It takes a lock of PostgreSQL's while it runs.
            Self::Postgres(pool) => POSTGRES.run(pool).await,
        };
        done.map_err(in_our_words)
    }
}

/// Programs before this one left the database, its log and its copies readable for everybody on the machine.
fn close_to_others(database: &Path) {
    for file in private::with_what_lies_beside(database) {
        if let Err(error) = private::close_to_others(&file) {
            tracing::warn!(%error, file = %file.display(), "others on this machine may read this file");
        }
    }
}

/// Copies and migrates under one lock, in one transaction: who starts at the same time waits and then finds it done, and a
/// migration that fails takes back those before it.
async fn migrate_sqlite(writer: &SqlitePool, readers: &SqlitePool) -> Result<()> {
    let file = writer.connect_options().get_filename().to_owned();
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await.map_err(|error| {
        if is_held(&error) {
            Error::BeingMigrated(error)
        } else {
            error.into()
        }
    })?;
    // Somebody else may have done it meanwhile.
    if let Standing::Older { at, .. } = Standing::of_sqlite(readers).await? {
        backup::keep_before_migrating(readers, at, &file).await?;
    }
    SQLITE.run(&mut *tx).await.map_err(in_our_words)?;
    Ok(tx.commit().await?)
}

fn in_our_words(error: MigrateError) -> Error {
    match error {
        // It holds a migration that this program does not know.
        MigrateError::VersionMissing(_) => Error::NewerDatabase,
        other => other.into(),
    }
}
