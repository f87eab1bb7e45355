//! Random secrets that are handed out once and kept only as a hash.

mod keys;

pub use keys::{Keys, NoKey};

use crate::Context;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// 256 bits of chance, as 43 letters, digits, `-` and `_`. Debug output does not show it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn new(context: &Context) -> Self {
        Self(URL_SAFE_NO_PAD.encode(context.random_bytes::<32>()))
    }

    /// 32 letters and digits, the form of a PagerDuty routing key.
    pub fn routing_key(context: &Context) -> Self {
        Self(
            context
                .random_bytes::<16>()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }

    /// The same with dashes, as a UUID.
    pub fn api_key(context: &Context) -> Self {
        let key = uuid::Builder::from_random_bytes(context.random_bytes()).into_uuid();
        Self(key.to_string())
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The last four characters, to tell one secret from another.
    pub fn hint(&self) -> &str {
        &self.0[self.0.len().saturating_sub(4)..]
    }

    pub fn hash(&self) -> Vec<u8> {
        hash(&self.0)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is stored of a secret. It has 128 bits of chance or more, so one round of SHA-256 is enough and look-ups stay by index.
pub fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}
