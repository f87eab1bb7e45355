//! The page of a service by its address, and what of it is seen to in several files.

use super::one_time_secrets;
use chrono_tz::Tz;
use domain::ids::IntegrationId;
use domain::teams::Integration;
use engine::teams::integrations::{self, Shown};
use engine::{Error, Result, Tx, teams};
use serde::Deserialize;
use url::Url;

#[derive(Deserialize)]
pub struct ServicePage {
    pub slug: String,
    /// Made just now, to be shown this once.
    #[serde(skip)]
    pub secrets: Vec<one_time_secrets::Shown>,
}

/// Which integration of the service in the address.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Which {
    pub integration: IntegrationId,
}

/// The integrations of a service, as its page shows them.
pub(super) struct IntegrationsView {
    /// Their address.
    pub at: String,
    pub shown: Vec<Shown>,
    pub secrets: Vec<one_time_secrets::Shown>,
    pub base_url: Url,
    pub is_loopback: bool,
    pub zone: Tz,
    pub may_change: bool,
}

/// An integration of the service in the address.
pub(super) async fn find(tx: &mut Tx, slug: &str, id: IntegrationId) -> Result<Integration> {
    let service = teams::find_service_by_slug(tx, slug).await?;
    let integration = integrations::find(tx, id).await?;
    if integration.service_id != service.id {
        return Err(Error::NotFound("integration"));
    }
    Ok(integration)
}
