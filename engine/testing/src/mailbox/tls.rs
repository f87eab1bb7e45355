//! A mail server that encrypts, as `localhost`.

use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    None,
    /// From the first byte (`smtps`).
    FromTheStart,
    /// After STARTTLS.
    WhenAsked,
}

/// The mail server's certificate, made for these tests; its key lies beside it, so nobody else may trust it.
pub const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/mailbox/localhost.crt");

pub(super) fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("localhost.crt")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("localhost.key")).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate with its key");
    TlsAcceptor::from(Arc::new(config))
}
