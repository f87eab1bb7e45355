//! The program itself, as many times as wanted, on one database.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use testing::TestApp;
use tokio::time::sleep;

const SERVICES: usize = 16;

pub struct Nodes {
    nodes: Vec<Node>,
    /// Where the plain JSON doors are, behind each node's address.
    paths: Vec<String>,
}

struct Node {
    port: u16,
    settings: Vec<(&'static str, String)>,
    child: Option<Child>,
}

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_kintsugi"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("KINTSUGI_")) {
        program.env_remove(name);
    }
    program
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

impl Nodes {
    pub async fn start(database: &str, how_many: usize, smtp: &str) -> Self {
        let paths = house(database).await;
        let mut nodes: Vec<Node> = (0..how_many)
            .map(|_| {
                let port = free_port();
                let settings = vec![
                    ("KINTSUGI_LISTEN", format!("127.0.0.1:{port}")),
                    ("KINTSUGI_DATABASE_URL", database.to_owned()),
                    ("KINTSUGI_SMTP_URL", smtp.to_owned()),
                    ("KINTSUGI_LOG", "error".to_owned()),
                ];
                Node {
                    port,
                    settings,
                    child: None,
                }
            })
            .collect();
        for node in &mut nodes {
            node.start().await;
        }
        Self { nodes, paths }
    }

    /// Where alerts go: each service's door at each node.
    pub fn doors(&self) -> Vec<String> {
        let at = |node: &Node| format!("http://127.0.0.1:{}", node.port);
        let of = |path: &String| self.nodes.iter().map(|node| at(node) + path).collect::<Vec<_>>();
        self.paths.iter().flat_map(of).collect()
    }

    pub async fn kill_and_start(&mut self, which: usize) {
        let node = &mut self.nodes[which];
        node.kill();
        node.start().await;
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
        let mut serve = program();
        serve.envs(self.settings.iter().cloned()).stdout(Stdio::null());
        self.child = Some(serve.spawn().unwrap());
        let address = format!("http://127.0.0.1:{}/readyz", self.port);
        for _ in 0..300 {
            if let Ok(answer) = reqwest::get(&address).await
                && answer.status().is_success()
            {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("a node does not come up again");
    }

    /// SIGKILL: it has no chance to put anything in order.
    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

/// Many services, so that many mails are on their way at each kill; answers with the paths of their doors.
async fn house(database: &str) -> Vec<String> {
    let app = TestApp::at(database).await;
    let paths = app.many_services(SERVICES).await;
    app.engine.db.close().await;
    paths
}
