//! The certificate that the server shows, and its key.

use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// Why they cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("{0}")]
    Unreadable(#[from] pem::Error),
    #[error("{0}")]
    DoNotFit(#[from] rustls::Error),
}

/// Speaks TLS with this certificate, and offers HTTP/2.
pub fn acceptor(cert: &Path, key: &Path) -> Result<TlsAcceptor, Unusable> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(cert)?.collect::<Result<_, _>>()?;
    let key = PrivateKeyDer::from_pem_file(key)?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
