//! What of a timeline is shown.

words! {
    /// What of a timeline is shown.
    pub enum Show {
        All = "all",
        People = "people",
        Alerts = "alerts",
        Pages = "pages",
        Decisions = "decisions",
        Pinned = "pinned",
    }
}

impl Show {
    pub const fn label(self) -> &'static str {
        match self {
            Self::All => "Everything",
            Self::People => "People",
            Self::Alerts => "Alerts",
            Self::Pages => "Pages",
            Self::Decisions => "Decisions",
            Self::Pinned => "Pinned",
        }
    }

    /// The kinds of events that it shows, by the words they are stored with.
    pub const fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::All | Self::Pinned => &[],
            Self::People => &[
                "opened",
                "acknowledged",
                "acknowledged_in_part",
                "acknowledged_again",
                "passed_on",
                "escalated",
                "severity_changed",
                "role_taken",
                "role_left",
                "holder_left",
                "note",
                "decision",
                "status_update",
                "text_redacted",
                "mitigated",
                "mitigation_taken_back",
                "resolved",
                "reopened",
                "title_changed",
                "services_changed",
                "drill_said",
                "instant_corrected",
                "entered_afterwards",
                "linked",
                "unlinked",
                "duplicate_of",
                "took_over",
                "action_item_added",
                "task_added",
                "task_done",
                "task_open_again",
                "paged_by_hand",
                "handover_asked",
                "handover_accepted",
                "handover_taken_back",
                "postmortem_started",
                "postmortem_published",
            ],
            Self::Alerts => &[
                "opened",
                "opened_bare",
                "request_refused",
                "request_cut",
                "alert_added",
                "alert_changed",
                "more_alerts_added",
                "alerts_left_out",
                "alerts_quiet",
                "fires_again",
                "still_fires",
                "below_paging",
            ],
            Self::Pages => &[
                "paged",
                "page_settled",
                "nobody_on_call",
                "step_reaches_nobody",
                "policy_stuck",
                "policy_ran_out",
                "no_policy",
                "escalated",
                "passed_on",
                "acknowledged",
                "paged_by_hand",
                "handover_asked",
                "handover_accepted",
                "handover_not_taken",
            ],
            Self::Decisions => &["decision"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Event;
    use super::*;

    #[test]
    fn the_kinds_that_are_shown_are_those_that_are_stored() {
        let named = Show::ALL.iter().flat_map(|show| show.kinds());
        for kind in named {
            let stored = format!("{{\"kind\":\"{kind}\"}}");
            let read = serde_json::from_str::<Event>(&stored);
            let unknown = read
                .err()
                .is_some_and(|error| error.to_string().contains("unknown variant"));
            assert!(!unknown, "{kind}");
        }
    }
}
