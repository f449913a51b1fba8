//! The transport for real use: connections over TCP and TLS that are kept and used again.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt};
use url::Url;

use super::{Failure, Reply, Request, Transport, chain, pool::Connections};
use crate::{address::is_loopback, settings::Settings};

/// What the transport must know of the base address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) tls: bool,
    pub(crate) loopback: bool,
}

impl Target {
    pub(crate) fn of(address: &Url) -> Self {
        Self {
            tls: address.scheme() == "https",
            loopback: is_loopback(address),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Pooled(Arc<Connections>);

impl Pooled {
    pub(crate) fn new(target: Target, settings: &Settings) -> Self {
        Self(match &settings.pool {
            Some(pool) => pool.connections(target, settings),
            None => Arc::new(Connections::own(target, settings)),
        })
    }
}

#[async_trait]
impl Transport for Pooled {
    async fn send(&self, request: Request) -> Result<Reply, Failure> {
        let client = self.0.client()?;
        let mut outgoing = reqwest::Request::new(request.method, request.url);
        *outgoing.headers_mut() = request.headers;
        if !request.body.is_empty() {
            *outgoing.body_mut() = Some(reqwest::Body::wrap(request.body));
        }
        let mut answer = client.execute(outgoing).await.map_err(failure)?;
        Ok(Reply {
            status: answer.status().as_u16(),
            headers: std::mem::take(answer.headers_mut()),
            body: answer.bytes_stream().map_err(failure).boxed(),
        })
    }
}

fn failure(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    if !error.is_connect() {
        return Failure::Interrupted(chain(&error));
    }
    if error.is_timeout() {
        return Failure::ConnectTimeout;
    }
    Failure::Connect(chain(&error))
}
