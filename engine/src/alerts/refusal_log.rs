//! Refusals on their way into the database. A source with a broken template is refused hundreds of times a minute, and alerts want
//! the writer meanwhile: so they are gathered here and written once a second.

use super::Source;
use super::refusals;
use crate::error::Result;
use crate::teams::refusals::{KEPT, Refusal};
use crate::{Engine, transaction};
use domain::ids::IntegrationId;
use futures::FutureExt;
use std::collections::{BTreeMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// From one write to the next. The first of a quiet source is written at once.
const PAUSE: Duration = Duration::from_secs(1);

/// What is not written down yet, the last few of each integration.
#[derive(Debug, Default)]
pub struct RefusalLog {
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    of: BTreeMap<IntegrationId, Of>,
    /// Somebody writes, and goes on until none waits.
    is_written: bool,
}

#[derive(Debug)]
struct Of {
    from: Source,
    last: VecDeque<Refusal>,
}

/// Notes that a request of a known integration was refused with this status, and why. Its team sees it within about a second.
pub fn note(engine: &Engine, from: &Source, status: u16, reason: String) {
    let refusal = Refusal {
        at: engine.context.now(),
        status: i64::from(status),
        reason,
    };
    let mut waiting = engine.refusal_log.lock();
    waiting.add(from, [refusal]);
    if !std::mem::replace(&mut waiting.is_written, true) {
        tokio::spawn(write_until_none_waits(engine.clone()));
    }
}

async fn write_until_none_waits(engine: Engine) {
    let mut pulse = tokio::time::interval(PAUSE);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pulse.tick().await;
        {
            let mut waiting = engine.refusal_log.lock();
            if waiting.of.is_empty() {
                waiting.is_written = false;
                return;
            }
        }
        if AssertUnwindSafe(write(&engine)).catch_unwind().await.is_err() {
            tracing::error!("refusals could not be noted");
        }
    }
}

/// Writes down what waits now, a transaction for each integration. What the database cannot take just now goes on waiting.
pub(crate) async fn write(engine: &Engine) {
    let taken = std::mem::take(&mut engine.refusal_log.lock().of);
    let mut rest = taken.into_values();
    while let Some(Of { from, mut last }) = rest.next() {
        let refusals = last.make_contiguous();
        let written: Result<()> = transaction!(engine, |tx| refusals::write(tx, &from, refusals).await?);
        match written {
            Ok(()) => {}
            Err(error) if error.is_the_databases() => {
                tracing::warn!(%error, "refusals could not be noted yet");
                let mut waiting = engine.refusal_log.lock();
                waiting.put_back(Of { from, last });
                rest.for_each(|of| waiting.put_back(of));
                return;
            }
            // The integration is gone, for one.
            Err(error) => tracing::error!(%error, "refusals could not be noted"),
        }
    }
}

impl RefusalLog {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn add(&mut self, from: &Source, refusals: impl IntoIterator<Item = Refusal>) {
        let of = self.of.entry(from.integration_id).or_insert_with(|| Of {
            from: from.clone(),
            last: VecDeque::new(),
        });
        for refusal in refusals {
            if of.last.len() == KEPT {
                of.last.pop_front();
            }
            of.last.push_back(refusal);
        }
    }

    /// Before what came meanwhile.
    fn put_back(&mut self, before: Of) {
        let since = self.of.remove(&before.from.integration_id);
        self.add(&before.from, before.last);
        if let Some(since) = since {
            self.add(&since.from, since.last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use domain::Severity;
    use domain::ids::{ServiceId, TeamId};
    use domain::teams::IntegrationKind;
    use uuid::Uuid;

    fn integration() -> Source {
        Source {
            integration_id: IntegrationId::from(Uuid::from_u128(1)),
            kind: IntegrationKind::Json,
            name: "JSON".to_owned(),
            service_id: ServiceId::from(Uuid::from_u128(2)),
            service_slug: "checkout".to_owned(),
            service_name: "Checkout".to_owned(),
            team_id: TeamId::from(Uuid::from_u128(3)),
            default_severity: Severity::Sev2,
            page_from: Severity::Sev2,
            resolves_with_alerts: true,
            remind_after_seconds: 14_400,
            signing_secret: None,
        }
    }

    fn refusals(numbers: std::ops::Range<i64>) -> impl Iterator<Item = Refusal> {
        numbers.map(|number| Refusal {
            at: DateTime::UNIX_EPOCH,
            status: 400,
            reason: number.to_string(),
        })
    }

    #[test]
    fn what_could_not_be_written_goes_before_what_came_meanwhile_and_the_last_stay() {
        let mut waiting = Waiting::default();
        waiting.add(&integration(), refusals(0..15));
        let taken = std::mem::take(&mut waiting.of);
        waiting.add(&integration(), refusals(15..25));
        taken.into_values().for_each(|of| waiting.put_back(of));
        let of = waiting.of.pop_first().expect("the integration").1;
        assert!(of.last.into_iter().eq(refusals(5..25)));
    }
}
