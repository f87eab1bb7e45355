//! Debian's Alertmanager under the same load. It keeps alerts in memory, and writes to disk every 15 minutes.

use crate::figures::{Figures, Goal};
use crate::ingest::{CONNECTIONS, SERVICES};
use crate::load::{Load, Outcome, Post, Until};
use crate::server::{client, free_port};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// It groups as Kintsugi does, by service, and tells nobody.
const SETTINGS: &str = "route:\n  receiver: nobody\n  group_by: [service]\nreceivers:\n  - name: nobody\n";

pub const FRESH: &str = "alerts a second, new (Alertmanager)";
pub const AGAIN: &str = "alerts a second, repeated (Alertmanager)";

pub async fn measure(figures: &mut Figures, span: Duration) -> Result<()> {
    let alertmanager = Alertmanager::start().await?;
    let full = Load::full(CONNECTIONS, Until::Passed(span));
    let fresh = full.run(alertmanager.alerts(u64::MAX)).await;
    tell(figures, FRESH, &fresh)?;
    let half = Load {
        rate: Some(fresh.a_second() / 2.0),
        ..full
    };
    let calm = half.run(alertmanager.alerts(u64::MAX)).await;
    figures.add(
        "answer at half that rate, 99th percentile (Alertmanager)",
        calm.percentile(99.0),
        "ms",
        Goal::None,
    )?;
    let again = full.run(alertmanager.alerts(SERVICES as u64)).await;
    tell(figures, AGAIN, &again)
}

fn tell(figures: &mut Figures, name: &str, outcome: &Outcome) -> Result<()> {
    if outcome.refused_or_failed() > 0.0 {
        bail!("Alertmanager did not take {} alerts", outcome.refused_or_failed());
    }
    figures.add(name, outcome.a_second(), "/s", Goal::None)
}

struct Alertmanager {
    child: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Alertmanager {
    async fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let settings = folder.path().join("alertmanager.yml");
        std::fs::write(&settings, SETTINGS)?;
        let port = free_port()?;
        // Debian's name for it, and its own.
        let child = ["prometheus-alertmanager", "alertmanager"]
            .iter()
            .find_map(|name| {
                Command::new(name)
                    .arg(format!("--config.file={}", settings.display()))
                    .arg(format!("--storage.path={}", folder.path().join("data").display()))
                    .arg(format!("--web.listen-address=127.0.0.1:{port}"))
                    .arg("--cluster.listen-address=")
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .spawn()
                    .ok()
            });
        let alertmanager = Self {
            child: child.context("Alertmanager does not start")?,
            address: format!("http://127.0.0.1:{port}"),
            _folder: folder,
        };
        let (client, begun) = (client(), Instant::now());
        while begun.elapsed() < Duration::from_secs(20) {
            let ready = client.get(format!("{}/-/ready", alertmanager.address)).send();
            if ready.await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(alertmanager);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("Alertmanager does not answer")
    }

    /// One alert in each request; the same ones again after so many.
    fn alerts(&self, different: u64) -> impl Fn(u64) -> Post + Send + Sync + use<> {
        let to = format!("{}/api/v2/alerts", self.address);
        move |n| {
            let n = n % different;
            let alert = json!([{
                "labels": {
                    "alertname": "ErrorRate",
                    "service": format!("service{}", n % SERVICES as u64),
                    "instance": format!("open-{n}"),
                    "severity": "SEV2",
                },
                "annotations": { "summary": "Error rate above 5 %" },
            }]);
            Post {
                to: to.clone(),
                body: alert.to_string(),
            }
        }
    }
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
