//! Alerts coming in: who sends them, what they open, and what is refused.

mod bare;
pub mod change_events;
mod count;
mod decide;
mod handle;
mod heartbeats;
pub mod ingest;
mod known;
pub mod payloads;
pub(crate) mod refusal_log;
mod refusals;
mod source;
mod store;
mod told;
mod words;

pub use crate::teams::refusals::{Refusal, RefusedLately, refusals, refused_lately};
pub use count::Counts;
pub(crate) use count::add as count;
pub use domain::alerts::NotTaken;
pub use handle::handle;
pub use ingest::{InboundRequest, Ingest, Unread};
pub use refusal_log::{RefusalLog, note};
pub use source::{Former, Known, KnownSources, Source, known_secret, source};
pub use store::take_one;
