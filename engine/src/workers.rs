//! What happens by itself: policies that move on, lists that are mailed, the outbox, reminders.
//!
//! Each worker is a function that does what is due at the context's clock and says whether anything was; [`run`] calls them
//! as time passes, a test calls [`run_due`] after it has moved the clock.

pub mod calendars;
pub mod clean;
pub mod digest;
pub mod escalate;
pub mod hand_offs;
pub mod invitations;
pub mod remind;
mod told;

pub use told::Told;

use crate::db::Db;
use crate::error::{Result, words_of};
use crate::health::{self, Worker};
use crate::notifications::{Method, deliver_due};
use crate::{Engine, oncall, transaction};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// How often due work is looked for. A page that another node wrote leaves at the latest this long after its transaction.
const PULSE: Duration = Duration::from_millis(500);

/// How often a node says that it lives.
const BEAT: Duration = Duration::from_secs(10);
/// How often it is looked who comes on call.
const LOOKING_AROUND: Duration = Duration::from_secs(60);
/// How often it is looked which turns are other than calendars have them.
const COMPARING: Duration = Duration::from_secs(2 * 60);
/// How often SQLite's log is brought over. Little at a time: the disk is busy meanwhile, and commits wait for it.
const BRINGING: Duration = Duration::from_millis(80);
/// How long mails under way may take to end once the program is told to stop.
const LAST_WORDS: Duration = Duration::from_secs(6);
/// How often old things are looked for.
const CLEANING: Duration = Duration::from_secs(10 * 60);

/// Does everything that is due now, until nothing is.
pub async fn run_due(engine: &Engine, methods: &impl Method) -> Result<()> {
    escalate::bring_near(engine).await?;
    hand_offs::run(engine).await?;
    invitations::run(engine).await?;
    loop {
        let decided = decide(engine).await? + digest::run(engine).await?;
        let sent = deliver_due::<Told>(engine, methods).await?;
        if decided + sent == 0 {
            return Ok(());
        }
    }
}

/// Decides what is due: who is paged next, and which reminder is mailed. Trouble with one kind does not hold the other up.
async fn decide(engine: &Engine) -> Result<usize> {
    let paged = escalate::run(engine).await;
    let reminded = remind::run(engine).await;
    Ok(paged? + reminded?)
}

/// Runs until it is told to stop. Each goes on beside the others, so that a slow mail server holds no policy up, and begins
/// again where it stumbles: a worker that ended would page nobody again.
pub async fn run(engine: Engine, methods: impl Method, stopping: CancellationToken) {
    // Before the first mail is claimed, so that no other node takes this one for dead.
    if let Err(error) = health::begin(&engine).await {
        tracing::error!(%error, "this node could not say that it lives");
    }
    let mut workers = JoinSet::new();
    for work in Work::ALL {
        workers.spawn(work.go_on(engine.clone(), methods.clone(), stopping.clone()));
    }
    while let Some(ended) = workers.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a worker ended by a fault");
        }
    }
}

/// What goes on beside each other.
#[derive(Clone, Copy, Debug)]
enum Work {
    Escalate,
    Digest,
    Deliver,
    HandOffs,
    Invitations,
    Beat,
    Checkpoint,
    Clean,
}

impl Work {
    const ALL: [Self; 8] = [
        Self::Escalate,
        Self::Digest,
        Self::Deliver,
        Self::HandOffs,
        Self::Invitations,
        Self::Beat,
        Self::Checkpoint,
        Self::Clean,
    ];

    async fn go_on(self, engine: Engine, methods: impl Method, stopping: CancellationToken) {
        let mut pulse = pulse();
        while !stopping.is_cancelled() {
            // At once the first time; after a fault not before the next pulse.
            pulse.tick().await;
            let work = async {
                let stopping = &stopping;
                match self {
                    Self::Escalate => {
                        at_each_pulse(&engine, Worker::Escalate, || decide(&engine), stopping).await;
                    }
                    Self::Digest => {
                        at_each_pulse(&engine, Worker::Digest, || digest::run(&engine), stopping).await;
                    }
                    Self::Deliver => send_at_each_pulse(&engine, &methods, stopping).await,
                    Self::HandOffs => every(LOOKING_AROUND, stopping, || look_who_comes(&engine)).await,
                    Self::Invitations => every(COMPARING, stopping, || tell_calendars(&engine)).await,
                    Self::Beat => every(BEAT, stopping, || beat(&engine)).await,
                    Self::Checkpoint if matches!(engine.db, Db::Postgres(_)) => {}
                    Self::Checkpoint => every(BRINGING, stopping, || checkpoint(&engine)).await,
                    Self::Clean => every(CLEANING, stopping, || clean_up(&engine)).await,
                }
            };
            match AssertUnwindSafe(work).catch_unwind().await {
                Ok(()) => return,
                Err(panic) => {
                    let fault = words_of(&panic);
                    tracing::error!(worker = ?self, %fault, "a worker stumbled; it begins again");
                }
            }
        }
    }
}

/// Works now and whenever so much time has passed, until it is told to stop. Then it is left where it stands, since each of its
/// transactions is whole or not there at all.
async fn every<Work: Future<Output = ()>>(
    interval: Duration,
    stopping: &CancellationToken,
    work: impl Fn() -> Work,
) {
    let mut pulse = tokio::time::interval(interval);
    while comes(&mut pulse, stopping).await && stopping.run_until_cancelled(work()).await.is_some() {}
}

/// Waits for the next pulse; says no once it is told to stop.
async fn comes(pulse: &mut Interval, stopping: &CancellationToken) -> bool {
    stopping.run_until_cancelled(pulse.tick()).await.is_some()
}

/// Tells the other nodes that this one lives: what a dead one was sending, they send.
async fn beat(engine: &Engine) {
    if let Err(error) = health::beat(engine).await {
        tracing::error!(%error, "this node could not say that it lives");
    }
    if let Err(error) = escalate::bring_near(engine).await {
        tracing::error!(%error, "steps that a wrong clock had put off could not be found");
    }
}

async fn look_who_comes(engine: &Engine) {
    if let Err(error) = hand_offs::run(engine).await {
        tracing::error!(%error, "whoever comes on call could not be told");
    }
}

async fn tell_calendars(engine: &Engine) {
    if let Err(error) = invitations::run(engine).await {
        tracing::error!(%error, "nobody could be mailed their turns for their calendar");
    }
}

async fn checkpoint(engine: &Engine) {
    if let Err(error) = engine.db.checkpoint().await {
        tracing::warn!(%error, "the database's log could not be brought over; the next write does it");
    }
}

async fn clean_up(engine: &Engine) {
    let telling = async { transaction!(engine, |tx| oncall::readiness::tell(tx).await?) };
    if let Err(error) = telling.await {
        tracing::error!(%error, "nobody could be told what stands in the way of on call");
    }
    if let Err(error) = clean::run(engine).await {
        tracing::error!(%error, "what is old could not be taken away");
    }
    if let Err(error) = engine.db.look_at_itself().await {
        tracing::error!(%error, "the database could not look at itself");
    }
}

/// Works at each pulse, again while there is more to do.
async fn at_each_pulse<Round: Future<Output = Result<usize>>>(
    engine: &Engine,
    worker: Worker,
    work: impl Fn() -> Round,
    stopping: &CancellationToken,
) {
    let mut pulse = pulse();
    while comes(&mut pulse, stopping).await {
        loop {
            match round(engine, worker, work()).await {
                Some(0) => break,
                Some(_) if stopping.is_cancelled() => return,
                Some(_) => {}
                None => {
                    pulse.reset();
                    pulse.tick().await;
                    break;
                }
            }
        }
    }
}

/// Sends at each pulse, after each change that put a mail into the outbox, and when a place becomes free. What is under way goes
/// on meanwhile.
async fn send_at_each_pulse(engine: &Engine, methods: &impl Method, stopping: &CancellationToken) {
    let mut pulse = pulse();
    let mut delivery = Delivery::new(engine, methods);
    while !stopping.is_cancelled() {
        let look = tokio::select! {
            _ = pulse.tick() => true,
            () = engine.outbox.notified() => true,
            () = delivery.some_ended() => delivery.may_take_more(),
            () = stopping.cancelled() => break,
        };
        delivery.record().await;
        if look && round(engine, Worker::Deliver, delivery.take()).await.is_none() {
            pulse.reset();
            pulse.tick().await;
        }
    }
    delivery.finish(LAST_WORDS).await;
}

fn pulse() -> Interval {
    let mut pulse = tokio::time::interval(PULSE);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pulse
}

/// What is told, as this program tells it.
pub type Delivery<M> = crate::notifications::Delivery<Told, M>;

/// One round of a worker: how much it did; nothing where it failed. What made it stumble may be gone at the next pulse; where it is
/// not, the worker counts as dead after a while.
async fn round(engine: &Engine, worker: Worker, work: impl Future<Output = Result<usize>>) -> Option<usize> {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    match done {
        Ok(Ok(done)) => {
            engine.rounds.came_round(worker, engine.context.running_for());
            Some(done)
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "a worker could not do what is due");
            None
        }
        Err(panic) => {
            tracing::error!(fault = words_of(&panic), "a worker could not end its round");
            None
        }
    }
}
