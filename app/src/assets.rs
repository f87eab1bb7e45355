//! Where the page finds its style and its client. The server sets the addresses once, at start, from the build's manifest:
//! their names carry a hash of their content, since a page and its client must be of one build.

use std::sync::OnceLock;

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct AssetPaths {
    pub css: String,
    /// The static script that wakes the islands.
    pub boot_js: String,
    pub client_js: String,
    pub client_wasm: String,
    pub favicon: String,
    /// Loaded ahead of the style sheet that names them.
    pub fonts: Vec<String>,
}

impl Default for AssetPaths {
    fn default() -> Self {
        Self {
            css: "/assets/kintsugi.css".to_owned(),
            boot_js: "/assets/boot.js".to_owned(),
            client_js: "/assets/client.js".to_owned(),
            client_wasm: "/assets/client_bg.wasm".to_owned(),
            favicon: "/favicon.svg".to_owned(),
            fonts: Vec::new(),
        }
    }
}

static PATHS: OnceLock<AssetPaths> = OnceLock::new();

/// Sets the addresses. Only the first call counts.
pub fn set(paths: AssetPaths) {
    if PATHS.set(paths).is_err() {
        tracing::debug!("the addresses of the assets were set before");
    }
}

pub fn paths() -> &'static AssetPaths {
    PATHS.get_or_init(AssetPaths::default)
}
