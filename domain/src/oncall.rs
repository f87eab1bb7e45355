//! Schedules and the arithmetic of rotations: who is on call, from when, until when.
//!
//! A schedule is wall times in a time zone; what comes out are instants. One sentence decides all: a wall time stands for the first
//! instant at which the local clock reads it or something later ([`wall`]). Layers ([`Layer`]) are rotations, each cut by its
//! versions and its windows ([`Restriction`]); at each instant the highest layer with anybody on call is the whole set, and
//! overrides ([`Override`]) change that set in the order in which they were made.
//!
//! Decided here, where one could think otherwise:
//!
//! - An empty list of `restrictions` means always, as does none. An empty list of `weekdays` is refused: such a window never opens.
//! - A schedule without layers is valid. Nobody is on call except by override.
//! - The same person twice in one turn counts once.
//! - Wall times have no seconds; ones that do are refused.
//! - “Until” looks 400 days ahead, and a change at the very end of these still counts.

mod check;
pub mod draft;
mod layer;
mod overrides;
mod restriction;
mod schedule;
mod spans;
pub mod wall;

pub use check::{Fault, InvalidSchedule};
pub use layer::{Layer, Unit};
pub use overrides::{Override, OverrideKind};
pub use restriction::{Restriction, TimeOfDay, Weekday};
pub use schedule::{Schedule, Shift};
