//! Who acts in a transaction. Like its clock, it stays the same from its beginning to its end.

use crate::db::{Access, Tx};
use crate::{Context, Engine, Result};
use domain::ids::PersonId;
use domain::people::Person;
use std::net::IpAddr;
use std::sync::Arc;

/// Whoever does what a transaction does.
#[derive(Clone, Debug)]
pub enum Actor {
    /// Somebody who is logged in, and where they are.
    Person { person: Person, address: Option<IpAddr> },
    /// Whoever a link was mailed to, by this link.
    Link { person: Person, address: Option<IpAddr> },
    /// A browser in which nobody is logged in: with a link from a mail that says not whose it is, or at the log-in.
    Visitor { address: Option<IpAddr> },
    /// What sends alerts. Requests of several go into one transaction.
    Sources,
    /// The program itself: its workers, its command line.
    Kintsugi,
}

impl Actor {
    pub const fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person { person, .. } | Self::Link { person, .. } => Some(person.id),
            Self::Visitor { .. } | Self::Sources | Self::Kintsugi => None,
        }
    }

    pub const fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Person { address, .. } | Self::Link { address, .. } | Self::Visitor { address } => *address,
            Self::Sources | Self::Kintsugi => None,
        }
    }

    /// What this actor may see, of a table of incidents that a statement calls `incidents`. It stands where the statement says
    /// `{visible incidents}`, so that no list, count or search has a rule of its own.
    pub(crate) fn sees(&self, incidents: &str) -> String {
        match self {
            Self::Person { .. } | Self::Link { .. } | Self::Visitor { .. } => {
                format!("{incidents}.visibility = 'everybody'")
            }
            Self::Sources | Self::Kintsugi => "TRUE".to_owned(),
        }
    }
}

/// The engine in somebody's hands; [`crate::transaction!`] takes it like the engine itself.
#[derive(Clone)]
pub struct Acting {
    engine: Engine,
    actor: Actor,
    form: Option<Vec<u8>>,
    pub context: Arc<Context>,
}

impl Acting {
    pub(crate) fn new(engine: &Engine, actor: Actor) -> Self {
        Self {
            engine: engine.clone(),
            actor,
            form: None,
            context: Arc::clone(&engine.context),
        }
    }

    /// What is committed is what this form asked for: it is not done again, whatever becomes of the answer. See [`crate::sent`].
    #[must_use]
    pub fn for_form(self, hash: Option<Vec<u8>>) -> Self {
        Self { form: hash, ..self }
    }

    /// Begins a transaction that may write, in which this actor acts.
    pub async fn begin(&self) -> Result<Tx> {
        let tx = Tx::begin(&self.engine, Access::Write, self.actor.clone()).await?;
        Ok(tx.for_form(self.form.clone()))
    }

    /// Begins one that reads.
    pub async fn read(&self) -> Result<Tx> {
        Tx::begin(&self.engine, Access::Read, self.actor.clone()).await
    }
}
