//! Sources that send alerts as real ones do: what got no 2xx is sent again.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Sources at work at once.
const SOURCES: usize = 4;

pub struct Load {
    accepted: Arc<Mutex<BTreeSet<String>>>,
    stopping: Arc<AtomicBool>,
    sources: Vec<JoinHandle<()>>,
}

impl Load {
    pub fn start(doors: Vec<String>, nodes: usize) -> Self {
        let (accepted, stopping) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(5))
            .build()
            .unwrap();
        let sources = (0..SOURCES)
            .map(|source| {
                let source = Source {
                    name: source,
                    nodes,
                    doors: doors.clone(),
                    client: client.clone(),
                    accepted: Arc::clone(&accepted),
                    stopping: Arc::clone(&stopping),
                };
                tokio::spawn(source.run())
            })
            .collect();
        Self {
            accepted,
            stopping,
            sources,
        }
    }

    pub fn accepted(&self) -> BTreeSet<String> {
        self.accepted.lock().unwrap().clone()
    }

    /// Lets each source bring its last alert through.
    pub async fn stop(self) -> BTreeSet<String> {
        self.stopping.store(true, Ordering::Relaxed);
        for source in self.sources {
            source.await.unwrap();
        }
        self.accepted.lock().unwrap().clone()
    }
}

struct Source {
    name: usize,
    nodes: usize,
    doors: Vec<String>,
    client: reqwest::Client,
    accepted: Arc<Mutex<BTreeSet<String>>>,
    stopping: Arc<AtomicBool>,
}

impl Source {
    async fn run(self) {
        let mut tries = 0;
        for alert in 0_usize.. {
            let key = format!("source-{}-alert-{alert}", self.name);
            // A source keeps to its service, and tries one node after the other.
            let nodes = self
                .doors
                .chunks(self.nodes)
                .nth((self.name + SOURCES * alert) % self.services())
                .unwrap();
            loop {
                tries += 1;
                if self.send(&nodes[tries % nodes.len()], &key).await {
                    break;
                }
                sleep(Duration::from_millis(30)).await;
            }
            self.accepted.lock().unwrap().insert(key);
            if self.stopping.load(Ordering::Relaxed) {
                return;
            }
            sleep(Duration::from_millis(40)).await;
        }
    }

    fn services(&self) -> usize {
        self.doors.len() / self.nodes
    }

    async fn send(&self, door: &str, key: &str) -> bool {
        let body =
            serde_json::json!({ "title": format!("Trouble {key}"), "severity": "SEV2", "dedup_key": key });
        let request = self.client.post(door).header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }
}
