//! Did what was learned help? What came back, what was promised about it, and what people say of that.

mod again;
pub(crate) mod ask;
mod behind;
mod came_back;
mod factors;
mod look;
mod lookalikes;
mod looks_like;
pub(crate) mod monday;
mod near;
mod overview;
mod promised;
mod promises;
mod propose;
mod reviewed;
mod scope;
mod suggestions;
mod times;
mod took;
mod unnamed;
mod waits;
mod watched;

pub use again::{CameBackLater, after_item, after_items_of};
pub use behind::{Behind, Counted, Note, Of, behind};
pub use came_back::{CameBack, Said, There, of_incident, say};
pub use factors::{Answering, Became, FactorPage, MetIn, factor, merge, part, rename};
pub use lookalikes::{Lookalike, keep_apart, lookalikes};
pub use looks_like::{By as LikeBy, LooksLike, looks_like};
pub use overview::{Elsewhere, Overview, Row, overview};
pub use promised::Promised;
pub use promises::{Promises, promises};
pub use propose::propose_here;
pub use reviewed::Met;
pub use scope::{Period, Scope};
pub use suggestions::{OFFERED, Suggestion, name_suggested, suggestions};
pub use times::{Times, Week, times};
pub use took::{Group, Measured};
pub use unnamed::{Unnamed, unnamed};
pub use waits::{Stage, Waits, waits};

use crate::error::Refusal;

/// Why nothing was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("Choose how it came about.")]
    NoVerdict,
    #[error("Another factor has this name already. Merge the two instead.")]
    NameTaken,
    #[error("A factor cannot be merged into itself.")]
    IntoItself,
    #[error("That factor was itself merged into another one. Choose that one.")]
    IsMerged,
    #[error("This factor was merged into another one since the page was made. Undo that first.")]
    IsAnother,
}

impl Refusal for Refused {
    fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoVerdict => "verdict",
            Self::NameTaken => "name",
            Self::IntoItself | Self::IsMerged | Self::IsAnother => "into",
        })
    }
}
