//! What Kintsugi knows: pure rules and types. No IO, no clock; compiles to WebAssembly too.

#[macro_use]
pub mod words;

pub mod action_items;
pub mod alerts;
pub mod audit;
pub mod calendars;
pub mod escalation;
pub mod fields;
pub mod files;
pub mod find;
pub mod ids;
pub mod incidents;
pub mod learning;
pub mod mail;
pub mod markdown;
pub mod mentions;
pub mod news;
pub mod notifications;
pub mod oncall;
pub mod people;
pub mod postmortems;
pub mod references;
pub mod severity;
pub mod teams;

pub use severity::Severity;
