//! Whatever is told to anybody: written into the outbox by the transaction that causes it, claimed and sent by a worker over a
//! method, and what the other side said kept. Nothing here knows what a method is like, or what a notification is about.

mod claim;
mod deliver;
pub mod links;
mod method;
pub mod outbox;
mod record;
mod takeover;

pub(crate) use claim::LEASE;
pub(crate) use deliver::AT_ONCE;
pub use deliver::{Delivery, Telling, deliver_due};
pub use method::{Answer, Method};
pub use outbox::{Draft, Notification, Words};
pub use record::Outcome;
use record::TAKEN_BACK;
