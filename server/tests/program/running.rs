//! One of it that serves, and ends with the test.

use super::{free_port, program};
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use testing::until;

pub struct Running {
    pub port: u16,
    child: Child,
}

impl Running {
    /// Starts it with these settings besides its port, and waits until it can do its work.
    pub async fn start(database: &str, settings: &[(&str, &str)]) -> Self {
        let running = Self::begin(database, settings, Stdio::null());
        running.until_ready().await;
        running
    }

    /// The same, with what it logs in a file.
    pub async fn start_with_log(database: &str, settings: &[(&str, &str)], log: &Path) -> Self {
        let running = Self::begin(database, settings, File::create(log).unwrap().into());
        running.until_ready().await;
        running
    }

    /// Starts it where it may have so many files open, and waits until it can do its work.
    pub async fn start_with_files(database: &str, most: u32) -> Self {
        let serve = program(database);
        let mut limited = Command::new("sh");
        limited.args(["-c", &format!("ulimit -n {most} && exec \"$0\"")]);
        limited.arg(serve.get_program());
        for (name, value) in serve.get_envs() {
            match value {
                Some(value) => limited.env(name, value),
                None => limited.env_remove(name),
            };
        }
        let running = Self::begin_as(limited, &[], Stdio::null());
        running.until_ready().await;
        running
    }

    /// Starts it and waits for nothing.
    pub fn begin(database: &str, settings: &[(&str, &str)], log: Stdio) -> Self {
        Self::begin_as(program(database), settings, log)
    }

    fn begin_as(mut serve: Command, settings: &[(&str, &str)], log: Stdio) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let port = free_port();
        serve
            .env("KINTSUGI_LISTEN", format!("127.0.0.1:{port}"))
            .env("KINTSUGI_LOG", "error")
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(log);
        let child = serve.spawn().unwrap();
        Self { port, child }
    }

    pub async fn until_ready(&self) {
        until("it is ready", async || {
            let answer = reqwest::get(self.at("/readyz")).await;
            answer.is_ok_and(|answer| answer.status().is_success())
        })
        .await;
    }

    pub fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Tells it to stop, as a system does, and waits until it has.
    pub fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends an alert with this key to a door; answers with the status.
pub async fn alert(address: &str, key: &str) -> u16 {
    let body = format!(r#"{{"title":"Trouble {key}","severity":"SEV2","dedup_key":"{key}"}}"#);
    let request = reqwest::Client::new()
        .post(address)
        .header("content-type", "application/json");
    request.body(body).send().await.unwrap().status().as_u16()
}
