//! What the audit log tells of, and how two states differ.

use serde_json::Value;

words! {
    /// What of the settings was changed.
    pub enum SubjectKind {
        Person = "person",
        Team = "team",
        Service = "service",
        Integration = "integration",
        Schedule = "schedule",
        Policy = "policy",
        Incident = "incident",
    }
}

impl SubjectKind {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Person => "Person",
            Self::Team => "Team",
            Self::Service => "Service",
            Self::Integration => "Integration",
            Self::Schedule => "Schedule",
            Self::Policy => "Escalation policy",
            Self::Incident => "Incident",
        }
    }
}

words! {
    /// What was done to it.
    pub enum Change {
        Made = "made",
        Changed = "changed",
        Removed = "removed",
        SecretReplaced = "secret_replaced",
        PasswordSet = "password_set",
        InvitedAgain = "invited_again",
        LinkShown = "link_shown",
        LoggedOut = "logged_out",
        Redacted = "redacted",
    }
}

impl Change {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::SecretReplaced => "got a new secret",
            Self::PasswordSet => "got a new password",
            Self::InvitedAgain => "was invited again",
            Self::LinkShown => "had the link of the invitation shown",
            Self::LoggedOut => "was logged out everywhere",
            Self::Redacted => "had a text of its timeline redacted",
        }
    }
}

/// A part of something that was changed. Nothing stands for what was not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub part: String,
    pub was: Option<String>,
    pub became: Option<String>,
}

/// The parts in which two states of a thing differ; `null` is a thing that is not there.
pub fn differences(was: &Value, became: &Value) -> Vec<Difference> {
    let parts = |state: &Value| state.as_object().cloned().unwrap_or_default();
    let (was, became) = (parts(was), parts(became));
    let mut names: Vec<&String> = became.keys().chain(was.keys()).collect();
    names.sort();
    names.dedup();
    let differing = names
        .into_iter()
        .filter(|name| was.get(*name) != became.get(*name));
    differing
        .map(|name| Difference {
            part: name.clone(),
            was: was.get(name).map(in_words),
            became: became.get(name).map(in_words),
        })
        .collect()
}

fn in_words(value: &Value) -> String {
    let listed = |words: Vec<String>, between| match words.is_empty() {
        true => "none".to_owned(),
        false => words.join(between),
    };
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(all) if all.iter().any(Value::is_object) => {
            listed(all.iter().map(in_words).collect(), "; ")
        }
        Value::Array(all) => listed(all.iter().map(in_words).collect(), ", "),
        Value::Object(parts) => {
            let parts = parts.iter().filter(|(_, value)| !value.is_null());
            let parts = parts.map(|(name, value)| format!("{name} {}", in_words(value)));
            listed(parts.collect(), ", ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_told() {
        let difference = |part: &str, was: Option<&str>, became: Option<&str>| Difference {
            part: part.to_owned(),
            was: was.map(str::to_owned),
            became: became.map(str::to_owned),
        };
        for (was, became, expected) in [
            (
                json!({ "name": "A", "active": true }),
                json!({ "name": "B", "active": true }),
                vec![difference("name", Some("A"), Some("B"))],
            ),
            (
                Value::Null,
                json!({ "members": [] }),
                vec![difference("members", None, Some("none"))],
            ),
            (
                json!({ "steps": [{ "pages": ["Ana", "Bo"], "waits seconds": 300, "until": null }] }),
                Value::Null,
                vec![difference(
                    "steps",
                    Some("pages Ana, Bo, waits seconds 300"),
                    None,
                )],
            ),
            (json!({ "name": "A" }), json!({ "name": "A" }), vec![]),
        ] {
            assert_eq!(differences(&was, &became), expected);
        }
    }
}
