//! A company that lives in Kintsugi, to look at: people, teams, services, six months of incidents, and one under way that moves by
//! itself. All of it is invented; it stands in the files of `company`.
//!
//! It comes about as it would in real use: the same actions of the engine, one after the other, on a clock that is led through the
//! six months ([`load`]). Then the clock is the machine's, and [`Show`] goes on with the incident under way.

mod ahead;
mod alerts;
mod calendars;
mod cast;
mod clock;
mod company;
mod deeds;
mod entries;
mod house;
mod learning;
mod load;
mod placeholders;
mod plan;
mod show;
mod span;
mod story;

pub use clock::{LedClock, ShiftedClock};
pub use company::Company;
pub use load::{Loaded, load};
pub use show::Show;

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum NoDemo {
    #[error(
        "This database is in use already. The demo begins on an empty one; leave --database-url out for one of its own."
    )]
    NotEmpty,
    #[error("The file {file} of the demo cannot be read: {source}")]
    File {
        file: &'static str,
        source: Box<toml::de::Error>,
    },
    #[error("The demo names {0}, and there is nobody and nothing of that name in it.")]
    Unknown(String),
    #[error("In the demo's story “{story}”, what happens at {at} would be in the future.")]
    TooLate { story: String, at: String },
    #[error("In the demo's story “{story}”, the step at {at} cannot be done: {source}")]
    Step {
        story: String,
        at: String,
        source: engine::Error,
    },
    #[error(transparent)]
    Engine(#[from] engine::Error),
    #[error(transparent)]
    NotTaken(#[from] engine::alerts::NotTaken),
}
