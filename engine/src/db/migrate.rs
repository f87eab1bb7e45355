//! Bringing the tables up to date, and saying how they stand without touching them.

use super::tables::{FIRST, POSTGRES, SQLITE};
use super::{Db, backup, is_held, private};
use crate::error::{Error, Result};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{Connection as _, PgPool, SqliteConnection, SqlitePool};
use std::path::Path;

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
    /// They are from before the first release; nothing leads from there to those of now.
    TooOld,
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
        if applied.iter().any(|version| *version < FIRST) {
            return Self::TooOld;
        }
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
        Self::of_sqlite_by(pool, &SQLITE).await
    }

    async fn of_sqlite_by(pool: &SqlitePool, migrator: &Migrator) -> Result<Self> {
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
        Ok(Self::of(&applied, migrator))
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
    /// [`Error::NewerDatabase`], [`Error::TooOldDatabase`]; [`Error::Migration`]; [`Error::BeingMigrated`]
    pub async fn migrate(&self) -> Result<()> {
        self.migrate_by(&SQLITE, &POSTGRES).await
    }

    async fn migrate_by(&self, sqlite: &Migrator, postgres: &Migrator) -> Result<()> {
        if self.standing().await? == Standing::TooOld {
            return Err(Error::TooOldDatabase);
        }
        match self {
            Self::Sqlite { writer, readers, .. } => {
                close_to_others(writer.connect_options().get_filename());
                match Standing::of_sqlite_by(readers, sqlite).await? {
                    // This looks at whether they are what they were.
                    Standing::UpToDate | Standing::Newer | Standing::TooOld => {
                        sqlite.run(writer).await.map_err(in_our_words)
                    }
                    Standing::Empty | Standing::Older { .. } => migrate_sqlite(writer, readers, sqlite).await,
                }
            }
            // It takes a lock of PostgreSQL's while it runs.
            Self::Postgres(pool) => postgres.run(pool).await.map_err(in_our_words),
        }
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
///
/// A table is changed by making it anew, and SQLite's DROP TABLE takes along what refers to it, so that references are looked at
/// once it is done (<https://sqlite.org/lang_altertable.html#otheralter>). That can be set outside of transactions only.
async fn migrate_sqlite(writer: &SqlitePool, readers: &SqlitePool, migrator: &Migrator) -> Result<()> {
    let file = writer.connect_options().get_filename().to_owned();
    let mut connection = writer.acquire().await?;
    sqlx::query("PRAGMA foreign_keys = OFF")
        .execute(&mut *connection)
        .await?;
    let done = migrate_connection(&mut connection, readers, migrator, &file).await;
    sqlx::query("PRAGMA foreign_keys = ON")
        .execute(&mut *connection)
        .await?;
    done
}

async fn migrate_connection(
    connection: &mut SqliteConnection,
    readers: &SqlitePool,
    migrator: &Migrator,
    file: &Path,
) -> Result<()> {
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.map_err(|error| {
        if is_held(&error) {
            Error::BeingMigrated(error)
        } else {
            error.into()
        }
    })?;
    // Somebody else may have done it meanwhile.
    if let Standing::Older { at, .. } = Standing::of_sqlite_by(readers, migrator).await? {
        backup::keep_before_migrating(readers, at, file).await?;
    }
    migrator.run(&mut *tx).await.map_err(in_our_words)?;
    let broken: Option<(String,)> = sqlx::query_as("SELECT \"table\" FROM pragma_foreign_key_check")
        .fetch_optional(&mut *tx)
        .await?;
    if let Some((table,)) = broken {
        return Err(Error::BrokenReferences(table));
    }
    Ok(tx.commit().await?)
}

fn in_our_words(error: MigrateError) -> Error {
    match error {
        // It holds a migration that this program does not know.
        MigrateError::VersionMissing(_) => Error::NewerDatabase,
        other => other.into(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use sqlx::SqlSafeStr;
    use sqlx::migrate::{Migration, MigrationType};

    /// All that there are, and one after them.
    fn and_one_more(migrator: &Migrator, text: &'static str) -> Migrator {
        let mut all: Vec<Migration> = migrator.iter().cloned().collect();
        let next = all.iter().map(|migration| migration.version).max().unwrap() + 1;
        all.push(Migration::new(
            next,
            "one more".into(),
            MigrationType::Simple,
            text.into_sql_str(),
            false,
        ));
        Migrator::with_migrations(all)
    }

    /// In SQLite a table is changed by making it anew; PostgreSQL does so itself.
    const TEAMS_ANEW: &str = "CREATE TABLE anew (id BLOB PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT, created_at TEXT NOT NULL) STRICT;
        INSERT INTO anew SELECT id, slug, name, created_at FROM teams; DROP TABLE teams; ALTER TABLE anew RENAME TO teams";
    const NAMES_ANEW: &str =
        "ALTER TABLE teams ALTER COLUMN name DROP NOT NULL, ALTER COLUMN name TYPE VARCHAR(200)";
    const FEWER_TEAMS: &str = "CREATE TABLE anew (id BLOB PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT, created_at TEXT NOT NULL) STRICT;
        DROP TABLE teams; ALTER TABLE anew RENAME TO teams";

    const SCHEDULE: [&str; 2] = [
        "INSERT INTO teams (id, slug, name, created_at) VALUES ({id}, 'payments', 'Payments', '2026-03-02T09:00:00Z')",
        "INSERT INTO schedules (id, team_id, name, time_zone, created_at)
         VALUES ({id}, {id}, 'Primary', 'UTC', '2026-03-02T09:00:00Z')",
    ];

    async fn with_a_schedule(address: &str, id: &str) -> Db {
        let db = Db::connect(address).await.unwrap();
        db.migrate().await.unwrap();
        for text in SCHEDULE {
            db.run_outside_transactions(&text.replace("{id}", id))
                .await
                .unwrap();
        }
        db
    }

    async fn schedules(db: &Db) -> i64 {
        let text = "SELECT COUNT(*) FROM schedules s JOIN teams t ON t.id = s.team_id";
        match db {
            Db::Sqlite { readers, .. } => sqlx::query_scalar(text).fetch_one(readers).await.unwrap(),
            Db::Postgres(pool) => sqlx::query_scalar(text).fetch_one(pool).await.unwrap(),
        }
    }

    fn by(text: &'static str) -> (Migrator, Migrator) {
        (and_one_more(&SQLITE, text), and_one_more(&POSTGRES, text))
    }

    #[tokio::test]
    async fn a_table_that_is_made_anew_keeps_what_refers_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite://{}", folder.path().join("kintsugi.db").display());
        let db = with_a_schedule(&address, "x'00'").await;
        // One that would lose what is referred to is taken back.
        let (sqlite, postgres) = by(FEWER_TEAMS);
        let lost = db.migrate_by(&sqlite, &postgres).await;
        assert!(
            matches!(&lost, Err(Error::BrokenReferences(table)) if table == "schedules"),
            "{lost:?}"
        );
        assert_eq!(schedules(&db).await, 1);
        let (sqlite, postgres) = by(TEAMS_ANEW);
        db.migrate_by(&sqlite, &postgres).await.unwrap();
        assert_eq!(schedules(&db).await, 1);
        // References are looked at again.
        let dangling = db.run_outside_transactions("DELETE FROM teams").await;
        assert!(dangling.is_err());
        db.close().await;

        let Some(server) = testing::NewPostgres::create().await else {
            return;
        };
        let db = with_a_schedule(&server.address, "'00000000-0000-0000-0000-000000000001'").await;
        let (sqlite, postgres) = by(NAMES_ANEW);
        db.migrate_by(&sqlite, &postgres).await.unwrap();
        assert_eq!(schedules(&db).await, 1);
        db.close().await;
        server.drop().await;
    }

    #[tokio::test]
    async fn a_database_from_before_the_first_release_is_refused_with_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite://{}", folder.path().join("kintsugi.db").display());
        let db = Db::connect(&address).await.unwrap();
        db.run_outside_transactions("CREATE TABLE _sqlx_migrations (version BIGINT)")
            .await
            .unwrap();
        db.run_outside_transactions("INSERT INTO _sqlx_migrations VALUES (1), (32)")
            .await
            .unwrap();
        assert_eq!(db.standing().await.unwrap(), Standing::TooOld);
        let words = db.migrate().await.unwrap_err().to_string();
        assert!(
            words.contains("before the first release") && words.contains("database_url"),
            "{words}"
        );
    }
}
