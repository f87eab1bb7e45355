//! Who is calling: address, transport and browser, as far as they can be believed.

use crate::state::{App, Installation};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};
use engine::Actor;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    pub address: Option<IpAddr>,
    /// The browser speaks TLS, to us or to a proxy that we trust.
    pub over_tls: bool,
    pub user_agent: String,
}

impl Visitor {
    /// Whoever it is, as one who acts and is not logged in.
    pub const fn actor(&self) -> Actor {
        Actor::Visitor {
            address: self.address,
        }
    }

    pub fn of(headers: &HeaderMap, extensions: &Extensions, installation: &Installation) -> Self {
        let peer = extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|ConnectInfo(peer)| peer.ip().to_canonical());
        let behind_proxy = is_trusted(peer, installation);
        let proxied_tls = behind_proxy
            && text(headers, "x-forwarded-proto").is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
        Self {
            address: if behind_proxy {
                forwarded_for(headers, installation).or(peer)
            } else {
                peer
            },
            over_tls: installation.over_tls || proxied_tls,
            user_agent: text(headers, header::USER_AGENT.as_str())
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

/// Whether the request comes straight from a proxy whose headers are believed.
pub fn is_behind_trusted_proxy(extensions: &Extensions, installation: &Installation) -> bool {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    is_trusted(
        peer.map(|ConnectInfo(peer)| peer.ip().to_canonical()),
        installation,
    )
}

fn is_trusted(peer: Option<IpAddr>, installation: &Installation) -> bool {
    peer.is_some_and(|peer| installation.trusted_proxies.contains(&peer))
}

/// The last address that no trusted proxy has: what stands before it, anybody can have written.
fn forwarded_for(headers: &HeaderMap, installation: &Installation) -> Option<IpAddr> {
    let hops: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    hops.into_iter()
        .rev()
        .map_while(|hop| hop.parse::<IpAddr>().ok())
        .map(|hop| hop.to_canonical())
        .find(|hop| !installation.trusted_proxies.contains(hop))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers, &parts.extensions, &app.installation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let installation = Installation {
            setup_code: None,
            base_url_is_loopback: false,
            over_tls: false,
            trusted_proxies: vec!["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()],
            demo: None,
        };
        for (peer, forwarded, proto, address, over_tls) in [
            ("10.0.0.1:5000", "198.51.100.7", "https", "198.51.100.7", true),
            (
                "10.0.0.1:5000",
                "1.1.1.1, 198.51.100.7, 10.0.0.2",
                "http",
                "198.51.100.7",
                false,
            ),
            ("10.0.0.1:5000", "nonsense", "https", "10.0.0.1", true),
            ("203.0.113.9:5000", "198.51.100.7", "https", "203.0.113.9", false),
            (
                "[::ffff:10.0.0.1]:5000",
                "2001:db8::1",
                "https",
                "2001:db8::1",
                true,
            ),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            headers.insert("x-forwarded-proto", proto.parse().unwrap());
            let mut extensions = Extensions::new();
            extensions.insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
            let visitor = Visitor::of(&headers, &extensions, &installation);
            assert_eq!(
                visitor.address,
                Some(address.parse().unwrap()),
                "{peer} {forwarded}"
            );
            assert_eq!(visitor.over_tls, over_tls, "{peer} {proto}");
        }
    }
}
