//! What a fault makes of an answer.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, header};
use serde_json::json;

use super::answer::{Answer, JSON, answered, plain};
use super::body::{Dropped, ReplyBody};
use super::fault::FaultKind;
use super::log::{Open, Outcome};

/// What a fault sends; `answer` is the real one when the work was done.
pub(crate) async fn falsify(
    kind: FaultKind,
    answer: Option<Answer>,
    open: Open,
) -> Result<Response<ReplyBody>, Dropped> {
    let done = answer.is_some();
    let real = answer.unwrap_or(Answer {
        status: 200,
        body: Bytes::from_static(b"{}"),
    });
    match kind {
        FaultKind::StallHeaders => {
            // Ends with the connection, which drops `open`.
            std::future::pending::<()>().await;
            Err(Dropped)
        }
        FaultKind::DropBeforeEffect | FaultKind::DropAfterEffect => {
            open.end(if done {
                Outcome::DroppedAfterEffect
            } else {
                Outcome::DroppedBeforeEffect
            });
            Err(Dropped)
        }
        FaultKind::StallBody => {
            open.note(|entry| entry.status = Some(real.status));
            let body = ReplyBody::stalled(&real.body, open);
            Ok(plain(real.status, Bytes::new(), JSON).map(|_| body))
        }
        FaultKind::TruncatedBody => {
            open.note(|entry| entry.status = Some(real.status));
            open.end(Outcome::DroppedAfterEffect);
            let body = ReplyBody::truncated(&real.body);
            Ok(plain(real.status, Bytes::new(), JSON).map(|_| body))
        }
        FaultKind::Oversized { bytes } => {
            open.note(|entry| entry.status = Some(200));
            let body = ReplyBody::flood(bytes, open);
            Ok(plain(200, Bytes::new(), JSON).map(|_| body))
        }
        whole => Ok(answered(open, replacement(whole, real))),
    }
}

/// The answer of the faults that send a whole one.
fn replacement(kind: FaultKind, real: Answer) -> Response<ReplyBody> {
    match kind {
        FaultKind::Status {
            status,
            body,
            content_type,
            retry_after,
        } => {
            let response = plain(status, body.into(), &content_type);
            with_header(response, header::RETRY_AFTER, retry_after)
        }
        FaultKind::Redirect { location } => {
            let response = plain(302, Bytes::new(), HTML);
            with_header(response, header::LOCATION, Some(location))
        }
        FaultKind::Garbage => plain(200, Bytes::from_static(b"{\"ok\":true,\"da\xff<"), JSON),
        FaultKind::Html { status } => {
            let page = format!(
                "<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
            );
            plain(status, page.into(), HTML)
        }
        FaultKind::ContentType { value } => plain(real.status, real.body, &value),
        FaultKind::LogicalError { key } => {
            let body = match key.as_str() {
                "ok" => json!({"ok": false}),
                _ => json!({key: "The sandbox was told to fail."}),
            };
            plain(200, body.to_string().into(), JSON)
        }
        _ => plain(real.status, real.body, JSON),
    }
}

const HTML: &str = "text/html; charset=utf-8";

fn with_header(
    mut response: Response<ReplyBody>,
    name: HeaderName,
    value: Option<String>,
) -> Response<ReplyBody> {
    if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
        response.headers_mut().insert(name, value);
    }
    response
}
