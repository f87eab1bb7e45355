//! A dry run: whom an alert would page and how, minute by minute, by the very rules that page, and nobody is told.

use super::reach::OnCall;
use super::{policies, routing};
use crate::db::sql;
use crate::error::Result;
use crate::{Tx, people, teams};
use chrono::{DateTime, TimeDelta, Utc};
use domain::Severity;
use domain::escalation::awake::stands_on_the_list;
use domain::escalation::{Arrival, End, Gap, Place, Policy, Progress, Step, Waking, goes_out_as};
use domain::ids::{PersonId, ServiceId};
use domain::incidents::PageOutcome;
use domain::incidents::timeline::PageReason;
use domain::notifications::MethodKind;
use domain::people::Person;
use std::collections::{BTreeMap, BTreeSet};

/// As many steps as anybody reads, and as long as anybody sleeps.
const MOST_STEPS: usize = 30;
const LONGEST: TimeDelta = TimeDelta::hours(24);

/// One step of a dry run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DryStep {
    /// After the alert.
    pub minutes: i64,
    pub place: Place,
    pub people: Vec<Woken>,
    /// What reaches nobody on the way to it.
    pub gaps: Vec<Gap>,
}

/// Somebody whom a step pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Woken {
    pub name: String,
    pub how: How,
    /// Why it would not reach them.
    pub because: Option<&'static str>,
}

/// How somebody is paged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    Sent {
        method: MethodKind,
        address: String,
    },
    /// It stands on the list of whoever is awake until then.
    OnList {
        until: DateTime<Utc>,
    },
    /// No mail server is set: it is read in the browser.
    Kept,
}

/// What an alert would come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DryRun {
    NoPolicy,
    /// It is below what the service pages for.
    PagesNobody,
    Pages {
        /// By its name.
        policy: String,
        steps: Vec<DryStep>,
        /// When nobody is left to page, in minutes; `None` where it goes on beyond what is shown.
        ends_after: Option<i64>,
    },
}

/// An alert of that severity for a service that has no incident, at an instant.
///
/// # Errors
/// [`crate::Error::NotFound`]
pub async fn dry_run(
    tx: &mut Tx,
    service: ServiceId,
    severity: Severity,
    at: DateTime<Utc>,
) -> Result<DryRun> {
    let found = teams::find_service(tx, service).await?;
    let routing = routing::of_service(tx, service).await?;
    let arrival = Arrival {
        meets: None,
        alert: severity,
        was_quiet: false,
        is_new: true,
        page_from: found.page_from,
        progress: Progress::NotStarted,
    };
    if arrival.waking() != Waking::StartPolicy {
        return Ok(DryRun::PagesNobody);
    }
    let Some(id) = routing.policy_for(severity, at) else {
        return Ok(DryRun::NoPolicy);
    };
    let policy = policies::policy(tx, id).await?;
    let ways = Ways::load(tx, severity).await?;
    let (steps, ends_after) = walked(tx, policy, at, &ways).await?;
    Ok(DryRun::Pages {
        policy: policies::find(tx, id).await?.name,
        steps,
        ends_after,
    })
}

/// What decides how people are paged.
struct Ways {
    severity: Severity,
    mail_server_set: bool,
    /// Who said to be awake, and until when.
    awake: BTreeMap<PersonId, DateTime<Utc>>,
    /// Whom no page would reach, and why.
    cannot: BTreeMap<PersonId, &'static str>,
}

impl Ways {
    async fn load(tx: &mut Tx, severity: Severity) -> Result<Self> {
        let now = tx.now();
        let awake: Vec<(PersonId, DateTime<Utc>)> =
            sql("SELECT id, awake_until FROM people WHERE awake_until > $1")
                .bind(now)
                .all(tx)
                .await?;
        let everybody = people::everybody(tx).await?.into_iter();
        let cannot = everybody.filter_map(|member| {
            let unreached = people::reachable(&member.person.email).is_none();
            let because = unreached.then_some("no mail can reach this address");
            Some((member.person.id, member.cannot_be_woken().or(because)?))
        });
        Ok(Self {
            severity,
            mail_server_set: tx.context.mail.server_set,
            cannot: cannot.collect(),
            awake: awake.into_iter().collect(),
        })
    }

    /// As `paging` has it; that one gets many others meanwhile is not foreseen.
    fn of(&self, person: Person, why: PageReason, at: DateTime<Utc>) -> Woken {
        let awake = self.awake.get(&person.id).copied();
        let is_on_list = stands_on_the_list(awake, at, self.severity, why);
        let how = match (goes_out_as(is_on_list, false, self.mail_server_set), awake) {
            (PageOutcome::OnList, Some(until)) => How::OnList { until },
            (PageOutcome::Kept, _) => How::Kept,
            _ => How::Sent {
                method: MethodKind::OF_EVERYBODY,
                address: person.email,
            },
        };
        Woken {
            name: person.name,
            how,
            because: self.cannot.get(&person.id).copied(),
        }
    }
}

/// The steps, and after how many minutes nobody is left to page.
async fn walked(
    tx: &mut Tx,
    mut policy: Policy,
    begin: DateTime<Utc>,
    ways: &Ways,
) -> Result<(Vec<DryStep>, Option<i64>)> {
    let mut steps: Vec<DryStep> = Vec::new();
    let mut paged: BTreeSet<PersonId> = BTreeSet::new();
    let (mut at, mut next, mut round) = (begin, policy.after(None), 0);
    while let Some(from) = next {
        if steps.len() >= MOST_STEPS || at - begin > LONGEST {
            return Ok((steps, None));
        }
        if from.round != round {
            paged.clear();
            round = from.round;
        }
        let mut on_call = OnCall::default();
        on_call.learn_at(tx, &policy.steps, at).await?;
        let walk = match policy.walk(from, None, &paged, |step| on_call.reached(step)) {
            Ok(walk) => walk,
            Err(_) => return Err(crate::Error::NotLookedUp("whom a step reaches")),
        };
        let minutes = (at - begin).num_minutes();
        let End::Pages {
            place,
            delay_seconds,
            people,
        } = walk.end
        else {
            return Ok((steps, Some(minutes)));
        };
        paged.extend(people.iter().map(|(person, _)| person.id));
        had_a_turn(
            &mut policy,
            place,
            &on_call,
            people.first().map(|(person, _)| person.id),
        );
        steps.push(DryStep {
            minutes,
            place,
            people: people
                .into_iter()
                .map(|(person, why)| ways.of(person, why, at))
                .collect(),
            gaps: walk.gaps,
        });
        at += TimeDelta::seconds(delay_seconds);
        next = policy.after(Some(place));
    }
    Ok((steps, Some((at - begin).num_minutes())))
}

/// The next time it is another one's turn.
fn had_a_turn(policy: &mut Policy, place: Place, on_call: &OnCall, person: Option<PersonId>) {
    let step: Option<&mut Step> = usize::try_from(place.step)
        .ok()
        .and_then(|step| policy.steps.get_mut(step));
    if let (Some(step), Some(person)) = (step.filter(|step| step.in_turn), person)
        && let Some(stood) = on_call.place_in(step, person)
    {
        step.last = Some((person, stood));
    }
}
