//! The supervisor family: health, jobs, scheduled tasks.
//!
//! Only `{disks, exceptions}` of `health.manage` is known; the other shapes are ours (inferred).

mod health;
mod jobs;
mod seed;

use serde_json::{Value, json};

use super::call::Handler;
use super::reply::Reply;
use super::rows::{settings, settle};

pub(super) use seed::seed;

/// Settings object of the diagnostic option flags.
const DIAGNOSTICS: &str = "supervisor_diagnostics";
/// Settings object of the scheduled tasks.
const SUPER_TASKS: &str = "super_tasks";

/// The handler of an action.
pub(super) fn handler(action: &str) -> Option<Handler> {
    let handler: Handler = match action {
        "diagnostics" => |state, _| {
            let options = settings(state, DIAGNOSTICS).clone();
            Reply::json(json!({"options": options}))
        },
        "health.status" => health::status,
        "health.manage" => health::manage,
        "health.disk_store" => |state, call| settle(health::store_disk(state, call)),
        "health.disk_delete" => |state, call| settle(health::DISKS.delete(state, call)),
        "health.exception_store" => |state, call| settle(health::store_exception(state, call)),
        "health.exception_delete" => |state, call| settle(health::EXCEPTIONS.delete(state, call)),
        "jobs.index" => jobs::index,
        "jobs.retry" => jobs::retry,
        "jobs.delete" => jobs::delete,
        "super_tasks.fetch" => {
            |state, _| Reply::json(Value::Object(settings(state, SUPER_TASKS).clone()))
        }
        _ => return None,
    };
    Some(handler)
}

#[cfg(test)]
mod tests;
