//! Schedules and the arithmetic of rotations: who is on call, from when, until when. `docs/on-call.md` has the rules.
//!
//! A schedule is wall times in a time zone; what comes out are instants. One sentence decides all: a wall time stands for the first
//! instant at which the local clock reads it or something later ([`wall`]). Layers ([`Layer`]) are rotations: hand-offs
//! ([`HandOffs`]) and turns ([`Counts`]), each cut by its versions and its windows ([`Restriction`]) and changed by overrides of its
//! own ([`Override`]). At each instant the highest level with anybody on call is the whole set, and overrides of the schedule change
//! that set in the order in which they were made.
//!
//! Decided here, where one could think otherwise:
//!
//! - An empty list of `restrictions` means always, as does none. An empty list of `weekdays` is refused: such a window never opens.
//! - A schedule without layers is valid. Nobody is on call except by override.
//! - The same person twice in one turn counts once.
//! - Wall times have no seconds; ones that do are refused.
//! - `null` for a key that may be missing is as good as missing. Without `handoffs`, `unit` and `every`, it is `unit` that is missing.
//! - “Until” looks 400 days ahead, and a change at the very end of these still counts.
//! - An override `nobody` leaves nobody, whoever it would have been: a gap that is meant.

mod bounds;
mod change;
mod check;
mod difference;
pub mod draft;
mod elsewhere;
mod gaps;
mod handoffs;
mod in_order;
pub mod invitations;
mod layer;
mod load;
mod map;
mod overrides;
pub mod pasted;
mod patterns;
mod read;
mod restriction;
mod running;
mod schedule;
mod served;
mod spans;
mod telling;
mod turns;
mod untaken;
pub mod wall;

pub use change::{Changed, Wanted, can_begin};
pub use check::{Fault, InvalidSchedule};
pub use difference::{Difference, differences};
pub use elsewhere::Elsewhere;
pub use handoffs::{HandOffs, Moment, Unit};
pub use in_order::in_order;
pub use layer::Layer;
pub use load::{Load, evened_out, rests_on_one};
pub use overrides::{Change, LONGEST, Override, OverrideKind, SpanFault, still_to_come};
pub use patterns::Pattern;
pub use restriction::{Restriction, TimeOfDay, Weekday, days_in_words, is_open};
pub use schedule::{Schedule, Shift};
pub use served::{Served, served, together, turns_of_each};
pub use telling::{EARLIEST_HOURS, TOLD_LATE, Telling};
pub use turns::Counts;
pub use untaken::{UNTAKEN_AHEAD, untaken_is_told};
