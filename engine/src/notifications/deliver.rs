//! Emptying the outbox: claim, send, record what the other side said. At least once, under a name that stays the same.

use super::claim::{Claimed, Places, claim};
use super::method::{Answer, Method};
use super::outbox::{self, Notification};
use super::record::{Outcome, is_put_off, record, record_alone};
use super::takeover::Takeover;
use crate::error::{Result, caught};
use crate::{Engine, Tx, transaction};
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{self, JoinSet};

/// How many are under way at most.
pub(crate) const AT_ONCE: usize = 16;

/// How often the end is tried to be written down when the program stops.
const LAST_TRIES: u32 = 5;

/// What the program makes of its notifications.
pub trait Telling: Send + Sync + 'static {
    /// Takes those back that nobody is to get any more, and answers with the others, in the words of now.
    fn look_again(
        tx: &mut Tx,
        claimed: Vec<Notification>,
    ) -> impl Future<Output = Result<Vec<Notification>>> + Send;

    /// Whether it is to be tried again, now that it could not be told.
    fn is_wanted(tx: &mut Tx, notification: &Notification) -> impl Future<Output = Result<bool>> + Send;

    /// What follows from what came of it.
    fn settle(tx: &mut Tx, outcome: Outcome) -> impl Future<Output = Result<()>> + Send;
}

/// Notifications under way. None waits for another: a place that becomes free is taken by the next one that is due.
pub struct Delivery<T: Telling, M: Method> {
    engine: Engine,
    methods: M,
    under_way: JoinSet<Answer>,
    sent: HashMap<task::Id, Arc<Notification>>,
    /// What the other side has said and is not recorded yet. Each keeps its place, so that no more is kept here than could be under
    /// way.
    answered: Vec<(Arc<Notification>, Answer)>,
    telling: PhantomData<T>,
    takeover: Takeover,
    /// Whether the last look filled every place, so that there may be more.
    more: bool,
}

impl<T: Telling, M: Method> Delivery<T, M> {
    pub fn new(engine: &Engine, methods: &M) -> Self {
        Self {
            engine: engine.clone(),
            methods: methods.clone(),
            under_way: JoinSet::new(),
            sent: HashMap::new(),
            answered: Vec::new(),
            telling: PhantomData,
            takeover: Takeover::default(),
            more: false,
        }
    }

    /// Begins to send what is due, as far as there is room. Says how many it took.
    pub async fn take(&mut self) -> Result<usize> {
        self.methods.end_idle();
        loop {
            if self.places().free() == 0 || !self.engine.context.mail.server_set {
                return Ok(0);
            }
            let (claimed, wanted) = transaction!(self.engine, |tx| {
                let places = self.places();
                let Claimed { taken, more } = claim(tx, &mut self.takeover, places).await?;
                let all = taken.len();
                ((all, more), T::look_again(tx, taken).await?)
            })?;
            let ((all, more), count) = (claimed, wanted.len());
            self.more = more;
            for notification in wanted {
                let notification = Arc::new(notification);
                let sending = send(
                    self.engine.clone(),
                    self.methods.clone(),
                    Arc::clone(&notification),
                );
                self.sent.insert(self.under_way.spawn(sending).id(), notification);
            }
            // What is not wanted takes no place from what is.
            if count > 0 || all == 0 {
                return Ok(count);
            }
        }
    }

    fn places(&self) -> Places {
        let answered = self.answered.iter().map(|(notification, _)| notification);
        Places::taken_by(self.sent.values().chain(answered))
    }

    /// Waits until one or more have ended; `false` when none is under way. May be given up at any time: no answer is lost.
    pub async fn ended(&mut self) -> bool {
        let Some(first) = self.under_way.join_next_with_id().await else {
            return false;
        };
        let mut next = Some(first);
        while let Some(ended) = next {
            self.note(ended);
            next = self.under_way.try_join_next_with_id();
        }
        true
    }

    fn note(&mut self, ended: Result<(task::Id, Answer), task::JoinError>) {
        let (task, answer) = match ended {
            Ok(answered) => answered,
            Err(error) => {
                tracing::error!("telling somebody stumbled over a fault; it is tried again");
                let words = "Something in Kintsugi kept it from being sent.";
                (error.id(), Answer::NotNow(words.to_owned()))
            }
        };
        if let Some(notification) = self.sent.remove(&task) {
            self.answered.push((notification, answer));
        }
    }

    /// Records what the other side has said, all in one transaction. What the database cannot take now is recorded the next time: said
    /// once, it is not asked for again.
    pub async fn record(&mut self) {
        if self.answered.is_empty() {
            return;
        }
        match caught(record_together::<T>(&self.engine, &self.answered)).await {
            Ok(Ok(())) => self.answered.clear(),
            Err(error) => {
                tracing::error!(%error, "what the other side said could not be recorded yet");
            }
            // One of them meets a fault of our own.
            Ok(Err(_)) => self.record_one_by_one().await,
        }
    }

    async fn record_one_by_one(&mut self) {
        let mut next = 0;
        while let Some(one) = self.answered.get(next) {
            let recorded = match caught(record_together::<T>(&self.engine, std::slice::from_ref(one))).await {
                Ok(Err(fault)) => {
                    tracing::error!(%fault, "what the other side said could not be recorded in the incident");
                    caught(record_only(&self.engine, one)).await
                }
                recorded => recorded,
            };
            match recorded {
                Ok(Ok(())) => drop(self.answered.remove(next)),
                // It keeps its place, so that it is not sent again meanwhile.
                _ => next += 1,
            }
        }
    }

    /// Waits until some have ended; for ever while none is under way.
    pub(crate) async fn some_ended(&mut self) {
        if !self.ended().await {
            std::future::pending().await
        }
    }

    /// Whether it is worth looking for more now that places have become free.
    pub(crate) fn may_take_more(&self) -> bool {
        self.more
    }

    /// Lets those under way end for so long, then gives up the others: whoever looks next, here or elsewhere, sends them at once.
    pub(crate) async fn finish(&mut self, within: Duration) {
        let ending = async {
            while self.ended().await {
                self.record().await;
            }
        };
        if tokio::time::timeout(within, ending).await.is_err() {
            self.under_way.abort_all();
            while let Some(ended) = self.under_way.join_next_with_id().await {
                // Some end at the last moment, and their answers count.
                if !ended.as_ref().is_err_and(task::JoinError::is_cancelled) {
                    self.note(ended);
                }
            }
        }
        for attempt in 0..LAST_TRIES {
            self.record().await;
            // What was accepted and is not recorded must not be given away.
            if self.answered.is_empty() && self.give_back().await.is_ok() {
                return;
            }
            self.engine.context.pause_before_retry(attempt).await;
        }
    }

    async fn give_back(&self) -> Result<()> {
        transaction!(self.engine, |tx| outbox::give_back(tx).await?)
    }
}

async fn record_together<T: Telling>(
    engine: &Engine,
    answered: &[(Arc<Notification>, Answer)],
) -> Result<()> {
    transaction!(engine, |tx| {
        for (notification, answer) in answered {
            let is_wanted = !is_put_off(tx, notification, answer) || T::is_wanted(tx, notification).await?;
            if let Some(outcome) = record(tx, notification, answer, is_wanted).await? {
                T::settle(tx, outcome).await?;
            }
        }
    })
}

async fn record_only(engine: &Engine, (notification, answer): &(Arc<Notification>, Answer)) -> Result<()> {
    transaction!(engine, |tx| record_alone(tx, notification, answer).await?)
}

/// Sends all that is due, and waits for it. Says how many it took.
pub async fn deliver_due<T: Telling>(engine: &Engine, methods: &impl Method) -> Result<usize> {
    let mut delivery = Delivery::<T, _>::new(engine, methods);
    let mut taken = 0;
    loop {
        taken += delivery.take().await?;
        if !delivery.ended().await {
            return Ok(taken);
        }
        delivery.record().await;
    }
}

async fn send<M: Method>(engine: Engine, methods: M, notification: Arc<Notification>) -> Answer {
    let asked = engine.context.running_for();
    let answer = methods.send(&notification).await;
    let took = engine.context.running_for() - asked;
    metrics::histogram!("kintsugi_mail_exchange_seconds", "outcome" => answer.word()).record(took);
    answer
}
