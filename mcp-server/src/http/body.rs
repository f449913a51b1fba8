//! Bodies of requests: whole, not too large, not too slow, and one message each.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde::de::IgnoredAny;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time,
};

use super::{
    Limits,
    answer::{Answer, busy, code, refusal},
};

/// A body of so many bytes is read whatever else there is; the rest of larger ones comes out of one pool.
const SMALL: usize = 64 * 1024;
/// Large bodies that the pool holds at their largest.
const LARGE_BODIES: usize = 8;
/// Values in one message. Each takes many times more memory than its text; files are few values with long text.
const VALUES: usize = 100_000;

/// Memory for the bodies of all requests under way.
#[derive(Debug)]
pub(super) struct Pool(Arc<Semaphore>);

/// The body of a request, in its part of the pool.
#[derive(Debug, Default)]
pub(super) struct Whole {
    pub(super) bytes: Bytes,
    pub(super) held: Option<OwnedSemaphorePermit>,
}

impl Pool {
    pub(super) fn new(limits: &Limits) -> Self {
        let bytes = limits.body_bytes.saturating_mul(LARGE_BODIES);
        Self(Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS))))
    }

    /// The body, or why it is not taken.
    pub(super) async fn read(&self, body: Incoming, limits: &Limits) -> Result<Whole, Answer> {
        let read = time::timeout(limits.body_time, self.collect(body, limits.body_bytes));
        let Ok(whole) = read.await else {
            let text = format!("the request did not arrive within {:?}", limits.body_time);
            return Err(refusal(StatusCode::REQUEST_TIMEOUT, code::BODY, &text));
        };
        let whole = whole?;
        match problem(&whole.bytes) {
            Some(refused) => Err(refused),
            None => Ok(whole),
        }
    }

    async fn collect(&self, mut body: Incoming, most: usize) -> Result<Whole, Answer> {
        let mut bytes = BytesMut::new();
        let mut held: Option<OwnedSemaphorePermit> = None;
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                let text = "the request broke off, or is no HTTP";
                return Err(refusal(StatusCode::BAD_REQUEST, code::BODY, text));
            };
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if bytes.len().saturating_add(data.len()) > most {
                let text = format!("the request has more than {most} bytes");
                return Err(refusal(StatusCode::PAYLOAD_TOO_LARGE, code::BODY, &text));
            }
            bytes.extend_from_slice(&data);
            let holds = held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
            let wanted = bytes.len().saturating_sub(SMALL).saturating_sub(holds);
            if wanted > 0 {
                let more = self.take(wanted).ok_or_else(busy)?;
                match &mut held {
                    Some(held) => held.merge(more),
                    None => held = Some(more),
                }
            }
        }
        Ok(Whole {
            bytes: bytes.freeze(),
            held,
        })
    }

    fn take(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes).ok()?;
        Arc::clone(&self.0).try_acquire_many_owned(bytes).ok()
    }
}

/// What is no JSON, too many values, or several messages at once, is told in the protocol's own words.
fn problem(body: &[u8]) -> Option<Answer> {
    let (code, text) = match serde_json::from_slice::<IgnoredAny>(body) {
        Err(error) => (code::PARSE, format!("the request is no JSON: {error}")),
        Ok(_) if has_many_values(body) => {
            let text = format!("the request has more than {VALUES} values");
            return Some(refusal(StatusCode::PAYLOAD_TOO_LARGE, code::BODY, &text));
        }
        Ok(_) => match body.trim_ascii_start().first() {
            Some(b'{') => return None,
            Some(b'[') => (
                code::REQUEST,
                "batches are not taken: send one message in each request".to_owned(),
            ),
            _ => (
                code::REQUEST,
                "the request must be a JSON object".to_owned(),
            ),
        },
    };
    Some(refusal(StatusCode::BAD_REQUEST, code, &text))
}

/// Whether valid JSON has more than [`VALUES`]: every value but the first follows a comma or opens its parent.
fn has_many_values(json: &[u8]) -> bool {
    // The shortest value and its comma are two bytes.
    if json.len() / 2 < VALUES {
        return false;
    }
    let (mut count, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b',' | b'[' | b'{' if !in_text => {
                count += 1;
                if count > VALUES {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_and_text_is_not() {
        let wide = |value: &str| format!("[{}{value}]", format!("{value},").repeat(VALUES));
        assert!(has_many_values(wide("0").as_bytes()));
        assert!(has_many_values(wide("\"\"").as_bytes()));
        assert!(has_many_values("[".repeat(2 * VALUES).as_bytes()));
        for one in [",[{", "\\\",[", "\\\\"] {
            let text = format!("[\"{}\"]", one.repeat(VALUES));
            assert!(!has_many_values(text.as_bytes()), "{one}");
        }
    }
}
