//! All that is told of pages without a server, in one program.

mod browser;
mod first_visit;
mod rooms;
mod words;
