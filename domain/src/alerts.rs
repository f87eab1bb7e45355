//! What alert sources send, and what we conclude from it.
//!
//! One module a format, each a pure function from the bytes of a request to a [`AlertBatch`]; [`read`] finds out which one a body
//! has. What cannot be read is refused as a whole, with a sentence for the sender; nothing is half taken. Of what is refused a
//! [`Glimpse`] says whether somebody should know. What is merely odd (a number for a text, a time nobody can read, a link to
//! nowhere, a status word we do not know) never costs a page.
//!
//! Settled here for all formats, so that both databases and every page see the same: U+0000 and lone surrogates are U+FFFD, a
//! member named twice has its last value, keys over 255 characters are their SHA-256, times have microseconds.

pub mod alertmanager;
mod body;
mod delivery;
mod glimpse;
pub mod json;
mod mend;
pub mod pagerduty;
mod read;
mod text;
mod times;

pub use delivery::{AlertBatch, AlertEvent, Link, Malformed};
pub use glimpse::{Glimpse, glimpse};
pub use read::{Door, Inbound, read, read_cut};
pub use text::clean;

words! {
    /// An alert's own state, as its source tells it.
    pub enum Status {
        Firing = "firing",
        Acknowledged = "acknowledged",
        Resolved = "resolved",
    }
}
