//! What a fault makes of an answer.

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use serde_json::json;

use super::body::{Dropped, ReplyBody};
use super::fault::FaultKind;
use super::log::{Open, Outcome};
use super::server::{Answer, JSON, answered, plain};

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
    let (status, body, content_type) = match kind {
        FaultKind::Status {
            status,
            body,
            content_type,
            retry_after,
        } => {
            let mut response = plain(status, body.into(), &content_type);
            if let Some(value) = retry_after.and_then(|v| HeaderValue::from_str(&v).ok()) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
            return Ok(answered(open, response));
        }
        FaultKind::Delay { .. } => (real.status, real.body, JSON.to_owned()),
        FaultKind::StallHeaders => {
            // Ends with the connection, which drops `open`.
            std::future::pending::<()>().await;
            return Err(Dropped);
        }
        FaultKind::StallBody => {
            open.note(|entry| entry.status = Some(real.status));
            let body = ReplyBody::stalled(&real.body, open);
            return Ok(plain(real.status, Bytes::new(), JSON).map(|_| body));
        }
        FaultKind::DropBeforeEffect | FaultKind::DropAfterEffect => {
            open.end(if done {
                Outcome::DroppedAfterEffect
            } else {
                Outcome::DroppedBeforeEffect
            });
            return Err(Dropped);
        }
        FaultKind::TruncatedBody => {
            open.note(|entry| entry.status = Some(real.status));
            open.end(Outcome::DroppedAfterEffect);
            let body = ReplyBody::truncated(&real.body);
            return Ok(plain(real.status, Bytes::new(), JSON).map(|_| body));
        }
        FaultKind::Garbage => (
            200,
            Bytes::from_static(b"{\"ok\":true,\"da\xff<"),
            JSON.to_owned(),
        ),
        FaultKind::Html { status } => {
            let page = format!(
                "<html><head><title>{status}</title></head><body><h1>{status}</h1><hr>proxy</body></html>"
            );
            (status, page.into(), "text/html; charset=utf-8".to_owned())
        }
        FaultKind::Oversized { bytes } => {
            open.note(|entry| entry.status = Some(200));
            let body = ReplyBody::flood(bytes, open);
            return Ok(plain(200, Bytes::new(), JSON).map(|_| body));
        }
        FaultKind::Redirect { location } => {
            let mut response = plain(302, Bytes::new(), "text/html; charset=utf-8");
            if let Ok(value) = HeaderValue::from_str(&location) {
                response.headers_mut().insert(header::LOCATION, value);
            }
            return Ok(answered(open, response));
        }
        FaultKind::ContentType { value } => (real.status, real.body, value),
        FaultKind::LogicalError { key } => {
            let body = match key.as_str() {
                "ok" => json!({"ok": false}),
                _ => json!({key: "The sandbox was told to fail."}),
            };
            (200, body.to_string().into(), JSON.to_owned())
        }
    };
    Ok(answered(open, plain(status, body, &content_type)))
}
