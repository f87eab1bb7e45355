//! Looking back from an incident: where its factor was met before, and what was promised about it then.

use super::finding::{Finding, Measure, Measured};
use crate::action_items::{ActionKind, ActionState};
use chrono::{DateTime, Utc};
use std::cmp::Reverse;

/// An incident in which a factor was named, as far as looking back needs it. Spans are seconds from impact start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// INC-…
    pub number: i64,
    /// Impact start, else detection, else when it was opened.
    pub began_at: DateTime<Utc>,
    pub seconds_to_detect: Option<i64>,
    pub seconds_to_mitigate: Option<i64>,
    /// Names of the services that it was about.
    pub services: Vec<String>,
}

impl Met {
    const fn order(&self) -> (DateTime<Utc>, i64) {
        (self.began_at, self.number)
    }
}

/// An earlier incident in which the same factor was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier<'a> {
    pub met: &'a Met,
    /// It was about one of the services that the later one is about.
    pub is_same_service: bool,
    /// Action items that answer the factor there, declined ones too.
    pub answers: &'a [Answer],
}

/// An action item that answers a factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// ACT-…
    pub number: i64,
    pub kind: ActionKind,
    pub made_at: DateTime<Utc>,
    /// What it became, and when, in that order; before the first it was proposed.
    pub states: Vec<(DateTime<Utc>, ActionState)>,
    /// When it was declined, and why, in that order.
    pub declined: Vec<(DateTime<Utc>, String)>,
}

impl Answer {
    /// What it was just before an instant, and since when; `None` where it was not made yet.
    pub fn before(&self, at: DateTime<Utc>) -> Option<(DateTime<Utc>, ActionState)> {
        if self.made_at >= at {
            return None;
        }
        let last = self.states.iter().rev().find(|(since, _)| *since < at);
        Some(last.copied().unwrap_or((self.made_at, ActionState::Proposed)))
    }

    /// Nobody has declined it.
    pub fn stands(&self) -> bool {
        self.states
            .last()
            .is_none_or(|(_, state)| *state != ActionState::Declined)
    }

    /// Why it was declined the last time, as seen from an instant.
    fn reason_before(&self, at: DateTime<Utc>) -> Option<String> {
        let last = self.declined.iter().rev().find(|(since, _)| *since < at);
        last.map(|(_, reason)| reason.clone())
    }

    /// When it was done for the last time, as seen from an instant.
    fn done_before(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (_, state) = self.before(at)?;
        if !matches!(state, ActionState::Done | ActionState::Verified) {
            return None;
        }
        let done = self
            .states
            .iter()
            .filter(|(since, state)| *since < at && *state == ActionState::Done);
        done.map(|(since, _)| *since).next_back().or(Some(self.made_at))
    }
}

/// So many incidents of other services have a line each: those with an answer first, then the latest.
pub const MOST_ELSEWHERE: usize = 5;

/// Looks back from an incident at the earlier ones with the same factor. Of the same service the first of these counts: what was open
/// when it began; the last that was done till then; what was declined; that nothing was promised. Of other services
/// [`MOST_ELSEWHERE`] have a line each, with what answers it there and is not declined, in their order; the others are counted, with
/// those that the caller left out.
pub fn look_back(now: &Met, earlier: &[Earlier<'_>], left_out: usize) -> Vec<Finding> {
    let mut before: Vec<&Earlier<'_>> = earlier
        .iter()
        .filter(|other| other.met.began_at < now.began_at)
        .collect();
    before.sort_by_key(|other| other.met.order());
    let (here, mut elsewhere): (Vec<&Earlier<'_>>, Vec<&Earlier<'_>>) =
        before.into_iter().partition(|other| other.is_same_service);
    let answers = |other: &Earlier<'_>| -> Vec<i64> {
        let standing = other.answers.iter().filter(|answer| answer.stands());
        standing.map(|answer| answer.number).collect()
    };
    elsewhere.sort_by_key(|other| (answers(other).is_empty(), Reverse(other.met.order())));
    let more = elsewhere.len().saturating_sub(MOST_ELSEWHERE) + left_out;
    elsewhere.truncate(MOST_ELSEWHERE);
    elsewhere.sort_by_key(|other| other.met.order());
    let mut findings = of_same_service(now, &here);
    findings.extend(elsewhere.into_iter().map(|other| Finding::Elsewhere {
        earlier: other.met.number,
        began_at: other.met.began_at,
        services: other.met.services.clone(),
        items: answers(other),
    }));
    findings.extend((more > 0).then_some(Finding::MoreElsewhere { incidents: more }));
    findings
}

fn of_same_service(now: &Met, here: &[&Earlier<'_>]) -> Vec<Finding> {
    let Some(last) = here.last() else {
        return Vec::new();
    };
    let answers = || {
        here.iter()
            .flat_map(|other| other.answers.iter().map(|answer| (other.met, answer)))
    };
    let open: Vec<Finding> = answers()
        .filter(|(_, answer)| {
            answer
                .before(now.began_at)
                .is_some_and(|(_, state)| state.is_open())
        })
        .map(|(met, answer)| Finding::WhileOpen {
            item: answer.number,
            earlier: met.number,
            seconds: (now.began_at - answer.made_at).num_seconds(),
        })
        .collect();
    if !open.is_empty() {
        return open;
    }
    let done = answers()
        .filter_map(|(met, answer)| Some((answer.done_before(now.began_at)?, met, answer)))
        .max_by_key(|(at, _, answer)| (*at, answer.number));
    if let Some((_, met, answer)) = done {
        return vec![after_done(now, met, answer)];
    }
    let declined = answers()
        .filter_map(|(met, answer)| Some((answer.before(now.began_at)?, met, answer)))
        .filter(|((_, state), ..)| *state == ActionState::Declined)
        .max_by_key(|((since, _), _, answer)| (*since, answer.number));
    vec![match declined {
        Some((_, met, answer)) => Finding::Declined {
            item: answer.number,
            earlier: met.number,
            reason: answer.reason_before(now.began_at),
        },
        None => Finding::NothingPromised {
            earlier: last.met.number,
        },
    }]
}

fn after_done(now: &Met, met: &Met, answer: &Answer) -> Finding {
    let (item, earlier) = (answer.number, met.number);
    let compared = |measure, before, after| Finding::Compared {
        item,
        earlier,
        measure,
        measured: Measured::of(before, after),
    };
    match answer.kind {
        ActionKind::Prevent => Finding::AfterDone { item, earlier },
        ActionKind::Detect => compared(Measure::Detect, met.seconds_to_detect, now.seconds_to_detect),
        ActionKind::Mitigate => compared(
            Measure::Mitigate,
            met.seconds_to_mitigate,
            now.seconds_to_mitigate,
        ),
        ActionKind::Process | ActionKind::Learn => Finding::NoFigure { item, earlier },
    }
}

#[cfg(test)]
mod tests;
