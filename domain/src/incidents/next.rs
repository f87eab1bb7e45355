//! What an incident waits for: the one sentence at the top of its page.

use super::{Incident, IncidentRole, State};

/// What is expected next, most pressing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nobody answered, and there is nobody left to page.
    NobodyHasThis,
    Acknowledge,
    ResolveQuiet,
    TakeCommand,
    Mitigate,
    Resolve,
    WritePostmortem,
    ReadPostmortem,
}

/// What the sentence is made from, besides the incident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Around<'a> {
    pub roles_taken: &'a [IncidentRole],
    pub policy_ran_out: bool,
    pub has_postmortem: bool,
}

pub fn next(incident: &Incident, around: Around<'_>) -> Next {
    match incident.state {
        // The policy has stopped.
        State::Triggered if incident.alerts_quiet => Next::ResolveQuiet,
        State::Triggered if around.policy_ran_out => Next::NobodyHasThis,
        State::Triggered => Next::Acknowledge,
        State::Resolved if around.has_postmortem => Next::ReadPostmortem,
        State::Resolved => Next::WritePostmortem,
        _ if incident.alerts_quiet => Next::ResolveQuiet,
        State::Acknowledged if !around.roles_taken.contains(&IncidentRole::Commander) => Next::TakeCommand,
        State::Acknowledged => Next::Mitigate,
        State::Mitigated => Next::Resolve,
    }
}
