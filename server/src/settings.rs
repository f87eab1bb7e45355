//! Settings: defaults, then a file, then the environment (`KINTSUGI_…`), then flags; the later one wins.

mod environment;
mod unreadable;

use chrono::TimeDelta;
use clap::Args;
use engine::db::backup::file_of;
use engine::retention::Retention;
use engine::secrets::{Keys, NoKey};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Deserializer, Serialize};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use url::Url;

/// Flags, each with its setting's name; also read from KINTSUGI_NAME and from the file.
#[derive(Args, Clone, Debug, Default, Serialize)]
pub struct Flags {
    /// File with settings, in TOML, by the names below with `_` for `-` [env: KINTSUGI_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,

    /// Address and port to listen on [env: KINTSUGI_LISTEN] [default: 127.0.0.1:3000]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,

    /// What links in mails begin with [env: KINTSUGI_BASE_URL] [default: http://localhost:PORT]
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,

    /// sqlite://PATH or postgres://USER:PASSWORD@HOST/NAME [env: KINTSUGI_DATABASE_URL] [default: sqlite://data/kintsugi.db]
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,

    /// smtps://user:password@host, smtp://host:587?tls=required or smtp://host:25 [env: KINTSUGI_SMTP_URL] [default: none, mails are kept]
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp_url: Option<String>,

    /// Who mails come from [env: KINTSUGI_MAIL_FROM] [default: Kintsugi <kintsugi@HOST of base-url>]
    #[arg(long, global = true, value_name = "MAILBOX")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_from: Option<String>,

    /// Certificate chain in PEM, to serve HTTPS and HTTP/2 [env: KINTSUGI_TLS_CERT]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_cert: Option<PathBuf>,

    /// Private key in PEM, for tls-cert [env: KINTSUGI_TLS_KEY]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_key: Option<PathBuf>,

    /// Addresses of proxies whose X-Forwarded-For, -Host and -Proto are believed, separated by commas [env: KINTSUGI_TRUSTED_PROXIES]
    #[arg(long, global = true, value_name = "ADDRESSES")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted_proxies: Option<String>,

    /// Who sends it as a bearer token reads /metrics from anywhere; without it only this machine does [env: KINTSUGI_METRICS_TOKEN]
    #[arg(long, global = true, value_name = "TOKEN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_token: Option<String>,

    /// 32 bytes in base64 that signing secrets and addresses of calendars are kept under; needed with PostgreSQL only [env: KINTSUGI_SECRET_KEY] [default: a file beside the SQLite database]
    #[arg(long, global = true, value_name = "KEY")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_key: Option<String>,

    /// Asked every minute while all is well: a dead-man's switch elsewhere raises an alarm when it falls silent [env: KINTSUGI_HEARTBEAT_URL]
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heartbeat_url: Option<String>,

    /// How many days the raw payloads of alerts are kept [env: KINTSUGI_PAYLOAD_DAYS] [default: 30]
    #[arg(long, global = true, value_name = "DAYS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload_days: Option<u32>,

    /// How many days mails are kept once they are sent [env: KINTSUGI_MAIL_DAYS] [default: 90]
    #[arg(long, global = true, value_name = "DAYS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_days: Option<u32>,

    /// How many days the audit log is kept [env: KINTSUGI_AUDIT_DAYS] [default: 730]
    #[arg(long, global = true, value_name = "DAYS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_days: Option<u32>,

    /// text or json, a line an event [env: KINTSUGI_LOG_FORMAT] [default: text]
    #[arg(long, global = true, value_name = "FORMAT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_format: Option<String>,

    /// What is logged, for example info or info,sqlx=warn [env: KINTSUGI_LOG] [default: info]
    #[arg(long, global = true, value_name = "FILTER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    listen: String,
    base_url: Option<String>,
    database_url: String,
    smtp_url: Option<String>,
    mail_from: Option<String>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    #[serde(default, deserialize_with = "addresses")]
    trusted_proxies: Vec<String>,
    metrics_token: Option<String>,
    secret_key: Option<String>,
    heartbeat_url: Option<String>,
    payload_days: u32,
    mail_days: u32,
    audit_days: u32,
    log_format: LogFormat,
    log: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// A hundred years.
const MOST_DAYS: u32 = 36_500;

/// Settings that were read and fit.
#[derive(Clone, Debug)]
pub struct Settings {
    pub listen: SocketAddr,
    pub base_url: Url,
    pub database_url: String,
    pub smtp_url: Option<String>,
    pub mail_from: lettre::message::Mailbox,
    pub tls: Option<(PathBuf, PathBuf)>,
    pub trusted_proxies: Vec<IpAddr>,
    pub metrics_token: Option<String>,
    pub heartbeat_url: Option<Url>,
    pub keys: Keys,
    pub retention: Retention,
    pub log_format: LogFormat,
    pub log: String,
}

/// A setting that cannot be used, named.
#[derive(Debug, thiserror::Error)]
pub enum WrongSetting {
    #[error("A setting cannot be read: {0}")]
    Unreadable(String),
    #[error("The settings file {0} is not there")]
    NoFile(PathBuf),
    #[error("listen must be an address and a port such as 127.0.0.1:3000, not “{0}”")]
    Listen(String),
    #[error("base_url must be an address such as https://kintsugi.example.com, not “{0}”")]
    BaseUrl(String),
    #[error("mail_from must be a mailbox such as Kintsugi <kintsugi@example.com>, not “{0}”")]
    MailFrom(String),
    #[error(transparent)]
    SecretKey(NoKey),
    #[error("tls_cert and tls_key belong together; only one of them is set")]
    HalfTls,
    #[error(
        "heartbeat_url must be an address such as https://example.com/ping/1234, and what is set is none"
    )]
    Heartbeat,
    #[error("{0} must be a number of days up to {MOST_DAYS}, which is a hundred years; {1} is more")]
    TooManyDays(&'static str, u32),
    #[error("log must be a filter such as info or info,sqlx=info, not “{0}”")]
    Log(String),
    #[error("trusted_proxies must be addresses such as 10.0.0.5, separated by commas; “{0}” is none")]
    Proxy(String),
}

impl Settings {
    /// Reads the settings from all four places.
    ///
    /// # Errors
    /// [`WrongSetting`] names the first one that does not fit.
    pub fn read(flags: &Flags) -> Result<Self, WrongSetting> {
        let mut figment = Figment::new().merge(Serialized::default("listen", "127.0.0.1:3000"));
        figment = figment.merge(Serialized::default("database_url", "sqlite://data/kintsugi.db"));
        figment = figment.merge(Serialized::default("log", "info"));
        figment = figment.merge(Serialized::default("payload_days", 30));
        figment = figment.merge(Serialized::default("mail_days", 90));
        figment = figment.merge(Serialized::default("audit_days", 730));
        figment = figment.merge(Serialized::default("log_format", LogFormat::Text));
        if let Some(file) = flags
            .config
            .clone()
            .or_else(|| std::env::var_os("KINTSUGI_CONFIG").map(PathBuf::from))
        {
            if !file.is_file() {
                return Err(WrongSetting::NoFile(file));
            }
            figment = figment.merge(Toml::file(file));
        }
        let given: Given = figment
            .merge(Serialized::defaults(environment::texts()))
            .merge(Env::prefixed("KINTSUGI_").only(&[
                "trusted_proxies",
                "payload_days",
                "mail_days",
                "audit_days",
            ]))
            .merge(Serialized::globals(flags))
            .extract()
            .map_err(|error| WrongSetting::Unreadable(unreadable::words(error)))?;
        Self::check(given)
    }

    fn check(given: Given) -> Result<Self, WrongSetting> {
        let listen: SocketAddr = given
            .listen
            .parse()
            .map_err(|_| WrongSetting::Listen(given.listen.clone()))?;
        let tls = match (given.tls_cert, given.tls_key) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            _ => return Err(WrongSetting::HalfTls),
        };
        let scheme = if tls.is_some() { "https" } else { "http" };
        let base_url = given
            .base_url
            .unwrap_or_else(|| format!("{scheme}://localhost:{}", listen.port()));
        let base_url = Url::parse(&base_url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or(WrongSetting::BaseUrl(base_url))?;
        let mail_from = given.mail_from.unwrap_or_else(|| default_mailbox(&base_url));
        let mail_from = mail_from.parse().map_err(|_| WrongSetting::MailFrom(mail_from))?;
        let proxies = given
            .trusted_proxies
            .iter()
            .map(|text| text.parse().map_err(|_| WrongSetting::Proxy(text.clone())));
        let heartbeat_url = given.heartbeat_url.filter(|url| !url.is_empty());
        let heartbeat_url = heartbeat_url
            .map(|text| {
                Url::parse(&text)
                    .ok()
                    .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
                    .ok_or(WrongSetting::Heartbeat)
            })
            .transpose()?;
        Ok(Self {
            listen,
            base_url,
            metrics_token: given.metrics_token.filter(|token| !token.is_empty()),
            heartbeat_url,
            retention: Retention {
                payloads: days("payload_days", given.payload_days)?,
                mails: days("mail_days", given.mail_days)?,
                audit: days("audit_days", given.audit_days)?,
            },
            log_format: given.log_format,
            keys: keys(given.secret_key.as_deref(), &given.database_url)?,
            database_url: given.database_url,
            smtp_url: given.smtp_url.filter(|url| !url.is_empty()),
            mail_from,
            tls,
            trusted_proxies: proxies.collect::<Result<_, _>>()?,
            log: given.log,
        })
    }

    /// Whether links in mails can only be opened on this machine.
    pub fn base_url_is_loopback(&self) -> bool {
        match self.base_url.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => true,
        }
    }
}

/// As set; else in a file beside the SQLite database.
fn keys(given: Option<&str>, database_url: &str) -> Result<Keys, WrongSetting> {
    match given.filter(|key| !key.is_empty()) {
        Some(given) => Keys::given(given).map_err(WrongSetting::SecretKey),
        None if database_url.starts_with("sqlite:") => {
            Ok(file_of(database_url).map_or(Keys::None, |file| Keys::beside(&file)))
        }
        None => Ok(Keys::None),
    }
}

fn days(name: &'static str, number: u32) -> Result<TimeDelta, WrongSetting> {
    if number > MOST_DAYS {
        return Err(WrongSetting::TooManyDays(name, number));
    }
    Ok(TimeDelta::days(i64::from(number)))
}

fn default_mailbox(base_url: &Url) -> String {
    match base_url.host() {
        Some(url::Host::Domain(name)) => format!("Kintsugi <kintsugi@{name}>"),
        _ => "Kintsugi <kintsugi@localhost>".to_owned(),
    }
}

/// A list, or one text with commas.
fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        List(Vec<String>),
        Text(String),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::List(list) => list,
        Either::Text(text) => text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect(),
    })
}

#[cfg(test)]
mod tests;
