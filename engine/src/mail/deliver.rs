//! Emptying the outbox: claim, send, record what the server said. At least once, with a stable Message-ID.

use super::claim::{Claimed, Places, claim};
use super::outbox::{self, Stored};
use super::record::{record, record_mail_only};
use super::sender::{Answer, Sender};
use super::takeover::Takeover;
use crate::error::{Result, caught};
use crate::{Engine, transaction};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{self, JoinSet};

/// How many are under way at most.
pub(super) const AT_ONCE: usize = 16;

/// How often the end is tried to be written down when the program stops.
const LAST_TRIES: u32 = 5;

/// Mails under way. None waits for another: a place that becomes free is taken by the next mail that is due.
pub struct Delivery {
    engine: Engine,
    sender: Sender,
    under_way: JoinSet<Answer>,
    mails: HashMap<task::Id, Arc<Stored>>,
    /// What the server has said and is not recorded yet. Each keeps its mail's place, so that no more is kept here than could be
    /// under way.
    answered: Vec<(Arc<Stored>, Answer)>,
    takeover: Takeover,
    /// Whether the last look filled every place, so that there may be more.
    more: bool,
}

impl Delivery {
    pub fn new(engine: &Engine, sender: &Sender) -> Self {
        Self {
            engine: engine.clone(),
            sender: sender.clone(),
            under_way: JoinSet::new(),
            mails: HashMap::new(),
            answered: Vec::new(),
            takeover: Takeover::default(),
            more: false,
        }
    }

    /// Begins to send what is due, as far as there is room. Says how many mails it took.
    ///
    /// # Errors
    /// [`crate::Error::Database`]
    pub async fn take(&mut self) -> Result<usize> {
        self.sender.end_idle();
        loop {
            if self.places().free() == 0 || !self.engine.context.mail.server_set {
                return Ok(0);
            }
            let Claimed {
                mails,
                taken_back,
                more,
            } = transaction!(self.engine, |tx| {
                let places = self.places();
                claim(tx, &mut self.takeover, places).await?
            })?;
            let taken = mails.len();
            self.more = more;
            for mail in mails {
                let mail = Arc::new(mail);
                let sending = send(self.engine.clone(), self.sender.clone(), Arc::clone(&mail));
                self.mails.insert(self.under_way.spawn(sending).id(), mail);
            }
            // What is not wanted takes no place from what is.
            if taken > 0 || taken_back == 0 {
                return Ok(taken);
            }
        }
    }

    fn places(&self) -> Places {
        let answered = self.answered.iter().map(|(mail, _)| mail);
        Places::taken_by(self.mails.values().chain(answered))
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
                tracing::error!("sending a mail stumbled over a fault; it is tried again");
                let words = "Something in Kintsugi kept it from being sent.";
                (error.id(), Answer::NotNow(words.to_owned()))
            }
        };
        if let Some(mail) = self.mails.remove(&task) {
            self.answered.push((mail, answer));
        }
    }

    /// Records what the server has said, all in one transaction. What the database cannot take now is recorded the next time: said
    /// once, it is not asked for again.
    pub async fn record(&mut self) {
        if self.answered.is_empty() {
            return;
        }
        match caught(record_together(&self.engine, &self.answered)).await {
            Ok(Ok(())) => self.answered.clear(),
            Err(error) => {
                tracing::error!(%error, "what the mail server said could not be recorded yet");
            }
            // One of them meets a fault of our own.
            Ok(Err(_)) => self.record_one_by_one().await,
        }
    }

    async fn record_one_by_one(&mut self) {
        let mut next = 0;
        while let Some(one) = self.answered.get(next) {
            let recorded = match caught(record_together(&self.engine, std::slice::from_ref(one))).await {
                Ok(Err(fault)) => {
                    tracing::error!(%fault, "what the mail server said could not be recorded in the incident");
                    caught(record_of_the_mail(&self.engine, one)).await
                }
                recorded => recorded,
            };
            match recorded {
                Ok(Ok(())) => drop(self.answered.remove(next)),
                // It keeps its place, so that the mail is not sent again meanwhile.
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

async fn record_together(engine: &Engine, answered: &[(Arc<Stored>, Answer)]) -> Result<()> {
    transaction!(engine, |tx| {
        for (mail, answer) in answered {
            record(tx, mail, answer).await?;
        }
    })
}

async fn record_of_the_mail(engine: &Engine, (mail, answer): &(Arc<Stored>, Answer)) -> Result<()> {
    transaction!(engine, |tx| record_mail_only(tx, mail, answer).await?)
}

/// Sends all that is due, and waits for it. Says how many mails it took.
///
/// # Errors
/// [`crate::Error::Database`]
pub async fn deliver_due(engine: &Engine, sender: &Sender) -> Result<usize> {
    let mut delivery = Delivery::new(engine, sender);
    let mut taken = 0;
    loop {
        taken += delivery.take().await?;
        if !delivery.ended().await {
            return Ok(taken);
        }
        delivery.record().await;
    }
}

async fn send(engine: Engine, sender: Sender, mail: Arc<Stored>) -> Answer {
    let asked = engine.context.running_for();
    let answer = sender.send(&mail).await;
    let took = engine.context.running_for() - asked;
    metrics::histogram!("kintsugi_mail_exchange_seconds", "outcome" => answer.word()).record(took);
    answer
}
