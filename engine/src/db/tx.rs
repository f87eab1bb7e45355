//! A transaction of either database, with the context and a list of the incidents it changed.

use super::changes::Changes;
use super::held::Held;
use super::{Db, dialect, sql};
use crate::error::{Result, caught};
use crate::{Actor, Context, Engine};
use chrono::{DateTime, Utc};
use domain::ids::IncidentId;
use domain::people::Person;
use sqlx::{Sqlite, Transaction};
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
    Postgres(Held),
}

/// A transaction. Dropped without [`Tx::commit`], it leaves nothing behind.
pub struct Tx {
    connection: Connection,
    pub context: Arc<Context>,
    engine: Engine,
    actor: Actor,
    /// All of it happens at one instant.
    at: DateTime<Utc>,
    changed: BTreeSet<IncidentId>,
    /// What waits to be written.
    pub(crate) changes: Changes,
    mail_is_due: bool,
    sources_changed: bool,
    /// The form that asked for it.
    form: Option<Vec<u8>>,
    queries: u32,
}

/// A transaction without its database: rows that it is going to write, by its clock and with its ids. What is decided with this waits
/// for nothing.
pub(crate) struct Decisions<'a> {
    pub changes: &'a mut Changes,
    context: &'a Context,
    at: DateTime<Utc>,
    changed: &'a mut BTreeSet<IncidentId>,
}

impl Decisions<'_> {
    pub fn now(&self) -> DateTime<Utc> {
        self.context.is_asked();
        self.at
    }

    pub fn new_id<T: From<Uuid>>(&self) -> T {
        T::from(self.context.new_id())
    }

    /// As [`Tx::changed`].
    pub fn changed(&mut self, incident: IncidentId) {
        self.changed.insert(incident);
    }
}

impl Tx {
    pub(crate) async fn begin(engine: &Engine, access: Access, actor: Actor) -> Result<Self> {
        let asked = engine.context.running_for();
        let connection = match (&engine.db, access) {
            (Db::Sqlite { writer, .. }, Access::Write) => {
                Connection::Sqlite(Db::begin_writing(writer).await?)
            }
            (Db::Sqlite { readers, .. }, Access::Read) => Connection::Sqlite(readers.begin().await?),
            (Db::Postgres(pool), Access::Write) => Connection::Postgres(Held::begin(pool, "BEGIN").await?),
            (Db::Postgres(pool), Access::Read) => Connection::Postgres(
                Held::begin(
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
            actor,
            at: engine.context.now(),
            changed: BTreeSet::new(),
            changes: Changes::default(),
            mail_is_due: false,
            sources_changed: false,
            form: None,
            queries: 0,
        })
    }

    pub(crate) fn for_form(self, form: Option<Vec<u8>>) -> Self {
        Self { form, ..self }
    }

    /// Who does what this transaction does.
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Somebody else acts from here on, where one transaction tells what many people did, as the demo's do.
    pub fn acts_as(&mut self, actor: Actor) {
        self.actor = actor;
    }

    /// Whoever holds a mailed link acts in the name of whom it was sent to.
    pub fn acts_for(&mut self, person: Person) {
        let address = self.actor.address();
        self.actor = Actor::Link { person, address };
    }

    /// When it began.
    pub fn now(&self) -> DateTime<Utc> {
        self.context.is_asked();
        self.at
    }

    /// Time goes on, where one transaction tells what happened at many instants, as the demo's do.
    pub fn goes_on(&mut self) {
        self.at = self.context.now();
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
    pub(crate) fn sources_changed(&mut self) {
        self.sources_changed = true;
    }

    /// What can be decided in this transaction without its database.
    pub(crate) fn decisions(&mut self) -> Decisions<'_> {
        Decisions {
            changes: &mut self.changes,
            context: &self.context,
            at: self.at,
            changed: &mut self.changed,
        }
    }

    /// Takes the counter of incidents, unless this transaction has done so.
    pub(crate) async fn look_up_number(&mut self) -> Result<()> {
        if !self.changes.is_number_known() {
            let last = sql("UPDATE counters SET value = value WHERE name = 'incident' RETURNING value")
                .scalar(self)
                .await?;
            self.changes.knows_number(last);
        }
        Ok(())
    }

    /// Takes the incident, unless this transaction has done so, and finds where its timeline ends.
    pub(crate) async fn look_up_seq(&mut self, incident: IncidentId) -> Result<()> {
        if self.changes.is_seq_known(incident) {
            return Ok(());
        }
        dialect::lock_incident(self, incident).await?;
        let seq = sql("SELECT seq FROM incidents WHERE {any incidents} AND id = $1")
            .bind(incident)
            .scalar(self)
            .await?;
        self.changes.knows_seq(incident, seq);
        Ok(())
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
        if let Some(form) = self.form.take() {
            sql("UPDATE sent_forms SET done = TRUE WHERE hash = $1")
                .bind(form)
                .run(&mut self)
                .await?;
        }
        if self.is_postgres() && !self.changed.is_empty() {
            // NOTIFY is sent with the commit and reaches every node, this one too.
            let changed: Vec<String> = self.changed.iter().map(ToString::to_string).collect();
            sql("SELECT pg_notify('kintsugi_incident', id) FROM unnest(string_to_array($1, ' ')) id")
                .bind(changed.join(" "))
                .run(&mut self)
                .await?;
        }
        self.write_changes().await?;
        let asked = self.context.running_for();
        match self.connection {
            Connection::Sqlite(transaction) => transaction.commit().await?,
            Connection::Postgres(transaction) => transaction.commit().await?,
        }
        self.engine.db.was_written();
        metrics::histogram!("kintsugi_database_commit_seconds").record(self.context.running_for() - asked);
        for incident in self.changed {
            // On PostgreSQL this node hears its own notice too; telling twice does no harm and needs no connection.
            self.engine.live.tell(incident);
        }
        if self.mail_is_due {
            self.engine.outbox.notify_one();
        }
        if self.sources_changed {
            self.engine.sources.forget();
        }
        Ok(())
    }

    /// Does what may meet a fault of our own, a panic too. Then it leaves nothing behind here but the words of the fault, and the rest of
    /// the transaction goes on.
    ///
    /// # Errors
    /// [`crate::Error::Database`] where the database cannot work just now, or this transaction met another one.
    pub(crate) async fn try_within_savepoint(
        &mut self,
        work: impl AsyncFnOnce(&mut Self) -> Result<()>,
    ) -> Result<Result<(), String>> {
        self.savepoint().await?;
        let done = caught(async {
            work(self).await?;
            // Its faults are its own, not those of what comes next.
            self.write_changes().await
        });
        let done = done.await?;
        match &done {
            Ok(()) => self.keep_since_savepoint().await?,
            Err(_) => self.back_to_savepoint().await?,
        }
        Ok(done)
    }

    /// Marks a point to which [`Tx::back_to_savepoint`] returns.
    pub async fn savepoint(&mut self) -> Result<()> {
        sql("SAVEPOINT part").run(self).await.map(drop)
    }

    /// Keeps what was done since the savepoint.
    pub async fn keep_since_savepoint(&mut self) -> Result<()> {
        sql("RELEASE SAVEPOINT part").run(self).await.map(drop)
    }

    /// Undoes what was done since the savepoint.
    pub async fn back_to_savepoint(&mut self) -> Result<()> {
        self.changes.forget();
        sql("ROLLBACK TO SAVEPOINT part").run(self).await?;
        self.keep_since_savepoint().await
    }
}
