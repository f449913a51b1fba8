//! What the assistant can do within a skill.

use serde_json::{Value, json};

use super::{LIST, find, whole};
use crate::tickiti::call::Call;
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, Row, inner, object, text};

/// Handlers of the product that a local action can name (inferred).
pub(super) const LOCAL_HANDLERS: &[&str] = &[
    "knowledge.search",
    "ticket.summary",
    "ticket.history",
    "customer.profile",
];

pub(super) const HANDLER_TYPES: &[&str] = &["local", "remote"];

pub(super) const PERMISSIONS: &[&str] = &["staff", "participant", "system"];

pub(super) const FIELDS: &[&str] = &[
    "name",
    "description",
    "parameters",
    "handler_type",
    "handler_ref",
    "permission",
    "requires_confirmation",
    "enabled",
    "ordinal",
    "timeout_ms",
    "prefetch",
    "prefetch_params",
];

/// Fields that a new action must have, besides its name.
const REQUIRED: &[&str] = &["description", "handler_type", "handler_ref", "permission"];

/// Adds an action, or changes the given fields of the one with the same name.
pub(super) fn upsert(state: &mut State, call: &Call) -> Outcome {
    let id = find(state, call)?;
    let row = LIST.row_mut(state, Some(id))?;
    let mut actions = stored(row);
    merge(&mut actions, &Value::Object(inner(call, "action")))?;
    row.insert("actions".to_owned(), Value::Array(actions));
    whole(state, id)
}

/// Removes an action.
pub(super) fn delete(state: &mut State, call: &Call) -> Outcome {
    let id = find(state, call)?;
    let name = call.text("name").unwrap_or_default();
    let row = LIST.row_mut(state, Some(id))?;
    let mut actions = stored(row);
    let before = actions.len();
    actions.retain(|action| action.get("name").and_then(Value::as_str) != Some(name.as_str()));
    if actions.len() == before {
        return Err(Reply::not_found("Action"));
    }
    row.insert("actions".to_owned(), Value::Array(actions));
    whole(state, id)
}

/// Puts an action into a list, over the one with the same name.
pub(super) fn merge(actions: &mut Vec<Value>, given: &Value) -> Result<(), Reply> {
    let given = object(given.clone());
    let name = text(&given, "name");
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
    if name.is_empty() || !name.chars().all(plain) {
        let message = "The name may have lower-case letters, digits, dots and underscores.";
        return Err(Reply::invalid("action.name", message));
    }
    let known = actions
        .iter_mut()
        .find(|action| action.get("name").and_then(Value::as_str) == Some(name));
    if let Some(known) = known {
        let mut merged = object(known.clone());
        merged.extend(given);
        check(&merged)?;
        *known = Value::Object(merged);
        return Ok(());
    }
    check_complete(&given)?;
    let mut action = object(json!({
        "parameters": {"type": "object", "properties": {}},
        "requires_confirmation": false,
        "enabled": true,
        "ordinal": actions.len(),
        "prefetch": false,
    }));
    action.extend(given);
    check(&action)?;
    actions.push(Value::Object(action));
    Ok(())
}

fn stored(row: &Row) -> Vec<Value> {
    let actions = row.get("actions").and_then(Value::as_array);
    actions.cloned().unwrap_or_default()
}

fn check_complete(action: &Row) -> Result<(), Reply> {
    let missing = REQUIRED
        .iter()
        .filter(|field| text(action, field).is_empty());
    let problems: Vec<(String, String)> = missing
        .map(|field| {
            let field = format!("action.{field}");
            let message = format!("The {field} field is required for a new action.");
            (field, message)
        })
        .collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(Reply::invalid_fields(problems))
}

/// The rules over an action as it would be stored.
fn check(action: &Row) -> Result<(), Reply> {
    let sets = [("handler_type", HANDLER_TYPES), ("permission", PERMISSIONS)];
    for (field, allowed) in sets {
        if !allowed.contains(&text(action, field)) {
            let message = format!("The {field} must be one of {}.", allowed.join(", "));
            return Err(Reply::invalid(&format!("action.{field}"), &message));
        }
    }
    let is_local = text(action, "handler_type") == "local";
    if is_local && !LOCAL_HANDLERS.contains(&text(action, "handler_ref")) {
        let message = "The handler ref must be a handler that skills.options lists.";
        return Err(Reply::invalid("action.handler_ref", message));
    }
    if is_local
        && action
            .get("timeout_ms")
            .is_some_and(|value| !value.is_null())
    {
        let message = "Only remote actions have a timeout.";
        return Err(Reply::invalid("action.timeout_ms", message));
    }
    Ok(())
}
