//! Bodies of requests: whole, not too large, not too slow, and one message each.

use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde::de::IgnoredAny;
use tokio::time;

use super::{
    Limits,
    answer::{Answer, code, refusal},
};

/// The body, or why it is not taken.
pub(super) async fn read(body: Incoming, limits: &Limits) -> Result<Bytes, Answer> {
    let whole = Limited::new(body, limits.body_bytes).collect();
    let whole = match time::timeout(limits.body_time, whole).await {
        Ok(Ok(whole)) => whole.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let text = format!("the request has more than {} bytes", limits.body_bytes);
            return Err(refusal(StatusCode::PAYLOAD_TOO_LARGE, code::BODY, &text));
        }
        Ok(Err(_)) => {
            let text = "the request broke off";
            return Err(refusal(StatusCode::BAD_REQUEST, code::BODY, text));
        }
        Err(_) => {
            let text = format!(
                "the request did not arrive within {} s",
                limits.body_time.as_secs()
            );
            return Err(refusal(StatusCode::REQUEST_TIMEOUT, code::BODY, &text));
        }
    };
    match problem(&whole) {
        Some(refused) => Err(refused),
        None => Ok(whole),
    }
}

/// What is no JSON, or several messages at once, is told in the protocol's own words.
fn problem(body: &[u8]) -> Option<Answer> {
    let (code, text) = match serde_json::from_slice::<IgnoredAny>(body) {
        Err(error) => (code::PARSE, format!("the request is no JSON: {error}")),
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
