//! The sources that there are. A source is a folder: the value that it is, its cases (requests as it sends them, with what a right
//! receiver concludes), and how to connect it.

mod alertmanager;
mod grafana;
pub mod json;
mod opsgenie;
mod pagerduty;
mod uptime_kuma;

use super::source::Source;

words! {
    /// The source that an integration is for. What could be taken for another stands before that one.
    pub enum IntegrationKind {
        Grafana = "grafana",
        Alertmanager = "alertmanager",
        PagerDuty = "pagerduty-v2",
        Opsgenie = "opsgenie",
        UptimeKuma = "uptime-kuma",
        Json = "json",
    }
}

impl IntegrationKind {
    pub const fn source(self) -> &'static Source {
        match self {
            Self::Grafana => &grafana::SOURCE,
            Self::Alertmanager => &alertmanager::SOURCE,
            Self::PagerDuty => &pagerduty::SOURCE,
            Self::Opsgenie => &opsgenie::SOURCE,
            Self::UptimeKuma => &uptime_kuma::SOURCE,
            Self::Json => &json::SOURCE,
        }
    }

    pub const fn label(self) -> &'static str {
        self.source().label
    }
}
