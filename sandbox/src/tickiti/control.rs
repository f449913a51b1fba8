//! Faults, log, clock and switches over HTTP, for tests in other processes.

use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::Fault;
use super::reply::Reply;
use super::shared::Shared;
use super::switches::Switches;

/// One fault or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Planted {
    Many(Vec<Fault>),
    One(Fault),
}

/// A new time, or a step.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Time {
    epoch: Option<i64>,
    advance_seconds: Option<i64>,
}

/// Answers `/__sandbox/<action>`.
pub(crate) fn answer(shared: &Shared, method: &str, action: &str, body: &[u8]) -> Reply {
    let done = match (method, action) {
        ("GET", "log") => Ok(log(shared)),
        ("DELETE", "log") => {
            shared.log.clear();
            Ok(json!({}))
        }
        ("POST", "faults") => plant(shared, body),
        ("DELETE", "faults") => {
            shared.faults.clear();
            Ok(json!({}))
        }
        ("GET", "clock") => Ok(json!({"epoch": shared.now()})),
        ("POST", "clock") => set_clock(shared, body),
        ("POST", "switches") => set_switches(shared, body),
        _ => return Reply::not_found("control"),
    };
    match done {
        Ok(value) => Reply::json(value),
        Err(error) => Reply::code(422, "bad_control", &error.to_string()),
    }
}

fn log(shared: &Shared) -> Value {
    json!({"entries": shared.log.entries(), "counts": shared.log.all_counts()})
}

fn plant(shared: &Shared, body: &[u8]) -> Result<Value, serde_json::Error> {
    match serde_json::from_slice(body)? {
        Planted::One(fault) => shared.faults.add(fault),
        Planted::Many(faults) => faults
            .into_iter()
            .for_each(|fault| shared.faults.add(fault)),
    }
    Ok(json!({}))
}

fn set_clock(shared: &Shared, body: &[u8]) -> Result<Value, serde_json::Error> {
    let time: Time = serde_json::from_slice(body)?;
    let start = time.epoch.unwrap_or_else(|| shared.now());
    shared.set_clock(start + time.advance_seconds.unwrap_or(0));
    Ok(json!({"epoch": shared.now()}))
}

fn set_switches(shared: &Shared, body: &[u8]) -> Result<Value, serde_json::Error> {
    let switches: Switches = serde_json::from_slice(body)?;
    shared.lock().switches = switches;
    Ok(json!({}))
}
