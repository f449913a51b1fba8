//! Faults, log, clock and switches over HTTP, for tests in other processes.

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::fault::Fault;
use super::install::Install;

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
pub(crate) fn answer(install: &dyn Install, method: &str, action: &str, body: &[u8]) -> Answer {
    let done = match (method, action) {
        ("GET", "log") => Ok(log(install)),
        ("DELETE", "log") => {
            install.common().log.clear();
            Ok(json!({}))
        }
        ("POST", "faults") => plant(install, body),
        ("DELETE", "faults") => {
            install.common().faults.clear();
            Ok(json!({}))
        }
        ("GET", "clock") => Ok(json!({"epoch": install.common().now()})),
        ("POST", "clock") => set_clock(install, body),
        ("POST", "switches") => install.set_switches(body).map(|()| json!({})),
        _ => return refusal(404, "not_found", "control not found."),
    };
    match done {
        Ok(value) => Answer::json(200, &value),
        Err(error) => refusal(422, "bad_control", &error.to_string()),
    }
}

fn log(install: &dyn Install) -> Value {
    json!({"entries": install.common().log.entries(), "counts": install.common().log.all_counts()})
}

fn plant(install: &dyn Install, body: &[u8]) -> Result<Value, serde_json::Error> {
    match serde_json::from_slice(body)? {
        Planted::One(fault) => install.common().faults.add(fault),
        Planted::Many(faults) => faults
            .into_iter()
            .for_each(|fault| install.common().faults.add(fault)),
    }
    Ok(json!({}))
}

fn set_clock(install: &dyn Install, body: &[u8]) -> Result<Value, serde_json::Error> {
    let time: Time = serde_json::from_slice(body)?;
    let start = time.epoch.unwrap_or_else(|| install.common().now());
    install.set_clock(start + time.advance_seconds.unwrap_or(0));
    Ok(json!({"epoch": install.common().now()}))
}

fn refusal(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(
        status,
        &json!({"ok": false, "error": code, "message": message}),
    )
}
