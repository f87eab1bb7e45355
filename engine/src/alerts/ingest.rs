//! The door for alerts: whatever is waiting goes into one transaction, fairly between integrations, and all are answered after the
//! commit. So a 2xx means handled and durable.

use super::Source;
use super::store::{Stored, commit, none_taken};
use crate::Engine;
use crate::error::{Result, words_of};
use chrono::{DateTime, Utc};
use domain::alerts::{AlertBatch, Glimpse, NotTaken};
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
    /// What it is kept under.
    pub id: Uuid,
    pub from: Source,
    /// Method and address, where they say something of what it tells.
    pub address: Option<String>,
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

type Answer = oneshot::Sender<Result<(), NotTaken>>;

pub(super) enum Request {
    Read(InboundRequest),
    Unread(Unread),
}

impl Request {
    pub const fn from(&self) -> &Source {
        match self {
            Self::Read(arriving) => &arriving.from,
            Self::Unread(unread) => &unread.from,
        }
    }
}

pub(super) struct Queued {
    pub request: Request,
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
        let stored = committed.unwrap_or_else(|panic| {
            tracing::error!(fault = words_of(&panic), "alerts could not be stored");
            none_taken(&engine, &batch)
        });
        let has_waited = stored.has_waited;
        answer(batch, stored);
        if has_waited {
            // Who came meanwhile would wait as long again, and longer than their senders do.
            while let Ok(arrived) = arrivals.try_recv() {
                waiting.add(arrived);
            }
            let batch: Vec<Queued> = std::iter::from_fn(|| waiting.next()).collect();
            let stored = none_taken(&engine, &batch);
            answer(batch, stored);
        }
    }
}

fn answer(batch: Vec<Queued>, stored: Stored) {
    for (queued, outcome) in batch.into_iter().zip(stored.outcomes) {
        // A client that went away gets no answer; its alert is stored all the same.
        let _ = queued.answer.send(outcome);
    }
}
