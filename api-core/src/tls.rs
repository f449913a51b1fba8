//! TLS: which certificates are trusted. The cryptography is chosen here for our connections alone, not for the process.

use std::{borrow::Cow, path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;

/// The configuration of TLS connections; with `roots` it trusts the system's certificates and those of a PEM file,
/// without it trusts nobody and loads nothing.
pub(crate) fn config(
    roots: bool,
    extra_ca: Option<&Path>,
) -> Result<ClientConfig, Cow<'static, str>> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?;
    let mut config = if roots {
        let verifier = verifier(extra_ca, provider)?;
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth()
    } else {
        builder
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth()
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn verifier(
    extra_ca: Option<&Path>,
    provider: Arc<CryptoProvider>,
) -> Result<Verifier, Cow<'static, str>> {
    let extra = extra_ca.map(certificates).transpose()?.unwrap_or_default();
    Verifier::new_with_extra_roots(extra, provider)
        .map_err(|error| format!("the trusted certificates cannot be loaded: {error}").into())
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Cow<'static, str>> {
    let shown = file.display();
    let found: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|error| format!("the CA file {shown} cannot be read: {error}"))?;
    if found.is_empty() {
        return Err(format!("the CA file {shown} has no certificate in PEM form").into());
    }
    Ok(found)
}
