//! The door for alerts: whatever is waiting goes into one transaction, fairly between integrations, with a savepoint each where
//! one of them meets a fault, and all are answered after the commit. So a 2xx means handled and durable.

use super::{Source, ahead, bare, count, handle};
use crate::db::changes::Payload;
use crate::db::{Arg, sql};
use crate::error::{Result, words_of};
use crate::{Actor, Engine, Tx, transaction};
use chrono::{DateTime, Utc};
use domain::alerts::{AlertBatch, Glimpse};
use domain::ids::IntegrationId;
use futures::FutureExt;
use std::collections::{BTreeMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// Requests in one commit at most.
const AT_ONCE: usize = 64;
/// Requests of one integration that may wait; the next is turned away, so that waiting stays short and nobody else's grows.
const WAITING_EACH: usize = 256;

/// A request that was authenticated and understood.
#[derive(Clone, Debug)]
pub struct InboundRequest {
    pub from: Source,
    pub body: Vec<u8>,
    pub delivery: AlertBatch,
    pub received_at: DateTime<Utc>,
}

/// A request that was refused, and that seems to say that something fires.
#[derive(Clone, Debug)]
pub struct Unread {
    pub from: Source,
    /// Why it was refused: a sentence.
    pub reason: String,
    pub seen: Glimpse,
}

/// It is not in the database; the source should send it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    #[error("The alert could not be stored just now. Send it again.")]
    NotStored,
    #[error("This integration sends more than can be handled just now. Send it again in a moment.")]
    TooManyWaiting,
}

type Answer = oneshot::Sender<Result<(), NotTaken>>;

enum Request {
    Read(InboundRequest),
    Unread(Unread),
}

impl Request {
    const fn from(&self) -> &Source {
        match self {
            Self::Read(arriving) => &arriving.from,
            Self::Unread(unread) => &unread.from,
        }
    }
}

struct Queued {
    request: Request,
    answer: Answer,
    /// Held until it is handled, also when its sender has gone away.
    _place: Place,
}

/// Where edges hand in what arrives. Cheap to clone.
#[derive(Clone)]
pub struct Ingest {
    engine: Engine,
    queue: mpsc::UnboundedSender<Queued>,
    waiting: Arc<Mutex<BTreeMap<IntegrationId, usize>>>,
}

impl Ingest {
    /// Starts the worker that takes what is handed in. It ends when the last handle is dropped and everything is answered.
    pub fn start(engine: Engine) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, arrivals) = mpsc::unbounded_channel();
        let ingest = Self {
            engine: engine.clone(),
            queue,
            waiting: Arc::default(),
        };
        // On a thread of its own: a batch is hundreds of short waits for the database, each of which would else stand in the
        // queue behind requests and mails.
        let runtime = tokio::runtime::Handle::current();
        let engine = Engine {
            db: engine.db.for_the_door(),
            ..engine
        };
        let worker = tokio::task::spawn_blocking(move || runtime.block_on(work(engine, arrivals)));
        (ingest, worker)
    }

    /// Hands in a request, and returns when it is handled and durable.
    ///
    /// # Errors
    /// [`NotTaken`]
    pub async fn take(&self, arriving: InboundRequest) -> Result<(), NotTaken> {
        self.hand_in(Request::Read(arriving)).await
    }

    /// Opens or joins an incident that says what was refused, and returns when that is durable.
    ///
    /// # Errors
    /// [`NotTaken`]
    pub async fn tell_of(&self, unread: Unread) -> Result<(), NotTaken> {
        self.hand_in(Request::Unread(unread)).await
    }

    async fn hand_in(&self, request: Request) -> Result<(), NotTaken> {
        let place = self.place(request.from().integration_id)?;
        let (answer, answered) = oneshot::channel();
        let queued = Queued {
            request,
            answer,
            _place: place,
        };
        self.queue.send(queued).map_err(|_| NotTaken::NotStored)?;
        answered.await.map_err(|_| NotTaken::NotStored)?
    }

    /// A place in the integration's queue; it is free again when this is dropped.
    fn place(&self, integration: IntegrationId) -> Result<Place, NotTaken> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let places = waiting.entry(integration).or_default();
        if *places >= WAITING_EACH {
            drop(waiting);
            self.engine.counts.could_not_take(1);
            return Err(NotTaken::TooManyWaiting);
        }
        *places += 1;
        drop(waiting);
        Ok(Place {
            waiting: Arc::clone(&self.waiting),
            integration,
        })
    }
}

struct Place {
    waiting: Arc<Mutex<BTreeMap<IntegrationId, usize>>>,
    integration: IntegrationId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = waiting.get_mut(&self.integration) {
            *places -= 1;
            if *places == 0 {
                waiting.remove(&self.integration);
            }
        }
    }
}

/// What waits, a queue for each integration; turns go round.
#[derive(Default)]
struct Waiting {
    queues: BTreeMap<IntegrationId, VecDeque<Queued>>,
    turns: VecDeque<IntegrationId>,
}

impl Waiting {
    fn add(&mut self, queued: Queued) {
        let id = queued.request.from().integration_id;
        let queue = self.queues.entry(id).or_default();
        if queue.is_empty() {
            self.turns.push_back(id);
        }
        queue.push_back(queued);
    }

    fn next(&mut self) -> Option<Queued> {
        let id = self.turns.pop_front()?;
        let queue = self.queues.get_mut(&id)?;
        let taken = queue.pop_front();
        if queue.is_empty() {
            self.queues.remove(&id);
        } else {
            self.turns.push_back(id);
        }
        taken
    }
}

async fn work(engine: Engine, mut arrivals: mpsc::UnboundedReceiver<Queued>) {
    let mut waiting = Waiting::default();
    loop {
        if waiting.turns.is_empty() {
            match arrivals.recv().await {
                Some(arrived) => waiting.add(arrived),
                None => return,
            }
        }
        while let Ok(arrived) = arrivals.try_recv() {
            waiting.add(arrived);
        }
        let batch: Vec<Queued> = std::iter::from_fn(|| waiting.next()).take(AT_ONCE).collect();
        // A fault here costs these requests their 2xx, never those after them.
        let committed = AssertUnwindSafe(commit(&engine, &batch)).catch_unwind().await;
        let outcomes = committed.unwrap_or_else(|panic| {
            tracing::error!(fault = words_of(&panic), "alerts could not be stored");
            none_taken(&engine, &batch)
        });
        for (queued, outcome) in batch.into_iter().zip(outcomes) {
            // A client that went away gets no answer; its alert is stored all the same.
            let _ = queued.answer.send(outcome);
        }
    }
}

/// What became of one request.
pub type Outcome = Result<(), NotTaken>;

async fn commit(engine: &Engine, batch: &[Queued]) -> Vec<Outcome> {
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
            outcomes
        }
        Err(error) => {
            tracing::error!(%error, requests = batch.len(), "alerts could not be stored");
            engine.counts.could_not_write(not_taken);
            none_taken(engine, batch)
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
                let payload = store_payload(tx, arriving);
                let outcome = open_bare(tx, arriving, payload, &fault).await?;
                let (accepted, lost) = shares_of(&[outcome]);
                count::add(tx, accepted, not_taken + lost).await?;
                vec![outcome]
            })
        }
        stored => stored,
    }
}

fn none_taken(engine: &Engine, batch: &[Queued]) -> Vec<Outcome> {
    let outcomes = vec![Err(NotTaken::NotStored); batch.len()];
    engine.counts.could_not_take(shares_of(&outcomes).1);
    outcomes
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
        if care == Care::Together {
            let read = batch.iter().filter_map(|queued| match &queued.request {
                Request::Read(arriving) => Some(arriving),
                Request::Unread(_) => None,
            });
            ahead::look(tx, &read.collect::<Vec<_>>()).await?;
        }
        let mut outcomes = Vec::new();
        for Queued { request, .. } in batch {
            outcomes.push(match (request, care) {
                (Request::Read(arriving), Care::Together) => {
                    store_payload(tx, arriving);
                    handle(tx, &arriving.from, &arriving.delivery, arriving.received_at).await?;
                    Ok(())
                }
                (Request::Read(arriving), Care::Each) => take_one(tx, arriving).await?,
                (Request::Unread(unread), _) => {
                    let opened =
                        bare::open(tx, &unread.from, bare::Why::Refused, &unread.seen, &unread.reason)
                            .await?;
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
    let payload = store_payload(tx, arriving);
    let handling =
        async |tx: &mut Tx| handle(tx, &arriving.from, &arriving.delivery, arriving.received_at).await;
    match tx.try_within_savepoint(handling).await? {
        Ok(()) => Ok(Ok(())),
        Err(fault) => open_bare(tx, arriving, payload, &fault).await,
    }
}

/// Says what kept a stored request from being handled, where people are woken by it.
async fn open_bare(tx: &mut Tx, arriving: &InboundRequest, payload: Uuid, fault: &str) -> Result<Outcome> {
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

fn store_payload(tx: &mut Tx, arriving: &InboundRequest) -> Uuid {
    let id = tx.context.new_id();
    tx.changes.payloads.push(Payload {
        id,
        integration_id: arriving.from.integration_id,
        received_at: arriving.received_at,
        body: arriving.body.clone(),
    });
    id
}
