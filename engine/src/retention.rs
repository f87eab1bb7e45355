//! How long things are kept that are kept for a while only. [`crate::workers::clean`] takes them away.

use chrono::TimeDelta;

/// How long things are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The bodies of requests with alerts, as they came.
    pub payloads: TimeDelta,
    /// Mails that are settled, or were kept because no mail server is set.
    pub mails: TimeDelta,
    /// The audit log.
    pub audit: TimeDelta,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            payloads: TimeDelta::days(30),
            mails: TimeDelta::days(90),
            audit: TimeDelta::days(730),
        }
    }
}
