//! What an arriving alert means for people's sleep.

use crate::Severity;
use crate::incidents::State;

/// What an alert that just arrived means for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waking {
    /// The policy starts: nobody has been told yet, or nobody has answered and it became worse.
    StartPolicy,
    /// Whoever has it is told that it became worse, and keeps it.
    TellItRose,
    /// What was quiet or mitigated fires again: whoever had it is paged first, then the policy.
    WakeHolderFirst,
    /// Whoever has it gets a mail that wakes nobody.
    TellHolderQuietly,
    /// It goes into the timeline, and nobody is woken.
    Record,
}

/// What the arrival of an alert meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The incident's state and severity before it; `None` when the alert opens one.
    pub meets: Option<(State, Severity)>,
    pub alert: Severity,
    /// All alerts of the incident were quiet.
    pub was_quiet: bool,
    /// The alert is new, rather than one that became worse.
    pub is_new: bool,
    /// The service pages from this severity up.
    pub page_from: Severity,
    pub progress: Progress,
}

/// How far an incident's policy has come since the incident opened, or was reopened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    NotStarted,
    /// It pages step after step until somebody answers.
    Running,
    /// Nobody is left to page; also where there is no policy.
    RanOut,
}

impl Arrival {
    pub fn waking(&self) -> Waking {
        let pages = self.alert.at_least(self.page_from);
        match self.meets {
            None if pages => Waking::StartPolicy,
            Some((State::Triggered, before)) if pages => match self.progress {
                Progress::NotStarted => Waking::StartPolicy,
                // Where there is no policy the team is told, of a second outbreak as of the first.
                Progress::RanOut if self.alert > before || self.was_quiet => Waking::StartPolicy,
                Progress::Running | Progress::RanOut => Waking::Record,
            },
            Some((State::Acknowledged, _)) if pages && self.is_new && self.was_quiet => {
                Waking::WakeHolderFirst
            }
            Some((State::Mitigated, _)) if pages && self.is_new => Waking::WakeHolderFirst,
            Some((State::Acknowledged | State::Mitigated, before)) if pages && self.alert > before => {
                Waking::TellItRose
            }
            Some((State::Acknowledged, _)) if pages && self.is_new => Waking::TellHolderQuietly,
            _ => Waking::Record,
        }
    }
}

/// Whether one more alert that could not be handled wakes people again, though its incident is open: not while the policy pages
/// anyhow, and not at each of a flood. `since_page`: how many seconds ago the last page about it was.
pub fn another_fault_wakes(state: State, progress: Progress, since_page: Option<i64>) -> bool {
    let pages_anyhow = state == State::Triggered && progress == Progress::Running;
    !pages_anyhow && since_page.is_none_or(|seconds| seconds >= FAULTS_WAKE_AGAIN_AFTER_SECONDS)
}

/// Whether a repeat reminds whoever has an incident: that was acknowledged so many seconds ago, and its service reminds after
/// `after_seconds`; 0 never does.
pub const fn acknowledgement_is_old(since_seconds: i64, after_seconds: i64) -> bool {
    after_seconds > 0 && since_seconds >= after_seconds
}

/// Alerts that cannot be handled wake again after so long, though somebody has the incident that says so: what they tell of may be
/// something else.
const FAULTS_WAKE_AGAIN_AFTER_SECONDS: i64 = 10 * 60;

#[cfg(test)]
mod tests {
    use super::*;
    use Severity::*;

    #[test]
    fn what_wakes_a_person() {
        use Progress::*;
        use State::*;
        use Waking::*;
        for (meets, alert, page_from, progress, waking, why) in [
            (
                None,
                Sev2,
                Sev3,
                NotStarted,
                StartPolicy,
                "a new incident at or above the service's line",
            ),
            (None, Sev3, Sev3, NotStarted, StartPolicy, "on the line counts"),
            (
                None,
                Sev4,
                Sev3,
                NotStarted,
                Record,
                "below the line it is recorded and shown",
            ),
            (
                Some((Triggered, Sev2)),
                Sev2,
                Sev3,
                Running,
                Record,
                "the policy is under way already",
            ),
            (
                Some((Triggered, Sev2)),
                Sev1,
                Sev3,
                Running,
                Record,
                "worse, and the policy is under way already",
            ),
            (
                Some((Triggered, Sev3)),
                Sev1,
                Sev3,
                RanOut,
                StartPolicy,
                "worse, and nobody has answered so far",
            ),
            (
                Some((Triggered, Sev2)),
                Sev2,
                Sev3,
                RanOut,
                Record,
                "the same again; the team was told that nobody has it",
            ),
            (
                Some((Triggered, Sev4)),
                Sev2,
                Sev3,
                NotStarted,
                StartPolicy,
                "it rose above the line",
            ),
            (
                Some((Acknowledged, Sev2)),
                Sev2,
                Sev3,
                Running,
                TellHolderQuietly,
                "somebody has it",
            ),
            (
                Some((Acknowledged, Sev2)),
                Sev4,
                Sev3,
                Running,
                Record,
                "somebody has it, and it is below the line",
            ),
            (
                Some((Acknowledged, Sev3)),
                Sev1,
                Sev3,
                Running,
                TellItRose,
                "somebody has it, and it became worse",
            ),
            (
                Some((Acknowledged, Sev5)),
                Sev4,
                Sev3,
                NotStarted,
                Record,
                "worse, and still below the line",
            ),
            (
                Some((Mitigated, Sev3)),
                Sev2,
                Sev3,
                Running,
                WakeHolderFirst,
                "worse after it seemed mended",
            ),
            (
                Some((Mitigated, Sev3)),
                Sev3,
                Sev3,
                Running,
                WakeHolderFirst,
                "the same again after it seemed mended",
            ),
        ] {
            let arrival = Arrival {
                meets,
                alert,
                was_quiet: false,
                is_new: true,
                page_from,
                progress,
            };
            assert_eq!(arrival.waking(), waking, "{why}");
        }
    }

    #[test]
    fn what_fires_again_is_news() {
        use Progress::*;
        use State::*;
        use Waking::*;
        for (state, alert, was_quiet, is_new, waking, why) in [
            (Acknowledged, Sev2, true, true, WakeHolderFirst, "all was quiet"),
            (
                Acknowledged,
                Sev4,
                true,
                true,
                Record,
                "all was quiet, and it is below the line",
            ),
            (
                Acknowledged,
                Sev1,
                true,
                true,
                WakeHolderFirst,
                "all was quiet, and it is worse",
            ),
            (Mitigated, Sev2, false, true, WakeHolderFirst, "it seemed mended"),
            (
                Mitigated,
                Sev2,
                false,
                false,
                Record,
                "the same alert says the same",
            ),
            (
                Mitigated,
                Sev1,
                false,
                false,
                TellItRose,
                "the same alert is worse",
            ),
            (
                Acknowledged,
                Sev2,
                false,
                false,
                Record,
                "the same alert says the same",
            ),
            (Triggered, Sev2, true, true, StartPolicy, "its policy had stopped"),
        ] {
            let arrival = Arrival {
                meets: Some((state, Sev2)),
                alert,
                was_quiet,
                is_new,
                page_from: Sev3,
                progress: NotStarted,
            };
            assert_eq!(arrival.waking(), waking, "{why}");
        }
    }

    #[test]
    fn what_fires_again_is_news_also_where_there_is_no_policy() {
        let arrival = Arrival {
            meets: Some((State::Triggered, Sev2)),
            alert: Sev2,
            was_quiet: true,
            is_new: true,
            page_from: Sev3,
            progress: Progress::RanOut,
        };
        assert_eq!(arrival.waking(), Waking::StartPolicy);
    }

    #[test]
    fn an_acknowledgement_gets_old() {
        for (since, after, old) in [
            (0, 14_400, false),
            (14_399, 14_400, false),
            (14_400, 14_400, true),
            (99_999, 0, false),
        ] {
            assert_eq!(acknowledgement_is_old(since, after), old, "{since} of {after}");
        }
    }

    #[test]
    fn another_fault_wakes_again_after_a_while() {
        use Progress::*;
        use State::*;
        for (state, progress, since_page, wakes) in [
            (Triggered, Running, Some(3600), false),
            (Triggered, RanOut, Some(60), false),
            (Triggered, RanOut, Some(600), true),
            (Acknowledged, Running, Some(599), false),
            (Acknowledged, Running, Some(600), true),
            (Mitigated, Running, None, true),
        ] {
            assert_eq!(
                another_fault_wakes(state, progress, since_page),
                wakes,
                "{state:?}, {progress:?}, {since_page:?}"
            );
        }
    }
}
