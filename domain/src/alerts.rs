//! What alert sources send, and what we conclude from it.
//!
//! A source is a folder in [`sources`], one value of type [`Source`]: where it reaches us, how its requests become an [`AlertBatch`],
//! what it is answered. [`read`] finds out which form a body has. What cannot be read is refused as a whole, with a sentence for the
//! sender; nothing is half taken. Of what is refused a [`Glimpse`] says whether somebody should know. What is merely odd (a number for
//! a text, a time nobody can read, a link to nowhere, a status word we do not know) never costs a page.
//!
//! Settled here for all formats, so that both databases and every page see the same: U+0000 and lone surrogates are U+FFFD, a
//! member named twice has its last value, keys over 255 characters are their SHA-256, times have microseconds.

mod body;
mod delivery;
mod glimpse;
pub mod group;
mod mend;
mod read;
mod refusal;
mod said;
mod signature;
mod source;
pub mod sources;
mod text;
mod times;

pub use delivery::{AlertBatch, AlertEvent, ChangeEvent, Link, Malformed};
pub use glimpse::{Glimpse, glimpse};
pub use read::{read, read_cut};
pub use refusal::{NotTaken, Refusal, Repeats};
pub use said::{Said, said};
pub use signature::Signature;
pub use source::{Answer, Door, Exchange, Kept, Outcome, Request, SecretForm, SecretPlace, Source, Told};
pub use sources::json;
pub use text::clean;

words! {
    /// An alert's own state, as its source tells it.
    pub enum Status {
        Firing = "firing",
        Acknowledged = "acknowledged",
        Resolved = "resolved",
    }
}
