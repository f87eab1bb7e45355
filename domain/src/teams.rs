//! Teams, services and the integrations that alerts come through.

use crate::Severity;
pub use crate::alerts::sources::IntegrationKind;
use crate::ids::{IntegrationId, PolicyId, ServiceId, TeamId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct Team {
    pub id: TeamId,
    /// As in `/teams/payments/backlog`.
    pub slug: String,
    pub name: String,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct Service {
    pub id: ServiceId,
    pub slug: String,
    pub name: String,
    pub team_id: TeamId,
    /// Whom to page; without one nobody is paged and the team is told.
    pub policy_id: Option<PolicyId>,
    /// For alerts that name no severity we know.
    pub default_severity: Severity,
    /// Alerts below this are recorded and shown, and wake nobody.
    pub page_from: Severity,
    /// Whether the incident resolves when its last alert is resolved.
    pub resolves_with_alerts: bool,
    /// A repeat reminds whoever has an incident when its acknowledgement is as old as that; 0 never does.
    pub remind_after_seconds: i64,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct Integration {
    pub id: IntegrationId,
    pub service_id: ServiceId,
    pub kind: IntegrationKind,
    pub name: String,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// The address form of a name: “Payments & Co.” is `payments-co`. Empty if nothing of it can be used.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn slugs_are_plain() {
        for (name, slug) in [
            ("Payments & Co.", "payments-co"),
            ("  Über uns ", "über-uns"),
            ("!!!", ""),
        ] {
            assert_eq!(super::slug(name), slug);
        }
    }
}
