//! Emptying the outbox: claim, send, record what the server said. At least once, with a stable Message-ID.

use super::outbox::{self, Stored};
use super::sender::{Answer, EXCHANGE, Sender};
use crate::db::sql;
use crate::error::Result;
use crate::{Engine, Tx, paging, transaction};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::MailId;
use domain::incidents::PageOutcome;
use domain::mail::MailKind;
use std::collections::HashMap;
use tokio::task::{self, JoinSet};

/// How long a claimed mail is left to its worker; longer than the slowest SMTP exchange we wait for.
const LEASE: TimeDelta = TimeDelta::seconds(330);
const _: () = assert!(LEASE.num_seconds() as u64 > EXCHANGE.as_secs());
/// How many are under way at most.
pub(super) const AT_ONCE: usize = 16;

/// Seconds before the next try, after so many tries; the last one repeats.
const PAUSES: [i64; 7] = [5, 10, 20, 30, 60, 120, 300];
/// Pages are tried at least this often a minute: a person may be waiting to be woken.
const LONGEST_PAUSE_OF_A_PAGE: i64 = 60;
/// After this long even a patient sender gives up (RFC 5321, 4.5.4.1 asks for four to five days; a page is stale long before).
const GIVE_UP_AFTER: TimeDelta = TimeDelta::days(2);

/// Mails under way. None waits for another: a place that becomes free is taken by the next mail that is due.
pub struct Delivery {
    engine: Engine,
    sender: Sender,
    under_way: JoinSet<(Stored, Answer)>,
    mails: HashMap<task::Id, MailId>,
    /// What the server has said and is not recorded yet.
    answered: Vec<(Stored, Answer)>,
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
            more: false,
        }
    }

    /// Begins to send what is due, as far as there is room. Says how many mails it took.
    ///
    /// # Errors
    /// [`crate::Error::Database`]
    pub async fn take(&mut self) -> Result<usize> {
        self.sender.end_idle();
        let free = AT_ONCE.saturating_sub(self.mails.len());
        if free == 0 || !self.engine.context.mail.server_set {
            return Ok(0);
        }
        let limit = i64::try_from(free).unwrap_or(1);
        let lease_until = self.engine.context.now() + LEASE;
        let claimed = transaction!(self.engine, |tx| outbox::claim(tx, lease_until, limit).await?)?;
        let taken = claimed.len();
        self.more = taken == free;
        for mail in claimed {
            // Where the clock jumped, a claim of our own looks old; that mail is under way still.
            if !self.mails.values().any(|under_way| *under_way == mail.id) {
                let id = mail.id;
                let sending = send(self.engine.clone(), self.sender.clone(), mail);
                self.mails.insert(self.under_way.spawn(sending).id(), id);
            }
        }
        Ok(taken)
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

    fn note(&mut self, ended: Result<(task::Id, (Stored, Answer)), task::JoinError>) {
        match ended {
            Ok((task, answered)) => {
                self.mails.remove(&task);
                self.answered.push(answered);
            }
            Err(error) => {
                // It is tried again when its claim has run out.
                tracing::error!("sending a mail stumbled over a fault; it is tried again");
                self.mails.remove(&error.id());
            }
        }
    }

    /// Records what the server has said, all in one transaction.
    pub async fn record(&mut self) {
        let answered = std::mem::take(&mut self.answered);
        if answered.is_empty() || record_together(&self.engine, &answered).await.is_ok() {
            return;
        }
        // One of them may be what the database does not take.
        for one in &answered {
            if let Err(error) = record_together(&self.engine, std::slice::from_ref(one)).await {
                tracing::error!(%error, "what the mail server said could not be recorded");
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

    /// Lets those under way end.
    pub(crate) async fn finish(&mut self) {
        while self.ended().await {
            self.record().await;
        }
    }
}

async fn record_together(engine: &Engine, answered: &[(Stored, Answer)]) -> Result<()> {
    transaction!(engine, |tx| {
        for (mail, answer) in answered {
            record(tx, mail, answer).await?;
        }
    })
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

async fn send(engine: Engine, sender: Sender, mail: Stored) -> (Stored, Answer) {
    let asked = engine.context.running_for();
    let answer = sender.send(&mail).await;
    let took = engine.context.running_for() - asked;
    metrics::histogram!("kintsugi_mail_exchange_seconds", "outcome" => answer.word()).record(took);
    (mail, answer)
}

async fn record(tx: &mut Tx, mail: &Stored, answer: &Answer) -> Result<()> {
    let now = tx.now();
    let answer = match answer {
        Answer::NotNow(words) if now - mail.created_at > GIVE_UP_AFTER => &Answer::Never(words.clone()),
        answer => answer,
    };
    match answer {
        Answer::Accepted(words) => {
            close(tx, mail, "sent", words, now).await?;
            settle_page(tx, mail, PageOutcome::Accepted, words).await
        }
        Answer::Never(words) => {
            close(tx, mail, "failed", words, now).await?;
            settle_page(tx, mail, PageOutcome::Refused, words).await
        }
        Answer::NotNow(words) => {
            sql("UPDATE mails SET state = 'waiting', next_attempt_at = $2, server_words = $3 WHERE id = $1")
                .bind(mail.id)
                .bind(now + pause(mail))
                .bind(words)
                .later(tx)
                .await?;
            Ok(())
        }
    }
}

async fn close(
    tx: &mut Tx,
    mail: &Stored,
    state: &'static str,
    words: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    sql("UPDATE mails SET state = $2, settled_at = $3, server_words = $4 WHERE id = $1")
        .bind(mail.id)
        .bind(state)
        .bind(now)
        .bind(words)
        .later(tx)
        .await?;
    Ok(())
}

async fn settle_page(tx: &mut Tx, mail: &Stored, outcome: PageOutcome, words: &str) -> Result<()> {
    match (mail.incident_id, mail.page_id) {
        (Some(incident), Some(page)) => paging::settle(tx, incident, page, outcome, Some(words)).await,
        _ => Ok(()),
    }
}

fn pause(mail: &Stored) -> TimeDelta {
    let tries = usize::try_from(mail.attempts).unwrap_or(0).saturating_sub(1);
    let pause = PAUSES.get(tries).or(PAUSES.last()).copied().unwrap_or(60);
    let is_page = matches!(mail.kind, MailKind::Page | MailKind::PageList);
    TimeDelta::seconds(if is_page {
        pause.min(LONGEST_PAUSE_OF_A_PAGE)
    } else {
        pause
    })
}
