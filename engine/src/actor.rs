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
    /// A browser in which nobody is logged in: with a link from a mail, or at the log-in.
    Visitor { address: Option<IpAddr> },
    /// The program itself: its workers, its doors for alerts, its command line.
    Kintsugi,
}

impl Actor {
    pub const fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person { person, .. } => Some(person.id),
            Self::Visitor { .. } | Self::Kintsugi => None,
        }
    }

    pub const fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Person { address, .. } | Self::Visitor { address } => *address,
            Self::Kintsugi => None,
        }
    }
}

/// The engine in somebody's hands; [`crate::transaction!`] takes it like the engine itself.
#[derive(Clone)]
pub struct Acting {
    engine: Engine,
    actor: Actor,
    pub context: Arc<Context>,
}

impl Acting {
    pub(crate) fn new(engine: &Engine, actor: Actor) -> Self {
        Self {
            engine: engine.clone(),
            actor,
            context: Arc::clone(&engine.context),
        }
    }

    /// Begins a transaction that may write, in which this actor acts.
    ///
    /// # Errors
    /// [`crate::Error::Database`]
    pub async fn begin(&self) -> Result<Tx> {
        Tx::begin(&self.engine, Access::Write, self.actor.clone()).await
    }

    /// Begins one that reads.
    ///
    /// # Errors
    /// [`crate::Error::Database`]
    pub async fn read(&self) -> Result<Tx> {
        Tx::begin(&self.engine, Access::Read, self.actor.clone()).await
    }
}
