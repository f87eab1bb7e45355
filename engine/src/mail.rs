//! Mail: written into the outbox by the transaction that causes it, sent by a worker, and what the server said kept.

mod address;
mod alike;
mod claim;
pub mod deliver;
mod fresh;
mod header;
mod line;
pub(crate) mod lists;
pub mod notice_lists;
pub mod notices;
pub mod outbox;
pub mod pages;
mod record;
pub mod sender;
mod takeover;
mod templates;

pub(crate) use address::reachable;
pub use line::BadAddress;
pub use outbox::{Draft, Stored};
pub(crate) use record::TAKEN_BACK;
pub use sender::{Answer, Sender};
pub(crate) use templates::{Words, fill};

use chrono::{DateTime, Utc};

/// An instant in a person's zone with UTC at hand: “Sat 21 Nov, 06:02 (05:02 UTC)”.
pub(crate) fn in_zone(at: DateTime<Utc>, zone: &str) -> String {
    let zone: chrono_tz::Tz = zone.parse().unwrap_or(chrono_tz::UTC);
    if zone == chrono_tz::UTC {
        return at.format("%a %-d %b, %H:%M UTC").to_string();
    }
    format!(
        "{} ({} UTC)",
        at.with_timezone(&zone).format("%a %-d %b, %H:%M"),
        at.format("%H:%M")
    )
}
