//! Did what was learned help? A factor that is met again is held against what was promised the last time. What is found is a question
//! to people, not a verdict: a person says how it came about.

mod again;
mod alike;
mod came_back;
mod figure;
mod finding;
mod night;
mod promise;
mod spread;

pub use again::{Again, Chance, ENOUGH};
pub use alike::{is_alike, likeness, lookalikes};
pub use came_back::{Answer, Earlier, MOST_ELSEWHERE, Met, look_back};
pub use figure::{By, Figure, InWeek, OfReviewed, OfTook, OfWatched, Step, TimeTo, UnknownFigure};
pub use finding::{Finding, Measure, Measured};
pub use night::{NIGHT_FROM, NIGHT_UNTIL, night_of};
pub use promise::{Kept, Promise, first_due};
pub use spread::Spread;

words! {
    /// How it came about that a factor was met again, as a person says it.
    pub enum Verdict {
        /// What was done is about something else.
        DidNotApply = "did_not_apply",
        /// What was done was not enough.
        DidNotHold = "did_not_hold",
        /// What was promised was not done yet.
        WasNotFinished = "was_not_finished",
        /// The factor has the same name and is another one.
        NotTheSame = "not_the_same",
    }
}

impl Verdict {
    pub const fn label(self) -> &'static str {
        match self {
            Self::DidNotApply => "It did not apply here",
            Self::DidNotHold => "It did not hold",
            Self::WasNotFinished => "It was not finished",
            Self::NotTheSame => "It is not the same after all",
        }
    }
}
