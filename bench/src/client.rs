//! What the browser loads, and what an administrator copies.

use crate::figures::{Figures, Goal};
use crate::{root, server};
use anyhow::{Context, Result};

pub fn measure(figures: &mut Figures) -> Result<()> {
    let site = root().join("target/site");
    let manifest = std::fs::read(site.join("manifest.json")).context("target/site/manifest.json")?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest)?;
    let mut bytes = 0;
    for part in ["client_wasm", "client_js"] {
        let address = manifest[part]
            .as_str()
            .context("the manifest does not name the client")?;
        let name = address.trim_start_matches("/assets/");
        bytes += std::fs::metadata(site.join(format!("{name}.br")))?.len();
    }
    figures.add(
        "client after brotli, WebAssembly and JavaScript",
        bytes as f64 / 1024.0,
        "KB",
        Goal::AtMost(130.0),
    )?;
    let size = std::fs::metadata(server::program())?.len();
    figures.add("size of the binary", size as f64 / 1048576.0, "MB", Goal::None)
}
