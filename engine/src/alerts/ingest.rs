//! The door for alerts: whatever is waiting goes into one transaction, fairly between integrations, a savepoint each, and all
//! are answered after the commit. So a 2xx means handled and durable.

use super::{Receiver, bare, handle};
use crate::db::{Arg, sql};
use crate::error::Result;
use crate::{Engine, Tx, transaction};
use chrono::{DateTime, Utc};
use domain::alerts::Delivery;
use domain::ids::IntegrationId;
use futures::FutureExt;
use std::collections::{BTreeMap, VecDeque};
use std::panic::AssertUnwindSafe;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// Requests in one commit at most.
const AT_ONCE: usize = 64;
/// Requests of all integrations that wait in front of the queue; more wait in their connections.
const WAITING: usize = 1024;

/// A request that was authenticated and understood.
#[derive(Clone, Debug)]
pub struct Arriving {
    pub from: Receiver,
    pub body: Vec<u8>,
    pub delivery: Delivery,
    pub received_at: DateTime<Utc>,
}

/// It is not in the database; the source should send it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The alert could not be stored just now. Send it again.")]
pub struct NotTaken;

type Answer = oneshot::Sender<Result<(), NotTaken>>;

/// Where edges hand in what arrives. Cheap to clone.
#[derive(Clone)]
pub struct Ingest {
    queue: mpsc::Sender<(Arriving, Answer)>,
}

impl Ingest {
    /// Starts the worker that takes what is handed in. It ends when the last handle is dropped and everything is answered.
    pub fn start(engine: Engine) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, arrivals) = mpsc::channel(WAITING);
        (Self { queue }, tokio::spawn(work(engine, arrivals)))
    }

    /// Hands in a request, and returns when it is handled and durable.
    ///
    /// # Errors
    /// [`NotTaken`]
    pub async fn take(&self, arriving: Arriving) -> Result<(), NotTaken> {
        let (answer, answered) = oneshot::channel();
        self.queue.send((arriving, answer)).await.map_err(|_| NotTaken)?;
        answered.await.map_err(|_| NotTaken)?
    }
}

/// What waits, a queue for each integration; turns go round.
#[derive(Default)]
struct Waiting {
    queues: BTreeMap<IntegrationId, VecDeque<(Arriving, Answer)>>,
    turns: VecDeque<IntegrationId>,
}

impl Waiting {
    fn add(&mut self, (arriving, answer): (Arriving, Answer)) {
        let id = arriving.from.integration_id;
        let queue = self.queues.entry(id).or_default();
        if queue.is_empty() {
            self.turns.push_back(id);
        }
        queue.push_back((arriving, answer));
    }

    fn next(&mut self) -> Option<(Arriving, Answer)> {
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

async fn work(engine: Engine, mut arrivals: mpsc::Receiver<(Arriving, Answer)>) {
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
        let (batch, answers): (Vec<_>, Vec<_>) = std::iter::from_fn(|| waiting.next()).take(AT_ONCE).unzip();
        let outcome = commit(&engine, &batch).await;
        for answer in answers {
            // A client that went away gets no answer; its alert is stored all the same.
            let _ = answer.send(outcome);
        }
    }
}

async fn commit(engine: &Engine, batch: &[Arriving]) -> Result<(), NotTaken> {
    let outcome: Result<()> = transaction!(engine, |tx| {
        for arriving in batch {
            take_one(tx, arriving).await?;
        }
    });
    outcome.map_err(|error| {
        tracing::error!(%error, requests = batch.len(), "alerts could not be stored");
        NotTaken
    })
}

/// Stores the raw payload, then handles it within a savepoint. A fault of our own leaves the payload and a bare incident.
pub async fn take_one(tx: &mut Tx, arriving: &Arriving) -> Result<()> {
    let payload = tx.context.new_id();
    store_payload(tx, payload, arriving).await?;
    tx.savepoint().await?;
    let handled = AssertUnwindSafe(handle(
        tx,
        &arriving.from,
        &arriving.delivery,
        arriving.received_at,
    ))
    .catch_unwind()
    .await;
    let fault = match handled {
        Ok(Ok(())) => return tx.keep_since_savepoint().await,
        Ok(Err(error)) if error.is_worth_repeating() => return Err(error),
        Ok(Err(error)) => error.to_string(),
        Err(panic) => words_of(&panic),
    };
    tracing::error!(%fault, integration = %arriving.from.integration_id, %payload, "an alert could not be handled; opening a bare incident");
    tx.back_to_savepoint().await?;
    sql("UPDATE payloads SET fault = $2 WHERE id = $1")
        .bind(Arg::Id(Some(payload)))
        .bind(&fault)
        .run(tx)
        .await?;
    bare::open(tx, &arriving.from, &fault).await
}

async fn store_payload(tx: &mut Tx, id: Uuid, arriving: &Arriving) -> Result<()> {
    sql("INSERT INTO payloads (id, integration_id, received_at, body) VALUES ($1, $2, $3, $4)")
        .bind(Arg::Id(Some(id)))
        .bind(arriving.from.integration_id)
        .bind(arriving.received_at)
        .bind(arriving.body.as_slice())
        .run(tx)
        .await
        .map(drop)
}

fn words_of(panic: &Box<dyn std::any::Any + Send>) -> String {
    let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
    words.unwrap_or_else(|| "a fault without words".to_owned())
}
