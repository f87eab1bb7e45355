//! A transaction of either database, with the context and a list of the incidents it changed.

use super::{Db, sql};
use crate::error::Result;
use crate::{Context, Engine, live};
use chrono::{DateTime, Utc};
use domain::ids::IncidentId;
use sqlx::{Postgres, Sqlite, Transaction};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

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
    live: live::Hub,
    changed: BTreeSet<IncidentId>,
    queries: u32,
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
            (Db::Postgres(pool), Access::Write) => Connection::Postgres(pool.begin().await?),
            (Db::Postgres(pool), Access::Read) => Connection::Postgres(
                pool.begin_with("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
        };
        let kind = if access == Access::Write { "write" } else { "read" };
        let waited = engine.context.running_for() - asked;
        metrics::histogram!("kintsugi_database_wait_seconds", "kind" => kind).record(waited);
        Ok(Self {
            connection,
            context: Arc::clone(&engine.context),
            live: engine.live.clone(),
            changed: BTreeSet::new(),
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

    /// How many statements it has run, for tests that hold a page to its number of queries.
    pub fn queries(&self) -> u32 {
        self.queries
    }

    pub(super) fn count_query(&mut self) {
        self.queries += 1;
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
        let asked = self.context.running_for();
        match self.connection {
            Connection::Sqlite(transaction) => transaction.commit().await?,
            Connection::Postgres(transaction) => transaction.commit().await?,
        }
        metrics::histogram!("kintsugi_database_commit_seconds").record(self.context.running_for() - asked);
        for incident in self.changed {
            // On PostgreSQL this node hears its own notice too; telling twice does no harm and needs no connection.
            self.live.tell(incident);
        }
        Ok(())
    }

    /// Marks a point to which [`Tx::back_to_savepoint`] returns.
    ///
    /// # Errors
    /// [`crate::Error::Database`]
    pub async fn savepoint(&mut self) -> Result<()> {
        sql("SAVEPOINT part").run(self).await.map(drop)
    }

    /// Keeps what was done since the savepoint.
    ///
    /// # Errors
    /// [`crate::Error::Database`]
    pub async fn keep_since_savepoint(&mut self) -> Result<()> {
        sql("RELEASE SAVEPOINT part").run(self).await.map(drop)
    }

    /// Undoes what was done since the savepoint.
    ///
    /// # Errors
    /// [`crate::Error::Database`]
    pub async fn back_to_savepoint(&mut self) -> Result<()> {
        sql("ROLLBACK TO SAVEPOINT part").run(self).await?;
        self.keep_since_savepoint().await
    }
}
