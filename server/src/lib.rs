//! The `kintsugi` binary: settings, HTTP edges, start-up, command line. A library too, so that tests can serve what it serves.

#![recursion_limit = "256"]

mod address;
mod assets;
pub mod backup;
pub mod calendars;
mod certificate;
pub mod cli;
pub mod demo;
pub mod doctor;
pub mod door;
mod files;
pub mod hooks;
pub mod init;
mod live;
pub mod oncall;
mod packing;
pub mod routes;
pub mod serve;
pub mod settings;
pub mod watch;
