//! Answers that the front gives itself.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::{BodyExt as _, Full, combinators::BoxBody};
use serde_json::{Value, json};

/// The body of every answer.
pub(super) type Body = BoxBody<Bytes, Infallible>;
pub(super) type Answer = Response<Body>;

/// Codes of refusals that the protocol leaves to servers, outside its own range.
pub(super) mod code {
    /// No key, or an unknown one.
    pub(crate) const UNAUTHORIZED: i32 = -31_001;
    /// Too much at once, or too often.
    pub(crate) const BUSY: i32 = -31_002;
    /// Larger or slower than is taken.
    pub(crate) const BODY: i32 = -31_003;
    /// No such place, or no such method there.
    pub(crate) const PLACE: i32 = -31_004;
    /// A foreign name or web page.
    pub(crate) const FORBIDDEN: i32 = -31_005;
    /// No JSON.
    pub(crate) const PARSE: i32 = -32_700;
    /// JSON, but no request.
    pub(crate) const REQUEST: i32 = -32_600;
}

/// A refusal in the form of the protocol, readable for a person too.
pub(super) fn refusal(status: StatusCode, code: i32, message: &str) -> Answer {
    let body = json!({"jsonrpc": "2.0", "id": null, "error": {"code": code, "message": message}});
    json(status, &body)
}

/// Too much is under way.
pub(super) fn busy() -> Answer {
    let text = "too many requests are under way; try again in a second";
    let refused = refusal(StatusCode::SERVICE_UNAVAILABLE, code::BUSY, text);
    with(refused, header::RETRY_AFTER, "1")
}

pub(super) fn json(status: StatusCode, body: &Value) -> Answer {
    whole(status, "application/json", body.to_string())
}

pub(super) fn text(status: StatusCode, body: impl Into<Bytes>) -> Answer {
    whole(status, "text/plain; charset=utf-8", body)
}

/// What a browser may do with an answer that is no page: nothing.
pub(super) const POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

pub(super) fn whole(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()).boxed());
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// The same with one more header.
pub(super) fn with(mut answer: Answer, name: header::HeaderName, value: &'static str) -> Answer {
    answer
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
    answer
}

/// The same body, which keeps something until it is sent.
pub(super) fn keeping<T: Send + Sync + Unpin + 'static>(kept: T, body: Body) -> Body {
    BoxBody::new(Keeping { body, _kept: kept })
}

struct Keeping<T> {
    body: Body,
    _kept: T,
}

impl<T: Unpin> HttpBody for Keeping<T> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
