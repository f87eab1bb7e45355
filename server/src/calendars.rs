//! Asks the addresses of calendars, as somebody gave them: with a time to answer, a length, and few ways on. This machine itself is not
//! asked, wherever an address leads: what listens here alone trusts whoever is here. No log has an address.

use engine::calendars::{Fetch, Fetched, MOST_BYTES, NotFetched, Wanted};
use futures::StreamExt;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);
/// So often an address may lead to another one.
const MOST_WAYS_ON: usize = 5;

/// Whom it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Others,
    /// This machine as well, where a test stands in for the web.
    ThisMachineToo,
}

#[derive(Clone)]
pub struct Fetcher {
    client: Client,
    reach: Reach,
}

impl Fetcher {
    /// # Errors
    /// No certificates are known on this machine.
    pub fn new(reach: Reach) -> reqwest::Result<Self> {
        let policy = Policy::custom(move |attempt| {
            if attempt.previous().len() > MOST_WAYS_ON {
                attempt.error(NotFetched::LeadsOn)
            } else if reach == Reach::Others && names_this_machine(attempt.url()) {
                attempt.error(NotFetched::ThisMachine)
            } else {
                attempt.follow()
            }
        });
        let client = Client::builder()
            .timeout(PATIENCE)
            .redirect(policy)
            // No address in what the next one is told.
            .referer(false)
            .user_agent(concat!("Kintsugi/", env!("CARGO_PKG_VERSION")));
        let client = match reach {
            Reach::Others => client.dns_resolver(Arc::new(OthersOnly)),
            Reach::ThisMachineToo => client.no_proxy(),
        };
        Ok(Self {
            client: client.build()?,
            reach,
        })
    }
}

impl Fetch for Fetcher {
    async fn fetch(&self, wanted: Wanted) -> Result<Fetched, NotFetched> {
        if self.reach == Reach::Others && names_this_machine(&wanted.address) {
            return Err(NotFetched::ThisMachine);
        }
        let mut request = self
            .client
            .get(wanted.address)
            .header(ACCEPT, "text/calendar, text/plain;q=0.5, */*;q=0.1");
        for (name, mark) in [
            (IF_NONE_MATCH, wanted.etag),
            (IF_MODIFIED_SINCE, wanted.last_modified),
        ] {
            if let Some(mark) = mark {
                request = request.header(name, mark);
            }
        }
        let answer = request.send().await.map_err(|error| why(&error))?;
        match answer.status() {
            StatusCode::NOT_MODIFIED => return Ok(Fetched::Same),
            StatusCode::NOT_FOUND | StatusCode::GONE => return Err(NotFetched::Gone),
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                return Err(NotFetched::LoggedInOnly(status.as_u16()));
            }
            status if !status.is_success() => return Err(NotFetched::Status(status.as_u16())),
            _ => {}
        }
        let (etag, last_modified) = (
            mark(answer.headers(), &ETAG),
            mark(answer.headers(), &LAST_MODIFIED),
        );
        let mut bytes = Vec::new();
        let mut parts = answer.bytes_stream();
        while let Some(part) = parts.next().await {
            let part = part.map_err(|error| why(&error))?;
            if bytes.len() + part.len() > MOST_BYTES {
                return Err(NotFetched::TooLarge);
            }
            bytes.extend_from_slice(&part);
        }
        Ok(Fetched::New {
            bytes,
            etag,
            last_modified,
        })
    }
}

fn mark(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// What a failure means. Its own words have the address in them.
fn why(error: &reqwest::Error) -> NotFetched {
    if error.is_timeout() {
        return NotFetched::TooSlow;
    }
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(this) = cause {
        if let Some(ours) = this.downcast_ref::<NotFetched>() {
            return *ours;
        }
        cause = this.source();
    }
    NotFetched::NoAnswer
}

/// An address in numbers is asked of no resolver.
fn names_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => is_this_machine(address.into()),
        Some(url::Host::Ipv6(address)) => is_this_machine(address.into()),
        Some(url::Host::Domain(_)) | None => false,
    }
}

/// This machine, or what only its own link reaches: there clouds tell secrets to whoever asks.
fn is_this_machine(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback()
                || address.is_link_local()
                || address.is_unspecified()
                || address.is_multicast()
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unicast_link_local()
                || address.is_unspecified()
                || address.is_multicast()
                // As clouds have it in IPv6.
                || address.segments()[..7] == [0xfd00, 0xec2, 0, 0, 0, 0, 0]
        }
    }
}

/// What a name leads to, without this machine.
struct OthersOnly;

impl Resolve for OthersOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let others: Vec<SocketAddr> = found
                .iter()
                .copied()
                .filter(|at| !is_this_machine(at.ip()))
                .collect();
            if others.is_empty() && !found.is_empty() {
                return Err(NotFetched::ThisMachine.into());
            }
            let addresses: Addrs = Box::new(others.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_all_its_addresses() {
        for (url, expected) in [
            ("http://127.0.0.1/a", true),
            ("http://2130706433/a", true),
            ("http://[::1]/a", true),
            ("http://[::ffff:127.0.0.1]/a", true),
            ("http://0.0.0.0/a", true),
            ("http://169.254.169.254/latest", true),
            ("http://[fe80::1]/a", true),
            ("http://[fd00:ec2::254]/a", true),
            ("http://10.0.0.5/a", false),
            ("https://calendar.example.com/a", false),
        ] {
            assert_eq!(names_this_machine(&url.parse().unwrap()), expected, "{url}");
        }
    }
}
