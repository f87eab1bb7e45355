//! The binary embeds `target/site`, which `cargo xtask client` fills. A build without it has an empty one: pages then come
//! without style, and say nothing wrong.

use std::path::Path;

fn main() {
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site");
    let manifest = site.join("manifest.json");
    if !manifest.exists() {
        let made = std::fs::create_dir_all(&site).and_then(|()| std::fs::write(&manifest, "{}\n"));
        if let Err(problem) = made {
            println!("cargo::warning=target/site cannot be made: {problem}");
        }
    }
    println!("cargo::rerun-if-changed={}", manifest.display());
}
