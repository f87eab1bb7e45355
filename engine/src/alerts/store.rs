//! A batch of requests is stored: all in one transaction, and where one of them meets a fault of our own, each by itself. What cannot
//! be handled leaves its raw body and a bare incident.

use super::handle::{handle, handle_knowing};
use super::ingest::{InboundRequest, Queued, Request};
use super::known::Known;
use super::{bare, count};
use crate::db::changes::Payload;
use crate::db::{Arg, sql};
use crate::error::Result;
use crate::{Actor, Engine, Tx, transaction};
use domain::alerts::NotTaken;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;

/// What became of one request.
pub type Outcome = Result<(), NotTaken>;

/// What became of a batch.
pub(super) struct Stored {
    /// One for each request, in their order.
    pub outcomes: Vec<Outcome>,
    /// The database was waited for in vain, for as long as a sender waits.
    pub has_waited: bool,
}

pub(super) async fn commit(engine: &Engine, batch: &[Queued]) -> Stored {
    let begun = engine.context.running_for();
    let not_taken = engine.counts.to_write();
    let together = AssertUnwindSafe(store(engine, batch, not_taken, Care::Together))
        .catch_unwind()
        .await;
    let stored = match together {
        Ok(Ok(outcomes)) => Ok(outcomes),
        Ok(Err(error)) if error.is_the_databases() => Err(error),
        // One of them meets a fault of our own, which must not be the others'.
        Ok(Err(_)) | Err(_) => store(engine, batch, not_taken, Care::Each).await,
    };
    let stored = match stored {
        // Each by itself would wait as long again, and their senders have.
        Err(error) if error.has_waited() => Err(error),
        // What one of them asks of the database must not be the others' either.
        Err(error) if batch.len() > 1 || error.is_worth_repeating() => {
            tracing::warn!(%error, requests = batch.len(), "alerts go one by one");
            one_by_one(engine, batch, not_taken).await
        }
        stored => stored,
    };
    let took = engine.context.running_for() - begun;
    metrics::histogram!("kintsugi_ingest_commit_seconds").record(took);
    match stored {
        Ok(outcomes) => {
            let (accepted, lost) = shares_of(&outcomes);
            metrics::counter!("kintsugi_alerts_accepted_total").increment(accepted.unsigned_abs());
            metrics::counter!("kintsugi_alerts_not_taken_total").increment(lost.unsigned_abs());
            Stored {
                outcomes,
                has_waited: false,
            }
        }
        Err(error) => {
            tracing::error!(%error, requests = batch.len(), "alerts could not be stored");
            engine.counts.could_not_write(not_taken);
            Stored {
                has_waited: error.has_waited(),
                ..none_taken(engine, batch)
            }
        }
    }
}

/// Faults of the database in a row after which the rest of a batch is not tried: it is the database's then, not theirs.
const FAULTS_IN_A_ROW: usize = 2;

/// Stores and handles each in a transaction of its own. `unwritten`: how many were turned away before.
async fn one_by_one(engine: &Engine, batch: &[Queued], mut unwritten: i64) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::with_capacity(batch.len());
    let mut in_a_row = 0;
    for queued in batch {
        let stored = match in_a_row {
            FAULTS_IN_A_ROW => None,
            _ => Some(store_alone(engine, queued, unwritten).await),
        };
        match stored {
            Some(Ok(stored)) => {
                outcomes.extend(stored);
                (unwritten, in_a_row) = (0, 0);
                continue;
            }
            Some(Err(error)) => {
                tracing::error!(%error, integration = %queued.request.from().integration_id, "an alert could not be stored");
                in_a_row += usize::from(error.is_the_databases());
            }
            None => {}
        }
        outcomes.push(Err(NotTaken::NotStored));
        unwritten += 1;
    }
    engine.counts.could_not_write(unwritten);
    Ok(outcomes)
}

/// One that meets others for ever meets itself: that is a fault of ours like any other.
async fn store_alone(engine: &Engine, queued: &Queued, not_taken: i64) -> Result<Vec<Outcome>> {
    let stored = store(engine, std::slice::from_ref(queued), not_taken, Care::Each).await;
    match stored {
        Err(fault) if fault.is_worth_repeating() => {
            let Request::Read(arriving) = &queued.request else {
                return Err(fault);
            };
            let fault = fault.to_string();
            transaction!(engine.by(Actor::Sources), |tx| {
                store_payload(tx, arriving);
                let outcome = open_bare(tx, arriving, &fault).await?;
                let (accepted, lost) = shares_of(&[outcome]);
                count::add(tx, accepted, not_taken + lost).await?;
                vec![outcome]
            })
        }
        stored => stored,
    }
}

pub(super) fn none_taken(engine: &Engine, batch: &[Queued]) -> Stored {
    let outcomes = vec![Err(NotTaken::NotStored); batch.len()];
    engine.counts.could_not_take(shares_of(&outcomes).1);
    Stored {
        outcomes,
        has_waited: false,
    }
}

/// How many were accepted, and how many were not.
fn shares_of(outcomes: &[Outcome]) -> (i64, i64) {
    let number = |is_good: bool| {
        outcomes
            .iter()
            .filter(|outcome| outcome.is_ok() == is_good)
            .count()
    };
    let number = |is_good| i64::try_from(number(is_good)).unwrap_or(i64::MAX);
    (number(true), number(false))
}

/// SQLite keeps what each savepoint changes a second time, so they are made only where something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Care {
    Together,
    Each,
}

/// Stores and handles all of them in one transaction. `not_taken`: how many were turned away before.
async fn store(engine: &Engine, batch: &[Queued], not_taken: i64, care: Care) -> Result<Vec<Outcome>> {
    transaction!(engine.by(Actor::Sources), |tx| {
        let mut known = Known::default();
        if care == Care::Together {
            let read = batch.iter().filter_map(|queued| match &queued.request {
                Request::Read(arriving) => Some(arriving),
                Request::Unread(_) => None,
            });
            known.learn(tx, &read.collect::<Vec<_>>()).await?;
        }
        let mut outcomes = Vec::new();
        for Queued { request, .. } in batch {
            outcomes.push(match (request, care) {
                (Request::Read(arriving), Care::Together) => {
                    store_payload(tx, arriving);
                    handle_knowing(tx, &mut known, arriving).await?;
                    Ok(())
                }
                (Request::Read(arriving), Care::Each) => take_one(tx, arriving).await?,
                (Request::Unread(unread), _) => {
                    let opened =
                        bare::open(tx, &unread.from, bare::Why::Refused, &unread.seen, &unread.reason)
                            .await?;
                    // It writes past what is known.
                    known = Known::default();
                    opened.map_err(|_| NotTaken::NotStored)
                }
            });
        }
        // What was refused is no alert that was taken.
        let (accepted, lost) = shares_of(&outcomes);
        let refused = batch
            .iter()
            .filter(|queued| matches!(queued.request, Request::Unread(_)))
            .count();
        let accepted = accepted - i64::try_from(refused).unwrap_or(0).min(accepted);
        count::add(tx, accepted, not_taken + lost).await?;
        outcomes
    })
}

/// Stores the raw payload, then handles it within a savepoint. A fault of our own leaves the payload and a bare incident.
pub async fn take_one(tx: &mut Tx, arriving: &InboundRequest) -> Result<Outcome> {
    store_payload(tx, arriving);
    let handling = async |tx: &mut Tx| handle(tx, arriving).await;
    match tx.try_within_savepoint(handling).await? {
        Ok(()) => Ok(Ok(())),
        Err(fault) => open_bare(tx, arriving, &fault).await,
    }
}

/// Says what kept a stored request from being handled, where people are woken by it.
async fn open_bare(tx: &mut Tx, arriving: &InboundRequest, fault: &str) -> Result<Outcome> {
    let payload = arriving.id;
    tracing::error!(%fault, integration = %arriving.from.integration_id, %payload, "an alert could not be handled; opening a bare incident");
    sql("UPDATE payloads SET fault = $2 WHERE id = $1")
        .bind(Arg::Id(Some(payload)))
        .bind(fault)
        .run(tx)
        .await?;
    let seen = arriving.delivery.glimpse();
    let opened = bare::open(tx, &arriving.from, bare::Why::Fault, &seen, fault).await?;
    Ok(opened.map_err(|fault| {
        tracing::error!(%fault, %payload, "nor could a bare incident be opened; the source has to send it again");
        NotTaken::NotStored
    }))
}

/// Something that says that it lives says nothing else: of that no request is kept.
fn store_payload(tx: &mut Tx, arriving: &InboundRequest) {
    if arriving.delivery.heartbeat.is_some() {
        return;
    }
    tx.changes.payloads.push(Payload {
        id: arriving.id,
        integration_id: arriving.from.integration_id,
        received_at: arriving.received_at,
        address: arriving.address.clone(),
        body: arriving.body.clone(),
    });
}
