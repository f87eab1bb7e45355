//! Ids that cannot be mistaken for each other. All are UUID version 7 (RFC 9562).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

ids! {
    PersonId,
    TeamId,
    ServiceId,
    IntegrationId,
    IncidentId,
    AlertId,
    ScheduleId,
    LayerId,
    OverrideId,
    /// Of the overrides of one pasted table.
    PastedId,
    ShadowId,
    /// Of somebody who asks others to take a turn.
    RequestId,
    FeedId,
    /// A calendar of absence or holidays that is read.
    CalendarId,
    PolicyId,
    StepId,
    PageId,
    NotificationId,
    PostmortemId,
    RevisionId,
    FactorId,
    /// A factor as it stands in one postmortem.
    NamedFactorId,
    ActionItemId,
    AuditId,
    FileId,
    TaskId,
    ColumnId,
}
