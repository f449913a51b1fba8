//! Fresh idempotency keys.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::call::{Call, Handler};
use super::digest::hex;
use super::model::State;
use super::reply::Reply;

/// The handler of an action.
pub(super) fn handler(action: &str) -> Option<Handler> {
    (action == "create").then_some(create as Handler)
}

/// A key in the form of a UUID, the next of a fixed sequence (shape of the answer inferred).
fn create(state: &mut State, _: &Call) -> Reply {
    let count = state.next_id("idempotency_key");
    let digits = hex(&Sha256::digest(format!("idempotency key {count}")));
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default().to_owned();
    let key = format!(
        "{}-{}-4{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    );
    Reply::data(json!({"idempotency_key": key}))
}
