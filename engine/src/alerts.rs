//! Alerts coming in: who sends them, what they open, and what is refused.

mod ahead;
mod bare;
mod count;
mod handle;
pub mod ingest;
mod join;
pub mod payloads;
pub(crate) mod refusal_log;
mod refusals;
mod repeat;
mod source;

pub use crate::teams::refusals::{Refusal, RefusedLately, refusals, refused_lately};
pub use count::Counts;
pub(crate) use count::add as count;
pub use handle::handle;
pub use ingest::{InboundRequest, Ingest, NotTaken, Unread, take_one};
pub use refusal_log::{RefusalLog, note};
pub use source::{Former, Known, KnownSources, Source, known_secret, source};
