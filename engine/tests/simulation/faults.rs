//! What goes wrong: a mail server with moods, and a program that is killed at an await.

use chrono::TimeDelta;
use engine::Clock;
use engine::notifications::{Answer, Method, Notification};
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use testing::TestClock;

/// How the mail server answers for a while.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Well,
    /// Nobody answers there, or it says that it cannot just now.
    Away,
    /// It takes the mail, and the answer is lost.
    Forgets,
    /// It does not take mails to this address.
    Refuses(String),
    /// It takes the mail, and so many seconds for it.
    Slow(i64),
}

/// A mail server without a network, by the clock of the week.
#[derive(Clone)]
pub struct Mail {
    clock: TestClock,
    pub mood: Arc<Mutex<Mood>>,
    /// Message-IDs that it took, whether or not it said so.
    pub taken: Arc<Mutex<BTreeSet<String>>>,
}

impl Mail {
    pub fn by(clock: &TestClock) -> Self {
        Self {
            clock: clock.clone(),
            mood: Arc::default(),
            taken: Arc::default(),
        }
    }

    pub fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub fn has(&self, message_id: &str) -> bool {
        self.taken.lock().unwrap().contains(message_id)
    }

    /// Time passes for all mails that are under way together.
    async fn take(&self, seconds: i64) {
        let answers_at = self.clock.now() + TimeDelta::seconds(seconds);
        while self.clock.now() < answers_at {
            self.clock.pass(TimeDelta::seconds(1));
            tokio::task::yield_now().await;
        }
    }
}

impl Method for Mail {
    async fn send(&self, mail: &Notification) -> Answer {
        // As over a network, others go on meanwhile, and one can be killed here.
        tokio::task::yield_now().await;
        let mood = self.mood.lock().unwrap().clone();
        match mood {
            Mood::Away => return Answer::NotNow("421 try again later".to_owned()),
            Mood::Refuses(address) if address == mail.to_address => {
                return Answer::Never("550 no such person".to_owned());
            }
            Mood::Slow(seconds) => self.take(seconds).await,
            Mood::Well | Mood::Forgets | Mood::Refuses(_) => {}
        }
        self.taken.lock().unwrap().insert(mail.message_id.clone());
        tokio::task::yield_now().await;
        match mood {
            Mood::Forgets => Answer::NotNow("the connection was lost".to_owned()),
            _ => Answer::Accepted("250 taken".to_owned()),
        }
    }
}

/// Work that is let go of when it has waited so often: as a program that is killed there.
pub struct Killed<F> {
    work: Pin<Box<F>>,
    awaits_left: u32,
}

/// Works until it is done, or waits for the n-th time. `None`: it was killed.
pub fn killed_after<F: Future>(awaits: u32, work: F) -> Killed<F> {
    Killed {
        work: Box::pin(work),
        awaits_left: awaits,
    }
}

impl<F: Future> Future for Killed<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.work.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if self.awaits_left == 0 => Poll::Ready(None),
            Poll::Pending => {
                self.awaits_left -= 1;
                Poll::Pending
            }
        }
    }
}
