//! The load program: as many connections as wanted, as fast as answers come or at a given rate.

use crate::figures::percentile;
use crate::server::client;
use reqwest::StatusCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[derive(Clone, Copy)]
pub struct Load {
    pub connections: u64,
    pub until: Until,
    /// Requests a second of all connections together; without it as fast as answers come.
    pub rate: Option<f64>,
}

#[derive(Clone, Copy)]
pub enum Until {
    Passed(Duration),
    Sent(u64),
}

/// An address and a JSON body.
pub struct Post {
    pub to: String,
    pub body: String,
}

#[derive(Default)]
pub struct Outcome {
    pub good: u64,
    /// Answered with 429.
    pub turned_away: u64,
    /// Any other answer, or none.
    pub failed: u64,
    /// From when it was due to its answer: a wait in the load program counts too.
    pub millis: Vec<f64>,
    pub seconds: f64,
}

impl Outcome {
    pub fn a_second(&self) -> f64 {
        self.good as f64 / self.seconds
    }

    /// Whatever the answer was.
    pub fn sent_a_second(&self) -> f64 {
        (self.good + self.turned_away + self.failed) as f64 / self.seconds
    }

    pub fn percentile(&self, percent: f64) -> f64 {
        percentile(&self.millis, percent)
    }

    pub fn refused_or_failed(&self) -> f64 {
        (self.turned_away + self.failed) as f64
    }

    fn add(&mut self, other: Self) {
        self.good += other.good;
        self.turned_away += other.turned_away;
        self.failed += other.failed;
        self.millis.extend(other.millis);
    }
}

impl Load {
    /// As fast as answers come, over so many connections.
    pub fn full(connections: u64, until: Until) -> Self {
        Self {
            connections,
            until,
            rate: None,
        }
    }

    /// Posts what `post` makes of a running number. Ends when the last one is answered.
    pub async fn run(self, post: impl Fn(u64) -> Post + Send + Sync + 'static) -> Outcome {
        let (post, count) = (Arc::new(post), Arc::new(AtomicU64::new(0)));
        let client = client();
        let begun = Instant::now();
        let tasks: Vec<_> = (0..self.connections)
            .map(|_| {
                let (client, post, count) = (client.clone(), Arc::clone(&post), Arc::clone(&count));
                tokio::spawn(async move { self.send(begun, &client, &*post, &count).await })
            })
            .collect();
        let mut whole = Outcome::default();
        for task in tasks {
            if let Ok(part) = task.await {
                whole.add(part);
            }
        }
        whole.seconds = begun.elapsed().as_secs_f64();
        whole
    }

    /// What goes over one connection.
    async fn send(
        self,
        begun: Instant,
        client: &reqwest::Client,
        post: &(impl Fn(u64) -> Post + Sync),
        count: &AtomicU64,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        loop {
            let number = count.fetch_add(1, Ordering::Relaxed);
            // The next one is due whichever connection is free: those that wait for an answer hold none up.
            let due = match self.rate {
                Some(rate) => begun + Duration::from_secs_f64(number as f64 / rate),
                None => Instant::now(),
            };
            if self.rate.is_some() {
                tokio::time::sleep_until(due.into()).await;
            }
            let is_over = match self.until {
                Until::Passed(span) => begun.elapsed() >= span,
                Until::Sent(most) => number >= most,
            };
            if is_over {
                return outcome;
            }
            let Post { to, body } = post(number);
            let request = client.post(to).header("content-type", "application/json");
            let answer = request.body(body).send().await;
            match answer {
                Ok(answer) if answer.status().is_success() => {
                    // The connection can be used again once the answer is read.
                    let _ = answer.bytes().await;
                    outcome.good += 1;
                    outcome.millis.push(due.elapsed().as_secs_f64() * 1000.0);
                }
                Ok(answer) if answer.status() == StatusCode::TOO_MANY_REQUESTS => {
                    let _ = answer.bytes().await;
                    outcome.turned_away += 1;
                }
                _ => outcome.failed += 1,
            }
        }
    }
}
