//! “I am awake”: whoever says so sits at a screen, and mail after mail would only be in their way. What comes for them stands on one list.

use crate::Severity;
use crate::incidents::timeline::PageReason;
use chrono::{DateTime, TimeDelta, Utc};

/// So long after the last press.
pub const AWAKE_FOR: TimeDelta = TimeDelta::minutes(15);

/// Whether a page only stands on the list of somebody who is awake until then. What is critical comes all the same, and what a person
/// asks for; the policy goes on as ever, since a list that nobody acknowledges from is no answer.
pub fn stands_on_the_list(
    awake_until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    severity: Severity,
    reason: PageReason,
) -> bool {
    // A clock that was set back keeps nobody's pages for longer.
    let is_awake = awake_until.is_some_and(|until| now < until && until - now <= AWAKE_FOR);
    is_awake && severity != Severity::Sev1 && !matches!(reason, PageReason::ByHand | PageReason::HandedOver)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_for_somebody_who_is_awake_stands_on_a_list() {
        use PageReason::{ByHand, FiresAgain, HandedOver, Named, OnCall, SeverityRose, StillFires};
        let at = |minute: i64| DateTime::from_timestamp(minute * 60, 0).unwrap();
        for (name, until, now, severity, reason, expected) in [
            ("never said", None, 5, Severity::Sev3, OnCall, false),
            ("awake", Some(20), 5, Severity::Sev3, OnCall, true),
            ("named by the policy", Some(20), 19, Severity::Sev2, Named, true),
            ("as bad as can be", Some(20), 5, Severity::Sev1, OnCall, false),
            ("fires again", Some(20), 6, Severity::Sev2, FiresAgain, true),
            ("still fires", Some(20), 6, Severity::Sev4, StillFires, true),
            ("became worse", Some(20), 6, Severity::Sev2, SeverityRose, true),
            (
                "became critical",
                Some(20),
                6,
                Severity::Sev1,
                SeverityRose,
                false,
            ),
            ("a person asks", Some(20), 6, Severity::Sev3, ByHand, false),
            (
                "a person hands over",
                Some(20),
                6,
                Severity::Sev3,
                HandedOver,
                false,
            ),
            ("the minute it ends", Some(20), 20, Severity::Sev3, OnCall, false),
            ("long ago", Some(20), 500, Severity::Sev3, OnCall, false),
            (
                "the clock was set back",
                Some(500),
                5,
                Severity::Sev3,
                OnCall,
                false,
            ),
        ] {
            assert_eq!(
                stands_on_the_list(until.map(at), at(now), severity, reason),
                expected,
                "{name}"
            );
        }
    }
}
