//! What happens by itself: policies that move on, lists that are mailed, the outbox, reminders.
//!
//! Each worker is a function that does what is due at the context's clock and says whether anything was; [`run`] calls them
//! as time passes, a test calls [`run_due`] after it has moved the clock.

pub mod clean;
pub mod escalate;
pub mod gather;
pub mod remind;

use crate::Engine;
use crate::db::Db;
use crate::error::{Result, words_of};
use crate::health::{self, Worker};
use crate::mail::Sender;
use crate::mail::deliver::{Delivery, deliver_due};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often due work is looked for. A page that another node wrote leaves at the latest this long after its transaction.
const PULSE: Duration = Duration::from_millis(500);

/// How often a node says that it lives.
const BEAT: Duration = Duration::from_secs(10);
/// How often SQLite's log is brought over. Little at a time: the disk is busy meanwhile, and commits wait for it.
const BRINGING: Duration = Duration::from_millis(80);
/// How long mails under way may take to end once the program is told to stop.
const LAST_WORDS: Duration = Duration::from_secs(6);
/// How often old things are looked for.
const CLEANING: Duration = Duration::from_secs(10 * 60);

/// Does everything that is due now, until nothing is.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn run_due(engine: &Engine, sender: &Sender) -> Result<()> {
    escalate::bring_near(engine).await?;
    loop {
        let decided = decide(engine).await? + gather::run(engine).await?;
        let sent = deliver_due(engine, sender).await?;
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

/// Runs until `stopping` turns true. Each goes on beside the others, so that a slow mail server holds no policy up, and begins
/// again where it stumbles: a worker that ended would page nobody again.
pub async fn run(engine: Engine, sender: Sender, stopping: watch::Receiver<bool>) {
    // Before the first mail is claimed, so that no other node takes this one for dead.
    if let Err(error) = health::begin(&engine).await {
        tracing::error!(%error, "this node could not say that it lives");
    }
    let mut workers = JoinSet::new();
    for work in Work::ALL {
        workers.spawn(work.go_on(engine.clone(), sender.clone(), stopping.clone()));
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
    Deciding,
    Listing,
    Sending,
    Beating,
    BringingOver,
    Cleaning,
}

impl Work {
    const ALL: [Self; 6] = [
        Self::Deciding,
        Self::Listing,
        Self::Sending,
        Self::Beating,
        Self::BringingOver,
        Self::Cleaning,
    ];

    async fn go_on(self, engine: Engine, sender: Sender, stopping: watch::Receiver<bool>) {
        let mut pulse = pulse();
        while !*stopping.borrow() {
            // At once the first time; after a fault not before the next pulse.
            pulse.tick().await;
            let work = async {
                let stopping = stopping.clone();
                match self {
                    Self::Deciding => {
                        at_each_pulse(&engine, Worker::Deciding, || decide(&engine), stopping).await;
                    }
                    Self::Listing => {
                        at_each_pulse(&engine, Worker::Listing, || gather::run(&engine), stopping).await;
                    }
                    Self::Sending => send_at_each_pulse(&engine, &sender, stopping).await,
                    Self::Beating => beat(&engine, stopping).await,
                    Self::BringingOver => bring_over(&engine, stopping).await,
                    Self::Cleaning => clean_up(&engine, stopping).await,
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

/// Tells the other nodes that this one lives: what a dead one was sending, they send.
async fn beat(engine: &Engine, mut stopping: watch::Receiver<bool>) {
    let mut pulse = tokio::time::interval(BEAT);
    while !*stopping.borrow() {
        tokio::select! {
            _ = pulse.tick() => {}
            _ = stopping.changed() => return,
        }
        if let Err(error) = health::beat(engine).await {
            tracing::error!(%error, "this node could not say that it lives");
        }
        if let Err(error) = escalate::bring_near(engine).await {
            tracing::error!(%error, "steps that a wrong clock had put off could not be found");
        }
    }
}

async fn bring_over(engine: &Engine, mut stopping: watch::Receiver<bool>) {
    let mut pulse = tokio::time::interval(BRINGING);
    while matches!(engine.db, Db::Sqlite { .. }) && !*stopping.borrow() {
        tokio::select! {
            _ = pulse.tick() => {}
            _ = stopping.changed() => return,
        }
        if let Err(error) = engine.db.bring_over().await {
            tracing::warn!(%error, "the database's log could not be brought over; the next write does it");
        }
    }
}

async fn clean_up(engine: &Engine, mut stopping: watch::Receiver<bool>) {
    let mut pulse = tokio::time::interval(CLEANING);
    while !*stopping.borrow() {
        tokio::select! {
            _ = pulse.tick() => {}
            _ = stopping.changed() => return,
        }
        if let Err(error) = clean::run(engine).await {
            tracing::error!(%error, "what is old could not be taken away");
        }
        if let Err(error) = engine.db.look_at_itself().await {
            tracing::error!(%error, "the database could not look at itself");
        }
    }
}

/// Works at each pulse, again while there is more to do.
async fn at_each_pulse<Round: Future<Output = Result<usize>>>(
    engine: &Engine,
    worker: Worker,
    work: impl Fn() -> Round,
    mut stopping: watch::Receiver<bool>,
) {
    let mut pulse = pulse();
    while !*stopping.borrow() {
        tokio::select! {
            _ = pulse.tick() => {}
            _ = stopping.changed() => return,
        }
        loop {
            match round(engine, worker, work()).await {
                Some(0) => break,
                Some(_) if *stopping.borrow() => return,
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
async fn send_at_each_pulse(engine: &Engine, sender: &Sender, mut stopping: watch::Receiver<bool>) {
    let mut pulse = pulse();
    let mut delivery = Delivery::new(engine, sender);
    while !*stopping.borrow() {
        let look = tokio::select! {
            _ = pulse.tick() => true,
            () = engine.outbox.notified() => true,
            () = delivery.some_ended() => delivery.may_take_more(),
            _ = stopping.changed() => break,
        };
        delivery.record().await;
        if look && round(engine, Worker::Sending, delivery.take()).await.is_none() {
            pulse.reset();
            pulse.tick().await;
        }
    }
    delivery.finish(LAST_WORDS).await;
}

fn pulse() -> tokio::time::Interval {
    let mut pulse = tokio::time::interval(PULSE);
    pulse.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    pulse
}

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
