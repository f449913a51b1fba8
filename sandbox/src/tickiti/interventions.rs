//! The remote side of an intervention confirming its outcome (inferred).

use serde_json::json;

use super::call::{Call, Handler};
use super::model::State;
use super::reply::Reply;

/// The handler of an action.
pub(super) fn handler(action: &str) -> Option<Handler> {
    (action == "accept").then_some(accept as Handler)
}

/// Takes anything but an empty body.
fn accept(_: &mut State, call: &Call) -> Reply {
    if call.body.is_empty() {
        return Reply::invalid("intervention", "The intervention field is required.");
    }
    Reply::data(json!({"accepted": true}))
}
