//! The mail server's address in lettre's forms, such as `smtps://user:password@host`.

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT};
use percent_encoding::percent_decode_str;
use std::str::Utf8Error;
use url::{Host, Url};

/// Where the mail server is, and how it is spoken to.
#[derive(Clone)]
pub(super) struct Address {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    /// What we call ourselves.
    pub hello: ClientId,
    pub log_in: Option<Credentials>,
}

/// The mail server's address could not be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "smtp_url cannot be used: {0}. Its forms are smtps://user:password@host, smtp://host:587?tls=required and smtp://host:25"
)]
pub struct BadAddress(#[from] Fault);

#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("{0}")]
    NoUrl(#[from] url::ParseError),
    #[error("it names no host")]
    NoHost,
    #[error("{scheme}:// with tls={tls} is unknown here")]
    UnknownForm { scheme: String, tls: String },
    #[error("its log-in name or password is not UTF-8 where it is written with %: {0}")]
    LogIn(#[from] Utf8Error),
    #[error("{0}")]
    Tls(#[from] lettre::transport::smtp::Error),
}

impl Address {
    pub fn read(address: &str) -> Result<Self, Fault> {
        let url = Url::parse(address)?;
        let host = match url.host() {
            Some(Host::Ipv6(ip)) => ip.to_string(),
            Some(host) if !host.to_string().is_empty() => host.to_string(),
            _ => return Err(Fault::NoHost),
        };
        let wanted = url.query_pairs().find(|(name, _)| name == "tls");
        let wanted = wanted.map(|(_, value)| value.into_owned());
        let parameters = || TlsParameters::new(host.clone());
        let (usual_port, tls) = match (url.scheme(), wanted.as_deref()) {
            ("smtp", None) => (SMTP_PORT, Tls::None),
            ("smtp", Some("required")) => (SUBMISSION_PORT, Tls::Required(parameters()?)),
            ("smtp", Some("opportunistic")) => (SUBMISSION_PORT, Tls::Opportunistic(parameters()?)),
            ("smtps", _) => (SUBMISSIONS_PORT, Tls::Wrapper(parameters()?)),
            (scheme, tls) => {
                return Err(Fault::UnknownForm {
                    scheme: scheme.to_owned(),
                    tls: tls.unwrap_or_default().to_owned(),
                });
            }
        };
        let hello = url.path().trim_matches('/');
        Ok(Self {
            port: url.port().unwrap_or(usual_port),
            tls,
            hello: if hello.is_empty() {
                ClientId::default()
            } else {
                ClientId::Domain(hello.to_owned())
            },
            log_in: log_in(&url)?,
            host,
        })
    }
}

/// A user alone is no log-in.
fn log_in(url: &Url) -> Result<Option<Credentials>, Utf8Error> {
    let Some(password) = url.password() else {
        return Ok(None);
    };
    let plain = |text| percent_decode_str(text).decode_utf8().map(String::from);
    Ok(Some(Credentials::new(plain(url.username())?, plain(password)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str) -> (String, u16, &'static str, Option<Credentials>) {
        let read = Address::read(address).unwrap();
        let tls = match read.tls {
            Tls::None => "plain",
            Tls::Opportunistic(_) => "if it can",
            Tls::Required(_) => "after STARTTLS",
            Tls::Wrapper(_) => "from the start",
        };
        (read.host, read.port, tls, read.log_in)
    }

    fn plain(host: &str, port: u16, tls: &'static str) -> (String, u16, &'static str, Option<Credentials>) {
        (host.to_owned(), port, tls, None)
    }

    #[test]
    fn each_form_of_an_address_is_read() {
        assert_eq!(
            read("smtp://mail.example.com"),
            plain("mail.example.com", 25, "plain")
        );
        assert_eq!(read("smtp://127.0.0.1:2525"), plain("127.0.0.1", 2525, "plain"));
        assert_eq!(read("smtp://[::1]:2525"), plain("::1", 2525, "plain"));
        assert_eq!(
            read("smtp://a.b?tls=required"),
            plain("a.b", 587, "after STARTTLS")
        );
        assert_eq!(
            read("smtp://a.b?tls=opportunistic"),
            plain("a.b", 587, "if it can")
        );
        assert_eq!(read("smtps://a.b"), plain("a.b", 465, "from the start"));
        assert_eq!(read("smtp://ana@a.b"), plain("a.b", 25, "plain"));
        let log_in = Credentials::new("ana@example.com".to_owned(), "p:a/ss+word".to_owned());
        assert_eq!(
            read("smtps://ana%40example.com:p%3Aa%2Fss+word@a.b:1465"),
            ("a.b".to_owned(), 1465, "from the start", Some(log_in))
        );
        let named = Address::read("smtp://a.b/pager.example.com").unwrap();
        assert_eq!(named.hello, ClientId::Domain("pager.example.com".to_owned()));
    }

    #[test]
    fn an_address_that_is_none_is_refused_with_the_forms_there_are() {
        for address in [
            "mail.example.com",
            "smtp:",
            "http://a.b",
            "smtp://a.b?tls=perhaps",
            "smtp://a:%ff@b",
        ] {
            let refused = BadAddress::from(Address::read(address).err().unwrap()).to_string();
            assert!(refused.contains("Its forms are smtps://"), "{refused}");
        }
    }
}
