//! The postmortem: its states, its sections and what they are copied from.

mod template;

pub use template::{TEMPLATE, TemplateSection};

use crate::ids::{FactorId, IncidentId, NamedFactorId, PersonId, PostmortemId, RevisionId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

words! {
    pub enum PostmortemState {
        Draft = "draft",
        InReview = "in_review",
        Published = "published",
    }
}

impl PostmortemState {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::InReview => "In review",
            Self::Published => "Published",
        }
    }

    /// Draft to review to published; back to draft from either, since people remember more.
    pub const fn may_become(self, to: Self) -> bool {
        matches!(
            (self, to),
            (Self::Draft, Self::InReview)
                | (Self::InReview, Self::Published | Self::Draft)
                | (Self::Published, Self::Draft)
        )
    }
}

words! {
    /// What the program itself treats in a way of its own. All else is words.
    pub enum SectionKind {
        Summary = "summary",
        /// Rows from the organisation's list, with a place for words.
        ContributingFactors = "contributing_factors",
        /// Action items of the incident, with a place for words.
        ActionItems = "action_items",
        Text = "text",
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct Postmortem {
    pub id: PostmortemId,
    pub incident_id: IncidentId,
    pub title: String,
    pub state: PostmortemState,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<PersonId>,
    pub published_at: Option<DateTime<Utc>>,
}

/// A section of one document: what was copied from the template when it was started, and its current text, exactly as it was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct Section {
    pub postmortem_id: PostmortemId,
    /// In addresses and beside each of its texts; one of a document.
    pub name: String,
    pub position: i64,
    pub kind: SectionKind,
    pub title: String,
    /// The question that it answers.
    pub prompt: String,
    pub body: String,
    /// Raised with each save; a save names the revision it was based on.
    pub revision: i64,
    pub updated_at: DateTime<Utc>,
    pub updated_by: Option<PersonId>,
}

/// A text that was saved, whether or not it became the current one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct Revision {
    pub id: RevisionId,
    pub postmortem_id: PostmortemId,
    /// The name of its section.
    pub section: String,
    pub body: String,
    /// The revision its writer had seen.
    pub based_on: i64,
    /// The revision it became; `None` while it waits beside a text saved before it.
    pub became: Option<i64>,
    pub author_id: Option<PersonId>,
    pub created_at: DateTime<Utc>,
}

/// A kind of condition that the organisation has met before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct Factor {
    pub id: FactorId,
    pub name: String,
    pub created_at: DateTime<Utc>,
}

/// A factor named in one postmortem, with what people say about it there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct NamedFactor {
    pub id: NamedFactorId,
    pub postmortem_id: PostmortemId,
    pub factor_id: FactorId,
    pub name: String,
    pub words: String,
    pub position: i64,
}
