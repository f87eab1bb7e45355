//! What looking back finds of a factor that was met before.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What an action item was to shorten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measure {
    Detect,
    Mitigate,
}

/// A span before and after what was done about it. What is not known is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measured {
    Better { before: i64, after: i64 },
    Same { before: i64, after: i64 },
    Worse { before: i64, after: i64 },
    Unknown,
}

/// Spans that differ by less than this are the same: instants are written down by people, by the minute.
const A_MINUTE: i64 = 60;

impl Measured {
    pub(super) fn of(before: Option<i64>, after: Option<i64>) -> Self {
        match (before, after) {
            (Some(before), Some(after)) if (before - after).abs() < A_MINUTE => Self::Same { before, after },
            (Some(before), Some(after)) if after < before => Self::Better { before, after },
            (Some(before), Some(after)) => Self::Worse { before, after },
            _ => Self::Unknown,
        }
    }
}

/// What looking back finds of one factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Finding {
    /// It came back at the same service while this was open, for so many seconds by then.
    WhileOpen { item: i64, earlier: i64, seconds: i64 },
    /// It came back at the same service after this was done, which was to prevent it.
    AfterDone { item: i64, earlier: i64 },
    /// It came back at the same service after this was done, which was to show or to end it sooner.
    Compared {
        item: i64,
        earlier: i64,
        measure: Measure,
        measured: Measured,
    },
    /// It came back at the same service after this was done, of which no figure tells whether it helped.
    NoFigure { item: i64, earlier: i64 },
    /// It came back at the same service, where this was declined.
    Declined {
        item: i64,
        earlier: i64,
        reason: Option<String>,
    },
    /// It came back at the same service, where nothing was promised.
    NothingPromised { earlier: i64 },
    /// Other services had it then; these answer it there.
    Elsewhere {
        earlier: i64,
        began_at: DateTime<Utc>,
        services: Vec<String>,
        items: Vec<i64>,
    },
    /// So many more incidents of other services had it.
    MoreElsewhere { incidents: usize },
}

impl Finding {
    /// Whether it says that the factor came back where it had been.
    pub const fn is_same_service(&self) -> bool {
        !matches!(self, Self::Elsewhere { .. } | Self::MoreElsewhere { .. })
    }

    /// The action item of which it says something.
    pub const fn item(&self) -> Option<i64> {
        match self {
            Self::WhileOpen { item, .. }
            | Self::AfterDone { item, .. }
            | Self::Compared { item, .. }
            | Self::NoFigure { item, .. }
            | Self::Declined { item, .. } => Some(*item),
            Self::NothingPromised { .. } | Self::Elsewhere { .. } | Self::MoreElsewhere { .. } => None,
        }
    }

    /// Action items that answer it at another service.
    pub fn items_elsewhere(&self) -> &[i64] {
        match self {
            Self::Elsewhere { items, .. } => items,
            _ => &[],
        }
    }

    /// In a few words, for a line of a list.
    pub fn in_short(&self) -> String {
        match self {
            Self::WhileOpen { item, .. } => format!("while ACT-{item} was open"),
            Self::AfterDone { item, .. } | Self::Compared { item, .. } | Self::NoFigure { item, .. } => {
                format!("after ACT-{item} was done")
            }
            Self::Declined { item, .. } => format!("after ACT-{item} was declined"),
            Self::NothingPromised { .. } => "nothing was promised".to_owned(),
            Self::Elsewhere { earlier, .. } => format!("known elsewhere, from INC-{earlier}"),
            Self::MoreElsewhere { incidents } => format!("known elsewhere, from {incidents} more"),
        }
    }
}
