//! Where the page finds its style and its client. The server sets the addresses once, at start, from the build's manifest:
//! their names carry a hash of their content, since a page and its client must be of one build.

use std::sync::OnceLock;

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct AssetPaths {
    pub css: String,
    /// The static script that wakes the islands.
    pub boot_js: String,
    /// The other static scripts, of every page.
    pub scripts: Vec<String>,
    pub client_js: String,
    pub client_wasm: String,
    /// Loaded ahead of the style sheet that names them.
    pub fonts: Vec<String>,
}

impl Default for AssetPaths {
    fn default() -> Self {
        Self {
            css: "/assets/kintsugi.css".to_owned(),
            boot_js: "/assets/boot.js".to_owned(),
            scripts: Vec::new(),
            client_js: "/assets/client.js".to_owned(),
            client_wasm: "/assets/client_bg.wasm".to_owned(),
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

/// The icon: calm, with what people work on, or with what nobody has acknowledged.
pub fn favicon<N: PartialEq + From<u8>>(open: N, unacknowledged: N) -> &'static str {
    if unacknowledged != N::from(0) {
        "/favicon-unacknowledged.svg"
    } else if open != N::from(0) {
        "/favicon-open.svg"
    } else {
        "/favicon.svg"
    }
}
