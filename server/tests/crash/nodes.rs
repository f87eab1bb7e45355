//! The program itself, as many times as wanted, on one database.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::time::sleep;

pub struct Nodes {
    nodes: Vec<Node>,
    /// Where the plain JSON door is, behind each node's address.
    path: String,
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
        let path = init(database);
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
        Self { nodes, path }
    }

    /// Where alerts go, a door a node.
    pub fn doors(&self) -> Vec<String> {
        let door = |node: &Node| format!("http://127.0.0.1:{}{}", node.port, self.path);
        self.nodes.iter().map(door).collect()
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

/// Sets the house up; answers with the path of the JSON integration.
fn init(database: &str) -> String {
    let made = program()
        .args(["init", "--admin-email", "ana@example.test", "--admin-name", "Ana"])
        .args([
            "--team",
            "Payments",
            "--service",
            "Checkout",
            "--database-url",
            database,
        ])
        .env("KINTSUGI_ADMIN_PASSWORD", "a bowl mended with gold")
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let address = made["integrations"]["json"]["url"].as_str().unwrap();
    url::Url::parse(address).unwrap().path().to_owned()
}
