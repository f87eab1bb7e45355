//! Alerts coming in: who sends them, what they open, and what is refused.

mod ahead;
mod bare;
mod handle;
pub mod ingest;
mod join;
pub(crate) mod noting;
pub mod payloads;
mod receiver;
mod refusals;
mod repeat;

pub use handle::handle;
pub use ingest::{Arriving, Ingest, NotTaken, Unread, take_one};
pub use noting::{Noting, note};
pub use receiver::{Former, Known, Receiver, Receivers, known_secret, receiver};
pub use refusals::{Refusal, RefusedLately, refusals, refused_lately};
