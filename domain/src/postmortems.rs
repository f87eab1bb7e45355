//! The postmortem: its states, its sections and what each asks.

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
    /// What people write. Action items and contributing factors are rows of their own, with a place for words.
    pub enum Section {
        Summary = "summary",
        Impact = "impact",
        WhatHappened = "what_happened",
        ContributingFactors = "contributing_factors",
        WentWell = "went_well",
        GotLucky = "got_lucky",
        Surprised = "surprised",
        Learned = "learned",
        ActionItems = "action_items",
    }
}

impl Section {
    pub const fn title(self) -> &'static str {
        match self {
            Self::Summary => "Summary",
            Self::Impact => "Impact",
            Self::WhatHappened => "What happened",
            Self::ContributingFactors => "Contributing factors",
            Self::WentWell => "What went well",
            Self::GotLucky => "Where we got lucky",
            Self::Surprised => "What surprised us",
            Self::Learned => "What we learned",
            Self::ActionItems => "Action items",
        }
    }

    /// The question that the section answers.
    pub const fn prompt(self) -> &'static str {
        match self {
            Self::Summary => {
                "In three sentences: who noticed what, which conditions led there, how it was mended."
            }
            Self::Impact => {
                "Who was affected, how much and for how long? Give numbers and where they come from."
            }
            Self::WhatHappened => {
                "The story in order, from the first change to the last alert. What did people see, and what did it mean to them then?"
            }
            Self::ContributingFactors => {
                "Which conditions had to come together? Each is a way in for a remedy; there is never only one."
            }
            Self::WentWell => "Which tools, habits and preparations helped?",
            Self::GotLucky => "What could have made it worse, and only chance kept away?",
            Self::Surprised => "Where did the system behave differently from what we expected?",
            Self::Learned => "What do we know now that we did not know before? What should other teams hear?",
            Self::ActionItems => {
                "What will we change, and how will we know it worked? Small and certain beats large and vague."
            }
        }
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

/// The current text of a section, exactly as it was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct SectionText {
    pub postmortem_id: PostmortemId,
    pub section: Section,
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
    pub section: Section,
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
