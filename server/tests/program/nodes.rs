//! As many of it as wanted, on one database.

// Real programs are started and killed in real time here.
#![allow(clippy::disallowed_methods)]

use super::{free_port, program};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Instant;
use testing::until;
use url::Url;

pub struct Nodes {
    nodes: Vec<Node>,
    kills: Vec<Kill>,
}

/// When a node was killed, by the name that it gives the mail server.
#[derive(Clone, Debug)]
pub struct Kill {
    pub node: String,
    pub at: Instant,
}

fn name_of(node: usize) -> String {
    format!("node{node}")
}

struct Node {
    port: u16,
    database: String,
    settings: Vec<(&'static str, String)>,
    child: Option<Child>,
}

impl Nodes {
    pub async fn start(database: &str, how_many: usize, smtp: &str) -> Self {
        Self::start_with(database, how_many, smtp, &[]).await
    }

    pub async fn start_with(
        database: &str,
        how_many: usize,
        smtp: &str,
        more: &[(&'static str, &str)],
    ) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut nodes: Vec<Node> = (0..how_many)
            .map(|which| {
                let port = free_port();
                let mut settings = vec![
                    ("KINTSUGI_LISTEN", format!("127.0.0.1:{port}")),
                    ("KINTSUGI_SMTP_URL", named(smtp, &name_of(which))),
                    ("KINTSUGI_LOG", "error".to_owned()),
                ];
                settings.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
                Node {
                    port,
                    database: database.to_owned(),
                    settings,
                    child: None,
                }
            })
            .collect();
        for node in &mut nodes {
            node.start().await;
        }
        Self {
            nodes,
            kills: Vec::new(),
        }
    }

    pub fn ports(&self) -> Vec<u16> {
        self.nodes.iter().map(|node| node.port).collect()
    }

    pub fn kill(&mut self, which: usize) {
        self.nodes[which].kill();
        self.kills.push(Kill {
            node: name_of(which),
            at: Instant::now(),
        });
    }

    pub fn kills(&self) -> &[Kill] {
        &self.kills
    }

    /// Starts it, and does not wait until it is ready.
    pub fn begin(&mut self, which: usize) {
        self.nodes[which].begin();
    }

    /// SIGTERM: it puts everything in order. Says how it ended.
    pub fn tell_to_stop(&mut self, which: usize) -> ExitStatus {
        self.nodes[which].tell_to_stop()
    }

    pub async fn start_again(&mut self, which: usize) {
        self.nodes[which].start().await;
    }

    pub fn stop(&mut self) {
        self.nodes.iter_mut().for_each(Node::kill);
    }
}

/// The mail server's address, with what this node calls itself there.
fn named(smtp: &str, node: &str) -> String {
    let mut address = Url::parse(smtp).unwrap();
    address.set_path(node);
    address.to_string()
}

impl Drop for Nodes {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Node {
    fn begin(&mut self) {
        let mut serve = program(&self.database);
        serve.envs(self.settings.iter().cloned()).stdout(Stdio::null());
        self.child = Some(serve.spawn().unwrap());
    }

    async fn start(&mut self) {
        self.begin();
        let address = format!("http://127.0.0.1:{}/readyz", self.port);
        until("a node comes up", async || {
            let answer = reqwest::get(&address).await;
            answer.is_ok_and(|answer| answer.status().is_success())
        })
        .await;
    }

    fn tell_to_stop(&mut self) -> ExitStatus {
        let mut child = self.child.take().unwrap();
        let told = Command::new("kill").arg(child.id().to_string()).status();
        assert!(told.unwrap().success());
        child.wait().unwrap()
    }

    /// SIGKILL: it has no chance to put anything in order.
    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}
