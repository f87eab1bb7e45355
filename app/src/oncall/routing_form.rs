//! What is typed about routing rules: the same fields for each rule, in order.

use crate::drawn::Drawn;
use crate::form::{word, word_or_none};
use domain::Severity;
use domain::escalation::{Hours, Routing, Rule, When};
use domain::oncall::{Restriction, Weekday};
use engine::Error;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RoutingForm {
    /// One a rule; a rule without a policy is left out.
    policy: Vec<String>,
    /// Nothing is any.
    severity: Vec<String>,
    /// The words of [`When`].
    when: Vec<String>,
    /// Words of weekdays with commas between; nothing is every day.
    days: Vec<String>,
    from: Vec<String>,
    to: Vec<String>,
    pub time_zone: String,
    drawn: String,
}

impl Drawn for RoutingForm {
    const FIELDS: &'static [&'static str] =
        &["policy", "severity", "when", "days", "from", "to", "time_zone"];

    fn drawn(&self) -> &str {
        &self.drawn
    }
}

/// One rule as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRow {
    pub policy: String,
    pub severity: String,
    pub when: String,
    pub days: String,
    pub from: String,
    pub to: String,
}

impl Default for RuleRow {
    fn default() -> Self {
        Self {
            policy: String::new(),
            severity: String::new(),
            when: When::Always.to_string(),
            days: "mon,tue,wed,thu,fri".to_owned(),
            from: "09:00".to_owned(),
            to: "17:00".to_owned(),
        }
    }
}

impl RoutingForm {
    /// `time_zone`: of hours, where no rule has any yet.
    pub fn of(routing: &Routing, time_zone: &str) -> Self {
        let hours = routing.rules.iter().find_map(|rule| rule.hours.as_ref());
        let mut form = Self {
            time_zone: hours.map_or(time_zone, |hours| hours.time_zone.name()).to_owned(),
            ..Self::default()
        };
        routing
            .rules
            .iter()
            .map(RuleRow::of)
            .for_each(|row| form.push(row));
        form
    }

    fn push(&mut self, row: RuleRow) {
        self.policy.push(row.policy);
        self.severity.push(row.severity);
        self.when.push(row.when);
        self.days.push(row.days);
        self.from.push(row.from);
        self.to.push(row.to);
    }

    /// Without the rows that name no policy, so that these are no edit.
    pub fn without_empty_rows(&self) -> Self {
        let mut form = Self {
            time_zone: self.time_zone.clone(),
            drawn: self.drawn.clone(),
            ..Self::default()
        };
        self.rows().into_iter().for_each(|row| form.push(row));
        form
    }

    /// Those that name a policy.
    pub fn rows(&self) -> Vec<RuleRow> {
        let fresh = RuleRow::default();
        let of = |all: &[String], place: usize, fresh: &str| {
            all.get(place).map_or_else(|| fresh.to_owned(), Clone::clone)
        };
        let places = (0..self.policy.len()).filter(|place| !self.policy[*place].is_empty());
        let row = |place| RuleRow {
            policy: of(&self.policy, place, ""),
            severity: of(&self.severity, place, ""),
            when: of(&self.when, place, &fresh.when),
            days: of(&self.days, place, ""),
            from: of(&self.from, place, &fresh.from),
            to: of(&self.to, place, &fresh.to),
        };
        places.map(row).collect()
    }

    /// # Errors
    /// [`Error::NotAChoice`]
    pub fn rules(&self) -> Result<Vec<Rule>, Error> {
        self.rows().iter().map(|row| row.rule(&self.time_zone)).collect()
    }
}

impl RuleRow {
    fn of(rule: &Rule) -> Self {
        let fresh = Self {
            policy: rule.policy.to_string(),
            severity: rule
                .severity
                .map(|severity| severity.to_string())
                .unwrap_or_default(),
            when: When::of(rule.hours.as_ref()).to_string(),
            ..Self::default()
        };
        let window = rule.hours.as_ref().and_then(|hours| hours.windows.first());
        match window {
            Some(Restriction::Daily { from, to, weekdays }) => Self {
                days: weekdays
                    .iter()
                    .flatten()
                    .map(Weekday::to_string)
                    .collect::<Vec<_>>()
                    .join(","),
                from: from.to_string(),
                to: to.to_string(),
                ..fresh
            },
            _ => fresh,
        }
    }

    fn rule(&self, time_zone: &str) -> Result<Rule, Error> {
        let severity: Option<Severity> = word_or_none("severity", &self.severity)?;
        let when: When = word("when", &self.when)?;
        let hours = when
            .within()
            .map(|within| self.hours(within, time_zone))
            .transpose()?;
        Ok(Rule {
            policy: word("policy", &self.policy)?,
            severity,
            hours,
        })
    }

    fn hours(&self, within: bool, time_zone: &str) -> Result<Hours, Error> {
        let days = self.days.split(',').filter(|day| !day.is_empty());
        let days = days
            .map(|day| word("days", day))
            .collect::<Result<BTreeSet<Weekday>, _>>()?;
        let window = Restriction::Daily {
            from: word("from", &self.from)?,
            to: word("to", &self.to)?,
            weekdays: (!days.is_empty()).then_some(days),
        };
        Ok(Hours {
            within,
            windows: vec![window],
            time_zone: word("time_zone", time_zone)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::PolicyId;

    fn form(rules: &[(&str, &str, &str, &str)]) -> RoutingForm {
        let column = |of: fn(&(&str, &str, &str, &str)) -> String| rules.iter().map(of).collect();
        RoutingForm {
            policy: column(|rule| rule.0.to_owned()),
            severity: column(|rule| rule.1.to_owned()),
            when: column(|rule| rule.2.to_owned()),
            days: column(|rule| rule.3.to_owned()),
            from: column(|_| "09:00".to_owned()),
            to: column(|_| "17:00".to_owned()),
            time_zone: "Europe/Berlin".to_owned(),
            drawn: String::new(),
        }
    }

    #[test]
    fn the_form_says_the_rules_and_rows_without_a_policy_are_left_out() {
        let policy = PolicyId(uuid::Uuid::from_u128(7)).to_string();
        let typed = form(&[
            (&policy, "SEV1", "always", ""),
            ("", "SEV2", "within", "mon"),
            (&policy, "", "outside", "mon,tue,wed,thu,fri"),
        ]);
        let rules = typed.rules().unwrap();
        let words: Vec<String> = rules.iter().map(Rule::in_words).collect();
        assert_eq!(
            words,
            [
                "SEV1",
                "Any severity, outside of 09:00 to 17:00 on Monday to Friday (Europe/Berlin)"
            ]
        );
        let routing = Routing { policy: None, rules };
        let again = RoutingForm::of(&routing, "UTC");
        assert_eq!(
            again.rules().unwrap(),
            routing.rules,
            "what is drawn says the same"
        );
        assert_eq!(again.time_zone, "Europe/Berlin");
    }

    #[test]
    fn unknown_words_are_refused() {
        let policy = PolicyId(uuid::Uuid::from_u128(7)).to_string();
        for (rule, field) in [
            ((policy.as_str(), "SEV9", "always", ""), "severity"),
            ((policy.as_str(), "", "sometimes", ""), "when"),
            ((policy.as_str(), "", "within", "mon,someday"), "days"),
            (("nonsense", "", "always", ""), "policy"),
        ] {
            let refused = form(&[rule]).rules();
            assert!(
                matches!(refused, Err(Error::NotAChoice(at)) if at == field),
                "{rule:?}: {refused:?}"
            );
        }
    }
}
