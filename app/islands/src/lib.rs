//! What lives in the browser. This crate is compiled twice: for the server (feature `ssr`), where an island is rendered into
//! the page, and for WebAssembly (feature `hydrate`, through `app/client`), where it wakes.
//!
//! # Adding an island
//!
//! 1. Write a function with `#[island]` in a file of its own here, and `pub use` it below. Its arguments are sent to the browser
//!    as JSON in an attribute: plain, small, serialisable data. `children` stay server-rendered HTML.
//! 2. Use it in a page of `app` like any component. `app::render` gives it the owner that it needs.
//! 3. What it shows on the server must work without it: a plain form, a plain list. What only works awake (a preview button)
//!    is shown by a signal that an `Effect` sets, since effects run in the browser only.
//! 4. Both sides must make the same elements from the same arguments: no clock, no chance, no browser in the view itself.
//! 5. What is heavy stays on the server: ask for HTML, by a server function in [`questions`], which `app` answers.
//!    `cargo xtask client` says what the client weighs; the limit is 130 KB.
//!
//! An island's export name is a hash of its source, so page and module must come from one build; the assets' addresses
//! see to that. Never build this crate with both features in one cargo call.

mod keys;
mod live_timeline;
mod markdown_field;
mod open_now;
mod palette;
pub mod questions;
mod said;
mod shortcuts;
mod ticker;
mod together;
mod words;

pub use live_timeline::LiveTimeline;
pub use markdown_field::{MarkdownField, MarkdownText, escaped};
pub use open_now::OpenNow;
pub use palette::Palette;
pub use shortcuts::Shortcuts;
pub use ticker::Ticker;
