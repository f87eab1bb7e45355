//! Settings from the environment.

use figment::providers::Env;
use std::collections::BTreeMap;

/// Settings that are text, as they stand in the environment: a token of digits is no number. Others begin with the same letters
/// and are no settings of the server.
pub fn texts() -> BTreeMap<String, String> {
    let texts = Env::prefixed("KINTSUGI_").only(&[
        "listen",
        "base_url",
        "database_url",
        "smtp_url",
        "mail_from",
        "tls_cert",
        "tls_key",
        "metrics_token",
        "secret_key",
        "heartbeat_url",
        "log_format",
        "log",
    ]);
    // What reads files of such settings leaves the quotation marks around a value now and then.
    let bare = |value: &str| {
        let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        quoted.unwrap_or(value).to_owned()
    };
    let pairs = texts
        .iter()
        .map(|(name, value)| (name.to_string(), bare(value.trim())));
    pairs.collect()
}
