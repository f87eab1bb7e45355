//! The load program: as many connections as wanted, as fast as they go or at a given rate.

use crate::figures::percentile;
use reqwest::Client;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

pub struct Load {
    pub connections: u64,
    pub span: Duration,
    /// Requests a second of all connections together; without it as fast as answers come.
    pub rate: Option<f64>,
}

#[derive(Default)]
pub struct Outcome {
    pub good: u64,
    pub bad: u64,
    pub millis: Vec<f64>,
    pub seconds: f64,
}

impl Outcome {
    pub fn a_second(&self) -> f64 {
        self.good as f64 / self.seconds
    }

    pub fn percentile(&mut self, percent: f64) -> f64 {
        percentile(&mut self.millis, percent)
    }
}

impl Load {
    /// Posts what `request` makes of a running number: an address and a JSON body.
    pub async fn run(&self, request: impl Fn(u64) -> (String, String) + Send + Sync + 'static) -> Outcome {
        let client = Client::builder().no_proxy().build().unwrap_or_default();
        let (request, count) = (Arc::new(request), Arc::new(AtomicU64::new(0)));
        let begun = Instant::now();
        let end = begun + self.span;
        let pause = self
            .rate
            .map(|rate| Duration::from_secs_f64(self.connections as f64 / rate));
        let tasks: Vec<_> = (0..self.connections)
            .map(|_| {
                let (client, request, count) = (client.clone(), Arc::clone(&request), Arc::clone(&count));
                tokio::spawn(async move {
                    let mut outcome = Outcome::default();
                    let mut next = Instant::now();
                    while Instant::now() < end {
                        if let Some(pause) = pause {
                            tokio::time::sleep_until(next.into()).await;
                            next += pause;
                        }
                        let (address, body) = request(count.fetch_add(1, Ordering::Relaxed));
                        let asked = Instant::now();
                        let post = client.post(address).header("content-type", "application/json");
                        let answer = post.body(body).send().await;
                        match answer {
                            Ok(answer) if answer.status().is_success() => {
                                let _ = answer.bytes().await;
                                outcome.good += 1;
                                outcome.millis.push(asked.elapsed().as_secs_f64() * 1000.0);
                            }
                            _ => outcome.bad += 1,
                        }
                    }
                    outcome
                })
            })
            .collect();
        let mut whole = Outcome::default();
        for task in tasks {
            let Ok(part) = task.await else { continue };
            whole.good += part.good;
            whole.bad += part.bad;
            whole.millis.extend(part.millis);
        }
        whole.seconds = begun.elapsed().as_secs_f64();
        whole
    }
}
