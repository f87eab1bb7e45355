//! What breaks around Kintsugi, and that no page is lost by it. docs/reliability.md tells the same in words.

// Clippy does not see that `both_databases!` makes tests.
#![allow(clippy::unwrap_used)]

mod clock;
mod cluster;
mod door;
mod mail_server;
mod postgres;
mod proxy;
mod silence;
mod sqlite;
mod workers;
