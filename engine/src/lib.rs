//! What Kintsugi does: actions with their SQL, the background workers, notifications.
//!
//! An action takes the transaction it runs in (`&mut Tx`), writes the change and its timeline entry there, and leaves the
//! commit to whoever began it, mostly [`transaction!`].

pub mod action_items;
pub mod actor;
pub mod alerts;
pub mod audit;
pub mod calendars;
pub mod context;
pub mod db;
pub mod deactivation;
pub mod error;
pub mod files;
pub mod find;
pub mod hand_offs;
pub mod health;
pub mod incidents;
pub mod learning;
pub mod live;
pub mod load;
pub mod mailed_links;
pub(crate) mod mentions;
pub mod messages;
pub mod methods;
pub mod news;
pub mod notifications;
pub mod oncall;
pub mod paging;
pub mod people;
pub mod postmortems;
pub mod retention;
pub mod secrets;
pub mod sent;
pub mod setup;
pub mod teams;
pub mod timeline;
pub mod workers;

pub use actor::{Acting, Actor};
pub use context::{Clock, Context, MailFrom};
pub use db::Tx;
pub use error::{Error, Result};

use std::sync::Arc;
use std::time::Duration;

/// Everything that an action needs to begin: the database, the context, and who is listening. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub db: db::Db,
    pub context: Arc<Context>,
    pub live: live::Hub,
    /// When the workers last came round.
    pub rounds: Arc<health::Rounds>,
    pub counts: Arc<alerts::Counts>,
    /// Rung when a mail is due.
    pub outbox: Arc<tokio::sync::Notify>,
    pub sources: Arc<alerts::KnownSources>,
    /// Refusals that are not written down yet.
    pub refusal_log: Arc<alerts::RefusalLog>,
    pub tints: Arc<people::tints::Kept>,
}

/// What is still to be written when the program stops has so long.
const LAST_WORDS: Duration = Duration::from_secs(2);

impl Engine {
    /// Connects and brings the database's tables up to date.
    ///
    /// # Errors
    /// [`Error::Database`] when the database cannot be reached, written or migrated.
    pub async fn start(database_url: &str, context: Context) -> Result<Self> {
        let engine = Self::connect(database_url, context).await?;
        engine.db.migrate().await?;
        Ok(engine)
    }

    /// Connects, and leaves the tables as they are.
    pub async fn connect(database_url: &str, context: Context) -> Result<Self> {
        let db = db::Db::connect(database_url).await?;
        Ok(Self {
            db,
            context: Arc::new(context),
            live: live::Hub::default(),
            rounds: Arc::default(),
            counts: Arc::default(),
            outbox: Arc::default(),
            sources: Arc::default(),
            refusal_log: Arc::default(),
            tints: Arc::default(),
        })
    }

    /// Writes down what waits to be and that this node is gone, and closes the database.
    pub async fn end(&self) {
        let last_words = async {
            alerts::refusal_log::write(self).await;
            health::beat(self).await?;
            health::end(self).await
        };
        if let Ok(Err(error)) = tokio::time::timeout(LAST_WORDS, last_words).await {
            tracing::warn!(%error, "this node could not say that it is gone");
        }
        self.db.close().await;
    }

    /// Begins a transaction that may write, in which Kintsugi itself acts. Prefer [`transaction!`], which retries.
    pub async fn begin(&self) -> Result<Tx> {
        Tx::begin(self, db::Access::Write, Actor::Kintsugi).await
    }

    /// The engine in the hands of somebody: what is begun with it is done by them, and asks for their rights.
    pub fn by(&self, actor: Actor) -> Acting {
        Acting::new(self, actor)
    }

    /// Begins a transaction that sees one state of the database and writes nothing.
    pub async fn read(&self) -> Result<Tx> {
        Tx::begin(self, db::Access::Read, Actor::Kintsugi).await
    }
}

/// Runs the body in one transaction, commits it, and runs it again where two transactions met (deadlock, serialisation
/// failure, a busy database, two nodes opening the same alert). The body may therefore run more than once: it takes by
/// reference what it needs.
///
/// ```ignore
/// let incident = transaction!(engine, |tx| incidents::acknowledge(tx, number, &by).await?)?;
/// ```
#[macro_export]
macro_rules! transaction {
    ($engine:expr, |$tx:ident| $body:expr) => {{
        let mut attempt = 0_u32;
        loop {
            let outcome: $crate::Result<_> = async {
                let mut held = $engine.begin().await?;
                let value: $crate::Result<_> = async {
                    let $tx = &mut held;
                    Ok($body)
                }
                .await;
                let value = value?;
                held.commit().await?;
                Ok(value)
            }
            .await;
            match outcome {
                Err(error) if error.is_worth_repeating() && attempt < $crate::db::MOST_ATTEMPTS => {
                    attempt += 1;
                    $engine.context.pause_before_retry(attempt).await;
                }
                outcome => break outcome,
            }
        }
    }};
}
