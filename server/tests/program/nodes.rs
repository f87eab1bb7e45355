//! As many of it as wanted, on one database.

use super::{free_port, program};
use std::process::{Child, Command, ExitStatus, Stdio};
use testing::until;

pub struct Nodes {
    nodes: Vec<Node>,
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
            .map(|_| {
                let port = free_port();
                let mut settings = vec![
                    ("KINTSUGI_LISTEN", format!("127.0.0.1:{port}")),
                    ("KINTSUGI_SMTP_URL", smtp.to_owned()),
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
        Self { nodes }
    }

    pub fn ports(&self) -> Vec<u16> {
        self.nodes.iter().map(|node| node.port).collect()
    }

    pub fn kill(&mut self, which: usize) {
        self.nodes[which].kill();
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

impl Drop for Nodes {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Node {
    async fn start(&mut self) {
        let mut serve = program(&self.database);
        serve.envs(self.settings.iter().cloned()).stdout(Stdio::null());
        self.child = Some(serve.spawn().unwrap());
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
