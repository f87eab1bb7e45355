//! What happens by itself: policies that move on, lists that are mailed, the outbox, reminders.
//!
//! Each worker is a function that does what is due at the context's clock and says whether anything was; [`run`] calls them
//! as time passes, a test calls [`run_due`] after it has moved the clock.

pub mod clean;
pub mod escalate;
pub mod gather;
pub mod remind;

use crate::Engine;
use crate::error::Result;
use crate::health::{self, Worker};
use crate::mail::Sender;
use crate::mail::deliver::deliver_due;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::sync::watch;

/// How often due work is looked for. A page that another node wrote leaves at the latest this long after its transaction.
const PULSE: Duration = Duration::from_millis(500);

/// How often a node says that it lives.
const BEAT: Duration = Duration::from_secs(10);
/// How often old things are looked for.
const CLEANING: Duration = Duration::from_secs(10 * 60);

/// Does everything that is due now, until nothing is.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn run_due(engine: &Engine, sender: &Sender) -> Result<()> {
    escalate::bring_near(engine).await?;
    loop {
        let decided = decide(engine).await?;
        let sent = deliver_due(engine, sender).await?;
        if decided + sent == 0 {
            return Ok(());
        }
    }
}

/// Decides what is due: who is paged next, which list and which reminder is mailed.
async fn decide(engine: &Engine) -> Result<usize> {
    Ok(escalate::run(engine).await? + gather::run(engine).await? + remind::run(engine).await?)
}

/// Runs until `stopping` turns true. Deciding and sending go on beside each other, so that a slow mail server holds no
/// policy up.
pub async fn run(engine: Engine, sender: Sender, stopping: watch::Receiver<bool>) {
    // Before the first mail is claimed, so that no other node takes this one for dead.
    if let Err(error) = health::begin(&engine).await {
        tracing::error!(%error, "this node could not say that it lives");
    }
    let deciding = at_each_pulse(&engine, stopping.clone(), Work::Decide);
    let sending = at_each_pulse(&engine, stopping.clone(), Work::Send(&sender));
    let beating = beat(&engine, stopping.clone());
    let cleaning = clean_up(&engine, stopping);
    tokio::join!(deciding, sending, beating, cleaning);
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
    }
}

#[derive(Clone, Copy)]
enum Work<'a> {
    Decide,
    Send(&'a Sender),
}

impl Work<'_> {
    /// What was committed a moment ago need not wait for the pulse where a person waits for it; what is decided has its own time.
    async fn called(self, engine: &Engine) {
        match self {
            Self::Decide => std::future::pending().await,
            Self::Send(_) => engine.outbox.notified().await,
        }
    }

    const fn worker(self) -> Worker {
        match self {
            Self::Decide => Worker::Deciding,
            Self::Send(_) => Worker::Sending,
        }
    }

    async fn run(self, engine: &Engine) -> Result<usize> {
        match self {
            Self::Decide => decide(engine).await,
            Self::Send(sender) => deliver_due(engine, sender).await,
        }
    }
}

/// Calls the worker at each pulse and when it is called, again while there is more to do. A worker that fails is logged and
/// tried again at the next pulse.
async fn at_each_pulse(engine: &Engine, mut stopping: watch::Receiver<bool>, work: Work<'_>) {
    let mut pulse = tokio::time::interval(PULSE);
    pulse.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !*stopping.borrow() {
        tokio::select! {
            _ = pulse.tick() => {}
            () = work.called(engine) => {}
            _ = stopping.changed() => return,
        }
        loop {
            let done = AssertUnwindSafe(work.run(engine)).catch_unwind().await;
            engine
                .rounds
                .came_round(work.worker(), engine.context.running_for());
            match done {
                Ok(Ok(0)) => break,
                Ok(Ok(_)) => continue,
                Ok(Err(error)) => tracing::error!(%error, "a worker could not do what is due"),
                // What made it stumble may be gone at the next pulse; a worker that ended would page nobody again.
                Err(_) => tracing::error!("a worker could not end its round"),
            }
            pulse.reset();
            pulse.tick().await;
            break;
        }
    }
}
