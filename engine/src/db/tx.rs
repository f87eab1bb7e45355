//! A transaction of either database, with the context and a list of the incidents it changed.

use super::ahead::Ahead;
use super::held::Held;
use super::rows::{MOST_ARGS, Rows};
use super::sql::{Arg, Sql, together};
use super::{Db, dialect, sql};
use crate::error::{Result, caught};
use crate::{Actor, Context, Engine};
use chrono::{DateTime, Utc};
use domain::ids::IncidentId;
use sqlx::{Sqlite, Transaction};
use std::collections::{BTreeMap, BTreeSet};
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
    Postgres(Held),
}

/// A number that this transaction alone raises.
#[derive(Clone, Copy, Debug)]
struct Counted {
    value: i64,
    is_written: bool,
}

impl Counted {
    const fn read(value: i64) -> Self {
        Self {
            value,
            is_written: true,
        }
    }

    fn raise(&mut self) -> i64 {
        self.is_written = false;
        self.value += 1;
        self.value
    }

    /// The value, where it is still to be written.
    fn take_unwritten(&mut self) -> Option<i64> {
        (!std::mem::replace(&mut self.is_written, true)).then_some(self.value)
    }
}

/// A transaction. Dropped without [`Tx::commit`], it leaves nothing behind.
pub struct Tx {
    connection: Connection,
    pub context: Arc<Context>,
    engine: Engine,
    actor: Actor,
    changed: BTreeSet<IncidentId>,
    /// What was looked up for all that this transaction is about to do.
    pub(crate) ahead: Ahead,
    /// What [`Sql::later`] put off.
    waiting: Vec<Sql>,
    /// What [`Sql::row`] and [`Sql::change`] put off; it comes after what else waits.
    rows: Rows,
    /// How much of it stands before the last savepoint, while that one waits too.
    before_savepoint: Option<usize>,
    mail_is_due: bool,
    receivers_changed: bool,
    /// The last number that this transaction gave an incident; it holds the counter since.
    last_number: Option<Counted>,
    /// The last `seq` of incidents that this transaction holds.
    seqs: BTreeMap<IncidentId, Counted>,
    queries: u32,
}

impl Tx {
    pub(crate) async fn begin(engine: &Engine, access: Access, actor: Actor) -> Result<Self> {
        let asked = engine.context.running_for();
        let connection = match (&engine.db, access) {
            // A writer takes its lock at once, so that it never has to give up half way.
            (Db::Sqlite { writer, .. }, Access::Write) => {
                Connection::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?)
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
            changed: BTreeSet::new(),
            ahead: Ahead::default(),
            waiting: Vec::new(),
            rows: Rows::default(),
            before_savepoint: None,
            mail_is_due: false,
            receivers_changed: false,
            last_number: None,
            seqs: BTreeMap::new(),
            queries: 0,
        })
    }

    /// Who does what this transaction does.
    pub const fn actor(&self) -> &Actor {
        &self.actor
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
        if let Some(last) = &mut self.last_number {
            return Ok(last.raise());
        }
        let number = sql("UPDATE counters SET value = value + 1 WHERE name = 'incident' RETURNING value")
            .scalar(self)
            .await?;
        self.last_number = Some(Counted::read(number));
        Ok(number)
    }

    /// Remembers the `seq` of an incident that this transaction has taken, or has just made.
    pub(crate) fn knows_seq(&mut self, incident: IncidentId, seq: i64) {
        self.seqs.entry(incident).or_insert(Counted::read(seq));
    }

    /// The `seq` of the incident's next entry.
    ///
    /// # Errors
    /// [`crate::Error::Database`]
    pub(crate) async fn next_seq(&mut self, incident: IncidentId) -> Result<i64> {
        if !self.seqs.contains_key(&incident) {
            dialect::lock_incident(self, incident).await?;
            let seq = sql("SELECT seq FROM incidents WHERE id = $1")
                .bind(incident)
                .scalar(self)
                .await?;
            self.knows_seq(incident, seq);
        }
        let counted = self.seqs.entry(incident).or_insert(Counted::read(0));
        Ok(counted.raise())
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
        self.write_rows().await?;
        self.push_waiting(statement).await
    }

    async fn push_waiting(&mut self, statement: Sql) -> Result<()> {
        if self.waiting.len() >= MOST_TOGETHER || self.would_be_too_many(&statement) {
            self.run_waiting().await?;
        }
        self.count_query();
        self.waiting.push(statement);
        Ok(())
    }

    /// Whether what waits has too many arguments for one text with this statement.
    fn would_be_too_many(&self, statement: &Sql) -> bool {
        let waiting: usize = self.waiting.iter().map(|part| part.args.len()).sum();
        waiting > 0 && waiting + statement.args.len() > MOST_ARGS
    }

    /// Puts a new row off.
    pub(super) fn wait_with_new(&mut self, statement: Sql) {
        self.rows.add_new(statement);
    }

    /// Puts a change of a row off.
    pub(super) async fn wait_with_change(&mut self, statement: Sql) -> Result<()> {
        if self.rows.changes_already(&statement) {
            self.write_rows().await?;
        }
        self.rows.add_change(statement);
        Ok(())
    }

    /// The statement with all before it that was put off.
    ///
    /// # Errors
    /// [`crate::Error::Database`]
    pub(super) async fn with_what_waits(&mut self, statement: Sql) -> Result<Sql> {
        self.write_rows().await?;
        if self.would_be_too_many(&statement) {
            self.run_waiting().await?;
        }
        self.count_query();
        self.before_savepoint = None;
        let mut parts = std::mem::take(&mut self.waiting);
        let whole = if parts.is_empty() {
            statement
        } else {
            parts.push(statement);
            together(parts)
        };
        Ok(whole.suiting(self))
    }

    /// Runs what was put off, so that its faults show now.
    ///
    /// # Errors
    /// [`crate::Error::Database`]
    pub(crate) async fn run_what_waits(&mut self) -> Result<()> {
        self.write_rows().await?;
        self.run_waiting().await
    }

    async fn run_waiting(&mut self) -> Result<()> {
        let parts = std::mem::take(&mut self.waiting);
        self.before_savepoint = None;
        if parts.is_empty() {
            return Ok(());
        }
        self.queries -= 1;
        together(parts).run_alone(self).await.map(drop)
    }

    /// Writes the rows that were put off. Where a single one of each kind waits, SQLite gets them with the next statement.
    async fn write_rows(&mut self) -> Result<()> {
        for (incident, counted) in &mut self.seqs {
            if let Some(seq) = counted.take_unwritten()
                && !self
                    .rows
                    .fill_in("incidents", &Arg::from(*incident), Arg::from(seq))
            {
                self.rows.add_change(
                    sql(
                        "WITH raised (id, seq) AS (VALUES ($1, $2)) UPDATE incidents SET seq = raised.seq
                         FROM raised WHERE incidents.id = raised.id",
                    )
                    .bind(*incident)
                    .bind(seq),
                );
            }
        }
        if self.rows.is_empty() {
            return Ok(());
        }
        let are_single = self.rows.are_single();
        let statements = self.rows.take();
        if are_single && !self.is_postgres() {
            for statement in statements {
                self.push_waiting(statement).await?;
            }
            return Ok(());
        }
        self.run_waiting().await?;
        for statement in statements {
            statement.run_alone(self).await?;
        }
        Ok(())
    }

    /// Writes down which number the last incident got.
    async fn write_last_number(&mut self) -> Result<()> {
        if let Some(last) = self.last_number.as_mut().and_then(Counted::take_unwritten) {
            sql("UPDATE counters SET value = $1 WHERE name = 'incident'")
                .bind(last)
                .later(self)
                .await?;
        }
        Ok(())
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
        self.write_last_number().await?;
        if self.is_postgres() && !self.changed.is_empty() {
            // NOTIFY is sent with the commit and reaches every node, this one too.
            let changed: Vec<String> = self.changed.iter().map(ToString::to_string).collect();
            sql("SELECT pg_notify('kintsugi_incident', id) FROM unnest(string_to_array($1, ' ')) id")
                .bind(changed.join(" "))
                .run(&mut self)
                .await?;
        }
        self.run_what_waits().await?;
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
        if self.receivers_changed {
            self.engine.receivers.forget();
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
            self.run_what_waits().await
        });
        let done = done.await?;
        match &done {
            Ok(()) => self.keep_since_savepoint().await?,
            Err(_) => self.back_to_savepoint().await?,
        }
        Ok(done)
    }

    /// Marks a point to which [`Tx::back_to_savepoint`] returns.
    ///
    /// # Errors
    /// [`crate::Error::Database`]
    pub async fn savepoint(&mut self) -> Result<()> {
        self.write_last_number().await?;
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
        self.rows.clear();
        self.ahead.forget();
        // They may be free again.
        self.last_number = None;
        self.seqs.clear();
        sql("ROLLBACK TO SAVEPOINT part").run(self).await?;
        self.keep_since_savepoint().await
    }
}
