//! A release of the program on a database.

use crate::database::Database;
use crate::target;
use anyhow::{Context, Result, bail};
use reqwest::Client;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use testing::Mailboxes;

pub struct Server {
    child: Child,
    pub base: String,
    /// From the start to the first answer.
    pub start: Duration,
    client: Client,
}

/// Longer than the longest time in which an outbox of ours was emptied.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

impl Server {
    pub async fn start(database: &Database, mail: &Mailboxes) -> Result<Self> {
        Self::start_logging(database, mail, "error,sqlx=error", Stdio::inherit()).await
    }

    /// With a log of this depth to there.
    pub async fn start_logging(database: &Database, mail: &Mailboxes, log: &str, to: Stdio) -> Result<Self> {
        let port = free_port()?;
        let base = format!("http://127.0.0.1:{port}");
        let client = client();
        let begun = Instant::now();
        let child = Command::new(program())
            .env("KINTSUGI_LISTEN", format!("127.0.0.1:{port}"))
            .env("KINTSUGI_BASE_URL", &base)
            .env("KINTSUGI_DATABASE_URL", &database.address)
            .env("KINTSUGI_SMTP_URL", mail.smtp_url())
            .env("KINTSUGI_LOG", log)
            .stdout(Stdio::null())
            .stderr(to)
            .spawn()
            .context("kintsugi does not start")?;
        let mut server = Self {
            child,
            base,
            start: Duration::ZERO,
            client,
        };
        while begun.elapsed() < Duration::from_secs(20) {
            if server.client.get(server.at("/healthz")).send().await.is_ok() {
                server.start = begun.elapsed();
                return Ok(server);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        bail!("kintsugi does not answer")
    }

    /// The address of a path.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub fn all_at(&self, paths: &[String]) -> Vec<String> {
        paths.iter().map(|path| self.at(path)).collect()
    }

    /// Resident memory in MB, as the kernel counts it.
    pub fn megabytes(&self) -> Result<f64> {
        self.of_status("VmRSS:")
    }

    /// The most that it was.
    pub fn most_megabytes(&self) -> Result<f64> {
        self.of_status("VmHWM:")
    }

    fn of_status(&self, name: &str) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with(name));
        let line = line.with_context(|| format!("the kernel says no {name}"))?;
        let kib: f64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        Ok(kib / 1024.0)
    }

    /// Waits until no mail waits, and says how long that took.
    pub async fn emptied(&self) -> Result<Duration> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if self.mails_waiting().await? == 0.0 {
                return Ok(begun.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        bail!("mails wait still, {} s after the load", PATIENCE.as_secs())
    }

    async fn mails_waiting(&self) -> Result<f64> {
        let metrics = self.client.get(self.at("/metrics")).send().await?.text().await?;
        let line = metrics
            .lines()
            .find_map(|line| line.strip_prefix("kintsugi_outbox_waiting "));
        Ok(line.context("no outbox in the metrics")?.trim().parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `target/release/kintsugi`, which `cargo xtask bench` has built.
pub fn program() -> PathBuf {
    target().join("release/kintsugi")
}

pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// As a source or a browser asks: no proxy, no redirects followed.
pub fn client() -> Client {
    let builder = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none());
    builder
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap_or_default()
}
