//! The transport for real use: connections over TCP and TLS that are kept and used again.

use std::{
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt};

use url::Url;

use super::{Failure, Reply, Request, Transport, chain};
use crate::{address::is_loopback, settings::Settings};

/// An idle connection older than this is closed rather than used: the longer it rests, the likelier it is that
/// something on the way forgot it, and a write that fails on it may have arrived.
const IDLE: Duration = Duration::from_secs(30);

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
pub(crate) struct Pooled {
    target: Target,
    settings: Settings,
    client: OnceLock<reqwest::Client>,
    building: Mutex<()>,
}

impl Pooled {
    pub(crate) fn new(target: Target, settings: Settings) -> Self {
        Self {
            target,
            settings,
            client: OnceLock::new(),
            building: Mutex::new(()),
        }
    }

    /// The client, built on the first call: loading the system's certificates costs time that a start should not pay.
    fn client(&self) -> Result<&reqwest::Client, Failure> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let _one_builds = self.building.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = self
            .build()
            .map_err(|text| Failure::Setup(text.into_owned()))?;
        Ok(self.client.get_or_init(|| client))
    }

    fn build(&self) -> Result<reqwest::Client, std::borrow::Cow<'static, str>> {
        let proxies = self.settings.proxies && !self.target.loopback;
        let mut builder = reqwest::Client::builder()
            .connect_timeout(self.settings.connect_timeout)
            .pool_idle_timeout(IDLE)
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false);
        if !proxies {
            builder = builder.no_proxy();
        }
        #[cfg(feature = "rustls")]
        {
            // A proxy may want TLS although the back end does not.
            let roots = self.target.tls || proxies;
            let extra = self.settings.extra_ca.as_deref();
            builder = builder.tls_backend_preconfigured(crate::tls::config(roots, extra)?);
        }
        builder.build().map_err(|error| chain(&error).into())
    }
}

#[async_trait]
impl Transport for Pooled {
    async fn send(&self, request: Request) -> Result<Reply, Failure> {
        let client = self.client()?;
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
