//! `POST /mcp/activity-log`.

use serde_json::{Map, Value, json};

use super::boom::{Handled, Reply};
use super::fields::{Fields, integer};
use super::model::State;
use super::view::local;

const KNOWN: [&str; 7] = [
    "tool_name",
    "mcp_name",
    "user_id",
    "input_params",
    "status",
    "error_message",
    "execution_time_ms",
];

/// Longest name of a tool or server, in characters.
const LONGEST: usize = 100;

/// Keeps a record of a tool call.
pub(crate) fn record(state: &mut State, body: &Map<String, Value>, now: i64) -> Handled {
    let mut fields = Fields::of(body);
    fields.only(&KNOWN);
    for key in ["tool_name", "mcp_name", "status"] {
        fields.require(key);
    }
    for key in ["tool_name", "mcp_name"] {
        fields.read(key, |value| {
            let text = value.as_str().filter(|text| !text.is_empty())?;
            (text.chars().count() <= LONGEST).then_some(())
        });
    }
    fields.read("status", |value| {
        matches!(value.as_str()?, "success" | "error" | "denied").then_some(())
    });
    fields.read("user_id", integer);
    fields.read("input_params", Value::as_object);
    fields.read("error_message", Value::as_str);
    fields.read("execution_time_ms", integer);
    fields.check()?;
    let mut row = body.clone();
    for key in KNOWN {
        row.entry(key).or_insert(match key {
            "user_id" => json!(0),
            _ => Value::Null,
        });
    }
    row.insert("id".to_owned(), json!(state.activity.len() + 1));
    row.insert("created_at".to_owned(), json!(local(now)));
    state.activity.push(Value::Object(row));
    Ok(Reply {
        status: 201,
        body: json!({"success": true}),
    })
}
