//! A release of the program on a database of its own.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Server {
    child: Child,
    pub base: String,
    /// From the start to the first answer.
    pub start: Duration,
}

impl Server {
    pub async fn start(program: &Path, database: &str, smtp: &str) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let base = format!("http://127.0.0.1:{port}");
        let begun = Instant::now();
        let child = Command::new(program)
            .env("KINTSUGI_LISTEN", format!("127.0.0.1:{port}"))
            .env("KINTSUGI_BASE_URL", &base)
            .env("KINTSUGI_DATABASE_URL", database)
            .env("KINTSUGI_SMTP_URL", smtp)
            .env("KINTSUGI_LOG", "error")
            .stdout(Stdio::null())
            .spawn()
            .context("kintsugi does not start")?;
        let mut server = Self {
            child,
            base,
            start: Duration::ZERO,
        };
        while begun.elapsed() < Duration::from_secs(20) {
            if reqwest::get(format!("{}/healthz", server.base)).await.is_ok() {
                server.start = begun.elapsed();
                return Ok(server);
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        bail!("kintsugi does not answer")
    }

    /// Resident memory in MB, as the kernel counts it.
    pub fn megabytes(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS"))
            .context("no VmRSS")?;
        let kib: f64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        Ok(kib / 1024.0)
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("target"), PathBuf::from)
        .join("release/kintsugi")
}
