//! TLS: who is trusted, and that nothing leaves before it.

use std::{path::PathBuf, sync::Arc};

use api_core::{CallOptions, Error, Executor};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use crate::{
    back_end::{Desk, MADE, Made, Mail, kind, quick},
    server::{Act, Server, json},
};

/// An authority whose certificate lies in a PEM file.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&file, issuer.pem()).unwrap();
        Self { issuer, file }
    }

    /// A server for a name, which answers every request in the same way; gives its port.
    async fn serve(&self, name: &str) -> u16 {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    if let Ok(mut stream) = acceptor.accept(stream).await {
                        // The requests of these tests arrive in one piece.
                        while stream
                            .read(&mut [0; 4096])
                            .await
                            .is_ok_and(|count| count > 0)
                        {
                            drop(stream.write_all(&json(200, MADE)).await);
                        }
                    }
                });
            }
        });
        port
    }
}

async fn mail(base: &str, ca: &Authority) -> Result<Made, Error> {
    let settings = quick().with_extra_ca(&ca.file);
    let executor = Executor::new(base, Desk::new(), settings).unwrap();
    executor
        .send(&Mail::default(), &CallOptions::default())
        .await
}

#[tokio::test]
async fn an_extra_authority_is_trusted_and_no_other() {
    let ours = Authority::new("ours.pem");
    let other = Authority::new("other.pem");
    let port = ours.serve("localhost").await;
    let base = format!("https://localhost:{port}");
    assert_eq!(mail(&base, &ours).await.unwrap(), Made { id: 7 });

    let error = mail(&base, &other).await.unwrap_err();
    assert!(error.is_connect() && !error.may_have_applied(), "{error}");
    assert!(error.to_string().contains("certificate"), "{error}");

    let port = ours.serve("elsewhere.example").await;
    let error = mail(&format!("https://localhost:{port}"), &ours)
        .await
        .unwrap_err();
    assert!(
        error.is_connect() && error.to_string().contains("name"),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_gets_no_request() {
    let ours = Authority::new("plain.pem");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let mut heard = Vec::new();
        for _attempt in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            drop(stream.write_all(&json(400, "{}")).await);
            drop(stream.read_to_end(&mut heard).await);
        }
        heard
    });
    let error = mail(&base, &ours).await.unwrap_err();
    assert!(error.is_connect() && !error.may_have_applied(), "{error}");
    assert_eq!(error.attempts(), 2);
    let heard = server.await.unwrap();
    assert!(!heard.windows(4).any(|bytes| bytes == b"POST"));
}

#[tokio::test]
async fn an_unusable_ca_file_is_told_at_the_first_call() {
    let empty = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("empty.pem");
    std::fs::write(&empty, "no certificate").unwrap();
    for file in [PathBuf::from("/nowhere/ca.pem"), empty] {
        let settings = quick().with_extra_ca(&file);
        let executor = Executor::new("https://127.0.0.1:9", Desk::new(), settings).unwrap();
        let error = executor
            .send(&Mail::default(), &CallOptions::default())
            .await
            .unwrap_err();
        assert_eq!(
            (kind(error.kind()), error.may_have_applied()),
            ("setup", false)
        );
        assert!(
            error.to_string().contains(&file.display().to_string()),
            "{error}"
        );
    }
}

/// A plain address must not pay for certificates: the file would be missed.
#[tokio::test]
async fn plain_http_loads_no_certificates() {
    let server = Server::start([Act::Answer(json(200, MADE))]).await;
    let settings = quick().with_extra_ca("/nowhere/ca.pem");
    let executor = Executor::new(&server.base(), Desk::new(), settings).unwrap();
    executor
        .send(&Mail::default(), &CallOptions::default())
        .await
        .unwrap();
}
