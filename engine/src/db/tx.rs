//! A transaction of either database, with the context and a list of the incidents it changed.

use super::sql::{Sql, together};
use super::{Db, sql};
use crate::error::Result;
use crate::{Context, Engine};
use chrono::{DateTime, Utc};
use domain::ids::IncidentId;
use sqlx::{PgPool, Postgres, Sqlite, Transaction};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// Statements in one text at most: SQLite's connection keeps what it has read of its last hundred texts.
const MOST_TOGETHER: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

pub(super) enum Connection {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A transaction. Dropped without [`Tx::commit`], it leaves nothing behind.
pub struct Tx {
    connection: Connection,
    pub context: Arc<Context>,
    engine: Engine,
    changed: BTreeSet<IncidentId>,
    /// What [`Sql::later`] put off.
    waiting: Vec<Sql>,
    /// How much of it stands before the last savepoint, while that one waits too.
    before_savepoint: Option<usize>,
    mail_is_due: bool,
    receivers_changed: bool,
    /// The last number that this transaction gave an incident; it holds the counter since.
    last_number: Option<i64>,
    queries: u32,
}

/// Begins on a task of its own, which goes on when whoever waits for it is gone, such as a browser that left. Where a BEGIN is given
/// up half way, sqlx gives the connection back with its transaction still open, and the next one to write finds that it may only
/// read.
async fn begun(pool: &PgPool, statement: &'static str) -> Result<Transaction<'static, Postgres>> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with(statement).await });
    Ok(begun.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))?)
}

impl Tx {
    pub(crate) async fn begin(engine: &Engine, access: Access) -> Result<Self> {
        let asked = engine.context.running_for();
        let connection = match (&engine.db, access) {
            // A writer takes its lock at once, so that it never has to give up half way.
            (Db::Sqlite { writer, .. }, Access::Write) => {
                Connection::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?)
            }
            (Db::Sqlite { readers, .. }, Access::Read) => Connection::Sqlite(readers.begin().await?),
            (Db::Postgres(pool), Access::Write) => Connection::Postgres(begun(pool, "BEGIN").await?),
            (Db::Postgres(pool), Access::Read) => Connection::Postgres(
                begun(
                    pool,
                    "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
                )
                .await?,
            ),
        };
        let kind = if access == Access::Write { "write" } else { "read" };
        let waited = engine.context.running_for() - asked;
        metrics::histogram!("kintsugi_database_wait_seconds", "kind" => kind).record(waited);
        Ok(Self {
            connection,
            context: Arc::clone(&engine.context),
            engine: engine.clone(),
            changed: BTreeSet::new(),
            waiting: Vec::new(),
            before_savepoint: None,
            mail_is_due: false,
            receivers_changed: false,
            last_number: None,
            queries: 0,
        })
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.context.now()
    }

    pub fn new_id<T: From<Uuid>>(&self) -> T {
        T::from(self.context.new_id())
    }

    /// Says that the incident changed: those who watch it are told once the change is committed.
    pub fn changed(&mut self, incident: IncidentId) {
        self.changed.insert(incident);
    }

    /// Says that a mail is due: it is sent as soon as the change is committed.
    pub(crate) fn mail_is_due(&mut self) {
        self.mail_is_due = true;
    }

    /// Says that an integration or its service changed: what is known of them is forgotten once the change is committed.
    pub(crate) fn receivers_changed(&mut self) {
        self.receivers_changed = true;
    }

    /// The number of the next incident.
    ///
    /// # Errors
    /// [`crate::Error::Database`]
    pub(crate) async fn next_incident_number(&mut self) -> Result<i64> {
        let number = match self.last_number {
            None => {
                sql("UPDATE counters SET value = value + 1 WHERE name = 'incident' RETURNING value")
                    .scalar(self)
                    .await?
            }
            Some(last) => {
                sql("UPDATE counters SET value = $1 WHERE name = 'incident'")
                    .bind(last + 1)
                    .later(self)
                    .await?;
                last + 1
            }
        };
        self.last_number = Some(number);
        Ok(number)
    }

    /// How many statements it has run, for tests that hold a page to its number of queries.
    pub fn queries(&self) -> u32 {
        self.queries
    }

    pub(super) fn count_query(&mut self) {
        self.queries += 1;
    }

    /// Puts a statement off until the next one whose answer is waited for.
    pub(super) async fn wait_with(&mut self, statement: Sql) -> Result<()> {
        if self.waiting.len() >= MOST_TOGETHER {
            self.run_what_waits().await?;
        }
        self.count_query();
        self.waiting.push(statement);
        Ok(())
    }

    /// The statement with all before it that was put off.
    pub(super) fn with_what_waits(&mut self, statement: Sql) -> Sql {
        self.count_query();
        self.before_savepoint = None;
        if self.waiting.is_empty() {
            return statement;
        }
        let mut parts = std::mem::take(&mut self.waiting);
        parts.push(statement);
        together(parts)
    }

    /// Runs what was put off, so that its faults show now.
    ///
    /// # Errors
    /// [`crate::Error::Database`]
    pub(crate) async fn run_what_waits(&mut self) -> Result<()> {
        let parts = std::mem::take(&mut self.waiting);
        self.before_savepoint = None;
        if parts.is_empty() {
            return Ok(());
        }
        self.queries -= 1;
        together(parts).run_alone(self).await.map(drop)
    }

    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.connection, Connection::Postgres(_))
    }

    /// Makes the changes durable, then tells those who watch.
    ///
    /// # Errors
    /// [`crate::Error::Database`]; nothing is changed then.
    pub async fn commit(mut self) -> Result<()> {
        if self.is_postgres() {
            // NOTIFY is sent with the commit and reaches every node, this one too.
            for incident in self.changed.clone() {
                sql("SELECT pg_notify('kintsugi_incident', $1)")
                    .bind(incident.to_string())
                    .run(&mut self)
                    .await?;
            }
        }
        self.run_what_waits().await?;
        let asked = self.context.running_for();
        match self.connection {
            Connection::Sqlite(transaction) => transaction.commit().await?,
            Connection::Postgres(transaction) => transaction.commit().await?,
        }
        metrics::histogram!("kintsugi_database_commit_seconds").record(self.context.running_for() - asked);
        for incident in self.changed {
            // On PostgreSQL this node hears its own notice too; telling twice does no harm and needs no connection.
            self.engine.live.tell(incident);
        }
        if self.mail_is_due {
            self.engine.outbox.notify_one();
        }
        if self.receivers_changed {
            self.engine.receivers.forget();
        }
        Ok(())
    }

    /// Marks a point to which [`Tx::back_to_savepoint`] returns.
    ///
    /// # Errors
    /// [`crate::Error::Database`]
    pub async fn savepoint(&mut self) -> Result<()> {
        sql("SAVEPOINT part").later(self).await?;
        self.before_savepoint = (!self.waiting.is_empty()).then_some(self.waiting.len());
        Ok(())
    }

    /// Keeps what was done since the savepoint.
    ///
    /// # Errors
    /// [`crate::Error::Database`]
    pub async fn keep_since_savepoint(&mut self) -> Result<()> {
        self.before_savepoint = None;
        sql("RELEASE SAVEPOINT part").later(self).await
    }

    /// Undoes what was done since the savepoint.
    ///
    /// # Errors
    /// [`crate::Error::Database`]
    pub async fn back_to_savepoint(&mut self) -> Result<()> {
        self.waiting.truncate(self.before_savepoint.unwrap_or(0));
        // The counter may be free again.
        self.last_number = None;
        sql("ROLLBACK TO SAVEPOINT part").run(self).await?;
        self.keep_since_savepoint().await
    }
}
