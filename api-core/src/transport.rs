//! How one attempt reaches the back end.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use http::HeaderMap;
use url::Url;

pub use crate::body::Body;
use crate::{
    body::{Content, Sent},
    settings::Settings,
    text::tidy,
};

mod pool;
mod pooled;

pub use pool::Pool;
pub(crate) use pooled::{Pooled, Target};

/// Carries single attempts. It knows nothing of endpoints, deadlines or repetition.
///
/// The executor drops the future when the call's time is over or the caller went away; nothing may go on after that.
#[async_trait]
pub trait Transport: Send + Sync + fmt::Debug + 'static {
    /// Sends one request and answers as soon as status and headers are there.
    async fn send(&self, request: Request) -> Result<Reply, Failure>;
}

/// One attempt on its way out.
#[non_exhaustive]
pub struct Request {
    /// Method.
    pub method: http::Method,
    /// Where to.
    pub url: Url,
    /// All headers but those that follow from the connection and the body's length.
    pub headers: HeaderMap,
    /// Body; empty for `GET`.
    pub body: Body,
}

impl Request {
    pub(crate) fn new(method: http::Method, url: Url, headers: HeaderMap, body: Body) -> Self {
        Self {
            method,
            url,
            headers,
            body,
        }
    }
}

impl Request {
    /// A request of no endpoint, with all its headers, for a transport that [`to`] makes.
    #[must_use]
    pub fn post(url: Url, headers: HeaderMap, body: Bytes) -> Self {
        let body = Content::plain(body).open(Sent::default());
        Self::new(http::Method::POST, url, headers, body)
    }
}

/// The transport over TCP and TLS by itself, for a service that is no back end, such as a collector of traces. Connections go to
/// the host of the address alone. Plain HTTP is carried wherever it is addressed to: nothing secret should go there.
#[must_use]
pub fn to(address: &Url, settings: Settings) -> Arc<dyn Transport> {
    Arc::new(Pooled::new(Target::of(address), &settings))
}

/// Neither header values nor the query are shown: both may carry what must not be logged.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.url.path())
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &self.body)
            .finish()
    }
}

/// An answer whose body is still on its way.
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, piece by piece.
    pub body: BoxStream<'static, Result<Bytes, Failure>>,
}

impl Reply {
    /// An answer whose body is there already.
    #[must_use]
    pub fn new(status: u16, headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self {
            status,
            headers,
            body: futures_util::stream::once(async { Ok(body) }).boxed(),
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Why an attempt brought no answer. The texts are shown to people.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The transport cannot work as it was set up. Trying again does not help.
    Setup(String),
    /// No connection came up; nothing was sent.
    Connect(String),
    /// No connection came up in time; nothing was sent.
    ConnectTimeout,
    /// The connection broke. Whether the request began to leave is told by its body.
    Interrupted(String),
}

/// The causes of an error as one line, from the outermost to the innermost, repetitions left out.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let this = error.to_string();
        if !text.contains(&this) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&this);
        }
        next = error.source();
    }
    tidy(&text, 300)
}
