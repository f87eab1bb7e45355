//! Which policy a service pages by: its own, or another one for some severities or hours.

use crate::Severity;
use crate::ids::PolicyId;
use crate::oncall::{Restriction, is_open};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// The policy of a service, and the rules that go before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routing {
    /// Where no rule holds.
    pub policy: Option<PolicyId>,
    /// The first that holds decides.
    pub rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub policy: PolicyId,
    /// For this severity and worse; `None` is any.
    pub severity: Option<Severity>,
    /// `None` is always.
    pub hours: Option<Hours>,
}

/// Hours of a service, such as its support hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// Else outside of them.
    pub within: bool,
    pub windows: Vec<Restriction>,
    /// The clock on the wall that they are read on.
    pub time_zone: Tz,
}

words! {
    /// When a rule holds, as it is stored and typed.
    pub enum When {
        Always = "always",
        Within = "within",
        Outside = "outside",
    }
}

impl When {
    /// As [`Hours::within`]; `None` is always.
    pub const fn within(self) -> Option<bool> {
        match self {
            Self::Always => None,
            Self::Within => Some(true),
            Self::Outside => Some(false),
        }
    }

    pub const fn of(hours: Option<&Hours>) -> Self {
        match hours {
            None => Self::Always,
            Some(Hours { within: true, .. }) => Self::Within,
            Some(Hours { within: false, .. }) => Self::Outside,
        }
    }
}

impl Hours {
    /// Whether there is a window that begins on no day.
    pub fn never_begin(&self) -> bool {
        let on_no_day = |window: &Restriction| matches!(window, Restriction::Daily { weekdays: Some(days), .. } if days.is_empty());
        self.windows.iter().any(on_no_day)
    }

    fn hold_at(&self, at: DateTime<Utc>) -> bool {
        is_open(&self.windows, self.time_zone, at) == self.within
    }
}

impl Rule {
    /// When it holds: “SEV3 and worse, outside of 09:00 to 17:00 on Monday to Friday (Europe/Berlin)”.
    pub fn in_words(&self) -> String {
        let severity = match self.severity {
            None => "Any severity".to_owned(),
            Some(Severity::Sev1) => "SEV1".to_owned(),
            Some(severity) => format!("{severity} and worse"),
        };
        let Some(hours) = &self.hours else {
            return severity;
        };
        let windows: Vec<String> = hours.windows.iter().map(Restriction::to_string).collect();
        let how = if hours.within { "within" } else { "outside of" };
        let zone = hours.time_zone.name().replace('_', " ");
        format!("{severity}, {how} {} ({zone})", windows.join("; "))
    }
}

impl Routing {
    /// The policy for an incident of that severity which begins to page then.
    pub fn policy_for(&self, severity: Severity, at: DateTime<Utc>) -> Option<PolicyId> {
        let holds = |rule: &&Rule| {
            rule.severity.is_none_or(|line| severity.at_least(line))
                && rule.hours.as_ref().is_none_or(|hours| hours.hold_at(at))
        };
        self.rules
            .iter()
            .find(holds)
            .map_or(self.policy, |rule| Some(rule.policy))
    }

    /// All that it may come to, each once.
    pub fn policies(&self) -> impl Iterator<Item = PolicyId> {
        let of_rules = self.rules.iter().map(|rule| rule.policy);
        self.policy.into_iter().chain(of_rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oncall::{TimeOfDay, Weekday};
    use Severity::*;
    use uuid::Uuid;

    #[test]
    fn the_first_rule_that_holds_decides() {
        let policy = |number| PolicyId(Uuid::from_u128(number));
        let business_hours = |within| Hours {
            within,
            windows: vec![Restriction::Daily {
                from: TimeOfDay::new(9, 0).unwrap(),
                to: TimeOfDay::new(17, 0).unwrap(),
                weekdays: Some(Weekday::ALL[..5].iter().copied().collect()),
            }],
            time_zone: chrono_tz::Europe::Berlin,
        };
        let rule = |number, severity, hours| Rule {
            policy: policy(number),
            severity,
            hours,
        };
        let routing = Routing {
            policy: Some(policy(0)),
            rules: vec![
                rule(1, Some(Sev1), None),
                rule(2, Some(Sev3), Some(business_hours(false))),
                rule(3, Some(Sev4), Some(business_hours(true))),
            ],
        };
        // Monday 2 March 2026 in Berlin is an hour ahead of UTC; from 29 March on it is two.
        for (severity, at, expected) in [
            (Sev1, "2026-03-02T10:00:00Z", 1),
            (Sev1, "2026-03-02T22:00:00Z", 1),
            (Sev2, "2026-03-02T07:59:59Z", 2),
            (Sev2, "2026-03-02T08:00:00Z", 3),
            (Sev3, "2026-03-02T15:59:59Z", 3),
            (Sev3, "2026-03-02T16:00:00Z", 2),
            (Sev4, "2026-03-02T16:00:00Z", 0),
            (Sev4, "2026-03-02T12:00:00Z", 3),
            (Sev5, "2026-03-02T12:00:00Z", 0),
            (Sev2, "2026-03-07T12:00:00Z", 2),
            (Sev2, "2026-03-30T07:00:00Z", 3),
            (Sev2, "2026-03-30T15:00:00Z", 2),
        ] {
            let chosen = routing.policy_for(severity, at.parse().unwrap());
            assert_eq!(chosen, Some(policy(expected)), "{severity} at {at}");
        }
        let in_words: Vec<String> = routing.rules.iter().map(Rule::in_words).collect();
        assert_eq!(
            in_words,
            [
                "SEV1",
                "SEV3 and worse, outside of 09:00 to 17:00 on Monday to Friday (Europe/Berlin)",
                "SEV4 and worse, within 09:00 to 17:00 on Monday to Friday (Europe/Berlin)",
            ]
        );
        let without = Routing::default();
        assert_eq!(without.policy_for(Sev1, DateTime::UNIX_EPOCH), None);
    }
}
