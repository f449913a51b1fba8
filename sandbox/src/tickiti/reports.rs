//! The reports family, computed from the tickets and responses.
//!
//! All shapes, the default range of 30 days and the filter `queue_id` are ours (inferred).

mod activity;
mod period;
mod range;
mod response_times;
mod volumes;

use serde_json::{Value, json};

use super::call::Handler;
use super::model::State;
use super::reply::Reply;
use super::rows::settle;

/// The handler of an action.
pub(super) fn handler(action: &str) -> Option<Handler> {
    let handler: Handler = match action {
        "agent_activity" => |state, call| settle(activity::agent_activity(state, call)),
        "meta" => |state, _| meta(state),
        "resolutions" => |state, call| settle(activity::resolutions(state, call)),
        "response_times" => |state, call| settle(response_times::response_times(state, call)),
        "volumes" => |state, call| settle(volumes::volumes(state, call)),
        _ => return None,
    };
    Some(handler)
}

/// Nothing: reports have no rows of their own.
pub(super) fn seed(_state: &mut State) {}

/// The queues a report can be filtered by.
fn meta(state: &State) -> Reply {
    let queues: Vec<Value> = state
        .queues
        .values()
        .map(|queue| json!({"id": queue.id, "name": queue.name}))
        .collect();
    Reply::json(json!({"queues": queues}))
}

#[cfg(test)]
mod tests;
